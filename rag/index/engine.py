"""The seam of the index: what finds passages in one segment, and what writes it.

Everything else of a segment (articles, spans, vectors and their keys) is the same with
every engine. Nothing above rag/index knows which one it is.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.index.catalogue import Catalogue, where_filters
from rag.index.generations import EngineName
from rag.index.half_floats import Halves
from rag.index.segments import SegmentManifest
from rag.progress import Progress
from rag.types import Filters

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
# A passage's number and its score, higher is better.
Scored = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a score by words depends on besides the passage: all of a generation.

    So many ``passages``, whose terms occur so many times together.
    """

    passages: int
    occurrences: int


class SegmentSelection:
    """The passages of a segment that pass ``filters``, for an engine to filter by."""

    def __init__(self, filters: Filters, catalogue: Catalogue) -> None:
        self.filters = filters
        self._catalogue = catalogue

    @functools.cached_property
    def is_empty(self) -> bool:
        """Whether no passage passes."""
        where, values = where_filters(self.filters)
        return not self._catalogue.rows(
            "SELECT 1 FROM places JOIN articles ON row = article AND passages > 0"
            f" {where} LIMIT 1",
            *values,
        )

    @functools.cached_property
    def numbers(self) -> Numbers:
        """The numbers of the passages, ascending. The cost grows with the articles."""
        where, values = where_filters(self.filters)
        firsts, counts = self._catalogue.value(
            "SELECT json_array(json_group_array(first_passage), json_group_array(passages))"
            " FROM (SELECT first_passage, passages FROM places JOIN articles ON row = article"
            f" {where} ORDER BY first_passage)",
            *values,
        )
        held = np.array(counts, np.int64)
        before = np.cumsum(held) - held
        return np.repeat(np.array(firsts, np.int64) - before, held) + np.arange(held.sum())


class Engine(Protocol):
    """Finds passages in one segment, by their numbers in it. Safe to use from several threads.

    Passages of articles that are gone are neither found nor counted.
    """

    def nearest(
        self, question: Vectors, count: int, selection: SegmentSelection | None
    ) -> list[Scored]:
        """The ``count`` passages with the highest cosine, best first, of equals the first.

        ``question`` is a unit vector, ``selection`` what is searched, None for all.
        """

    def matching(
        self,
        weights: Mapping[str, float],
        corpus: Corpus,
        count: int,
        selection: SegmentSelection | None,
        /,
    ) -> list[Scored]:
        """The ``count`` passages with the highest BM25 score, best first, of equals the first.

        ``weights`` are the idf of each term of the question in the whole of ``corpus``.
        Robertson and Zaragoza 2009 with k1 = 1.2 and b = 0.75 and the idf of SQLite's
        FTS5; title and body count alike.
        """

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each of ``terms`` occurs."""

    def occurrences(self) -> int:
        """How many terms the passages have together, each as often as it occurs."""

    def warm_up(self) -> None:
        """Read what the first search would wait for."""

    def problems(self) -> Iterator[str]:
        """What the engine holds otherwise than the segment, a line each."""

    def close(self) -> None:
        """Let go of what is open."""


# The terms of each passage of an article, in order, those of the title first. Made when they
# are asked for: not every engine wants them.
Documents = Iterable[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Merged:
    """A segment that is taken over into a new one.

    ``new_row`` has the number there of each of its passages, -1 where it is gone.
    """

    folder: Path
    manifest: SegmentManifest
    new_row: Numbers


@dataclass(frozen=True, slots=True)
class Written:
    """A segment but for what its engine adds: all its rows are there.

    ``merged`` are the segments that it is made of, the largest first.
    """

    folder: Path
    vectors: Halves
    sentence_vectors: Halves
    merged: tuple[Merged, ...] = ()


class EngineWriter(Protocol):
    """Writes what an engine needs of one segment, while that is written."""

    @property
    def name(self) -> EngineName:
        """Which engine it is."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that `complete` leaves in the segment's folder."""

    def prepare(self) -> None:
        """Look whether the engine can be written to, before anything is embedded."""

    def holds(self, segments: Sequence[SegmentManifest], /) -> bool:
        """Whether the engine still has what ``segments`` need."""

    def begin(self, database: sqlite3.Connection) -> None:
        """Make the tables that the catalogue needs."""

    def add(self, database: sqlite3.Connection, row: int, documents: Documents) -> None:
        """Take up the passages of the article in ``row``."""

    def complete(
        self,
        database: sqlite3.Connection,
        written: Written,
        manifest: SegmentManifest,
        progress: Progress,
        /,
    ) -> SegmentManifest:
        """Write all else, and tell the manifest how it is found again."""

    def prune(self, keep: set[str]) -> None:
        """Let go of what belongs to other segments than those named in ``keep``."""
