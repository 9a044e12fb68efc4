"""The passages and sentences of a generation: where they are in their articles."""

from __future__ import annotations

import bisect
import heapq
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rag.index.engine import Numbers
from rag.index.generations import damaged
from rag.index.open_segment import Segment
from rag.types import Passage, Sentence

# Every passage with those numbers, with its article, the row of its first sentence, how many
# sentences it has and where each begins and ends. The joins keep their order: from what is
# wanted to what is found.
_PASSAGES = """
SELECT json_group_array(json_array(
    number, id, first_sentence + first, last - first + 1,
    json((
        SELECT json_group_array(json_array(start, end)) FROM (
            SELECT start, end FROM sentences
            WHERE sentences.article = wanted.article AND place BETWEEN first AND last
            ORDER BY place
        )
    ))
)) FROM (
    SELECT value AS number, (
        SELECT article FROM places WHERE first_passage <= value AND passages > 0
        ORDER BY first_passage DESC LIMIT 1
    ) AS article FROM json_each(?)
) AS wanted
CROSS JOIN places ON places.article = wanted.article
CROSS JOIN passages ON passages.article = wanted.article
    AND passages.place = number - first_passage
CROSS JOIN articles ON row = wanted.article
"""
_SENTENCES = """
SELECT json_group_array(json_array(start, end)) FROM (
    SELECT start, end FROM sentences WHERE article = ? ORDER BY place
)
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage with its place in the index.

    ``first_sentence`` is the row of its first sentence's vector; the others follow.
    """

    number: int
    passage: Passage
    first_sentence: int


class _Place(NamedTuple):
    """An article's row, and the numbers of its first passage and sentence in its segment."""

    row: int
    first_passage: int
    first_sentence: int


class Passages:
    """Reads passages and sentences. Safe to use from several threads."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._firsts = [one.first_passage for one in segments]

    def read(self, numbers: Sequence[int]) -> dict[int, Stored]:
        """The passages with those numbers, in that order, in one look a segment."""
        by_segment: dict[int, list[int]] = {}
        for number in numbers:
            place = bisect.bisect_right(self._firsts, number) - 1
            by_segment.setdefault(place, []).append(number)
        found: dict[int, Stored] = {}
        for place, wanted in by_segment.items():
            found |= _read(self._segments[place], wanted)
        return {number: found[number] for number in numbers}

    def every(self) -> Iterator[Stored]:
        """All passages, by article."""
        for _, article_id, segment in every_article(self._segments):
            place = _place(segment, article_id)
            if place is not None:
                yield from _of_article(segment, article_id, place)

    def sample(self, count: int) -> list[Stored]:
        """At most so many passages, evenly spread over the articles that are there."""
        numbers = np.concatenate([np.empty(0, np.int64), *map(_numbers_of, self._segments)])
        step = max(1, len(numbers) // count)
        return list(self.read(numbers[::step][:count].tolist()).values())

    def of_article(self, article_id: str) -> tuple[Stored, ...]:
        """An article's passages, in order."""
        for segment in self._segments:
            place = _place(segment, article_id)
            if place is not None:
                return _of_article(segment, article_id, place)
        return ()

    def sentences(self, article_id: str) -> tuple[Sentence, ...]:
        """An article's sentences, in order."""
        for segment in self._segments:
            place = _place(segment, article_id)
            if place is not None:
                return _sentences_of(segment, place.row)
        return ()

    def sentence_before(self, article_id: str, start: int) -> Sentence | None:
        """The sentence just before the one that starts at ``start``."""
        for segment in self._segments:
            rows = segment.catalogue.rows(
                "SELECT start, end FROM sentences JOIN articles ON row = article"
                " WHERE id = ? AND start < ? ORDER BY place DESC LIMIT 1",
                article_id,
                start,
            )
            if rows:
                return Sentence(*rows[0])
        return None


def segment_of(segments: Sequence[Segment], article_id: str) -> Segment | None:
    """The one of ``segments`` that has the article with that id, if any."""
    return next((one for one in segments if one.holds(article_id)), None)


def every_article(segments: Sequence[Segment]) -> Iterator[tuple[str, str, Segment]]:
    """The path and id of every article with its segment, by path."""
    listed = (
        [
            (path, article_id, segment)
            for path, article_id in segment.catalogue.rows(
                "SELECT path, id FROM articles ORDER BY path"
            )
        ]
        for segment in segments
    )
    return heapq.merge(*listed, key=lambda one: one[0])


def _numbers_of(segment: Segment) -> Numbers:
    """The numbers of the passages that are there, in the generation."""
    there = np.delete(np.arange(segment.manifest.passages), segment.gone_passages)
    return there + segment.first_passage


def _read(segment: Segment, numbers: Sequence[int]) -> dict[int, Stored]:
    """The passages of a segment that have those numbers."""
    first = segment.first_passage
    found: dict[int, Stored] = {}
    for number, article_id, first_sentence, count, spans in segment.catalogue.value(
        _PASSAGES, json.dumps([number - first for number in numbers])
    ):
        if len(spans) != count:
            raise damaged(segment.folder, f"passage {number} lacks sentences")
        stored = _stored(segment, number, article_id, _sentences(spans), first_sentence)
        found[stored.number] = stored
    for number in numbers:
        if number not in found:
            raise damaged(segment.folder, f"there is no passage {number - first}")
    return found


def _of_article(segment: Segment, article_id: str, at: _Place) -> tuple[Stored, ...]:
    row, first_passage, first_sentence = at
    sentences = _sentences_of(segment, row)
    rows = segment.catalogue.rows(
        "SELECT place, first, last FROM passages WHERE article = ? ORDER BY place", row
    )
    if any(last >= len(sentences) for _, _, last in rows):
        raise damaged(segment.folder, f"article {article_id!r} lacks sentences")
    return tuple(
        _stored(
            segment,
            first_passage + place,
            article_id,
            sentences[first : last + 1],
            first_sentence + first,
        )
        for place, first, last in rows
    )


def _place(segment: Segment, article_id: str) -> _Place | None:
    """Where an article is in a segment; None when it is not there."""
    rows = segment.catalogue.rows(
        "SELECT article, first_passage, first_sentence FROM places"
        " JOIN articles ON row = article WHERE id = ?",
        article_id,
    )
    return _Place(*rows[0]) if rows else None


def _sentences_of(segment: Segment, row: int) -> tuple[Sentence, ...]:
    """The sentences of the article in ``row``."""
    return _sentences(segment.catalogue.value(_SENTENCES, row))


def _sentences(spans: Sequence[Sequence[int]]) -> tuple[Sentence, ...]:
    return tuple(itertools.starmap(Sentence, spans))


def _stored(
    segment: Segment,
    number: int,
    article_id: str,
    sentences: tuple[Sentence, ...],
    first_sentence: int,
) -> Stored:
    """A passage of a segment, under the generation's numbers."""
    passage = Passage(article_id, sentences[0].start, sentences[-1].end, sentences)
    return Stored(
        segment.first_passage + number, passage, segment.first_sentence + first_sentence
    )
