"""Passages by words: BM25 over the files of words of a generation."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.index import bm25
from rag.index.catalogue import Catalogue
from rag.index.engine import Corpus
from rag.index.engines.word_files import COUNTS, HOLDERS, LENGTHS, STARTS, Column, read_column

Numbers = npt.NDArray[np.int64]

# Questions whose terms stay looked up: those asked at once, and what is asked of one twice.
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Holders:
    """The passages that hold a term, ascending, and how often; ``idf`` is its weight."""

    passages: Column
    counts: Column
    idf: float

    @property
    def most(self) -> float:
        """More than the term can add to any score."""
        return bm25.most(self.idf)


class Words:
    """The words of a segment, to be searched. Safe to use from several threads."""

    def __init__(
        self, folder: Path, passages: int, catalogue: Catalogue, gone: Numbers
    ) -> None:
        """Search the files of words in ``folder``, but for the passages that are ``gone``."""
        self._folder = folder
        self._passages = passages
        self._catalogue = catalogue
        self._gone = gone
        self._normed: tuple[Corpus, npt.NDArray[np.float64]] | None = None
        # A question asks of its terms how many passages hold them, and then for these.
        self._places = functools.lru_cache(_REMEMBERED)(self._looked_up)

    def matching(
        self,
        weights: Mapping[str, float],
        corpus: Corpus,
        count: int,
        allowed: Numbers | None,
    ) -> list[tuple[int, float]]:
        """The ``count`` passages with the highest BM25 score, best first.

        Rare terms come first: once those left cannot lift what was not found yet among the
        best (Turtle and Flood 1995), they are looked up only for what was. That changes no
        score.
        """
        terms = sorted(self._holders(weights), key=lambda one: -one.idf)
        left = sum(one.most for one in terms)
        norms = self._norms(corpus)
        scores = np.zeros(self._passages)
        candidates, least = allowed, 0.0
        for one in terms:
            # A hair more: sums in another order differ in their last digits.
            if candidates is None and left * (1 + 1e-9) < least:
                candidates = np.flatnonzero(scores >= least - left * (1 + 1e-9))
            passages, counts = one.passages, one.counts
            if candidates is not None:
                places = _places_of(candidates, passages)
                passages, counts = passages[places], counts[places]
            times = counts.astype(np.float64)
            scores[passages] += bm25.gain(one.idf, times, norms[passages])
            scores[self._gone] = 0.0
            left -= one.most
            if len(passages) >= count:
                reached = np.partition(scores[passages], -count)[-count]
                least = max(least, float(reached))
        if candidates is None:
            candidates = np.flatnonzero(scores >= least)
        found = candidates[scores[candidates] > 0]
        order = np.lexsort((found, -scores[found]))[:count]
        return [(int(number), float(scores[number])) for number in found[order]]

    def holding(self, terms: Iterable[str]) -> dict[str, int]:
        """How many passages hold each of ``terms``."""
        asked = tuple(dict.fromkeys(terms))
        places = self._places(asked)
        return {term: self._there(places[term]) if term in places else 0 for term in asked}

    def occurrences(self) -> int:
        """How many terms the passages have together."""
        return int(self._lengths.sum()) - int(self._lengths[self._gone].sum())

    def warm_up(self) -> None:
        """Map the files, and work out what every search needs."""
        _ = self._lengths, self._postings

    def _holders(self, weights: Mapping[str, float]) -> Iterator[_Holders]:
        _, passages, counts = self._postings
        places = self._places(tuple(weights))
        for term, weight in weights.items():
            held = places.get(term)
            if held:
                found = slice(held.start, held.stop)
                yield _Holders(passages[found], counts[found], weight)

    def _there(self, held: range) -> int:
        """How many of those entries are of passages that are not gone."""
        _, passages, _ = self._postings
        return len(held) - len(_places_of(self._gone, passages[held.start : held.stop]))

    def _looked_up(self, terms: tuple[str, ...]) -> dict[str, range]:
        """Where the entries of each term are that the catalogue knows."""
        starts, _, _ = self._postings
        numbers: dict[str, int] = self._catalogue.value(
            "SELECT json_group_object(term, number) FROM terms"
            " WHERE term IN (SELECT value FROM json_each(?))",
            json.dumps(terms),
        )
        return {
            term: range(*starts[number : number + 2].tolist())
            for term, number in numbers.items()
        }

    @functools.cached_property
    def _postings(self) -> tuple[Column, Column, Column]:
        starts = read_column(self._folder, STARTS)
        entries = int(starts[-1])
        passages = read_column(self._folder, HOLDERS, entries)
        return starts, passages, read_column(self._folder, COUNTS, entries)

    @functools.cached_property
    def _lengths(self) -> npt.NDArray[np.float64]:
        return read_column(self._folder, LENGTHS, self._passages).astype(np.float64)

    def _norms(self, corpus: Corpus) -> npt.NDArray[np.float64]:
        """What of a score depends on the passage alone. A generation has one ``corpus``."""
        if self._normed is None or self._normed[0] != corpus:
            norms = bm25.norm(self._lengths, corpus.passages, float(corpus.occurrences))
            self._normed = corpus, norms
        return self._normed[1]


def _places_of(wanted: Numbers, among: Column) -> npt.NDArray[np.intp]:
    """Where in ``among`` the numbers are that are in ``wanted`` too; both ascend."""
    short, long = wanted.astype(among.dtype, copy=False), among
    if len(short) > len(long):
        short, long = long, short
    if not len(short):
        return np.empty(0, np.intp)
    places = np.minimum(np.searchsorted(long, short), len(long) - 1)
    shared = np.flatnonzero(long[places] == short)
    return places[shared] if long is among else shared
