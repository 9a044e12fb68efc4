"""The articles of one generation, as its catalogue has them."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator

from rag.errors import Problem
from rag.index.article_list import ArticleLines, article_line
from rag.index.catalogue import (
    Catalogue,
    select_article,
    where_filters,
)
from rag.index.former_texts import read_versions
from rag.index.generations import Manifest, damaged
from rag.types import Article, BrokenFile, Filters, Overview, Version


class Articles:
    """Reads articles, and what is known of them. Safe to use from several threads."""

    def __init__(self, catalogue: Catalogue, manifest: Manifest) -> None:
        self._catalogue = catalogue
        self._manifest = manifest

    def read(self, article_id: str) -> Article:
        """The article with that id; IndexDamagedError when there is none."""
        article = self._select("id", article_id)
        if article is None:
            raise damaged(self._catalogue.folder, f"there is no article {article_id!r}")
        return article

    def by_path(self, path: str) -> Article | None:
        """The article read from ``path``, if any."""
        return self._select("path", path)

    def every(self) -> Iterator[Article]:
        """Every article, by path, read one at a time."""
        for (article_id,) in self._catalogue.rows("SELECT id FROM articles ORDER BY path"):
            yield self.read(article_id)

    def holding(self, words: str) -> Iterator[Article]:
        """The articles whose text holds ``words`` exactly, by path. Reads all texts."""
        query = "SELECT id FROM articles WHERE instr(text, ?) > 0 ORDER BY path"
        for (article_id,) in self._catalogue.rows(query, words):
            yield self.read(article_id)

    def newest_ids(self, count: int, filters: Filters = Filters()) -> list[str]:
        """The ``count`` articles of the latest dates that pass ``filters``, latest first."""
        where, values = where_filters(filters)
        rows = self._catalogue.rows(
            f"SELECT id FROM articles {where} ORDER BY date DESC, path LIMIT ?",
            *values,
            count,
        )
        return [article_id for (article_id,) in rows]

    @functools.cached_property
    def lines(self) -> ArticleLines:
        """Every article without its text; kept in memory from the first use on."""
        rows = self._catalogue.rows(
            "SELECT id, path, title, date, source, length(text) FROM articles"
        )
        return ArticleLines(article_line(*row) for row in rows)

    def file_hashes(self) -> dict[str, str]:
        """The hash of every article's file, by path."""
        return dict(self._catalogue.rows("SELECT path, file_hash FROM articles"))

    def hashes_by_id(self) -> dict[str, str]:
        """The hash of every article's file, by the article's id."""
        return dict(self._catalogue.rows("SELECT id, file_hash FROM articles"))

    def broken(self) -> tuple[tuple[BrokenFile, str | None], ...]:
        """The files that were left out, each with its hash where it could be read."""
        rows = self._catalogue.rows("SELECT path, reason, file_hash FROM broken ORDER BY path")
        return tuple(
            (BrokenFile(path, Problem.read(kept)), found) for path, kept, found in rows
        )

    def story_of(self, article_id: str) -> str | None:
        """The story that an article prints like others do, None when none does."""
        query = "SELECT story FROM stories WHERE article_id = ?"
        rows = self._catalogue.rows(query, article_id)
        return str(rows[0][0]) if rows else None

    def stories(self) -> dict[str, list[str]]:
        """The ids of the articles of every story that several print."""
        found: dict[str, list[str]] = {}
        query = "SELECT story, article_id FROM stories ORDER BY 1, 2"
        for story, one in self._catalogue.rows(query):
            found.setdefault(story, []).append(one)
        return found

    def reprints_of(self, article_id: str) -> tuple[str, ...]:
        """The ids of the other articles that print the same story."""
        rows = self._catalogue.rows(
            "SELECT other.article_id FROM stories AS own JOIN stories AS other"
            " ON other.story = own.story AND other.article_id <> own.article_id"
            " WHERE own.article_id = ? ORDER BY 1",
            article_id,
        )
        return tuple(other for (other,) in rows)

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """The texts that an article had before this one, oldest first."""
        return self._catalogue.read(lambda database: tuple(read_versions(database, article_id)))

    def count_corrected(self) -> int:
        """How many articles had another text before."""
        query = "SELECT count(DISTINCT article_id) FROM versions"
        return int(self._catalogue.rows(query)[0][0])

    def has_year(self, year: int) -> bool:
        """Whether an article is dated in ``year``."""
        return bool(
            self._catalogue.rows(
                "SELECT 1 FROM articles WHERE date BETWEEN ? AND ? LIMIT 1",
                f"{year:04}-01-01",
                f"{year:04}-12-31",
            )
        )

    def overview(self) -> Overview:
        """What the index holds."""
        return self._overview

    @functools.cached_property
    def _overview(self) -> Overview:
        first, last = self._catalogue.rows("SELECT min(date), max(date) FROM articles")[0]
        manifest = self._manifest
        return Overview(
            generation=manifest.generation,
            built_at=manifest.built_at,
            model=manifest.model,
            articles=manifest.articles,
            passages=manifest.passages,
            sentences=manifest.sentences,
            first_date=datetime.date.fromisoformat(first) if first else None,
            last_date=datetime.date.fromisoformat(last) if last else None,
            languages=self._counts("language"),
            sources=self._counts("source"),
            broken=tuple(file for file, _ in self.broken()),
            engine=manifest.engine.value,
            collection=manifest.collection,
        )

    def _counts(self, column: str) -> tuple[tuple[str, int], ...]:
        rows = self._catalogue.rows(
            f"SELECT {column}, count(*) FROM articles WHERE {column} IS NOT NULL"
            f" GROUP BY {column} ORDER BY count(*) DESC, {column}"
        )
        return tuple((name, count) for name, count in rows)

    def _select(self, column: str, value: str) -> Article | None:
        return self._catalogue.read(lambda database: select_article(database, column, value))
