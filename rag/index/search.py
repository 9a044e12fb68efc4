"""Asking the engines of a generation's segments: which passages, and how near."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rag.index import bm25
from rag.index.engine import Corpus, Scored, SegmentSelection, Vectors
from rag.index.open_segment import Segment
from rag.types import Filters


class Selection:
    """The passages that pass ``filters``, in each segment."""

    def __init__(self, filters: Filters, segments: Sequence[Segment]) -> None:
        self.parts = tuple(SegmentSelection(filters, one.catalogue) for one in segments)

    @property
    def is_empty(self) -> bool:
        """Whether no passage passes."""
        return all(part.is_empty for part in self.parts)


class Search:
    """Finds passages by meaning and by words. Safe to use from several threads.

    What is found, and in which order, does not depend on how the articles are spread over
    the segments: words weigh what they weigh among all passages, and of equals those come
    first whose article's path does.
    """

    def __init__(self, segments: Sequence[Segment], passages: int) -> None:
        self._segments = segments
        self._passages = passages

    def select(self, filters: Filters) -> Selection | None:
        """The passages that pass ``filters``, for a search; None when all do."""
        return Selection(filters, self._segments) if filters else None

    def nearest(
        self, question: Vectors, count: int, selection: Selection | None
    ) -> list[Scored]:
        """The ``count`` passages with the highest cosine, best first, as `Engine` says."""
        found = [
            (segment, segment.engine.nearest(question, count, part))
            for segment, part in self._asked(selection)
        ]
        return _best(found, count)

    def matching(
        self, query_terms: Sequence[str], count: int, selection: Selection | None
    ) -> list[Scored]:
        """The ``count`` passages with the highest BM25 score, best first, as `Engine` says."""
        if not self._passages or not query_terms:
            return []
        weights = self._weights(query_terms)
        found = [
            (segment, segment.engine.matching(weights, self._corpus, count, part))
            for segment, part in self._asked(selection)
            if weights
        ]
        return _best(found, count)

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many passages each of ``terms`` occurs."""
        asked = list(dict.fromkeys(terms))
        found = dict.fromkeys(asked, 0)
        for segment in self._segments:
            for term, held in segment.engine.document_frequencies(asked).items():
                found[term] += held
        return found

    def warm_up(self) -> None:
        """Read what the first search would wait for."""
        for segment in self._segments:
            if segment.passages:
                segment.engine.warm_up()
        if self._passages:
            _ = self._corpus

    def _asked(
        self, selection: Selection | None
    ) -> Iterator[tuple[Segment, SegmentSelection | None]]:
        """The segments in which anything may be found, each with what is selected there."""
        if selection is None:
            yield from ((segment, None) for segment in self._segments if segment.passages)
            return
        for segment, part in zip(self._segments, selection.parts, strict=True):
            # With one segment whoever asks has looked already.
            if len(self._segments) == 1 or not part.is_empty:
                yield segment, part

    def _weights(self, query_terms: Sequence[str]) -> Mapping[str, float]:
        """The idf of each term that some passage holds."""
        return {
            term: bm25.idf(held, self._passages)
            for term, held in self.document_frequencies(query_terms).items()
            if held
        }

    @functools.cached_property
    def _corpus(self) -> Corpus:
        occurrences = (one.engine.occurrences() for one in self._segments if one.passages)
        return Corpus(self._passages, sum(occurrences))


def _best(found: Sequence[tuple[Segment, list[Scored]]], count: int) -> list[Scored]:
    """The ``count`` best of what each segment found, under the generation's numbers."""
    every = [
        (number + segment.first_passage, score, segment)
        for segment, scored in found
        for number, score in scored
    ]
    if len(found) > 1:
        # Stable: of equals, what is first in its segment stays first of it.
        every.sort(key=lambda one: -one[1])
        every = list(itertools.chain.from_iterable(map(_by_path, _equals(every))))
    return [(number, score) for number, score, _ in every[:count]]


_Placed = tuple[int, float, Segment]


def _equals(found: Sequence[_Placed]) -> Iterator[list[_Placed]]:
    for _, equals in itertools.groupby(found, key=lambda one: one[1]):
        yield list(equals)


def _by_path(equals: list[_Placed]) -> list[_Placed]:
    """Passages of one score by the paths of their articles, those of one article in order."""
    if len({id(segment) for _, _, segment in equals}) == 1:
        return equals

    def place(one: _Placed) -> tuple[str, int]:
        number, _, segment = one
        own = number - segment.first_passage
        ((path, first),) = segment.catalogue.rows(
            "SELECT path, first_passage FROM places JOIN articles ON row = article"
            " WHERE first_passage <= ? AND passages > 0 ORDER BY first_passage DESC LIMIT 1",
            own,
        )
        return path, own - first

    return sorted(equals, key=place)
