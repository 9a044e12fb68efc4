"""The seam of the index: what finds passages in one generation, and what writes it.

Everything else of a generation (articles, spans, vectors and their keys) is the same with
every engine. Nothing above rag/index knows which one it is.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.index.catalogue import Catalogue, where_filters
from rag.index.generations import EngineName, Manifest
from rag.index.half_floats import Halves
from rag.progress import Progress
from rag.types import Filters

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
# A passage's number and its score, higher is better.
Scored = tuple[int, float]


class Selection:
    """The passages that pass ``filters``: for an engine to filter by, or as numbers."""

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
    """Finds passages in one generation. Safe to use from several threads."""

    def nearest(
        self, question: Vectors, count: int, selection: Selection | None
    ) -> list[Scored]:
        """The ``count`` passages with the highest cosine, best first.

        ``question`` is a unit vector, ``selection`` what is searched, None for all.
        """

    def matching(
        self, query_terms: Sequence[str], count: int, selection: Selection | None
    ) -> list[Scored]:
        """The ``count`` passages with the highest BM25 score, best first.

        Robertson and Zaragoza 2009 with k1 = 1.2 and b = 0.75 and the idf of SQLite's
        FTS5; title and body count alike.
        """

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many passages each of ``terms`` occurs."""

    def warm_up(self) -> None:
        """Read what the first search would wait for."""

    def problems(self) -> Iterator[str]:
        """What the engine holds otherwise than the generation, a line each."""

    def close(self) -> None:
        """Let go of what is open."""


# The terms of each passage of an article, in order, those of the title first. Made when they
# are asked for: not every engine wants them.
Documents = Iterable[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Written:
    """A generation but for what its engine adds: all its rows are there.

    Of a passage of the generation that ``base`` holds, ``new_row`` has the number now, -1
    where it is gone; ``base`` is None where nothing can be taken over.
    """

    folder: Path
    vectors: Halves
    sentence_vectors: Halves
    base: Path | None
    base_manifest: Manifest | None
    new_row: Numbers


class EngineWriter(Protocol):
    """Writes what an engine needs, while a generation is written."""

    @property
    def name(self) -> EngineName:
        """Which engine it is."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that `complete` leaves in the generation's folder."""

    def prepare(self) -> None:
        """Look whether the engine can be written to, before anything is embedded."""

    def holds(self, manifest: Manifest, /) -> bool:
        """Whether the engine still has what the generation of ``manifest`` needs."""

    def begin(self, database: sqlite3.Connection) -> None:
        """Make the tables that a new catalogue needs; a copied one has them."""

    def add(self, database: sqlite3.Connection, row: int, documents: Documents) -> None:
        """Take up the passages of the article in ``row``."""

    def complete(
        self,
        database: sqlite3.Connection,
        written: Written,
        manifest: Manifest,
        progress: Progress,
        /,
    ) -> Manifest:
        """Write all else, and tell the manifest how it is found again."""

    def serve(self, manifest: Manifest) -> None:
        """Note that the generation of ``manifest`` is the one that serves."""

    def prune(self, keep: set[str]) -> None:
        """Let go of what belongs to other generations than ``keep``."""
