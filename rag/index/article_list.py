"""The list of articles: searched, sorted and cut into pages, without their texts."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.language.analysis import fold


class Order(enum.StrEnum):
    """What a list of articles is sorted by."""

    TITLE = "title"
    DATE = "date"
    SOURCE = "source"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """An article without its text. ``length`` counts the characters of the text."""

    id: str
    path: str
    title: str
    date: datetime.date | None
    source: str | None
    length: int
    searched: str


@dataclass(frozen=True, slots=True)
class ArticleList:
    """A page of a list: its ``lines``, and of how many they are, from ``first`` on."""

    lines: tuple[ArticleLine, ...]
    first: int
    total: int


def article_line(
    article_id: str, path: str, title: str, date: str | None, source: str | None, length: int
) -> ArticleLine:
    """A line from a row of the catalogue."""
    day = datetime.date.fromisoformat(date) if date else None
    searched = fold(f"{title}\n{source or ''}")
    return ArticleLine(article_id, path, title, day, source, length, searched)


class ArticleLines:
    """The lines of an index, folded and sorted once for whatever is asked of them.

    Safe to use from several threads.
    """

    def __init__(self, lines: Iterable[ArticleLine]) -> None:
        self._lines = tuple(lines)
        self._sorted: dict[tuple[Order, bool], tuple[ArticleLine, ...]] = {}

    def __iter__(self) -> Iterator[ArticleLine]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def select(self, search: str, order: Order, descending: bool) -> list[ArticleLine]:
        """The lines whose title or source holds every word of ``search``, sorted.

        A part of a word is enough; case and accents do not count. What has no date or no
        source comes last either way.
        """
        words = fold(search).split()
        lines = self._in_order(order, descending)
        return [one for one in lines if all(word in one.searched for word in words)]

    def _in_order(self, order: Order, descending: bool) -> tuple[ArticleLine, ...]:
        # Two threads that sort at once come to the same.
        if (order, descending) not in self._sorted:
            by_path = sorted(self._lines, key=lambda one: one.path)
            valued = [(_value(one, order), one) for one in by_path]
            known = [pair for pair in valued if pair[0] is not None]
            known.sort(key=lambda pair: pair[0], reverse=descending)
            unknown = [one for value, one in valued if value is None]
            self._sorted[order, descending] = (*(one for _, one in known), *unknown)
        return self._sorted[order, descending]


def cut(lines: Sequence[ArticleLine], first: int, count: int) -> ArticleList:
    """At most ``count`` lines from number ``first`` on, the last ones when it is beyond."""
    first = max(0, min(first, (len(lines) - 1) // count * count))
    return ArticleList(tuple(lines[first : first + count]), first, len(lines))


def _value(line: ArticleLine, order: Order) -> Any:
    match order:
        case Order.TITLE:
            return fold(line.title)
        case Order.DATE:
            return line.date
        case Order.SOURCE:
            return fold(line.source) if line.source else None
        case Order.LENGTH:
            return line.length
