"""Text to search terms: French first, usable for its neighbours.

A term is what two spellings of a word share: lower case, without elision, stemmed,
without accents. Digits are kept and digit groups closed up (``20 000`` is ``20000``).
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.language.invisible import INVISIBLE, without_invisible
from rag.language.stop_words import ENGLISH, FRENCH

if TYPE_CHECKING:
    import Stemmer

_GROUPED_NUMBER = r"\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+(?!\d)"
# Articles are composed, a question may bring its accents apart.
_LETTER = r"[^\W\d_][\u0300-\u036f]*"
# A number with a second point is a date or a section: its parts count.
_DECIMAL_NUMBER = r"(?<![.,])\d+[.,]\d+(?![.,]?\d)"
# What may stand before the first letter of a sentence.
OPENING_MARKS = " «“\"'‘—–-\u00a0\u202f" + INVISIBLE
_WORD = re.compile(
    rf"{_GROUPED_NUMBER}|{_DECIMAL_NUMBER}|\d+"
    rf"|(?:{_LETTER})+(?:[{INVISIBLE}]++(?:{_LETTER})+)*\d*"
)
_ELISION = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu)['’ʼ]", re.I)
_NOT_DIGIT = re.compile(r"[^\d.,]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
# A stemmer keeps its word between calls and is not safe to share between threads.
_STEMMING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Word:
    """A word that carries meaning, with its term and its place in the text."""

    text: str
    term: str
    start: int
    end: int


def fold(text: str) -> str:
    """``text`` in lower case and without accents; its length may change."""
    # Decomposed first: "𝐀" is a capital only once it is "A".
    return unicodedata.normalize("NFKD", text).casefold().translate(_folded())


class _Folded(dict[int, str | None]):
    """What becomes of a character: nothing of one that combines or is not seen."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        is_seen = not unicodedata.combining(character) and character not in INVISIBLE
        folded = character if is_seen else None
        self[code] = folded
        return folded


@functools.cache
def _folded() -> _Folded:
    return _Folded(_LIGATURES)


@functools.cache
def stop_words() -> frozenset[str]:
    """French and English words without content, folded."""
    return frozenset(fold(word) for word in f"{FRENCH} {ENGLISH}".split())


@functools.cache
def _stemmer() -> Stemmer.Stemmer:
    import Stemmer

    return Stemmer.Stemmer("french")


@functools.lru_cache(maxsize=200_000)
def _term(word: str) -> str:
    """The term of one word in any case; "" for a stop word."""
    seen = without_invisible(word)
    lowered = unicodedata.normalize("NFC", seen.lower()).translate(_LIGATURES)
    if lowered[0].isdigit():
        return _NOT_DIGIT.sub("", lowered).replace(",", ".")
    if fold(lowered) in stop_words():
        return ""
    with _STEMMING:
        return fold(_stemmer().stemWord(lowered))


def words(text: str) -> Iterator[Word]:
    """The words of ``text`` that carry meaning, in order."""
    position = 0
    while found := _WORD.search(text, position):
        # An elided article may end where a word begins: « l’avion ».
        elided = _ELISION.match(text, found.start())
        if elided:
            position = elided.end()
            continue
        position = found.end()
        term = _term(found.group())
        if term:
            yield Word(found.group(), term, found.start(), found.end())


def terms(text: str) -> list[str]:
    """The terms of ``text``, in order, repeated as often as they occur."""
    return [word.term for word in words(text)]
