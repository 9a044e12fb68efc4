"""Whether every word that a person sees in a file is in its article, or counted as left out.

What a person sees comes from another tool than the reader's own: pandoc, pdftotext, lynx.
Words are compared, whatever their case, marks, line ends and soft hyphens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.language.sentences import split_sentences
from rag.types import Article

_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_WORDS = re.compile(r"\w+")
# A paragraph ends at a blank line: within one, tools break lines as they like.
_PARAGRAPHS = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Lost:
    """A sentence that is seen in a file, and what became of it."""

    sentence: str
    why: str


def lost_sentences(
    seen: str, articles: Iterable[Article], also: Iterable[str] = (), *, by_line: bool = False
) -> list[Lost]:
    """The sentences of ``seen`` that are not accounted for, in order.

    A sentence is accounted for when its words stand side by side in an article, after those
    of the sentence before that was found there, or in what an article left out, its title,
    its author or its source, or in ``also``. With ``by_line`` every line of ``seen`` is a
    paragraph.
    """
    read = [_Read(words_of(article.text)) for article in articles]
    beside = [
        words_of(text)
        for article in articles
        for text in (
            article.title,
            article.author or "",
            article.source or "",
            *(one.text for one in article.left_out),
        )
    ]
    beside.extend(words_of(text) for text in also)
    lost: list[Lost] = []
    for sentence in seen_sentences(seen, by_line=by_line):
        words = words_of(sentence)
        # What was left out whole may stand in the article again, further on.
        if not words or words in beside or any(one.take(words) for one in read):
            continue
        if any(_find(words, text, 0) >= 0 for text in beside):
            continue
        is_there = any(_find(words, one.words, 0) >= 0 for one in read)
        lost.append(Lost(sentence, "out of order" if is_there else "not there"))
    return lost


def seen_sentences(seen: str, *, by_line: bool = False) -> list[str]:
    """The sentences of what another tool printed of a file."""
    paragraphs = seen.splitlines() if by_line else _PARAGRAPHS.split(seen)
    found: list[str] = []
    for paragraph in paragraphs:
        text = " ".join(paragraph.split())
        found.extend(text[one.start : one.end] for one in split_sentences(text, "fr"))
    return found


def words_of(text: str) -> list[str]:
    """The words of ``text``, folded."""
    folded = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).casefold()
    return _WORDS.findall(folded)


class _Read:
    """An article's words, and how far they were found."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self._found = 0

    def take(self, words: Sequence[str]) -> bool:
        place = _find(words, self.words, self._found)
        if place < 0:
            return False
        self._found = place + len(words)
        return True


def _find(words: Sequence[str], within: Sequence[str], start: int) -> int:
    """Where ``words`` stand side by side in ``within``, -1 where they do not."""
    first, count = words[0], len(words)
    for place in range(start, len(within) - count + 1):
        if within[place] == first and list(within[place : place + count]) == list(words):
            return place
    return -1
