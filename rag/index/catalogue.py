"""The catalogue's tables: articles, sentences and passages, in SQLite."""

from __future__ import annotations

import contextlib
import datetime
import json
import queue
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from rag.index import former_texts, readings, reprint_tables
from rag.index.generations import damaged
from rag.types import Article, Filters

CATALOGUE = "catalogue.sqlite"

T = TypeVar("T")

SCHEMA = f"""
-- The row is never given twice, so what belongs to it stays when others go.
CREATE TABLE articles (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL UNIQUE, text TEXT NOT NULL, title TEXT NOT NULL,
    file_hash TEXT NOT NULL, date TEXT, language TEXT NOT NULL, source TEXT, url TEXT,
    author TEXT
) STRICT;
-- Where an article's vectors are: all that moves when others come and go.
CREATE TABLE places (
    article INTEGER PRIMARY KEY, first_passage INTEGER NOT NULL, passages INTEGER NOT NULL,
    first_sentence INTEGER NOT NULL, sentences INTEGER NOT NULL
) STRICT;
-- Places count from 0 in each article. A passage is the run of sentences first to last,
-- both included.
CREATE TABLE sentences (
    article INTEGER NOT NULL, place INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, PRIMARY KEY (article, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE passages (
    article INTEGER NOT NULL, place INTEGER NOT NULL, first INTEGER NOT NULL,
    last INTEGER NOT NULL, PRIMARY KEY (article, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE broken (path TEXT PRIMARY KEY, reason TEXT NOT NULL, file_hash TEXT) STRICT;
{reprint_tables.SCHEMA}
{former_texts.SCHEMA}
{readings.SCHEMA}
CREATE INDEX articles_by_date ON articles (date DESC, path);
CREATE INDEX places_by_passage ON places (first_passage) WHERE passages > 0;
"""

ARTICLE_COLUMNS = "id, path, text, title, file_hash, date, language, source, url, author"


def open_read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; one thread at a time may use it."""
    # as_uri escapes what a file name may hold; immutable keeps SQLite from making
    # lock files beside a generation.
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(uri, uri=True, check_same_thread=False)
    try:
        readings.provide(database)
    except sqlite3.Error:
        database.close()
        raise
    return database


class Catalogue:
    """A generation's catalogue, open to read. Safe to use from several threads.

    Who reads has a connection alone, and as many are open as ever read at once: the file
    never changes, so none waits for another.
    """

    def __init__(self, folder: Path) -> None:
        """Open the catalogue in ``folder``; raises IndexDamagedError."""
        self.folder = folder
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._closed = False
        try:
            self._idle.put(open_read_only(folder / CATALOGUE))
        except sqlite3.Error as error:
            raise damaged(folder, f"{CATALOGUE}: {error}") from error

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What ``query`` selects; raises IndexDamagedError."""
        return self.read(lambda database: database.execute(query, values).fetchall())

    def value(self, query: str, *values: Any) -> Any:
        """The JSON value that ``query`` makes of all it selects; raises IndexDamagedError.

        With every row that SQLite gives the interpreter may go to another thread: where
        several ask, many rows cost more time than finding what is in them.
        """
        ((found,),) = self.rows(query, *values)
        return json.loads(found)

    def read(self, what: Callable[[sqlite3.Connection], T]) -> T:
        """Give ``what`` a connection, alone; raises IndexDamagedError."""
        database = self._taken()
        try:
            return what(database)
        except sqlite3.DatabaseError as error:
            raise damaged(self.folder, f"{CATALOGUE}: {error}") from error
        finally:
            self._idle.put(database)
            if self._closed:
                self._close_idle()

    def close(self) -> None:
        """Let go of the database; what is being read goes on until it is read."""
        self._closed = True
        self._close_idle()

    def _taken(self) -> sqlite3.Connection:
        if self._closed:
            raise damaged(self.folder, f"{CATALOGUE}: it was closed")
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        try:
            return open_read_only(self.folder / CATALOGUE)
        except sqlite3.Error:
            # Builds may have deleted the folder meanwhile: what is open can be read still.
            return self._idle.get()

    def _close_idle(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()


def where_filters(filters: Filters) -> tuple[str, list[str]]:
    """The WHERE clause over ``articles`` for ``filters``, "" for none, and its values."""
    clauses: list[str] = []
    values: list[str] = []
    if filters.since:
        clauses.append("date >= ?")
        values.append(filters.since.isoformat())
    if filters.last_day:
        clauses.append("date <= ?")
        values.append(filters.last_day.isoformat())
    for column, names, word in (
        ("source", filters.sources, "IN"),
        ("articles.id", filters.articles, "IN"),
        ("articles.id", filters.excluded_articles, "NOT IN"),
    ):
        if names:
            clauses.append(f"{column} {word} ({', '.join('?' * len(names))})")
            values.extend(sorted(names))
    return f"WHERE {' AND '.join(clauses)}" if clauses else "", values


def insert_article(database: sqlite3.Connection, article: Article) -> int:
    """Add an article, and return its row."""
    date = article.date.isoformat() if article.date else None
    inserted = database.execute(
        f"INSERT INTO articles ({ARTICLE_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            article.id,
            article.path,
            article.text,
            article.title,
            article.file_hash,
            date,
            article.language,
            article.source,
            article.url,
            article.author,
        ),
    )
    row = inserted.lastrowid
    assert row is not None
    readings.insert_reading(database, row, article)
    return row


def select_article(
    database: sqlite3.Connection, column: str, value: str | int
) -> Article | None:
    """The article whose ``column`` (id, path or row) is ``value``."""
    row = database.execute(
        f"SELECT {ARTICLE_COLUMNS}, {readings.COLUMN} FROM articles WHERE {column} = ?",
        (value,),
    ).fetchone()
    return None if row is None else article_of(row)


def article_of(row: tuple[Any, ...]) -> Article:
    """An article from its ARTICLE_COLUMNS and how it was read."""
    identifier, path, text, title, file_hash, date, language, source, url, author, kept = row
    return Article(
        identifier,
        path,
        text,
        title,
        file_hash,
        datetime.date.fromisoformat(date) if date else None,
        language,
        source,
        url,
        author,
        *readings.read_reading(kept),
    )
