from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings
from rag.index import Index
from rag.library.build import build_folder
from rag.library.verify_index import Verification, verify
from rag.models.encoder import Vectors
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles
from tests.index.held_rows import file_in


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    settings = settings_for(tmp_path)
    write_articles(settings.articles)
    build_folder(settings, CountingEncoder())
    return settings


def _verify(chosen: Settings, encoder: CountingEncoder | None = None) -> Verification:
    index = Index.open_current(chosen.index)
    return verify(index, chosen, encoder or CountingEncoder())


def test_a_fresh_index_is_fine(chosen: Settings) -> None:
    found = _verify(chosen)
    assert found.fine
    assert found.problems == ()
    assert dict(found.checked)["articles"] == 3


def test_what_changed_in_the_folder_is_told(chosen: Settings) -> None:
    write_article(chosen.articles, "pont.txt", "Le pont est fermé.")
    write_article(chosen.articles, "neuf.txt", "La piscine ouvre.")
    (chosen.articles / "sport" / "finale.txt").unlink()
    problems = _verify(chosen).problems
    assert [problem.split(":")[0] for problem in problems] == [
        "neuf.txt",
        "pont.txt",
        "sport/finale.txt",
    ]
    assert "not in the index yet" in problems[0]
    assert "changed since" in problems[1]
    assert "no longer in" in problems[2]


def test_a_file_known_as_broken_is_no_problem(chosen: Settings) -> None:
    write_article(chosen.articles, "vide.txt", "")
    build_folder(chosen, CountingEncoder())
    assert _verify(chosen).fine


def test_a_changed_byte_of_the_vectors_is_told(chosen: Settings) -> None:
    file = file_in(Index.open_current(chosen.index).folder, "passages.npy")
    vectors = np.load(file)
    vectors[0] = -vectors[0]
    np.save(file, vectors)
    problems = "\n".join(_verify(chosen).problems)
    assert "passages.npy has sha256" in problems
    assert "passage 0: its vector is not the model's (cosine -1.0000)" in problems


def test_a_vector_that_is_not_of_unit_length_is_told(chosen: Settings) -> None:
    file = file_in(Index.open_current(chosen.index).folder, "sentences.npy")
    vectors = np.load(file)
    vectors[1] *= 2
    np.save(file, vectors)
    assert any("sentence 1: its vector has length 2.000" in p for p in _verify(chosen).problems)


def test_a_model_that_changed_under_its_name_is_told(chosen: Settings) -> None:
    class Changed(CountingEncoder):
        def embed_passages(self, texts: list[str]) -> Vectors:  # type: ignore[override]
            return -super().embed_passages(texts)

    problems = _verify(chosen, Changed()).problems
    assert problems
    assert all("not the model's" in problem for problem in problems)
