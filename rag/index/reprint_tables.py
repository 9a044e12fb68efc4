"""The catalogue's tables of reprints: signatures, pairs, and the stories they make up."""

from __future__ import annotations

import sqlite3

import numpy as np

from rag.language.near_duplicates import Signature, find_reprints, group, sign

SCHEMA = """
CREATE TABLE signatures (article_id TEXT PRIMARY KEY, signature BLOB NOT NULL) STRICT;
CREATE TABLE reprints (
    one TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other)
) STRICT;
-- An article that is nowhere reprinted has no row.
CREATE TABLE stories (article_id TEXT PRIMARY KEY, story TEXT NOT NULL) STRICT;
CREATE INDEX articles_of_story ON stories (story);
"""
# Signed like an article; another signature than last time tells that signing has changed.
_PROBE = "Sans un autre moyen de savoir si les signatures se comparent, en signer une."


def write_stories(database: sqlite3.Connection, previous: sqlite3.Connection | None) -> None:
    """Find the reprints among the articles that ``database`` holds already.

    What ``previous``, the catalogue before, knows of them is taken over; only the other
    articles are signed and compared. Texts are read one at a time.
    """
    articles = [row[0] for row in database.execute("SELECT id FROM articles ORDER BY id")]
    known = _known_signatures(previous)
    kept = {one: known[one] for one in articles if one in known}

    def text_of(article_id: str) -> str:
        query = "SELECT text FROM articles WHERE id = ?"
        return str(database.execute(query, (article_id,)).fetchone()[0])

    new = {one: sign(text_of(one)) for one in articles if one not in kept}
    pairs = find_reprints(kept | new, frozenset(new), text_of)
    if previous is not None and kept:
        rows = previous.execute("SELECT one, other FROM reprints")
        pairs += [(one, other) for one, other in rows if one in kept and other in kept]
    _write(database, {"": sign(_PROBE)} | kept | new, pairs)


def _known_signatures(previous: sqlite3.Connection | None) -> dict[str, Signature]:
    if previous is None:
        return {}
    rows = previous.execute("SELECT article_id, signature FROM signatures")
    known = {one: np.frombuffer(stored, "<u4") for one, stored in rows}
    probe = known.pop("", None)
    return known if probe is not None and np.array_equal(probe, sign(_PROBE)) else {}


def _write(
    database: sqlite3.Connection,
    signatures: dict[str, Signature],
    pairs: list[tuple[str, str]],
) -> None:
    for table in ("signatures", "reprints", "stories"):
        database.execute(f"DELETE FROM {table}")
    database.executemany(
        "INSERT INTO signatures VALUES (?, ?)",
        [(one, signature.astype("<u4").tobytes()) for one, signature in signatures.items()],
    )
    database.executemany("INSERT INTO reprints VALUES (?, ?)", sorted(pairs))
    database.executemany("INSERT INTO stories VALUES (?, ?)", group(pairs).items())
