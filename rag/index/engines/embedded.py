"""The engine on one machine: the vectors by FAISS, the words in mapped files."""

from __future__ import annotations

import functools
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.index.catalogue import Catalogue
from rag.index.engine import (
    Corpus,
    Documents,
    Numbers,
    Scored,
    SegmentSelection,
    Vectors,
    Written,
)
from rag.index.engines.faiss_kinds import Among, compare_all, strategy
from rag.index.engines.faiss_vectors import (
    FAISS,
    SAMPLED,
    Kept,
    is_compared,
    read_nearest,
    search,
    write_nearest,
)
from rag.index.engines.word_files import FILES, SCHEMA
from rag.index.engines.word_search import Words
from rag.index.engines.word_writer import WordsWriter
from rag.index.generations import EngineName, damaged
from rag.index.half_floats import Halves, to_floats
from rag.index.segments import SegmentManifest
from rag.progress import Progress

# How questions lie to passages, as `_like_questions` says.
NEARNESS = 0.39
BESIDES = 0.81
OTHERS = 64


class EmbeddedEngine:
    """Finds passages in a segment's own files, as `Engine` says."""

    def __init__(
        self,
        folder: Path,
        manifest: SegmentManifest,
        vectors: Halves,
        catalogue: Catalogue,
        gone: Numbers,
    ) -> None:
        """Search the segment in ``folder``, but for the passages that are ``gone``."""
        self._folder = folder
        self._manifest = manifest
        self._vectors = vectors
        self._gone = gone
        self._words = Words(folder, manifest.passages, catalogue, gone)

    def nearest(
        self, question: Vectors, count: int, selection: SegmentSelection | None
    ) -> list[Scored]:
        """Exact where the index is flat or few are selected; else as the build measured."""
        kind, effort = self._manifest.search, self._manifest.effort
        numbers = None if selection is None else selection.numbers
        if numbers is not None and is_compared(kind, numbers):
            return compare_all(self._vectors, question, count, numbers)
        among = Among(numbers, self._gone)
        return search(self._faiss, kind, effort, self._vectors, question, count, among)

    def matching(
        self,
        weights: Mapping[str, float],
        corpus: Corpus,
        count: int,
        selection: SegmentSelection | None,
    ) -> list[Scored]:
        """The cost grows with the passages that hold one of the rarer terms."""
        numbers = None if selection is None else selection.numbers
        return self._words.matching(weights, corpus, count, numbers)

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each of ``terms`` occurs."""
        return self._words.holding(terms)

    def occurrences(self) -> int:
        """How many terms the passages have together."""
        return self._words.occurrences()

    def warm_up(self) -> None:
        """Map the files, or make of the rows what compares them all."""
        _ = self._faiss
        self._words.warm_up()

    def problems(self) -> Iterator[str]:
        """The passages whose vector in FAISS is not the one beside it."""
        for number in strategy(self._manifest.search).unlike(self._faiss, self._vectors):
            yield f"passage {number}: FAISS holds another vector than the index"

    def close(self) -> None:
        """Nothing: the catalogue is the index's, the file is mapped."""

    @functools.cached_property
    def _faiss(self) -> Any:
        manifest = self._manifest
        try:
            index = read_nearest(self._folder / FAISS, manifest.search, self._vectors)
        except RuntimeError as error:
            raise damaged(self._folder, f"{FAISS} cannot be read") from error
        fits = strategy(manifest.search).fits(index, manifest.passages)
        if index.d != manifest.dimension or not fits:
            found, expected = (index.ntotal, index.d), (manifest.passages, manifest.dimension)
            raise damaged(self._folder, f"{FAISS} has shape {found}, expected {expected}")
        return index


class EmbeddedWriter:
    """Writes the files of words, and the FAISS file of vectors where there are many."""

    def __init__(self) -> None:
        self._words = WordsWriter()
        self._files: tuple[str, ...] = FILES

    @property
    def name(self) -> EngineName:
        """The engine on one machine."""
        return EngineName.EMBEDDED

    @property
    def files(self) -> tuple[str, ...]:
        """Those of words, and the FAISS file where one was written."""
        return self._files

    def prepare(self) -> None:
        """Nothing: it writes where the draft does."""

    def holds(self, _: Sequence[SegmentManifest]) -> bool:
        """It does: its files are the segment's."""
        return True

    def begin(self, database: sqlite3.Connection) -> None:
        """Make the table of terms."""
        database.executescript(SCHEMA)

    def add(self, database: sqlite3.Connection, row: int, documents: Documents) -> None:
        """Take up the words of an article's passages."""
        self._words.add(database, row, documents)

    def complete(
        self,
        database: sqlite3.Connection,
        written: Written,
        manifest: SegmentManifest,
        _: Progress,
    ) -> SegmentManifest:
        """Write the files, and tell the kind and effort of the search by vector."""
        self._words.complete(database, written.folder, len(written.vectors), written.merged)
        questions = _like_questions(written.sentence_vectors)
        kept = None
        if written.merged:
            largest = written.merged[0]
            kept = Kept(largest.folder / FAISS, largest.manifest.search, largest.new_row)
        kind, effort = write_nearest(written.folder / FAISS, written.vectors, questions, kept)
        if strategy(kind).is_stored:
            self._files = (FAISS, *FILES)
        return manifest.model_copy(update={"search": kind, "effort": effort})

    def prune(self, keep: set[str]) -> None:
        """Nothing: its files go with their folders."""


def _like_questions(sentences: Halves) -> Vectors:
    """SAMPLED vectors that lie to passages as questions do, to measure recall with.

    A sentence is nearer to its passage than a question is to the one that answers it, and
    is found with less effort. What PIAF's dev questions deviate from the mean is 0.39 of
    what their passages do (a cosine of 0.86 at the median), and 0.81 times as much besides,
    which is here the sum of OTHERS other sentences.
    """
    step = max(1, len(sentences) // SAMPLED)
    sampled = to_floats(sentences[::step][:SAMPLED])
    if not len(sampled):
        return sampled
    mean = sampled.mean(axis=0)
    own = sampled - mean
    besides = sum(np.roll(own, place, axis=0) for place in range(1, OTHERS + 1))
    blended = mean + NEARNESS * own + BESIDES / math.sqrt(OTHERS) * besides
    unit: Vectors = blended / np.maximum(np.linalg.norm(blended, axis=1, keepdims=True), 1e-9)
    return np.ascontiguousarray(unit, np.float32)
