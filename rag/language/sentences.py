"""Text to sentences, by offsets.

Own rules rather than a library: on ``tests/data/sentences_*.jsonl`` (a case
counts when its sentences are exactly right) the libraries both cut too often
and too seldom, and repairs in both directions were longer than the rules below.

===================  ============  =============  =====
splitter             French of 80  English of 18   MB/s
===================  ============  =============  =====
pysbd 0.3.4                    50             17    0.3
sentencex 1.0.32               56             16   51.0
syntok 1.4.4                   42             16    0.9
blingfire 0.1.8                60             17    4.3
these rules                    80             18   36.0
===================  ============  =============  =====

When in doubt the rules join: a quote that is a sentence too long still reads,
a quote that is half a sentence does not. What goes on for longer than
``LONGEST`` characters, as transcripts without full stops do, is cut where it
pauses: nobody reads a quote of pages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rag.language.abbreviations import ENGLISH, EVERY, FRENCH, StopWords
from rag.language.invisible import INVISIBLE
from rag.types import Sentence

_STOP_WORDS = {"fr": FRENCH, "en": ENGLISH}

# No sentence has more characters.
LONGEST = 600
# A cut leaves at least as many before it, and looks no further ahead than this for a pause.
_SHORTEST_CUT = 200
_PREFERRED_CUT = 400

# A blank line, or a line that starts as an item of a list or of a dialogue.
_PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*+(?:\n\s*+|(?=[-*•▪‣–—]\s))")

# Marks may stand apart, as in « Quoi ? ! »; what closes stays with its sentence.
_MARK = re.compile(
    r"(?P<mark>[.!?…](?:[ \u00a0\u202f]?[.!?…])*+)"
    rf"(?P<closing>(?:[^\S\n]?[»›]|[\"”’')\]}}*_{INVISIBLE}]|\[\d{{1,3}}\])*+)"
)
# As "[…]" holds a mark itself, a row of them would be read again from each.
_MOST_OPENING = 50
_OPENING = re.compile(
    r"\s*+(?:(?:[\[(](?:…|\.{3})[\])]|[" + INVISIBLE + r"«‹“„\"'‘(\[{*_¿¡–—-])\s*+)"
    rf"{{0,{_MOST_OPENING}}}+"
)
# The best first: a line, a full stop that ended no sentence, a mark, a word that goes on.
_PAUSES = (
    re.compile(r"\n\s*"),
    re.compile(r"[.!?…][»”\"’)\]]*\s+|;\s+"),
    re.compile(r"(?::|,|\s[–—-])[»”\"’)\]]*\s+"),
    re.compile(r"\s(?=(?:et (?:puis|après|alors|donc|là|ensuite)|and (?:then|so))\b)", re.I),
    re.compile(
        r"(?<!\bet)(?<!\band)\s(?=(?:alors|mais|donc|puis|ensuite|parce qu|car|euh|bon|voilà"
        r"|but|so|because|then|well)\b)",
        re.I,
    ),
    re.compile(
        r"\s(?=(?:et|ou|or|que|qui|quand|si|où|dont|pour|dans|and|or|that|which|who|when|if)\b)"
    ),
)
_WORD_CHARACTER = re.compile(r"[^\W_]")
_ENUMERATOR = re.compile(r"\d{1,3}|[IVXLC]{1,6}|[A-Za-z]")

# How far back a rule looks: it bounds the work for each mark.
_LOOK_BACK = 24
_LONGEST_PARENTHESIS = 500

_LAST_TOKEN = re.compile(r"[^\s'’«“\"(\[–—]*$")
_CAPITAL = "[A-ZÀ-ÖØ-ÞŒ]"
_INITIALS = re.compile(rf"(?:{_CAPITAL}|[CPT]h)(?:[.-]{{1,2}}(?:{_CAPITAL}|[CPT]h))*")
# What looks like an initial but names an era, a network, a vitamin or a plan.
_NO_INITIAL = re.compile(
    r"(?:\b(?:av|apr?|avant|après)\.?\s*J\.?-?C"
    r"|\b(?:sur|via|réseau|on) X"
    r"|\b(?:vitamine?|plan|groupe?|catégorie|hépatite|ligne|RER|série|type|classe|lettre)"
    r"\s[A-Z])$"
)
_NUMBER = re.compile(rf"\d|[IVXLC]+(?![\w'’])|{_CAPITAL}\.")
_FIRST_WORD = re.compile(r"[^\W\d_]+['’]?")


def split_sentences(text: str, language: str) -> tuple[Sentence, ...]:
    """Sentences of ``text`` in order, by character offsets.

    They are trimmed of white space, never empty, never overlap, and hold every
    character that is no white space. None has more than ``LONGEST`` characters. A
    blank line always ends a sentence; a single line break does not. ``language``
    is an ISO 639-1 code; French and English have rules of their own, any other
    language gets both.
    """
    stop_words = _STOP_WORDS.get(language, EVERY)
    return tuple(
        sentence
        for start, end in _paragraphs(text)
        for whole in _split_paragraph(text, start, end, stop_words)
        for sentence in _cut_long(text, whole)
    )


def _cut_long(text: str, whole: Sentence) -> Iterator[Sentence]:
    """``whole`` in pieces of at most ``LONGEST`` characters, cut where it pauses."""
    start, end = whole.start, whole.end
    while end - start > LONGEST:
        cut = _best_cut(text, start, min(end, start + LONGEST))
        before = _trim(text, start, cut)
        if before[0] < before[1]:
            yield Sentence(*before)
        start, _ = _trim(text, cut, end)
    if start < end:
        yield Sentence(start, end)


def _best_cut(text: str, start: int, end: int) -> int:
    """Where to cut ``text[start:end]``: the last pause of the best kind, else any space."""
    for pause in _PAUSES:
        last = None
        for found in pause.finditer(text, start + _SHORTEST_CUT, start + _PREFERRED_CUT):
            last = found.end()
        if last is not None:
            return last
    for place in range(end - 1, start, -1):
        if text[place].isspace():
            return place
    # A mark that belongs to the letter before stays with it.
    while end > start + 1 and unicodedata.combining(text[end]):
        end -= 1
    return end


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _PARAGRAPH_BREAK.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _split_paragraph(
    text: str, start: int, end: int, stop_words: StopWords
) -> Iterator[Sentence]:
    start, end = _trim(text, start, end)
    first_word = _first_word(text, start, end)
    for found in _MARK.finditer(text, start, end):
        if found.start() > first_word and _ends(text, start, end, found, stop_words):
            yield Sentence(start, found.end())
            start, _ = _trim(text, found.end(), end)
            first_word = _first_word(text, start, end)
    if start < end:
        yield Sentence(start, end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _first_word(text: str, start: int, end: int) -> int:
    found = _WORD_CHARACTER.search(text, start, end)
    return found.start() if found else end


def _ends(text: str, start: int, end: int, found: re.Match[str], stop_words: StopWords) -> bool:
    """Whether the mark ends the sentence that began at ``start``."""
    after = found.end()
    if after == end or not text[after].isspace():
        return False
    opening = _OPENING.match(text, after, end)
    following = opening.end() if opening else after
    if following == end or not _can_open(text, following):
        return False
    mark = found["mark"]
    if found["closing"] and _closes_parenthesis(text, start, found):
        return False
    if mark == ".":
        return not _is_abbreviation(text, start, found.start(), following, stop_words)
    if not mark.strip(".… \u00a0\u202f"):
        return not text[following].isdigit()
    return True


def _can_open(text: str, position: int) -> bool:
    character = text[position]
    if character.islower():
        # iPhone, eBay
        return text[position + 1 : position + 2].isupper()
    return character not in ",;:.!?…)]}»›%"


def _closes_parenthesis(text: str, start: int, found: re.Match[str]) -> bool:
    """Whether the mark stands in a parenthesis opened inside the sentence."""
    for opening, closing in ("()", "[]"):
        if closing in found["closing"]:
            earliest = max(start + 1, found.start() - _LONGEST_PARENTHESIS)
            if text.rfind(opening, earliest, found.start()) >= 0:
                return True
    return False


def _is_abbreviation(
    text: str, start: int, stop: int, following: int, stop_words: StopWords
) -> bool:
    """Whether the full stop at ``stop`` belongs to its word only."""
    if stop - start <= _LOOK_BACK and _ENUMERATOR.fullmatch(text, start, stop):
        return True
    before = text[max(start, stop - _LOOK_BACK) : stop]
    last = _LAST_TOKEN.search(before)
    token = last[0].lstrip("-") if last else ""
    if token in stop_words.titles:
        return True
    if token.lower() in stop_words.numbered and _NUMBER.match(text, following):
        return True
    if token.lower() in stop_words.named:
        return not _opens_sentence(text, following, stop_words)
    if _INITIALS.fullmatch(token) and not _NO_INITIAL.search(before):
        return not _opens_sentence(text, following, stop_words)
    return False


def _opens_sentence(text: str, position: int, stop_words: StopWords) -> bool:
    """Whether the word there is one that opens sentences, not a name."""
    found = _FIRST_WORD.match(text, position)
    if found is None:
        return False
    word = found[0].lower().replace("’", "'")
    if word not in stop_words.openers:
        return False
    rest = text[found.end() : found.end() + 2].lstrip()
    return not (word in stop_words.particles and rest[:1].isupper())
