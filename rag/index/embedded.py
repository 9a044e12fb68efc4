"""The engine on one machine: a FAISS file for vectors, SQLite's FTS5 for words.

The words are in the catalogue's own file: FTS5 was as good as bm25s on PIAF (hit@1 0.775
and 0.775 with titles), is transactional and needs no memory.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.index.catalogue import Catalogue
from rag.index.engine import Document, Documents, Scored, Selection, Vectors, Written
from rag.index.generations import EngineName, Manifest, damaged
from rag.index.vectors import (
    FAISS,
    FILTERED_FLAT_UP_TO,
    SAMPLED,
    Kept,
    SearchKind,
    compare_all,
    read_nearest,
    rows_unlike,
    search,
    write_nearest,
)
from rag.progress import Progress

# A passage's document is its article's row and its place there, so that it stays when
# other articles come and go: row * PLACES + place + 1.
PLACES = 1 << 24

SCHEMA = """
-- Texts come here as terms, so the tokenizer only has to cut at spaces.
CREATE VIRTUAL TABLE words USING fts5(
    title, body, content = '', tokenize = "unicode61 remove_diacritics 0 tokenchars '.'"
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'row');
"""


class EmbeddedEngine:
    """Finds passages in a generation's own files, as `Engine` says."""

    def __init__(
        self, folder: Path, manifest: Manifest, vectors: Vectors, catalogue: Catalogue
    ) -> None:
        self._folder = folder
        self._manifest = manifest
        self._vectors = vectors
        self._catalogue = catalogue

    def nearest(
        self, question: Vectors, count: int, selection: Selection | None
    ) -> list[Scored]:
        """Exact where the index is flat or few are selected; else as the build measured."""
        kind, effort = self._manifest.search, self._manifest.effort
        numbers = None if selection is None else selection.numbers
        few = numbers is not None and len(numbers) <= FILTERED_FLAT_UP_TO
        if few and numbers is not None and kind is not SearchKind.FLAT:
            return compare_all(self._vectors, question, count, numbers)
        return search(self._faiss, kind, effort, question, count, numbers)

    def matching(
        self, query_terms: Sequence[str], count: int, selection: Selection | None
    ) -> list[Scored]:
        """FTS5's BM25, turned so that higher is better.

        The cost grows with the passages that hold one of the terms.
        """
        query = " OR ".join(f'"{term}"' for term in dict.fromkeys(query_terms))
        # Filtered-out rows are skipped here: one by one costs less than telling SQLite
        # of a hundred thousand numbers.
        wanted = None if selection is None else set(selection.numbers.tolist())
        limit = count if wanted is None else -1
        rows = self._catalogue.rows(
            "SELECT first_passage + (words.rowid - 1) % ?1 AS number, -bm25(words)"
            " FROM words JOIN places ON article = (words.rowid - 1) / ?1"
            " WHERE words MATCH ?2 ORDER BY bm25(words), number LIMIT ?3",
            PLACES,
            query,
            limit,
        )
        kept = ((row, score) for row, score in rows if wanted is None or row in wanted)
        return [pair for pair, _ in zip(kept, range(count), strict=False)]

    def document_frequency(self, term: str) -> int:
        """In how many passages a term occurs."""
        rows = self._catalogue.rows("SELECT doc FROM vocabulary WHERE term = ?", term)
        return int(rows[0][0]) if rows else 0

    def warm_up(self) -> None:
        """Map the FAISS file."""
        _ = self._faiss

    def problems(self) -> Iterator[str]:
        """The passages whose vector in FAISS is not the one beside it."""
        for number in rows_unlike(self._faiss, self._manifest.search, self._vectors):
            yield f"passage {number}: FAISS holds another vector than the index"

    def close(self) -> None:
        """Nothing: the catalogue is the index's, the file is mapped."""

    @functools.cached_property
    def _faiss(self) -> Any:
        manifest = self._manifest
        try:
            index = read_nearest(self._folder / FAISS, manifest.search)
        except RuntimeError as error:
            raise damaged(self._folder, f"{FAISS} cannot be read") from error
        found, expected = (index.ntotal, index.d), (manifest.passages, manifest.dimension)
        # What is gone may still be held, beside what is there.
        flat = manifest.search is SearchKind.FLAT
        if found[1] != expected[1] or found[0] < expected[0] or (flat and found != expected):
            raise damaged(self._folder, f"{FAISS} has shape {found}, expected {expected}")
        return index


class EmbeddedWriter:
    """Writes the words into the catalogue and the vectors into a FAISS file."""

    @property
    def name(self) -> EngineName:
        """The engine on one machine."""
        return EngineName.EMBEDDED

    @property
    def files(self) -> tuple[str, ...]:
        """The FAISS file."""
        return (FAISS,)

    def prepare(self) -> None:
        """Nothing: it writes where the draft does."""

    def holds(self, _: Manifest) -> bool:
        """It does: its files are checked with the generation's."""
        return True

    def begin(self, database: sqlite3.Connection) -> None:
        """Make the tables of words."""
        database.executescript(SCHEMA)

    def add(self, database: sqlite3.Connection, row: int, documents: Documents) -> None:
        """Take up the words of an article's passages."""
        database.executemany(
            "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)",
            [_words(row, one) for one in documents],
        )

    def remove(self, database: sqlite3.Connection, row: int, documents: Documents) -> None:
        """Forget them: FTS5 can only when it is told them again."""
        database.executemany(
            "INSERT INTO words (words, rowid, title, body) VALUES ('delete', ?, ?, ?)",
            [_words(row, one) for one in documents],
        )

    def complete(
        self,
        database: sqlite3.Connection,
        written: Written,
        manifest: Manifest,
        _: Progress,
    ) -> Manifest:
        """Write the FAISS file, and tell its kind and effort."""
        if written.base is None:
            # Of a copied catalogue it would cost all.
            database.execute("INSERT INTO words (words) VALUES ('optimize')")
        sentences = written.sentence_vectors
        step = max(1, len(sentences) // SAMPLED)
        questions = np.ascontiguousarray(sentences[::step][:SAMPLED])
        kept = None
        if written.base is not None and written.base_manifest is not None:
            kind = written.base_manifest.search
            kept = Kept(written.base / FAISS, kind, written.new_row)
        kind, effort = write_nearest(written.folder / FAISS, written.vectors, questions, kept)
        return manifest.model_copy(update={"search": kind, "effort": effort})

    def serve(self, manifest: Manifest) -> None:
        """Nothing: CURRENT tells."""

    def prune(self, keep: set[str]) -> None:
        """Nothing: its files go with their folders."""


def _words(row: int, document: Document) -> tuple[int, str, str]:
    """A document's number, title and body, as terms between spaces."""
    number = row * PLACES + document.place + 1
    return number, " ".join(document.title), " ".join(document.body)
