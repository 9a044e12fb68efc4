"""Counts over an index: when, where from, how long, how often the same."""

from __future__ import annotations

import bisect
import datetime
import itertools
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.index import Index
from rag.types import Article, Overview
from rag.types.provenance import DateFrom, LeftOutKind, left_out_words

# Articles of fewer words than the first, between two, of as many as the last and more.
LENGTHS = (100, 300, 600, 1000, 2000)
LARGEST_STORIES = 10
MOST_MONTHS = 1200


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that print one story, oldest first; those without a date come last."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an index holds.

    ``months`` counts articles by "2024-03", empty months too; ``lengths`` by words
    ("300–599"); ``words`` is the median. ``stories`` and ``reprinted`` count the stories
    that several articles print and their articles; ``largest`` are those that most print.
    ``corrected`` articles had another text before. ``dates_from`` counts articles by why they
    have their date, ``left_out_words`` words of files by why they are in no article. ``size``
    is in bytes, the generation's that serves.
    """

    overview: Overview
    size: int
    months: tuple[tuple[str, int], ...]
    undated: int
    lengths: tuple[tuple[str, int], ...]
    words: int
    stories: int
    reprinted: int
    largest: tuple[Story, ...]
    corrected: int
    dates_from: tuple[tuple[DateFrom, int], ...] = ()
    left_out_words: tuple[tuple[LeftOutKind, int], ...] = ()


def collect(index: Index) -> Statistics:
    """Count what ``index`` holds. Reads every article, one at a time."""
    months: Counter[str] = Counter()
    undated = 0
    words: list[int] = []
    dates_from: Counter[DateFrom] = Counter()
    left_out: Counter[LeftOutKind] = Counter()
    for article in index.articles.every():
        words.append(len(article.text.split()))
        left_out.update(left_out_words(article.left_out))
        if article.date_from is not None:
            dates_from[article.date_from] += 1
        if article.date is None:
            undated += 1
        else:
            months[article.date.isoformat()[:7]] += 1
    stories = sorted(index.articles.stories().values(), key=lambda ids: (-len(ids), ids))
    return Statistics(
        overview=index.articles.overview(),
        size=index.integrity.size_on_disk(),
        months=tuple((month, months[month]) for month in _every_month(sorted(months))),
        undated=undated,
        lengths=_lengths(words),
        words=round(statistics.median(words)) if words else 0,
        stories=len(stories),
        reprinted=sum(map(len, stories)),
        largest=tuple(_story(index, ids) for ids in stories[:LARGEST_STORIES]),
        dates_from=tuple(dates_from.most_common()),
        left_out_words=tuple(left_out.most_common()),
        corrected=index.articles.count_corrected(),
    )


def _every_month(months: Sequence[str]) -> Iterator[str]:
    """From the first of ``months`` to the last, none left out.

    Where they lie more than MOST_MONTHS apart, a date is wrong and gaps stay.
    """
    numbers = [12 * int(month[:4]) + int(month[5:]) - 1 for month in months]
    if not numbers or numbers[-1] - numbers[0] > MOST_MONTHS:
        yield from months
        return
    for number in range(numbers[0], numbers[-1] + 1):
        yield f"{number // 12:04}-{number % 12 + 1:02}"


def _lengths(words: Sequence[int]) -> tuple[tuple[str, int], ...]:
    counts = Counter(bisect.bisect_right(LENGTHS, count) for count in words)
    names = [
        f"< {LENGTHS[0]}",
        *(f"{low}–{high - 1}" for low, high in itertools.pairwise(LENGTHS)),
        f"≥ {LENGTHS[-1]}",
    ]
    return tuple((name, counts[place]) for place, name in enumerate(names))


def _story(index: Index, ids: Sequence[str]) -> Story:
    articles = [index.articles.read(one) for one in ids]
    return Story(
        tuple(sorted(articles, key=lambda one: (one.date or datetime.date.max, one.path)))
    )
