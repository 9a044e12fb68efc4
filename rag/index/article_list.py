"""The list of articles: searched, sorted and cut into pages, without their texts."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterable, Sequence
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


def select_lines(
    lines: Iterable[ArticleLine], search: str, order: Order, descending: bool
) -> list[ArticleLine]:
    """The lines whose title or source holds every word of ``search``, sorted.

    A part of a word is enough; case and accents do not count. What has no date or no
    source comes last either way.
    """
    words = fold(search).split()
    found = [one for one in lines if all(word in one.searched for word in words)]
    known = [one for one in found if _value(one, order) is not None]
    known.sort(key=lambda one: one.path)
    known.sort(key=lambda one: _value(one, order), reverse=descending)
    unknown = [one for one in found if _value(one, order) is None]
    return [*known, *sorted(unknown, key=lambda one: one.path)]


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
