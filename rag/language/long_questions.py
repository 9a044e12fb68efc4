"""What of a long question is asked: the questions in it, each once, then what introduces them.

A model reads so much and no more; where a question is cut is decided here alone.
"""

from __future__ import annotations

import re

from rag.language.analysis import fold
from rag.language.sentences import split_sentences

# In characters: some eighty words, which leave room for the passage that is read with them.
LONGEST = 450
# A question that is pasted again and again without an end is found by its words.
_LONGEST_PERIOD = 80
_MOST_CAPITALS = 0.8
_FEWEST_LETTERS = 12
_WORD = re.compile(r"\S+")


def shorten(question: str) -> str:
    """``question`` itself, or of a longer one than LONGEST the part that is asked.

    That is what stands in it, each sentence once: questions first, as many as there is room
    for, then what else comes from the beginning; in the order in which they were written.
    """
    if len(question) <= LONGEST:
        return question
    question = _once(question)
    if not any(map(str.isspace, question)):
        return _cut(question)
    each: dict[str, str] = {}
    for one in split_sentences(question, "fr"):
        sentence = question[one.start : one.end]
        each.setdefault(" ".join(fold(sentence).split()), sentence)
    sentences = list(each.values())
    kept: set[int] = set()
    room = LONGEST
    asking = [n for n, one in enumerate(sentences) if one.rstrip(" »”\"')").endswith("?")]
    for number in (*asking, *range(len(sentences))):
        length = len(sentences[number]) + 1
        if number not in kept and length <= room:
            kept.add(number)
            room -= length
    if not kept:
        return _cut(sentences[0] if sentences else question)
    return " ".join(sentences[number] for number in sorted(kept))


def in_small_letters(question: str) -> str:
    """``question`` as it is, or without its capitals where it is written in them.

    Models know words in small letters; in capitals they are pieces of others.
    """
    letters = [sign for sign in question if sign.isalpha()]
    capitals = sum(sign.isupper() for sign in letters)
    if len(letters) < _FEWEST_LETTERS or capitals < _MOST_CAPITALS * len(letters):
        return question
    lowered = question.lower()
    return lowered[:1].upper() + lowered[1:]


def _once(question: str) -> str:
    """What is repeated from the beginning to the end, once; ``question`` for want of that."""
    found = list(_WORD.finditer(question))
    words = [fold(word[0]) for word in found]
    for period in range(1, min(_LONGEST_PERIOD, len(words) // 2) + 1):
        # The last word may have been cut.
        if all(words[n] == words[n % period] for n in range(period, len(words) - 1)):
            return question[found[0].start() : found[period - 1].end()]
    return question


def _cut(text: str) -> str:
    """The beginning of ``text``, up to the last word for which there is room."""
    end = text.rfind(" ", 0, LONGEST)
    return text[: end if end > 0 else LONGEST].rstrip(" ,;:–—-")
