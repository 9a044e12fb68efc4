"""Reading one generation: articles, passages, words and vectors. Never writes."""

from __future__ import annotations

import datetime
import functools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import EngineError, IndexDamagedError, IndexMismatchError
from rag.files import file_hashes
from rag.index.article_list import ArticleLine, article_line
from rag.index.catalogue import CATALOGUE, Catalogue, select_article, where_filters
from rag.index.choose_engine import engine_name, open_engine
from rag.index.engine import Engine, Scored, Selection
from rag.index.former_texts import read_versions
from rag.index.generations import (
    Manifest,
    current_name,
    damaged,
    read_manifest,
    require_current,
)
from rag.index.index_writer import KEY_BYTES, KEYS, SENTENCE_KEYS, SENTENCE_VECTORS, VECTORS
from rag.index.row_files import RowReader, Rows, mapped_rows
from rag.problems import Problem
from rag.types import (
    Article,
    BrokenFile,
    Filters,
    Overview,
    Passage,
    Sentence,
    Version,
)

Vectors = npt.NDArray[np.float32]

_EVERY_PLACE = 1 << 62

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage with its place in the index.

    ``first_sentence`` is the row of its first sentence's vector; the others follow.
    """

    number: int
    passage: Passage
    first_sentence: int


class Index:
    """One generation, open. Safe to use from several threads."""

    def __init__(self, folder: Path, uri: str = "", *, to_take_over: bool = False) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder, to_take_over=to_take_over)
        passages, sentences = self.manifest.passages, self.manifest.sentences
        self._passage_vectors: Vectors = self._load(VECTORS, self._shape(passages))
        self._sentence_vectors: Vectors = self._load(SENTENCE_VECTORS, self._shape(sentences))
        self._passage_rows = RowReader(self._passage_vectors)
        self._sentence_rows = RowReader(self._sentence_vectors)
        self._passage_keys = self._load(KEYS, (passages, KEY_BYTES))
        self._sentence_keys = self._load(SENTENCE_KEYS, (sentences, KEY_BYTES))
        self._catalogue = Catalogue(folder)
        self._engine: Engine = open_engine(
            folder, self.manifest, self._passage_vectors, self._catalogue, uri
        )
        try:
            self._check_catalogue()
        except IndexDamagedError:
            self.close()
            raise

    @classmethod
    def open_current(
        cls,
        index: Path,
        fingerprint: str | None = None,
        *,
        warm: bool = False,
        uri: str | None = None,
        to_take_over: bool = False,
    ) -> Index:
        """The generation that serves; ``warm`` reads what the first search waits for.

        One ``to_take_over`` from may be of an older format, and cannot be searched then.
        Raises IndexMissingError, IndexDamagedError, and IndexMismatchError when the
        index was made with another model than the one of ``fingerprint``, or for another
        engine than the server at ``uri`` ("" for none). Without ``uri`` there may be a
        server, which nothing can be asked of. A server that does not answer is left to
        the first search.
        """
        while True:
            name = current_name(index)
            try:
                opened = cls._opened(index, warm, uri or "", to_take_over)
                break
            except IndexDamagedError:
                # Builds may pass between reading the name and opening what it names:
                # that is deleted by now, and another serves.
                if current_name(index) == name:
                    raise
        made_with = opened.manifest.fingerprint
        if fingerprint is not None and made_with != fingerprint:
            opened.close()
            raise IndexMismatchError(
                f"the index in {index} was made with {made_with}, the settings say "
                f"{fingerprint}; make it again with: rag build --index {index}"
            )
        engine = opened.manifest.engine
        if uri is not None and engine is not engine_name(uri):
            opened.close()
            raise IndexMismatchError(
                f"the index in {index} was made for the engine '{engine}', the settings ask "
                f"for '{engine_name(uri)}'; make it again with: rag build --index {index}; "
                "nothing is embedded a second time"
            )
        return opened

    @classmethod
    def _opened(cls, index: Path, warm: bool, uri: str, to_take_over: bool) -> Index:
        opened = cls(require_current(index), uri, to_take_over=to_take_over)
        try:
            if warm:
                opened.warm_up()
        except EngineError as error:
            logger.warning("%s", error)
        except IndexDamagedError:
            opened.close()
            raise
        return opened

    def close(self) -> None:
        """Let go of the database and of the engine."""
        self._engine.close()
        self._catalogue.close()

    def warm_up(self) -> None:
        """Read what the first search would wait for."""
        if self.manifest.passages:
            self._engine.warm_up()

    def article(self, article_id: str) -> Article:
        """The article with that id; IndexDamagedError when there is none."""
        article = self._select("id", article_id)
        if article is None:
            raise damaged(self.folder, f"there is no article {article_id!r}")
        return article

    def articles(self) -> Iterator[Article]:
        """Every article, by path."""
        for (article_id,) in self._rows("SELECT id FROM articles ORDER BY path"):
            yield self.article(article_id)

    def newest(self, count: int, filters: Filters = Filters()) -> list[Article]:
        """The ``count`` articles of the latest dates that pass ``filters``, latest first."""
        where, values = where_filters(filters)
        rows = self._rows(
            f"SELECT id FROM articles {where} ORDER BY date DESC, path LIMIT ?",
            *values,
            count,
        )
        return [self.article(article_id) for (article_id,) in rows]

    @functools.cached_property
    def lines(self) -> tuple[ArticleLine, ...]:
        """Every article without its text; kept in memory from the first use on."""
        rows = self._rows("SELECT id, path, title, date, source, length(text) FROM articles")
        return tuple(article_line(*row) for row in rows)

    def file_hashes(self) -> dict[str, str]:
        """The hash of every article's file, by path."""
        return dict(self._rows("SELECT path, file_hash FROM articles"))

    def broken(self) -> tuple[tuple[BrokenFile, str | None], ...]:
        """The files that were left out, each with its hash where it could be read."""
        rows = self._rows("SELECT path, reason, file_hash FROM broken ORDER BY path")
        return tuple(
            (BrokenFile(path, Problem.read(kept)), found) for path, kept, found in rows
        )

    def story_of(self, article_id: str) -> str | None:
        """The story that an article prints like others do, None when none does."""
        rows = self._rows("SELECT story FROM stories WHERE article_id = ?", article_id)
        return str(rows[0][0]) if rows else None

    def stories(self) -> dict[str, list[str]]:
        """The ids of the articles of every story that several print."""
        found: dict[str, list[str]] = {}
        for story, one in self._rows("SELECT story, article_id FROM stories ORDER BY 1, 2"):
            found.setdefault(story, []).append(one)
        return found

    def reprints_of(self, article_id: str) -> tuple[str, ...]:
        """The ids of the other articles that print the same story."""
        rows = self._rows(
            "SELECT other.article_id FROM stories AS own JOIN stories AS other"
            " ON other.story = own.story AND other.article_id <> own.article_id"
            " WHERE own.article_id = ? ORDER BY 1",
            article_id,
        )
        return tuple(other for (other,) in rows)

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """The texts that an article had before this one, oldest first."""
        return self._catalogue.read(lambda database: tuple(read_versions(database, article_id)))

    def article_by_path(self, path: str) -> Article | None:
        """The article read from ``path``, if any."""
        return self._select("path", path)

    def count_corrected(self) -> int:
        """How many articles had another text before."""
        return int(self._rows("SELECT count(DISTINCT article_id) FROM versions")[0][0])

    def articles_holding(self, words: str) -> Iterator[Article]:
        """The articles whose text holds ``words`` exactly, by path. Reads all texts."""
        query = "SELECT id FROM articles WHERE instr(text, ?) > 0 ORDER BY path"
        for (article_id,) in self._rows(query, words):
            yield self.article(article_id)

    def passages(self, numbers: Sequence[int]) -> dict[int, Stored]:
        """The passages with those numbers."""
        found = {}
        for number in numbers:
            rows = self._rows(
                "SELECT id, article, number, first, last, first_sentence FROM ("
                " SELECT article, first_sentence, ?1 - first_passage AS number FROM places"
                " WHERE first_passage <= ?1 AND passages > 0"
                " ORDER BY first_passage DESC LIMIT 1"
                ") JOIN passages USING (article) JOIN articles ON row = article"
                " WHERE place = number",
                number,
            )
            if not rows:
                raise damaged(self.folder, f"there is no passage {number}")
            article_id, row, _, first, last, first_sentence = rows[0]
            sentences = self._sentences(row, first, last)
            if len(sentences) != last - first + 1:
                raise damaged(self.folder, f"passage {number} lacks sentences")
            found[number] = _stored(number, article_id, sentences, first_sentence + first)
        return found

    def every_passage(self) -> Iterator[Stored]:
        """All passages, by article."""
        for (article_id,) in self._rows("SELECT id FROM articles ORDER BY path"):
            yield from self.passages_of(article_id)

    def passages_of(self, article_id: str) -> tuple[Stored, ...]:
        """An article's passages, in order."""
        place = self._place(article_id)
        if place is None:
            return ()
        row, first_passage, first_sentence = place
        sentences = self._sentences(row)
        rows = self._rows(
            "SELECT place, first, last FROM passages WHERE article = ? ORDER BY place", row
        )
        if any(last >= len(sentences) for _, _, last in rows):
            raise damaged(self.folder, f"article {article_id!r} lacks sentences")
        return tuple(
            _stored(
                first_passage + place,
                article_id,
                sentences[first : last + 1],
                first_sentence + first,
            )
            for place, first, last in rows
        )

    def sentence_rows(self, article_id: str) -> list[tuple[Sentence, bytes]]:
        """An article's sentences with their vectors' keys, in order."""
        place = self._place(article_id)
        if place is None:
            return []
        row, _, first = place
        sentences = self._sentences(row)
        keys = self._sentence_keys[first : first + len(sentences)]
        return [(one, key.tobytes()) for one, key in zip(sentences, keys, strict=True)]

    def sentences_with_vectors(self, article_id: str) -> tuple[tuple[Sentence, ...], Vectors]:
        """An article's sentences, in order, with a row of vectors each."""
        place = self._place(article_id)
        if place is None:
            return (), self._sentence_vectors[:0]
        row, _, first = place
        sentences = self._sentences(row)
        return sentences, self.sentence_vectors_at(first, len(sentences))

    def sentence_before(self, article_id: str, start: int) -> Sentence | None:
        """The sentence just before the one that starts at ``start``."""
        rows = self._rows(
            "SELECT start, end FROM sentences JOIN articles ON row = article"
            " WHERE id = ? AND start < ? ORDER BY place DESC LIMIT 1",
            article_id,
            start,
        )
        return Sentence(*rows[0]) if rows else None

    def places(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Every article's row with its first passage, their count, and its sentences'."""
        yield from self._rows(
            "SELECT article, first_passage, passages, first_sentence, sentences FROM places"
        )

    @property
    def passage_keys(self) -> Rows:
        """The keys of the passages' vectors, bytes of shape (passages, 32), mapped."""
        return self._passage_keys

    @property
    def sentence_keys(self) -> Rows:
        """The keys of the sentences' vectors, bytes of shape (sentences, 32), mapped."""
        return self._sentence_keys

    @property
    def passage_vectors(self) -> Vectors:
        """Unit vectors, shape (passages, dimension), mapped from disk."""
        return self._passage_vectors

    @property
    def sentence_vectors(self) -> Vectors:
        """Unit vectors, shape (sentences, dimension), mapped from disk."""
        return self._sentence_vectors

    def passage_vector(self, number: int) -> Vectors:
        """The unit vector of a passage, shape (dimension,), read for itself."""
        vector: Vectors = self._passage_rows.read(number, 1)[0]
        return vector

    def sentence_vectors_at(self, first: int, count: int) -> Vectors:
        """Unit vectors of sentences, shape (count, dimension), read for themselves."""
        return self._sentence_rows.read(first, count)

    def select(self, filters: Filters) -> Selection | None:
        """The passages that pass ``filters``, for a search; None when all do."""
        return Selection(filters, self._catalogue) if filters else None

    def nearest(
        self, question: Vectors, count: int, selection: Selection | None
    ) -> list[Scored]:
        """The ``count`` passages with the highest cosine, best first, as `Engine` says."""
        if not self.manifest.passages:
            return []
        return self._engine.nearest(question, count, selection)

    def matching(
        self, query_terms: Sequence[str], count: int, selection: Selection | None
    ) -> list[Scored]:
        """The ``count`` passages with the highest BM25 score, as `Engine` says."""
        if not self.manifest.passages or not query_terms:
            return []
        return self._engine.matching(query_terms, count, selection)

    def document_frequency(self, term: str) -> int:
        """In how many passages a term occurs."""
        return self._engine.document_frequency(term)

    def has_year(self, year: int) -> bool:
        """Whether an article is dated in ``year``."""
        return bool(
            self._rows(
                "SELECT 1 FROM articles WHERE date BETWEEN ? AND ? LIMIT 1",
                f"{year:04}-01-01",
                f"{year:04}-12-31",
            )
        )

    def dates(self) -> tuple[datetime.date | None, datetime.date | None]:
        """The first and the last date of the articles."""
        first, last = self._rows("SELECT min(date), max(date) FROM articles")[0]
        return (
            datetime.date.fromisoformat(first) if first else None,
            datetime.date.fromisoformat(last) if last else None,
        )

    def overview(self) -> Overview:
        """What the index holds."""
        return self._overview

    @functools.cached_property
    def _overview(self) -> Overview:
        first, last = self.dates()
        return Overview(
            generation=self.manifest.generation,
            built_at=self.manifest.built_at,
            model=self.manifest.model,
            articles=self.manifest.articles,
            passages=self.manifest.passages,
            sentences=self.manifest.sentences,
            first_date=first,
            last_date=last,
            languages=self._counts("language"),
            sources=self._counts("source"),
            broken=tuple(file for file, _ in self.broken()),
            engine=self.manifest.engine.value,
            collection=self.manifest.collection,
        )

    def size_on_disk(self) -> int:
        """Bytes of the generation's files."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def check_files(self) -> Iterator[str]:
        """What is wrong with the generation's files, a line each. Reads all of them."""
        for name, found in file_hashes(self.folder, self.manifest.files).items():
            expected = self.manifest.files[name]
            if isinstance(found, OSError):
                yield f"{name} cannot be read ({found.strerror})"
            elif found != expected:
                yield f"{name} has sha256 {found[:12]}…, the manifest says {expected[:12]}…"

    def check_engine(self) -> Iterator[str]:
        """What the engine holds otherwise than the generation, a line each."""
        yield from self._engine.problems()

    def _counts(self, column: str) -> tuple[tuple[str, int], ...]:
        rows = self._rows(
            f"SELECT {column}, count(*) FROM articles WHERE {column} IS NOT NULL"
            f" GROUP BY {column} ORDER BY count(*) DESC, {column}"
        )
        return tuple((name, count) for name, count in rows)

    def _place(self, article_id: str) -> tuple[int, int, int] | None:
        """An article's row, first passage and first sentence; None when it is unknown."""
        rows = self._rows(
            "SELECT article, first_passage, first_sentence FROM places"
            " JOIN articles ON row = article WHERE id = ?",
            article_id,
        )
        if not rows:
            return None
        row, first_passage, first_sentence = rows[0]
        return row, first_passage, first_sentence

    def _sentences(
        self, row: int, first: int = 0, last: int | None = None
    ) -> tuple[Sentence, ...]:
        """The sentences first to last, both included, of the article in ``row``."""
        rows = self._rows(
            "SELECT start, end FROM sentences WHERE article = ? AND place BETWEEN ? AND ?"
            " ORDER BY place",
            row,
            first,
            _EVERY_PLACE if last is None else last,
        )
        return tuple(Sentence(start, end) for start, end in rows)

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._catalogue.rows(query, *values)

    def _select(self, column: str, value: str) -> Article | None:
        return self._catalogue.read(lambda database: select_article(database, column, value))

    def _load(self, name: str, shape: tuple[int, int]) -> Rows:
        try:
            return mapped_rows(self.folder / name, shape)
        except IndexDamagedError as error:
            raise damaged(self.folder, str(error)) from error

    def _shape(self, rows: int) -> tuple[int, int]:
        return rows, self.manifest.dimension

    def _check_catalogue(self) -> None:
        """Compare the counts; that also finds a file that was cut off."""
        passages, sentences = self._rows(
            "SELECT total(passages), total(sentences) FROM places"
        )[0]
        for table, found, expected in (
            ("sentences", sentences, self.manifest.sentences),
            ("passages", passages, self.manifest.passages),
        ):
            if found != expected:
                raise damaged(
                    self.folder, f"{CATALOGUE} has {found:.0f} {table}, expected {expected}"
                )


def _stored(
    number: int, article_id: str, sentences: tuple[Sentence, ...], first_sentence: int
) -> Stored:
    passage = Passage(article_id, sentences[0].start, sentences[-1].end, sentences)
    return Stored(number, passage, first_sentence)
