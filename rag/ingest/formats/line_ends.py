"""Printed lines joined: a hyphen at a line's end parts a word, or is one of its own."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass

from rag.language.word_list import written_words

_HYPHENS = "-\u2010\u00ad"
_HEAD = re.compile(rf"([^\W\d_][\w’'{_HYPHENS}]*)[{_HYPHENS}]$")
_TAIL = re.compile(r"([^\W\d_]+)")
_GOES_ON = re.compile(r"[^\W\d_]+[-\u2010][^\W\d_]")
_COMPOUND = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)+")
_WORD = re.compile(r"[^\W\d_]+")
_PARTED = re.compile(rf"\S+[{_HYPHENS}]$")
_SENTENCE_STARTS = re.compile(r"(?:^|[.!?…:]\s+|[«“\"(–—]\s*)$")
# What French hangs on a word with a hyphen, where no other word ends like this: not
# « leur » (valeur), « lui » (celui), « là » (voilà).
_HUNG_ON = frozenset(
    "il ils elle elles on je nous vous moi toi même mêmes uns unes delà dessus dessous".split()
)
# What stands before a hyphen of the word and opens no other: not « ex » (explique).
_OPENING = frozenset(
    "peut rendez après avant celui celle ceux celles demi week nord sud outre est dix vingt"
    " trente quarante cinquante soixante quatre".split()
)
# What opens words and is hardly ever one, nor written with a hyphen.
_JOINED = frozenset("inter intra pluri multi hyper trans anti micro télé".split())
# What opens other words too, so that what comes after it must be one by itself.
_OPENING_WORDS = frozenset("ex vice non mi quasi sous".split())
# Shorter parts are words by chance: « ré-gion », « au-teur ».
_SHORTEST = 3
_LONGEST_WORD = 80
# How many of the most usual words tell English from French.
_USUAL = {
    "en": frozenset("the of and to in is that was for with".split()),
    "fr": frozenset("le la les de des du et en un une".split()),
}


@dataclass(frozen=True, slots=True)
class Words:
    """Words and compounds that a document holds inside its lines, and its language's."""

    words: frozenset[str]
    compounds: frozenset[str]
    language: str

    @classmethod
    def of(cls, lines: Iterable[str]) -> Words:
        """Those of ``lines``, but for what their ends may part."""
        inside: list[str] = []
        parted = False
        for line in lines:
            text = _PARTED.sub("", line).lower()
            # The rest of a word that the line before began is no word.
            inside.append(
                _TAIL.sub("", text, count=1) if parted and _TAIL.match(text) else text
            )
            parted = line[-1:] in _HYPHENS
        written = [word for text in inside for word in _WORD.findall(text)]
        compounds = frozenset(
            word.replace("\u2010", "-") for text in inside for word in _COMPOUND.findall(text)
        )
        usual = {name: sum(word in own for word in written) for name, own in _USUAL.items()}
        language = "en" if usual["en"] > usual["fr"] else "fr"
        return cls(frozenset(written), compounds, language)

    def joined(self, before: str, after: str) -> str:
        """Two lines as one."""
        if before[-1:] not in _HYPHENS:
            return f"{ended(before)} {after}"
        own = written_words(self.language)
        return join(before, after, _Either(self.words, own), _Either(self.compounds, own))


@dataclass(frozen=True, slots=True)
class _Either:
    """Two collections as one that is asked alone."""

    one: Container[str]
    other: Container[str]

    def __contains__(self, word: object) -> bool:
        return word in self.one or word in self.other


def ended(text: str) -> str:
    """A text whose last sign is a hyphen that parts nothing after all."""
    return text[:-1] + "-" if text.endswith("\u00ad") else text


def join(before: str, after: str, words: Container[str], compounds: Container[str]) -> str:
    """Two lines as one: a hyphen between them goes when it only parted a word.

    It stays before a capital (« Jean-Moulin »), in a compound that is among ``compounds``,
    in what French always writes with it (« rendez-vous », « dit-il », « ex-ministre »), and
    between two ``words`` that make none together (« chef-lieu »).
    """
    # Paragraphs grow: their whole is not searched at every line.
    near = max(len(before) - _LONGEST_WORD, 0)
    head, tail = _HEAD.search(before, near), _TAIL.match(after)
    if head is None or tail is None:
        return f"{ended(before)} {after}"
    goes_on = _GOES_ON.match(after) is not None
    starts = _SENTENCE_STARTS.search(before[: head.start(1)], near) is not None
    if _keeps_hyphen(_Parted(head[1], tail[1], goes_on, starts), words, compounds):
        return f"{before[:-1]}-{after}"
    return before[:-1] + after


@dataclass(frozen=True, slots=True)
class _Parted:
    """What stands on both sides of a line's end.

    ``goes_on``: another hyphen follows in the word; ``starts``: it opens a sentence.
    """

    head: str
    tail: str
    goes_on: bool
    starts: bool


def _keeps_hyphen(parted: _Parted, words: Container[str], compounds: Container[str]) -> bool:
    head, tail = parted.head.lower(), parted.tail
    if tail[0].isupper():
        # « COMMU-NICATION »: all capitals tell nothing.
        if not (parted.head.isupper() and tail.isupper()) or len(tail) == 1:
            return True
        tail = tail.lower()
    last = _WORD.findall(head)[-1]
    if f"{last}-{tail}" in compounds:
        return True
    if last + tail in words:
        return False
    if tail in _HUNG_ON or last in _OPENING or parted.goes_on:
        return True
    if last in _OPENING_WORDS and tail in words:
        return True
    if last in _JOINED:
        return False
    if any(sign in head for sign in _HYPHENS):
        return True
    # A name is parted where it can be; a compound of names has a second capital.
    if parted.head[0].isupper() and not parted.starts and not parted.head.isupper():
        return False
    return min(len(last), len(tail)) >= _SHORTEST and last in words and tail in words
