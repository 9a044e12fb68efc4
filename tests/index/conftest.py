"""An index of four articles, open, in its folder, or to be damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.index import Index
from rag.index.generations import current_name
from rag.ingest.folder import article_sources
from rag.library.build import build
from tests.fakes import CountingEncoder, settings_for
from tests.index.four_articles import ARTICLES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = settings_for(tmp_path_factory.mktemp("index"))
    build(article_sources(ARTICLES), settings, CountingEncoder())
    return settings.index


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    opened = Index.open_current(folder)
    yield opened
    opened.close()


@pytest.fixture
def breakable(tmp_path: Path) -> Path:
    """The folder of a generation that a test may damage."""
    settings = settings_for(tmp_path)
    build(article_sources(ARTICLES), settings, CountingEncoder())
    return settings.index / str(current_name(settings.index))
