"""The catalogue's table of readings: why an article's date, its places, what was left out."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from rag.types import Article
from rag.types.provenance import (
    DateFrom,
    LeftOut,
    LeftOutKind,
    Place,
    PlaceKind,
    left_out_words,
)

SCHEMA = """
-- What is known of how an article was read, as JSON; of what was left out the words alone
-- are counted. Indexes of before there were readings lack the table.
CREATE TABLE IF NOT EXISTS readings (article INTEGER PRIMARY KEY, reading TEXT NOT NULL) STRICT;
"""
# Of the article that is selected, NULL where nothing is known.
COLUMN = "(SELECT reading FROM readings WHERE article = articles.row)"


def provide(database: sqlite3.Connection) -> None:
    """Let a catalogue that lacks the table be read as if it had an empty one."""
    found = database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'readings'").fetchone()
    if found is None:
        database.executescript(SCHEMA.replace("CREATE TABLE", "CREATE TEMP TABLE"))


def insert_reading(database: sqlite3.Connection, row: int, article: Article) -> None:
    """Keep what is known of how the article in ``row`` was read, where anything is."""
    about: dict[str, Any] = {}
    if article.date_from is not None:
        about["date_from"] = article.date_from.value
    if article.places:
        about["places"] = [_kept(place) for place in article.places]
    words = left_out_words(article.left_out)
    if words:
        about["left_out"] = {kind.value: count for kind, count in words.items()}
    if about:
        kept = json.dumps(about, ensure_ascii=False, separators=(",", ":"))
        database.execute("INSERT INTO readings VALUES (?, ?)", (row, kept))


def read_reading(
    kept: str | None,
) -> tuple[DateFrom | None, tuple[Place, ...], tuple[LeftOut, ...]]:
    """What ``COLUMN`` holds, as the fields of an Article.

    A kind that only a later version knows is read as the plainest one.
    """
    about: dict[str, Any] = json.loads(kept) if kept else {}
    date_from = about.get("date_from")
    return (
        DateFrom(date_from) if date_from in set(DateFrom) else None,
        tuple(_place(*one) for one in about.get("places", ())),
        tuple(
            LeftOut(LeftOutKind(kind) if kind in set(LeftOutKind) else LeftOutKind.OTHER, "", n)
            for kind, n in about.get("left_out", {}).items()
        ),
    )


def _kept(place: Place) -> list[Any]:
    """A place's fields in order, without the empty ones at the end."""
    fields = [place.start, place.end, place.kind.value]
    more = [place.page, place.row, place.time, place.speaker]
    while more and more[-1] is None:
        more.pop()
    return [*fields, *more]


def _place(start: int, end: int, kind: str, *more: Any) -> Place:
    known = PlaceKind(kind) if kind in set(PlaceKind) else PlaceKind.PARAGRAPH
    return Place(start, end, known, *more)
