"""Writing a generation: everything into a folder of its own, the manifest last."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from rag.files import file_hashes
from rag.index.carry_over import compare_articles
from rag.index.catalogue import CATALOGUE, SCHEMA, insert_article, select_article
from rag.index.engine import EngineWriter, Written
from rag.index.generations import MANIFEST, Manifest
from rag.index.half_floats import HALF
from rag.index.index_reader import Index
from rag.index.readings import SCHEMA as READINGS
from rag.index.readings import delete_reading, insert_reading
from rag.index.row_files import (
    KEY_BYTES,
    KEYS,
    SENTENCE_KEYS,
    SENTENCE_VECTORS,
    VECTORS,
    RowFile,
    mapped_rows,
)
from rag.language.analysis import terms
from rag.progress import Progress
from rag.types import Article, BrokenFile, Passage, Sentence


@dataclass(frozen=True, slots=True)
class Placed:
    """A new article of a new generation with its spans, and where their rows are."""

    article: Article
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]
    first_passage: int
    first_sentence: int


@dataclass(frozen=True, slots=True)
class GenerationRows:
    """The row files of a new generation: vectors and keys of its passages and sentences."""

    passages: RowFile
    sentences: RowFile
    passage_keys: RowFile
    sentence_keys: RowFile

    def close(self) -> None:
        """Finish the files."""
        for file in (self.passages, self.sentences, self.passage_keys, self.sentence_keys):
            file.close()


class NewGeneration:
    """A generation that is being written; nobody sees it before the switch.

    With ``base``, the generation that serves, it begins as a copy of its catalogue, and
    what is neither removed nor added keeps its vectors: only the difference costs more
    than copying. ``engine`` is that of the base. Whatever goes wrong, its folder is deleted.
    """

    def __init__(self, folder: Path, base: Index | None, engine: EngineWriter) -> None:
        self.folder = folder
        self.passages = 0
        self.sentences = 0
        self._base = base
        self._engine = engine
        folder.mkdir(parents=True)
        path = folder / CATALOGUE
        if base is not None:
            shutil.copyfile(base.folder / CATALOGUE, path)
        self._database = sqlite3.connect(path, isolation_level=None)
        # The file is flushed once, at the switch; until then a kill may take it all.
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA journal_mode = OFF")
        if base is None:
            self._database.executescript(SCHEMA)
            self._engine.begin(self._database)
        else:
            self._database.executescript(READINGS)
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()
        if error is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def remove(self, path: str) -> None:
        """Take out the article read from ``path``, if it is there."""
        found = self._database.execute(
            "SELECT row FROM articles WHERE path = ?", (path,)
        ).fetchone()
        if found is None:
            return
        (row,) = found
        for table in ("sentences", "passages", "places"):
            self._database.execute(f"DELETE FROM {table} WHERE article = ?", (row,))
        delete_reading(self._database, row)
        self._database.execute("DELETE FROM articles WHERE row = ?", (row,))

    def move(self, article: Article) -> None:
        """Note that ``article``, as it is, is in another file or stands elsewhere in it."""
        found = self._database.execute(
            "UPDATE articles SET file_hash = ? WHERE path = ? RETURNING row",
            (article.file_hash, article.path),
        ).fetchall()
        for (row,) in found:
            delete_reading(self._database, row)
            insert_reading(self._database, row, article)

    def add(
        self, article: Article, sentences: tuple[Sentence, ...], passages: tuple[Passage, ...]
    ) -> None:
        """Add an article; ``passages`` are runs of ``sentences``."""
        row = insert_article(self._database, article)
        place_of = {sentence.start: place for place, sentence in enumerate(sentences)}
        runs = [
            (row, place, place_of[one.sentences[0].start], place_of[one.sentences[-1].start])
            for place, one in enumerate(passages)
        ]
        self._database.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?)",
            [(row, place, one.start, one.end) for place, one in enumerate(sentences)],
        )
        self._database.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", runs)
        self._engine.add(self._database, row, _documents(article, passages))
        # Negative until it is known where the rows will be.
        self._database.execute(
            "INSERT INTO places VALUES (?, -1, ?, -1, ?)", (row, len(passages), len(sentences))
        )

    def note_broken(self, broken: Iterable[tuple[BrokenFile, str | None]]) -> None:
        """Keep which files were left out, and why."""
        self._database.execute("DELETE FROM broken")
        self._database.executemany(
            "INSERT INTO broken VALUES (?, ?, ?)",
            [(file.path, file.problem.keep(), found) for file, found in broken],
        )

    def place(self) -> None:
        """Give every passage and sentence its row: by the articles' paths.

        So the rows are the same however the index came about.
        """
        self._new: list[int] = []
        moved: list[tuple[int, int, int]] = []
        first_passage = first_sentence = 0
        for row, was_passage, passages, was_sentence, sentences in self._database.execute(
            "SELECT article, first_passage, passages, first_sentence, sentences"
            " FROM articles JOIN places ON article = row ORDER BY path"
        ).fetchall():
            if was_passage < 0:
                self._new.append(row)
            if (was_passage, was_sentence) != (first_passage, first_sentence):
                moved.append((first_passage, first_sentence, row))
            first_passage += passages
            first_sentence += sentences
        self._database.executemany(
            "UPDATE places SET first_passage = ?, first_sentence = ? WHERE article = ?", moved
        )
        self.passages, self.sentences = first_passage, first_sentence

    def new_articles(self) -> Iterator[Placed]:
        """The articles that were added, in the order of their rows, read one at a time."""
        for row in self._new:
            article = select_article(self._database, "row", row)
            assert article is not None
            sentences, passages = self._spans(row, article.id)
            first_passage, first_sentence = self._database.execute(
                "SELECT first_passage, first_sentence FROM places WHERE article = ?", (row,)
            ).fetchone()
            yield Placed(article, passages, sentences, first_passage, first_sentence)

    def open_rows(self, dimension: int) -> GenerationRows:
        """Row files of the size that is needed, with what the base holds copied in."""

        def opened(name: str, count: int, width: int, dtype: npt.DTypeLike) -> RowFile:
            return RowFile(self.folder / name, count, width, dtype)

        rows = GenerationRows(
            opened(VECTORS, self.passages, dimension, HALF),
            opened(SENTENCE_VECTORS, self.sentences, dimension, HALF),
            opened(KEYS, self.passages, KEY_BYTES, np.uint8),
            opened(SENTENCE_KEYS, self.sentences, KEY_BYTES, np.uint8),
        )
        if self._base is not None:
            passages, sentences = self._moves(self._base)
            _copy(rows.passages, self._base.rows.passages, passages)
            _copy(rows.passage_keys, self._base.rows.passage_keys, passages)
            _copy(rows.sentences, self._base.rows.sentences, sentences)
            _copy(rows.sentence_keys, self._base.rows.sentence_keys, sentences)
        return rows

    def finish(self, manifest: Manifest, previous: Path | None, progress: Progress) -> Manifest:
        """Write what is left, the manifest last, and return it as it was completed.

        What is known of reprints and former texts is taken over from the folder of the
        ``previous`` generation.
        """
        compare_articles(self._database, previous, manifest.built_at)
        complete = self._engine.complete(
            self._database, self._written(manifest), manifest, progress
        )
        self._database.execute("COMMIT")
        self._database.close()
        kept = (CATALOGUE, VECTORS, SENTENCE_VECTORS, KEYS, SENTENCE_KEYS)
        names = (*kept, *self._engine.files)
        hashes = file_hashes(self.folder, names)
        for found in hashes.values():
            if isinstance(found, OSError):
                raise found
        complete = complete.model_copy(update={"files": hashes})
        (self.folder / MANIFEST).write_text(
            complete.model_dump_json(indent=2) + "\n", encoding="utf-8"
        )
        return complete

    def _written(self, manifest: Manifest) -> Written:
        base, dimension = self._base, manifest.dimension
        return Written(
            folder=self.folder,
            vectors=mapped_rows(self.folder / VECTORS, (self.passages, dimension), HALF),
            sentence_vectors=mapped_rows(
                self.folder / SENTENCE_VECTORS, (self.sentences, dimension), HALF
            ),
            base=base.folder if base else None,
            base_manifest=base.manifest if base else None,
            new_row=self._new_rows(),
        )

    def _spans(
        self, row: int, article_id: str
    ) -> tuple[tuple[Sentence, ...], tuple[Passage, ...]]:
        sentences = tuple(
            Sentence(start, end)
            for start, end in self._database.execute(
                "SELECT start, end FROM sentences WHERE article = ? ORDER BY place", (row,)
            )
        )
        passages = tuple(
            Passage(
                article_id,
                sentences[first].start,
                sentences[last].end,
                sentences[first : last + 1],
            )
            for first, last in self._database.execute(
                "SELECT first, last FROM passages WHERE article = ? ORDER BY place", (row,)
            )
        )
        return sentences, passages

    def _moves(self, base: Index) -> tuple[_Moves, _Moves]:
        """Where the base's passages and sentences are now: (from, to, count) each."""
        now = {
            row: (passage, sentence)
            for row, passage, sentence in self._database.execute(
                "SELECT article, first_passage, first_sentence FROM places"
            )
        }
        new = set(self._new)
        places = base.passages.places()
        passages: list[tuple[int, int, int]] = []
        sentences: list[tuple[int, int, int]] = []
        for row, was_passage, passage_count, was_sentence, sentence_count in places:
            if row in now and row not in new:
                passages.append((was_passage, now[row][0], passage_count))
                sentences.append((was_sentence, now[row][1], sentence_count))
        self._kept_passages = _joined(passages)
        return self._kept_passages, _joined(sentences)

    def _new_rows(self) -> npt.NDArray[np.int64]:
        """The number now of each of the base's passages, -1 where it is gone."""
        if self._base is None:
            return np.empty(0, np.int64)
        new_row = np.full(self._base.manifest.passages, -1, np.int64)
        for begin, first, count in self._kept_passages:
            new_row[begin : begin + count] = np.arange(first, first + count)
        return new_row


_Moves = list[tuple[int, int, int]]


def _joined(moves: _Moves) -> _Moves:
    """Neighbours that stay neighbours become one move."""
    joined: _Moves = []
    for begin, first, count in sorted(moves):
        if joined:
            was_begin, was_first, was_count = joined[-1]
            if (begin, first) == (was_begin + was_count, was_first + was_count):
                joined[-1] = (was_begin, was_first, was_count + count)
                continue
        joined.append((begin, first, count))
    return joined


def _copy(file: RowFile, source: npt.NDArray[np.generic], moves: _Moves) -> None:
    for begin, first, count in moves:
        file.copy(first, source, begin, count)


def _documents(article: Article, passages: tuple[Passage, ...]) -> Iterator[list[str]]:
    """What is matched by words of each passage: title and body alike."""
    title = terms(article.title)
    for passage in passages:
        yield [*title, *terms(article.text[passage.start : passage.end])]
