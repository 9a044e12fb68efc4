"""Going back: the generation before serves again, if it is kept and whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import IndexDamagedError, IndexMissingError
from rag.index import Index
from rag.index.generations import SEGMENTS, current_name
from rag.index.row_files import VECTORS
from rag.library.build import build_folder
from rag.library.rollback import roll_back
from tests.fakes import ARTICLES, CountingEncoder, settings_for, write_article, write_articles
from tests.library.built_folder import generations_in

NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    write_articles(tmp_path / "seeds")
    return settings_for(tmp_path)


def _paths(chosen: Settings) -> list[str]:
    index = Index.open_current(chosen.index)
    paths = [article.path for article in index.articles.every()]
    index.close()
    return paths


def test_the_generation_before_serves_again(chosen: Settings) -> None:
    first = build_folder(chosen, CountingEncoder())
    assistant = Assistant(chosen, CountingEncoder())
    write_article(chosen.articles, "crue.txt", NEW)
    second = build_folder(chosen, CountingEncoder())
    assert assistant.overview().generation == second.generation
    done = roll_back(chosen.index)
    assert (done.serving.generation, done.left.generation) == (
        first.generation,
        second.generation,
    )
    assert _paths(chosen) == sorted(ARTICLES)
    # An open assistant takes it up by itself.
    assert assistant.overview().generation == first.generation
    # One generation is kept, so there is none before it.
    with pytest.raises(IndexMissingError, match="no generation before"):
        roll_back(chosen.index)


def test_a_rebuild_after_going_back_works(chosen: Settings) -> None:
    first = build_folder(chosen, CountingEncoder())
    write_article(chosen.articles, "crue.txt", NEW)
    build_folder(chosen, CountingEncoder())
    roll_back(chosen.index)
    encoder = CountingEncoder()
    third = build_folder(chosen, encoder)
    assert (third.added, third.unchanged, third.written) == (1, len(ARTICLES), True)
    assert all("crue" in text or "pompiers" in text for text in encoder.passages)
    assert _paths(chosen) == sorted([*ARTICLES, "crue.txt"])
    assert generations_in(chosen) == {first.generation, third.generation}
    assert roll_back(chosen.index).serving.generation == first.generation


def test_without_a_generation_before_nothing_happens(chosen: Settings) -> None:
    with pytest.raises(IndexMissingError, match="there is no index"):
        roll_back(chosen.index)
    assert not chosen.index.exists()
    built = build_folder(chosen, CountingEncoder())
    with pytest.raises(IndexMissingError, match="no generation before"):
        roll_back(chosen.index)
    assert current_name(chosen.index) == built.generation


def test_a_damaged_generation_does_not_serve(chosen: Settings) -> None:
    first = build_folder(chosen, CountingEncoder())
    write_article(chosen.articles, "crue.txt", NEW)
    second = build_folder(chosen, CountingEncoder())
    # Both generations have it.
    vectors = chosen.index / SEGMENTS / first.generation / VECTORS
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1
    vectors.write_bytes(content)
    with pytest.raises(IndexDamagedError, match=VECTORS):
        roll_back(chosen.index)
    os.truncate(vectors, 10)
    with pytest.raises(IndexDamagedError, match=VECTORS):
        roll_back(chosen.index)
    assert current_name(chosen.index) == second.generation
