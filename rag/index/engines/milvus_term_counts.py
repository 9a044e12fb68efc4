"""How many passages hold each term, for an engine whose words are on a server.

A server counts in each of its parts by itself, and by another formula than FTS5. With the
counts of all segments the scores of what it finds are those of the embedded engine.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from rag.index.bm25 import gain, norm
from rag.index.catalogue import Catalogue
from rag.index.engine import Corpus

SCHEMA = """
-- Only counts: which passages hold a term is on the server.
CREATE TABLE terms (term TEXT PRIMARY KEY, passages INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE terms_total (occurrences INTEGER NOT NULL) STRICT;
"""
# Terms that are counted in memory, before the table is told.
_COUNTED = 1_000_000


class TermCounter:
    """Counts the terms of all passages of a segment."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._counts: Counter[str] = Counter()
        self._occurrences = 0

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
    """The counts of a segment, less what of it is gone.

    ``gone`` gives the terms of each passage that is, between spaces; it is asked once.
    """

    def __init__(self, catalogue: Catalogue, gone: Callable[[], Iterable[str]]) -> None:
        self._catalogue = catalogue
        self._gone = gone

    def holding(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many passages each of ``terms`` occurs."""
        asked = list(dict.fromkeys(terms))
        found: dict[str, int] = self._catalogue.value(
            "SELECT json_group_object(term, passages) FROM terms"
            " WHERE term IN (SELECT value FROM json_each(?))",
            json.dumps(asked),
        )
        gone, _ = self._gone_counts
        return {term: found.get(term, 0) - gone[term] for term in asked}

    def occurrences(self) -> int:
        """How many terms the passages have together."""
        ((total,),) = self._catalogue.rows("SELECT occurrences FROM terms_total")
        _, gone = self._gone_counts
        return int(total) - gone

    @functools.cached_property
    def _gone_counts(self) -> tuple[Counter[str], int]:
        """In how many passages that are gone each term occurs, and how many terms they have."""
        holding: Counter[str] = Counter()
        occurrences = 0
        for text in self._gone():
            found = text.split()
            occurrences += len(found)
            holding.update(set(found))
        return holding, occurrences


def score(text: str, weights: Mapping[str, float], corpus: Corpus) -> float:
    """BM25 of a passage, given its terms between spaces."""
    document = text.split()
    frequencies = _frequencies(document, weights.keys())
    of_passage = norm(float(len(document)), corpus.passages, float(corpus.occurrences))
    return sum(
        gain(weights[term], float(count), of_passage) for term, count in frequencies.items()
    )


def _frequencies(document: Iterable[str], wanted: Collection[str]) -> Counter[str]:
    return Counter(term for term in document if term in wanted)
