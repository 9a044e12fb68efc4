"""The articles of a generation, as the catalogues of its segments have them."""

from __future__ import annotations

import datetime
import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.index.article_list import ArticleLines, article_line
from rag.index.catalogue import read_versions, select_article, where_filters
from rag.index.generations import Manifest, damaged
from rag.index.left_out import LeftOut
from rag.index.open_segment import Segment
from rag.index.passages import every_article, segment_of
from rag.index.stories import Stories
from rag.types import Article, Filters, Overview, Version


class Articles:
    """Reads articles, and what is known of them. Safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        segments: Sequence[Segment],
        manifest: Manifest,
        left_out: Sequence[LeftOut],
    ) -> None:
        self._folder = folder
        self._segments = segments
        self._manifest = manifest
        self._left_out = tuple(left_out)
        self._stories = Stories(segments)

    def read(self, article_id: str) -> Article:
        """The article with that id; IndexDamagedError when there is none."""
        article = self._select("id", article_id)
        if article is None:
            raise damaged(self._folder, f"there is no article {article_id!r}")
        return article

    def by_path(self, path: str) -> Article | None:
        """The article read from ``path``, if any."""
        return self._select("path", path)

    def every(self) -> Iterator[Article]:
        """Every article, by path, read one at a time."""
        for _, article_id, segment in every_article(self._segments):
            yield _read(segment, article_id)

    def holding(self, words: str) -> Iterator[Article]:
        """The articles whose text holds ``words`` exactly, by path. Reads all texts."""
        query = "SELECT path, id FROM articles WHERE instr(text, ?) > 0"
        found = [
            (path, article_id, segment)
            for segment in self._segments
            for path, article_id in segment.catalogue.rows(query, words)
        ]
        for _, article_id, segment in sorted(found, key=lambda one: one[0]):
            yield _read(segment, article_id)

    def newest_ids(self, count: int, filters: Filters = Filters()) -> list[str]:
        """The ``count`` articles of the latest dates that pass ``filters``, latest first."""
        where, values = where_filters(filters)
        rows = self._rows(
            f"SELECT id, path, date FROM articles {where} ORDER BY date DESC, path LIMIT ?",
            *values,
            count,
        )
        rows.sort(key=lambda row: row[1])
        rows.sort(key=lambda row: row[2] or "", reverse=True)
        return [article_id for article_id, _, _ in rows[:count]]

    @functools.cached_property
    def lines(self) -> ArticleLines:
        """Every article without its text; kept in memory from the first use on."""
        rows = self._rows("SELECT id, path, title, date, source, length(text) FROM articles")
        return ArticleLines(article_line(*row) for row in rows)

    def file_hashes(self) -> dict[str, str]:
        """The hash of every article's file, by path."""
        return dict(self._rows("SELECT path, file_hash FROM articles"))

    def hashes_by_id(self) -> dict[str, str]:
        """The hash of every article's file, by the article's id."""
        return dict(self._rows("SELECT id, file_hash FROM articles"))

    def broken(self) -> tuple[LeftOut, ...]:
        """The files that were left out, each with its hash where it could be read."""
        return self._left_out

    def story_of(self, article_id: str) -> str | None:
        """The story that an article prints like others do, None when none does."""
        return self._stories.of(article_id)

    def stories(self) -> dict[str, list[str]]:
        """The ids of the articles of every story that several print."""
        return self._stories.every()

    def reprints_of(self, article_id: str) -> tuple[str, ...]:
        """The ids of the other articles that print the same story."""
        return tuple(one for one in self._stories.told_by(article_id) if one != article_id)

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """The texts that an article had before this one, oldest first."""
        segment = segment_of(self._segments, article_id)
        if segment is None:
            return ()
        return segment.catalogue.read(
            lambda database: tuple(read_versions(database, article_id))
        )

    def count_corrected(self) -> int:
        """How many articles had another text before."""
        query = "SELECT DISTINCT article_id FROM versions JOIN articles ON id = article_id"
        return len(self._rows(query))

    def has_year(self, year: int) -> bool:
        """Whether an article is dated in ``year``."""
        return bool(
            self._rows(
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
        days = self._rows("SELECT min(date), max(date) FROM articles")
        dates = [datetime.date.fromisoformat(day) for row in days for day in row if day]
        manifest = self._manifest
        collections = (one.manifest.collection for one in self._segments)
        return Overview(
            generation=manifest.generation,
            built_at=manifest.built_at,
            model=manifest.model,
            articles=manifest.articles,
            passages=manifest.passages,
            sentences=manifest.sentences,
            first_date=min(dates, default=None),
            last_date=max(dates, default=None),
            languages=self._counts("language"),
            sources=self._counts("source"),
            broken=tuple(file for file, _ in self._left_out),
            engine=manifest.engine.value,
            collection=", ".join(filter(None, collections)),
        )

    def _counts(self, column: str) -> tuple[tuple[str, int], ...]:
        counts: Counter[str] = Counter()
        for name, count in self._rows(
            f"SELECT {column}, count(*) FROM articles WHERE {column} IS NOT NULL"
            f" GROUP BY {column}"
        ):
            counts[name] += count
        return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    def _select(self, column: str, value: str) -> Article | None:
        for segment in self._segments:
            found = segment.catalogue.read(
                lambda database: select_article(database, column, value)
            )
            if found is not None:
                return found
        return None

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What ``query`` selects in all segments."""
        return [row for one in self._segments for row in one.catalogue.rows(query, *values)]


def _read(segment: Segment, article_id: str) -> Article:
    found = segment.catalogue.read(lambda database: select_article(database, "id", article_id))
    if found is None:
        raise damaged(segment.folder, f"there is no article {article_id!r}")
    return found
