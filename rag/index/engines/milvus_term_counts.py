"""How many passages hold each term, for an engine whose words are on a server.

A server counts in each of its parts by itself, and by another formula than FTS5. With the
counts of the whole generation the scores of what it finds are those of the embedded engine.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable

from rag.index.bm25 import gain, idf, norm
from rag.index.catalogue import Catalogue

SCHEMA = """
-- Only counts: which passages hold a term is on the server.
CREATE TABLE terms (term TEXT PRIMARY KEY, passages INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE terms_total (occurrences INTEGER NOT NULL) STRICT;
"""
# Terms that are counted in memory, before the table is told.
_COUNTED = 1_000_000


class TermCounter:
    """Counts the terms of all passages of a generation, anew."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._counts: Counter[str] = Counter()
        self._occurrences = 0
        for table in ("terms", "terms_total"):
            database.execute(f"DELETE FROM {table}")

    def add(self, text: str) -> None:
        """Count a passage, given its terms between spaces."""
        found = text.split()
        self._occurrences += len(found)
        self._counts.update(set(found))
        if len(self._counts) > _COUNTED:
            self._write()

    def finish(self) -> None:
        """Write what was counted."""
        self._write()
        self._database.execute("INSERT INTO terms_total VALUES (?)", (self._occurrences,))

    def _write(self) -> None:
        self._database.executemany(
            "INSERT INTO terms VALUES (?, ?)"
            " ON CONFLICT (term) DO UPDATE SET passages = passages + excluded.passages",
            sorted(self._counts.items()),
        )
        self._counts.clear()


class TermCounts:
    """The counts of a generation of so many ``passages``."""

    def __init__(self, catalogue: Catalogue, passages: int) -> None:
        self._catalogue = catalogue
        self._passages = passages

    def holding(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many passages each of ``terms`` occurs."""
        asked = list(dict.fromkeys(terms))
        found: dict[str, int] = self._catalogue.value(
            "SELECT json_group_object(term, passages) FROM terms"
            " WHERE term IN (SELECT value FROM json_each(?))",
            json.dumps(asked),
        )
        return {term: found.get(term, 0) for term in asked}

    def inverse(self, wanted: Iterable[str]) -> dict[str, float]:
        """The idf of each term."""
        held = self.holding(wanted)
        return {term: idf(count, self._passages) for term, count in held.items()}

    def score(self, text: str, inverse: dict[str, float]) -> float:
        """BM25 of a passage, given its terms between spaces."""
        document = text.split()
        frequencies = _frequencies(document, inverse.keys())
        of_passage = norm(float(len(document)), self._passages, self._occurrences)
        return sum(
            gain(inverse[term], float(count), of_passage) for term, count in frequencies.items()
        )

    @functools.cached_property
    def _occurrences(self) -> float:
        return float(self._catalogue.rows("SELECT occurrences FROM terms_total")[0][0])


def _frequencies(document: Iterable[str], wanted: Collection[str]) -> Counter[str]:
    return Counter(term for term in document if term in wanted)
