"""Writing a generation: everything into a folder of its own, the manifest last."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.index.catalogue import CATALOGUE, INDEXES, SCHEMA, insert_article
from rag.index.comparing import compare_articles
from rag.index.generations import MANIFEST, Manifest, file_hash
from rag.language.analysis import terms
from rag.types import Article, BrokenFile, Passage, Sentence

VECTORS = "passages.npy"
SENTENCE_VECTORS = "sentences.npy"
FAISS = "passages.faiss"


@dataclass(frozen=True, slots=True)
class Entry:
    """An article with what it was split into and the keys of its vectors.

    ``passages`` are runs of ``sentences``; keys stand in the same order.
    """

    article: Article
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    sentence_keys: tuple[bytes, ...]
    passage_keys: tuple[bytes, ...]


def write_generation(
    folder: Path,
    entries: Sequence[Entry],
    broken: Iterable[tuple[BrokenFile, str | None]],
    passage_vectors: npt.NDArray[np.float32],
    sentence_vectors: npt.NDArray[np.float32],
    manifest: Manifest,
    previous: Path | None = None,
) -> None:
    """Write a complete generation into the new ``folder``.

    The vectors have a row a passage and a sentence, in the order of ``entries``. The
    cost grows with the whole index: every row and word is written anew. What is known of
    reprints and former texts is taken over from the folder of the ``previous`` one.
    """
    import faiss

    folder.mkdir(parents=True)
    _write_catalogue(folder / CATALOGUE, entries, broken, previous, manifest.built_at)
    np.save(folder / VECTORS, passage_vectors)
    np.save(folder / SENTENCE_VECTORS, sentence_vectors)
    flat = faiss.IndexFlatIP(manifest.dimension)
    flat.add(passage_vectors)
    faiss.write_index(flat, str(folder / FAISS))
    names = (CATALOGUE, VECTORS, SENTENCE_VECTORS, FAISS)
    hashes = {name: file_hash(folder / name) for name in names}
    complete = manifest.model_copy(update={"files": hashes})
    (folder / MANIFEST).write_text(complete.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _write_catalogue(
    path: Path,
    entries: Sequence[Entry],
    broken: Iterable[tuple[BrokenFile, str | None]],
    previous: Path | None,
    built_at: datetime.datetime,
) -> None:
    database = sqlite3.connect(path)
    try:
        # The file is flushed once, at the switch; until then a kill may take it all.
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(SCHEMA)
        with database:
            sentence_number = passage_number = 0
            for entry in entries:
                insert_article(database, entry.article)
                _write_passages(database, entry, sentence_number, passage_number)
                sentence_number += len(entry.sentences)
                passage_number += len(entry.passages)
            database.executemany(
                "INSERT INTO broken VALUES (?, ?, ?)",
                [(file.path, file.reason, file_hash) for file, file_hash in broken],
            )
            compare_articles(database, previous, built_at)
            database.execute("INSERT INTO words (words) VALUES ('optimize')")
        database.executescript(INDEXES)
    finally:
        database.close()


def _write_passages(
    database: sqlite3.Connection, entry: Entry, sentence_number: int, passage_number: int
) -> None:
    article = entry.article
    number_by_start = {
        sentence.start: sentence_number + place
        for place, sentence in enumerate(entry.sentences)
    }
    database.executemany(
        "INSERT INTO sentences VALUES (?, ?, ?, ?, ?)",
        [
            (number_by_start[sentence.start], article.id, sentence.start, sentence.end, key)
            for sentence, key in zip(entry.sentences, entry.sentence_keys, strict=True)
        ],
    )
    title_terms = " ".join(terms(article.title))
    for place, (passage, key) in enumerate(
        zip(entry.passages, entry.passage_keys, strict=True), passage_number
    ):
        first = number_by_start[passage.sentences[0].start]
        last = number_by_start[passage.sentences[-1].start]
        database.execute(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?)", (place, article.id, first, last, key)
        )
        body_terms = " ".join(terms(article.text[passage.start : passage.end]))
        # FTS5 counts rows from 1; row 0 would be taken for "none".
        database.execute(
            "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)",
            (place + 1, title_terms, body_terms),
        )
