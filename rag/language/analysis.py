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

if TYPE_CHECKING:
    import Stemmer

_GROUPED_NUMBER = r"\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+(?!\d)"
_WORD = re.compile(rf"{_GROUPED_NUMBER}|\d+(?:[.,]\d+)*|[^\W\d_]+\d*")
_ELISION = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu)['’ʼ]", re.I)
_NOT_DIGIT = re.compile(r"[^\d.,]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
# A stemmer keeps its word between calls and is not safe to share between threads.
_STEMMING = threading.Lock()

# Words of questions and of grammar that the stop list of bm25s lacks: they say what is
# asked, not what it is about.
_MORE_FRENCH = """
    afin ailleurs ainsi alors apres assez au-dela aucun aucune aujourd aussi autre autres avant
    beaucoup bien car ceci cela celle celles celui cependant certain certains cet cette ceux
    chaque chez combien comme comment contre debut depuis des devant donc dont durant encore
    enfin entre environ est-ce etc faire fait fois font hui ici jamais juste laquelle lequel
    lesquels lesquelles leur leurs lors lorsque lui mieux moins or ou où par parce parfois
    parmi pendant peu peut peuvent plus plusieurs plutot point pourquoi presque puis puisque
    quand que quel quelle quelles quelque quelques quels qui quoi rien sans sauf selon si
    sinon sous sur surtout tandis tant tel telle tels telles toujours tous tout toute toutes
    tres trop vers via voici voila y a-t-il t il elle on dit dire
"""
_MORE_ENGLISH = """
    what which who whom whose when where why how many much does did do done is are was were be
    been being has have had can could will would shall should may might must the a an of in on
    at to from by for with about into over after before between during and or but not no nor
    if then than so such this that these those it its he she they them his her their theirs
    him me my we us our you your i as there here s t
"""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that carries meaning, with its term and its place in the text."""

    text: str
    term: str
    start: int
    end: int


def fold(text: str) -> str:
    """``text`` in lower case and without accents; its length may change."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@functools.cache
def stop_words() -> frozenset[str]:
    """French and English words without content, folded."""
    from bm25s.stopwords import STOPWORDS_EN, STOPWORDS_FRENCH

    words = {*STOPWORDS_FRENCH, *STOPWORDS_EN}
    words.update(_MORE_FRENCH.split(), _MORE_ENGLISH.split())
    return frozenset(fold(word) for word in words)


@functools.cache
def _stemmer() -> Stemmer.Stemmer:
    import Stemmer

    return Stemmer.Stemmer("french")


@functools.lru_cache(maxsize=200_000)
def _term(word: str) -> str:
    """The term of one word in any case; "" for a stop word."""
    lowered = unicodedata.normalize("NFC", word.lower()).translate(_LIGATURES)
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
