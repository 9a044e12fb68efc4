"""Stories that several outlets print, built into an index."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from rag.config import Settings
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.types import Article
from tests.fakes import CountingEncoder, make_article


def articles_of(
    texts: Mapping[str, str], sources: Mapping[str, str] | None = None
) -> list[Article]:
    return [
        make_article(
            text,
            path,
            title=f"Titre de {path}",
            date=datetime.date(2024, 3, day),
            source=(sources or {}).get(path, path.partition("/")[0]),
        )
        for day, (path, text) in enumerate(texts.items(), 1)
    ]


def build_stories(chosen: Settings, articles: Sequence[Article]) -> CountingEncoder:
    encoder = CountingEncoder()
    build(article_sources(articles), chosen, encoder)
    return encoder


def stories_of(chosen: Settings) -> list[list[str]]:
    index = Index.open_current(chosen.index)
    found = [
        sorted(index.articles.read(one).path for one in articles)
        for articles in index.articles.stories().values()
    ]
    index.close()
    return sorted(found)
