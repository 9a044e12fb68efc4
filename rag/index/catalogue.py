"""The catalogue of a segment: its articles, sentences and passages, in SQLite."""

from __future__ import annotations

import contextlib
import datetime
import json
import queue
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rag.index import readings
from rag.index.generations import damaged
from rag.types import Article, Filters, Version

CATALOGUE = "catalogue.sqlite"

T = TypeVar("T")

SCHEMA = f"""
CREATE TABLE articles (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL UNIQUE, text TEXT NOT NULL, title TEXT NOT NULL,
    file_hash TEXT NOT NULL, date TEXT, language TEXT NOT NULL, source TEXT, url TEXT,
    author TEXT
) STRICT;
-- Where an article's vectors are.
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
-- MinHash of each text; the row without an id tells whether signing has changed.
CREATE TABLE signatures (article_id TEXT PRIMARY KEY, signature BLOB NOT NULL) STRICT;
-- Pairs of articles that print the same; one of them may be in another segment.
CREATE TABLE reprints (
    one TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX reprints_by_other ON reprints (other);
-- The lower the number, the older the text.
CREATE TABLE versions (
    article_id TEXT NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL,
    replaced_at TEXT NOT NULL, PRIMARY KEY (article_id, number)
) STRICT;
{readings.SCHEMA}
CREATE INDEX articles_by_date ON articles (date DESC, path);
CREATE INDEX places_by_passage ON places (first_passage) WHERE passages > 0;
"""

# Hides the articles that are gone: a temporary name comes before that of the file's table.
_WITHOUT_GONE = """
CREATE TEMP TABLE gone (article INTEGER PRIMARY KEY) STRICT;
CREATE TEMP VIEW articles AS
    SELECT * FROM main.articles WHERE row NOT IN (SELECT article FROM gone);
"""
ARTICLE_COLUMNS = "id, path, text, title, file_hash, date, language, source, url, author"


def open_read_only(path: Path, gone: Sequence[int] = ()) -> sqlite3.Connection:
    """A connection that cannot write; one thread at a time may use it.

    Articles whose rows are ``gone`` are not among its ``articles``.
    """
    # as_uri escapes what a file name may hold; immutable keeps SQLite from making
    # lock files beside a segment.
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(uri, uri=True, check_same_thread=False)
    try:
        # Temporary tables too: what is open to be read cannot be written.
        database.execute("PRAGMA temp_store = MEMORY")
        readings.provide(database)
        if gone:
            database.executescript(_WITHOUT_GONE)
            database.executemany("INSERT INTO gone VALUES (?)", ((row,) for row in gone))
            database.commit()
    except sqlite3.Error:
        database.close()
        raise
    return database


class Catalogue:
    """A segment's catalogue, open to read. Safe to use from several threads.

    Of what it holds the rows of articles in ``gone`` are not told of.

    Who reads has a connection alone, and as many are open as ever read at once: the file
    never changes, so none waits for another.
    """

    def __init__(self, folder: Path, gone: Sequence[int] = ()) -> None:
        """Open the catalogue in ``folder``; raises IndexDamagedError."""
        self.folder = folder
        self._gone = tuple(gone)
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._closed = False
        try:
            self._idle.put(open_read_only(folder / CATALOGUE, self._gone))
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
            return open_read_only(self.folder / CATALOGUE, self._gone)
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


def read_versions(database: sqlite3.Connection, article_id: str) -> Iterator[Version]:
    """The texts that an article had before, oldest first."""
    for text, replaced_at in database.execute(
        "SELECT text, replaced_at FROM versions WHERE article_id = ? ORDER BY number",
        (article_id,),
    ):
        yield Version(text, datetime.datetime.fromisoformat(replaced_at))
