"""A small SQLite file of what is kept for readers: made when needed, safe from kills.

What a transaction has written when it ends survives a kill at any moment, and one that is
killed has written nothing.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from rag.errors import KeepingError

_WAIT_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


class KeptFile:
    """Reads and writes one file of ``tables``. Safe to use from several threads and processes.

    The file is made by the first thing that is written, and read by this account alone.
    ``what`` names its content in errors; one of another ``version`` is refused.
    """

    def __init__(self, path: Path, tables: str, version: int, what: str) -> None:
        self.path = path
        self._tables = tables
        self._version = version
        self._what = what

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that only reads, of an empty database while there is no file.

        Raises KeepingError, as ``writing`` does.
        """
        if not self.path.exists():
            with contextlib.closing(sqlite3.connect(":memory:")) as empty:
                empty.executescript(self._tables)
                yield empty
            return
        with self._transaction("BEGIN") as database:
            yield database

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is written as a whole or not at all."""
        with self._transaction("BEGIN IMMEDIATE") as database:
            yield database

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.closing(self._connect()) as database:
                self._prepare(database)
                with database:
                    database.execute(begin)
                    yield database
        except (OSError, sqlite3.Error) as error:
            raise KeepingError(
                f"{self.path}, where {self._what} are kept, cannot be used ({error}); give "
                "write permission there or move the file away, or set 'conversations' to "
                "another file"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite would let everyone on the machine read it.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        return sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)

    def _prepare(self, database: sqlite3.Connection) -> None:
        _write_ahead(database)
        # A kill loses nothing so; only a power cut may lose the last moments.
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA foreign_keys = ON")
        # What is deleted is overwritten.
        database.execute("PRAGMA secure_delete = ON")
        if self._found_version(database) == self._version:
            return
        with database:
            database.execute("BEGIN IMMEDIATE")
            # Another process may have been first.
            if self._found_version(database) == 0:
                for statement in self._tables.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {self._version}")

    def _found_version(self, database: sqlite3.Connection) -> int:
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        tables = int(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
        if version not in (0, self._version) or (version == 0 and tables):
            raise KeepingError(
                f"{self.path} is a database of another program or version (version {version}, "
                f"expected {self._version}); move it away, or set 'conversations' to another "
                "file"
            )
        return version


def _write_ahead(database: sqlite3.Connection) -> None:
    """Have ``database`` write ahead. Others that begin at the same moment are waited for.

    SQLite waits for locks, but not for the one that changes this.
    """
    give_up = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            locked = error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not locked or time.monotonic() > give_up:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return
