"""Writing a segment: everything into a folder of its own, its description last."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from rag.files import written_hashes
from rag.index.catalogue import CATALOGUE, SCHEMA, insert_article, select_article
from rag.index.engine import EngineWriter, Merged, Written
from rag.index.half_floats import HALF
from rag.index.known_vectors import KEY_ORDER, SENTENCE_KEY_ORDER, write_order
from rag.index.reprint_bands import FILES as BAND_FILES
from rag.index.reprint_bands import FILES_FROM, Bands
from rag.index.row_files import (
    KEY_BYTES,
    KEYS,
    SENTENCE_KEYS,
    SENTENCE_VECTORS,
    VECTORS,
    RowFile,
    mapped_rows,
)
from rag.index.segments import SegmentManifest
from rag.language.analysis import terms
from rag.language.near_duplicates import Signature
from rag.progress import Progress
from rag.types import Article, Passage, Sentence

_FILES = (
    *(CATALOGUE, VECTORS, SENTENCE_VECTORS, KEYS, SENTENCE_KEYS),
    *(KEY_ORDER, SENTENCE_KEY_ORDER),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An article of a new segment with its spans, and where their rows are."""

    article: Article
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]
    first_passage: int
    first_sentence: int


@dataclass(frozen=True, slots=True)
class SegmentRows:
    """The row files of a new segment: vectors and keys of its passages and sentences."""

    passages: RowFile
    sentences: RowFile
    passage_keys: RowFile
    sentence_keys: RowFile

    def close(self) -> None:
        """Finish the files."""
        for file in (self.passages, self.sentences, self.passage_keys, self.sentence_keys):
            file.close()


class NewSegment:
    """A segment that is being written; nobody sees it before a generation names it.

    Whatever goes wrong, its folder is deleted.
    """

    def __init__(self, folder: Path, engine: EngineWriter) -> None:
        self.folder = folder
        self.passages = 0
        self.sentences = 0
        self._engine = engine
        folder.mkdir(parents=True)
        # As an address, so that others can be attached that cannot be written.
        address = (folder / CATALOGUE).resolve().as_uri()
        self.database = sqlite3.connect(address, isolation_level=None, uri=True)
        # The file is flushed once, at the end; until then a kill may take it all.
        self.database.execute("PRAGMA synchronous = OFF")
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.executescript(SCHEMA)
        self._engine.begin(self.database)
        self.database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.database.close()
        if error is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def add(
        self, article: Article, sentences: tuple[Sentence, ...], passages: tuple[Passage, ...]
    ) -> None:
        """Add an article; ``passages`` are runs of ``sentences``."""
        row = insert_article(self.database, article)
        place_of = {sentence.start: place for place, sentence in enumerate(sentences)}
        runs = [
            (row, place, place_of[one.sentences[0].start], place_of[one.sentences[-1].start])
            for place, one in enumerate(passages)
        ]
        self.database.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?)",
            [(row, place, one.start, one.end) for place, one in enumerate(sentences)],
        )
        self.database.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", runs)
        self._engine.add(self.database, row, _documents(article, passages))
        # Negative until it is known where the rows will be.
        self.database.execute(
            "INSERT INTO places VALUES (?, -1, ?, -1, ?)", (row, len(passages), len(sentences))
        )

    def place(self) -> None:
        """Give every passage and sentence its row: by the articles' paths.

        So, of equals, the order of numbers is that of paths.
        """
        placed: list[tuple[int, int, int]] = []
        first_passage = first_sentence = 0
        for row, passages, sentences in self.database.execute(
            "SELECT article, passages, sentences FROM articles JOIN places ON article = row"
            " ORDER BY path"
        ).fetchall():
            placed.append((first_passage, first_sentence, row))
            first_passage += passages
            first_sentence += sentences
        self.database.executemany(
            "UPDATE places SET first_passage = ?, first_sentence = ? WHERE article = ?", placed
        )
        self.passages, self.sentences = first_passage, first_sentence

    def articles(self) -> Iterator[Placed]:
        """Its articles, in the order of their rows, read one at a time."""
        rows = self.database.execute("SELECT row FROM articles ORDER BY path").fetchall()
        for (row,) in rows:
            article = select_article(self.database, "row", row)
            assert article is not None
            sentences, passages = self._spans(row, article.id)
            first_passage, first_sentence = self.database.execute(
                "SELECT first_passage, first_sentence FROM places WHERE article = ?", (row,)
            ).fetchone()
            yield Placed(article, passages, sentences, first_passage, first_sentence)

    def open_rows(self, dimension: int) -> SegmentRows:
        """Row files of the size that is needed, to be filled."""

        def opened(name: str, count: int, width: int, dtype: npt.DTypeLike) -> RowFile:
            return RowFile(self.folder / name, count, width, dtype)

        return SegmentRows(
            opened(VECTORS, self.passages, dimension, HALF),
            opened(SENTENCE_VECTORS, self.sentences, dimension, HALF),
            opened(KEYS, self.passages, KEY_BYTES, np.uint8),
            opened(SENTENCE_KEYS, self.sentences, KEY_BYTES, np.uint8),
        )

    def finish(
        self,
        dimension: int,
        signatures: dict[int, Signature],
        progress: Progress,
        merged: tuple[Merged, ...] = (),
    ) -> SegmentManifest:
        """Write what is left but for the description, and return what that is to say.

        ``signatures`` are of the article in each row, ``merged`` the segments that it takes
        over.
        """
        names = [*_FILES]
        write_order(self.folder / KEYS, self.folder / KEY_ORDER)
        write_order(self.folder / SENTENCE_KEYS, self.folder / SENTENCE_KEY_ORDER)
        if len(signatures) >= FILES_FROM:
            Bands.of(signatures).write(self.folder)
            names += BAND_FILES
        written = Written(
            folder=self.folder,
            vectors=mapped_rows(self.folder / VECTORS, (self.passages, dimension), HALF),
            sentence_vectors=mapped_rows(
                self.folder / SENTENCE_VECTORS, (self.sentences, dimension), HALF
            ),
            merged=merged,
        )
        manifest = SegmentManifest(
            segment=self.folder.name,
            dimension=dimension,
            articles=len(signatures),
            passages=self.passages,
            sentences=self.sentences,
            engine=self._engine.name,
            files={},
        )
        manifest = self._engine.complete(self.database, written, manifest, progress)
        self.database.execute("COMMIT")
        self.database.close()
        hashes = written_hashes(self.folder, (*names, *self._engine.files))
        return manifest.model_copy(update={"files": hashes})

    def _spans(
        self, row: int, article_id: str
    ) -> tuple[tuple[Sentence, ...], tuple[Passage, ...]]:
        sentences = tuple(
            Sentence(start, end)
            for start, end in self.database.execute(
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
            for first, last in self.database.execute(
                "SELECT first, last FROM passages WHERE article = ? ORDER BY place", (row,)
            )
        )
        return sentences, passages


def _documents(article: Article, passages: tuple[Passage, ...]) -> Iterator[list[str]]:
    """What is matched by words of each passage: title and body alike."""
    title = terms(article.title)
    for passage in passages:
        yield [*title, *terms(article.text[passage.start : passage.end])]
