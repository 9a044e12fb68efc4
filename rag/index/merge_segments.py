"""Segments become one: what is there of them is copied, and nothing is made anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np

from rag.index.catalogue import ARTICLE_COLUMNS, CATALOGUE
from rag.index.engine import EngineWriter, Merged
from rag.index.generation_writer import write_generation, write_segment
from rag.index.generations import Manifest
from rag.index.index_reader import Index
from rag.index.open_segment import Segment
from rag.index.reprint_tables import insert_signatures, signatures_of
from rag.index.row_files import RowFile, Rows
from rag.index.segment_writer import NewSegment, SegmentRows
from rag.index.segments import segment_folder
from rag.language.near_duplicates import Signature
from rag.progress import Progress

# Copied with the article that they belong to, whose row is another then.
_OF_ROWS = {
    "sentences": "article + :moved, place, start, end",
    "passages": "article + :moved, place, first, last",
    "readings": "article + :moved, reading",
}


def merge(
    opened: Index,
    chosen: Sequence[Segment],
    name: str,
    engine: EngineWriter,
    progress: Progress,
) -> Manifest:
    """Write a generation like ``opened`` with one segment in the place of those ``chosen``.

    It is called ``name``, and nobody sees it before the switch. The cost grows with what is
    merged. Raises OSError, sqlite3.Error and EngineError.
    """
    index = opened.folder.parent
    by_size = sorted(chosen, key=lambda one: -one.passages)
    with NewSegment(segment_folder(index, name), engine) as new:
        signatures = _copy_articles(new, by_size)
        new.place()
        moves = list(_moves(new.database, by_size))
        _copy_rows(new.open_rows(opened.manifest.dimension), moves)
        merged = tuple(_merged(segment, passages) for segment, passages, _ in moves)
        written = new.finish(opened.manifest.dimension, signatures, progress, merged)
        one_segment = write_segment(new.folder, written)
    of_name = {one.name: one for one in opened.manifest.segments}
    staying = [one for one in opened.segments if one not in chosen]
    named = [of_name[one.folder.name] for one in staying]
    manifest = opened.manifest.model_copy(
        update={"generation": name, "segments": (*named, one_segment)}
    )
    gone = [one.gone for one in staying]
    folder = index / name
    return write_generation(
        folder, manifest, [*gone, np.empty(0, np.uint32)], opened.articles.broken()
    )


def _copy_articles(new: NewSegment, segments: Sequence[Segment]) -> dict[int, Signature]:
    """Copy the articles that are there; tell the signature of the one in each row."""
    signatures: dict[str, Signature] = {}
    for segment, moved in _rows_before(segments):
        _copy_catalogue(new.database, segment, moved)
        signatures |= signatures_of(segment)
    insert_signatures(new.database, signatures)
    found = new.database.execute("SELECT row, id FROM articles").fetchall()
    return {row: signatures[article_id] for row, article_id in found}


def _copy_catalogue(database: sqlite3.Connection, segment: Segment, moved: int) -> None:
    database.execute("COMMIT")
    uri = f"{(segment.folder / CATALOGUE).resolve().as_uri()}?mode=ro&immutable=1"
    database.execute("ATTACH ? AS other", (uri,))
    database.execute("BEGIN")
    values = {"moved": moved, "gone": json.dumps(segment.gone.tolist())}
    without = "NOT IN (SELECT value FROM json_each(:gone))"
    database.execute(
        f"INSERT INTO articles (row, {ARTICLE_COLUMNS}) SELECT row + :moved, {ARTICLE_COLUMNS}"
        f" FROM other.articles WHERE row {without}",
        values,
    )
    for table, columns in _OF_ROWS.items():
        database.execute(
            f"INSERT INTO {table} SELECT {columns} FROM other.{table} WHERE article {without}",
            values,
        )
    database.execute(
        "INSERT INTO places SELECT article + :moved, -1, passages, -1, sentences"
        f" FROM other.places WHERE article {without}",
        values,
    )
    database.execute("INSERT OR IGNORE INTO reprints SELECT one, other FROM other.reprints")
    database.execute(
        "INSERT INTO versions SELECT article_id, number, text, replaced_at FROM other.versions"
        f" WHERE article_id IN (SELECT id FROM other.articles WHERE row {without})",
        values,
    )
    database.execute("COMMIT")
    database.execute("DETACH other")
    database.execute("BEGIN")


def _rows_before(segments: Sequence[Segment]) -> Iterator[tuple[Segment, int]]:
    """Each segment with what is added to its articles' rows, so that none is given twice."""
    moved = 0
    for segment in segments:
        yield segment, moved
        ((last,),) = segment.catalogue.rows("SELECT max(row) FROM main.articles")
        moved += last or 0


_Move = tuple[int, int, int]
# Of a segment's passages, and of its sentences.
_Moves = tuple[Segment, list[_Move], list[_Move]]


def _moves(database: sqlite3.Connection, segments: Sequence[Segment]) -> Iterator[_Moves]:
    """Where each segment's passages and sentences are now: (from, to, count) each."""
    now = {
        row: (passage, sentence)
        for row, passage, sentence in database.execute(
            "SELECT article, first_passage, first_sentence FROM places"
        )
    }
    for segment, moved in _rows_before(segments):
        passages: list[_Move] = []
        sentences: list[_Move] = []
        for row, was_passage, passage_count, was_sentence, sentence_count in segment.places():
            passage, sentence = now[row + moved]
            passages.append((was_passage, passage, passage_count))
            sentences.append((was_sentence, sentence, sentence_count))
        yield segment, _joined(passages), _joined(sentences)


def _copy_rows(rows: SegmentRows, moves: Sequence[_Moves]) -> None:
    try:
        for segment, passages, sentences in moves:
            held = segment.rows
            _copy_moves(rows.passages, held.passages, passages)
            _copy_moves(rows.passage_keys, held.passage_keys, passages)
            _copy_moves(rows.sentences, held.sentences, sentences)
            _copy_moves(rows.sentence_keys, held.sentence_keys, sentences)
    finally:
        rows.close()


def _copy_moves(file: RowFile, source: Rows, moves: list[_Move]) -> None:
    for begin, first, count in moves:
        file.copy(first, source, begin, count)


def _merged(segment: Segment, passages: list[_Move]) -> Merged:
    numbers = np.full(segment.manifest.passages, -1, np.int64)
    for begin, first, count in passages:
        numbers[begin : begin + count] = np.arange(first, first + count)
    return Merged(segment.folder, segment.manifest, numbers)


def _joined(moves: list[_Move]) -> list[_Move]:
    """Neighbours that stay neighbours become one move."""
    joined: list[_Move] = []
    for begin, first, count in sorted(moves):
        if joined:
            was_begin, was_first, was_count = joined[-1]
            if (begin, first) == (was_begin + was_count, was_first + was_count):
                joined[-1] = (was_begin, was_first, was_count + count)
                continue
        joined.append((begin, first, count))
    return joined
