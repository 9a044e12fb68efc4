"""The journal: vectors of a build that may never finish, kept for the next one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from rag.errors import IndexDamagedError
from rag.index.half_floats import HALF, Halves

JOURNAL = "journal.sqlite"

_STORED = np.dtype(HALF).newbyteorder("<")


class Journal:
    """Vectors by key, in a database that survives a kill at any moment.

    A key is the hash of the model and the text it was given, so what it finds is never
    stale. A batch is there whole or not at all.
    """

    def __init__(self, index: Path) -> None:
        self._path = index / JOURNAL
        try:
            database = sqlite3.connect(self._path)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        self._database = database
        try:
            self._database.execute("PRAGMA journal_mode = WAL")
            # A kill loses nothing that was committed; a power cut may cost the last
            # batches, not the order of those before.
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS halves (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
            )
            self._take_over_floats()
        except sqlite3.Error as error:
            self._database.close()
            raise self._unusable(error) from error

    def _take_over_floats(self) -> None:
        """Round what a version before left, which kept floats."""
        known = "SELECT 1 FROM sqlite_master WHERE name = 'vectors'"
        if self._database.execute(known).fetchone() is None:
            return
        self._database.create_function("rounded", 1, _rounded)
        with self._database:
            self._database.execute(
                "INSERT OR IGNORE INTO halves SELECT key, rounded(vector) FROM vectors"
            )
            self._database.execute("DROP TABLE vectors")

    def add(self, vectors: Mapping[bytes, Halves]) -> None:
        """Keep a batch of vectors."""
        with self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO halves VALUES (?, ?)",
                [(key, vector.astype(_STORED).tobytes()) for key, vector in vectors.items()],
            )

    def find(self, keys: Iterable[bytes]) -> dict[bytes, Halves]:
        """The vectors that are known among ``keys``."""
        found: dict[bytes, Halves] = {}
        for key in keys:
            row = self._database.execute(
                "SELECT vector FROM halves WHERE key = ?", (key,)
            ).fetchone()
            if row is not None:
                found[key] = np.frombuffer(row[0], _STORED).astype(HALF)
        return found

    def holds(self, keys: Iterable[bytes]) -> Iterator[bool]:
        """Whether each of ``keys`` is known."""
        query = "SELECT 1 FROM halves WHERE key = ?"
        for key in keys:
            yield self._database.execute(query, (key,)).fetchone() is not None

    def close(self, *, finished: bool) -> None:
        """Stop; a ``finished`` build needs its journal no more."""
        self._database.close()
        if finished:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _unusable(self, error: sqlite3.Error) -> IndexDamagedError:
        return IndexDamagedError(
            f"the journal {self._path} cannot be used ({error}); delete it and build again"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(finished=error is None)


def _rounded(floats: bytes) -> bytes:
    return np.frombuffer(floats, "<f4").astype(_STORED).tobytes()
