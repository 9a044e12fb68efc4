"""The catalogue's table of corrections: the texts that articles had before."""

from __future__ import annotations

import datetime
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag.language.analysis import terms
from rag.types import Version

SCHEMA = """
-- The lower the number, the older the text.
CREATE TABLE versions (
    article_id TEXT NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL,
    replaced_at TEXT NOT NULL, PRIMARY KEY (article_id, number)
) STRICT;
"""
# Of an article that changes daily, so many former texts are kept.
KEPT_VERSIONS = 5
# A corrected text keeps most of its words; two of one column share the usual ones.
_ALIKE = 0.4


@dataclass(frozen=True, slots=True)
class _Row:
    """What tells an article before and after apart, without its text."""

    id: str
    path: str
    url: str | None
    file_hash: str
    date: str | None


def write_versions(
    database: sqlite3.Connection,
    previous: sqlite3.Connection,
    replaced_at: datetime.datetime,
) -> None:
    """Keep what the articles of ``database`` said in ``previous``, the catalogue before.

    An article continues the one at its path, unless both have addresses that differ or one
    file holds both and they are not alike, else one that is no longer there and has its
    address or its text. The last KEPT_VERSIONS
    texts are kept; another reading of an unchanged file makes none.
    """
    database.execute("DELETE FROM versions")
    before = {row.path: row for row in _rows(previous)}
    now = list(_rows(database))
    continued = {
        row.path: before[row.path]
        for row in now
        if row.path in before and not _is_another(row, before[row.path], database, previous)
    }
    gone = _Gone([row for path, row in before.items() if path not in continued], previous)
    for row in now:
        old = continued.get(row.path) or gone.continued_by(row, database)
        if old is None:
            continue
        history = list(read_versions(previous, old.id))
        if row.file_hash != old.file_hash:
            text = _text(previous, old.id)
            if text != _text(database, row.id):
                history.append(Version(text, replaced_at))
        _insert(database, row.id, history[-KEPT_VERSIONS:])


def read_versions(database: sqlite3.Connection, article_id: str) -> Iterator[Version]:
    """The texts that an article had before, oldest first."""
    for text, replaced_at in database.execute(
        "SELECT text, replaced_at FROM versions WHERE article_id = ? ORDER BY number",
        (article_id,),
    ):
        yield Version(text, datetime.datetime.fromisoformat(replaced_at))


def _rows(database: sqlite3.Connection) -> Iterator[_Row]:
    for row in database.execute(
        "SELECT id, path, url, file_hash, date FROM articles ORDER BY path"
    ):
        yield _Row(*row)


def _is_another(
    row: _Row, old: _Row, database: sqlite3.Connection, previous: sqlite3.Connection
) -> bool:
    """Whether an article only has the path of ``old``, and is not that one corrected.

    In a file of several articles a path may be no more than a title, « Météo ».
    """
    if row.url and old.url:
        return row.url != old.url
    # An id tells the text too.
    if "#" not in row.path or row.id == old.id:
        return False
    if row.date and old.date and row.date != old.date:
        return True
    return not _are_alike(_text(database, row.id), _text(previous, old.id))


def _are_alike(text: str, former: str) -> bool:
    """Whether of the words of the shorter text enough are in the longer one."""
    words, others = set(terms(text)), set(terms(former))
    fewer = min(len(words), len(others))
    return not fewer or len(words & others) >= _ALIKE * fewer


def _text(database: sqlite3.Connection, article_id: str) -> str:
    query = "SELECT text FROM articles WHERE id = ?"
    return str(database.execute(query, (article_id,)).fetchone()[0])


class _Gone:
    """Articles that are no longer at their path, to be found elsewhere."""

    def __init__(self, rows: Iterable[_Row], previous: sqlite3.Connection) -> None:
        self._by_url: dict[str, _Row] = {}
        self._by_text: dict[bytes, _Row] = {}
        for row in rows:
            if row.url:
                self._by_url[row.url] = row
            self._by_text[_digest(_text(previous, row.id))] = row

    def continued_by(self, row: _Row, database: sqlite3.Connection) -> _Row | None:
        """The one that ``row`` of ``database`` continues at another path."""
        by_url = self._by_url.get(row.url) if row.url else None
        if by_url is not None or not self._by_text:
            return by_url
        return self._by_text.get(_digest(_text(database, row.id)))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _insert(database: sqlite3.Connection, article_id: str, history: list[Version]) -> None:
    database.executemany(
        "INSERT INTO versions VALUES (?, ?, ?, ?)",
        [
            (article_id, number, version.text, version.replaced_at.isoformat())
            for number, version in enumerate(history)
        ],
    )
