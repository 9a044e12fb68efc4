"""The journal: vectors of a build that may never finish, kept for the next one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from rag.errors import IndexDamagedError

JOURNAL = "journal.sqlite"

Vector = npt.NDArray[np.float32]


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
                "CREATE TABLE IF NOT EXISTS vectors"
                " (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
            )
        except sqlite3.Error as error:
            self._database.close()
            raise self._unusable(error) from error

    def add(self, vectors: Mapping[bytes, Vector]) -> None:
        """Keep a batch of vectors."""
        with self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()],
            )

    def find(self, keys: Iterable[bytes]) -> dict[bytes, Vector]:
        """The vectors that are known among ``keys``."""
        found: dict[bytes, Vector] = {}
        for key in keys:
            row = self._database.execute(
                "SELECT vector FROM vectors WHERE key = ?", (key,)
            ).fetchone()
            if row is not None:
                found[key] = np.frombuffer(row[0], "<f4").astype(np.float32)
        return found

    def holds(self, keys: Iterable[bytes]) -> Iterator[bool]:
        """Whether each of ``keys`` is known."""
        query = "SELECT 1 FROM vectors WHERE key = ?"
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
