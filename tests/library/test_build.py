"""What a build embeds and keeps, and how its generations follow each other."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.index import Index
from rag.index.generations import current_name
from rag.index.half_floats import HALF
from rag.index.row_files import VECTORS
from rag.index.vector_journal import JOURNAL
from rag.ingest.folder import article_sources
from rag.library.build import build, build_folder
from rag.types import Passage, Sentence
from tests.examples import examples
from tests.fakes import (
    ARTICLES,
    CountingEncoder,
    make_article,
    settings_for,
    write_article,
    write_articles,
)
from tests.index.held_rows import file_in, passage_rows
from tests.library.built_folder import (
    build_again,
    changes_of,
    check_vectors,
    generations_in,
    paths_in,
    texts_of,
)

NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Settings whose folder holds the small articles."""
    write_articles(tmp_path / "seeds")
    return settings_for(tmp_path)


# What is embedded


def test_the_first_build_embeds_every_text_once(chosen: Settings) -> None:
    summary, embedded = build_again(chosen)
    assert changes_of(summary) == (len(ARTICLES), 0, 0, 0)
    assert summary.written
    assert summary.articles == len(ARTICLES)
    assert summary.passages_embedded == summary.passages > 0
    assert summary.passages_reused == 0
    assert len(embedded) == len(set(embedded))
    assert set(embedded) == texts_of(chosen)
    assert summary.generation == current_name(chosen.index)
    assert paths_in(chosen) == sorted(ARTICLES)
    assert not (chosen.index / JOURNAL).exists()


def test_an_unchanged_rebuild_embeds_and_writes_nothing(chosen: Settings) -> None:
    first, _ = build_again(chosen)
    before = {path: path.stat().st_mtime_ns for path in chosen.index.rglob("*")}
    again, embedded = build_again(chosen)
    assert embedded == []
    assert not again.written
    assert again.generation == first.generation
    assert changes_of(again) == (0, 0, 0, len(ARTICLES))
    assert (again.passages, again.passages_reused) == (first.passages, first.passages)
    after = {path: path.stat().st_mtime_ns for path in chosen.index.rglob("*")}
    # The lock's file is touched by whoever holds it.
    lock = chosen.index / ".lock"
    assert {**before, lock: 0} == {**after, lock: 0}


def test_a_new_article_embeds_only_its_own_texts(chosen: Settings) -> None:
    first, _ = build_again(chosen)
    write_article(chosen.articles, "crue.txt", NEW)
    summary, embedded = build_again(chosen)
    assert changes_of(summary) == (1, 0, 0, len(ARTICLES))
    assert sorted(embedded) == sorted(texts_of(chosen, "crue.txt"))
    assert summary.passages_embedded == 1
    assert summary.passages_reused == first.passages


def test_a_changed_article_embeds_only_its_new_texts(chosen: Settings) -> None:
    build_again(chosen)
    before = texts_of(chosen)
    longer = ARTICLES["pont.txt"] + "\n\nUne fête aura lieu samedi."
    write_article(chosen.articles, "pont.txt", longer)
    summary, embedded = build_again(chosen)
    assert changes_of(summary) == (0, 1, 0, len(ARTICLES) - 1)
    assert sorted(embedded) == sorted(texts_of(chosen) - before)
    assert any(text.endswith("Une fête aura lieu samedi.") for text in embedded)
    assert 0 < len(embedded) < len(texts_of(chosen, "pont.txt"))


def test_a_changed_paragraph_embeds_its_passages_and_sentences_alone(chosen: Settings) -> None:
    paragraphs = [
        f"Le quartier {name} attend son école. Les travaux y dureront {months} mois. "
        f"La mairie de {name} a choisi l’architecte."
        for months, name in enumerate(["nord", "sud", "est", "ouest", "central"], 12)
    ]
    write_article(chosen.articles, "écoles.txt", "\n\n".join(paragraphs))
    build_again(chosen)
    before = texts_of(chosen)
    paragraphs[2] = paragraphs[2].replace("14 mois", "deux ans")
    write_article(chosen.articles, "écoles.txt", "\n\n".join(paragraphs))
    summary, embedded = build_again(chosen)
    assert changes_of(summary) == (0, 1, 0, len(ARTICLES))
    assert sorted(embedded) == sorted(texts_of(chosen) - before)
    # Nothing that the change is not in; one sentence, and the passages that hold it.
    assert all("deux ans" in text for text in embedded)
    holding = sum("deux ans" in text for text in texts_of(chosen, "écoles.txt"))
    assert len(embedded) == holding == 1 + summary.passages_embedded


def test_a_removed_article_is_gone(chosen: Settings) -> None:
    build_again(chosen)
    (chosen.articles / "pont.txt").unlink()
    summary, embedded = build_again(chosen)
    assert changes_of(summary) == (0, 0, 1, len(ARTICLES) - 1)
    assert embedded == []
    assert paths_in(chosen) == sorted(ARTICLES.keys() - {"pont.txt"})


def test_a_renamed_article_embeds_nothing(chosen: Settings) -> None:
    build_again(chosen)
    (chosen.articles / "pont.txt").rename(chosen.articles / "viaduc.txt")
    summary, embedded = build_again(chosen)
    assert changes_of(summary) == (1, 0, 1, len(ARTICLES) - 1)
    assert embedded == []
    assert "viaduc.txt" in paths_in(chosen)
    assert "pont.txt" not in paths_in(chosen)


def test_another_budget_embeds_only_the_new_passages(chosen: Settings) -> None:
    first, _ = build_again(chosen)
    before = texts_of(chosen)
    summary, embedded = build_again(chosen.model_copy(update={"passage_tokens": 20}))
    assert summary.written
    assert changes_of(summary) == (0, 0, 0, len(ARTICLES))
    assert summary.passages > first.passages
    assert sorted(embedded) == sorted(texts_of(chosen) - before)


def test_another_model_embeds_everything_again(chosen: Settings) -> None:
    first, _ = build_again(chosen)
    encoder = CountingEncoder("counting@2")
    said: list[str] = []

    def announce(line: str) -> None:
        # Before it starts.
        assert encoder.passages == []
        said.append(line)

    summary = build_folder(chosen, encoder, announce=announce)
    embedded = encoder.passages
    (line,) = said
    assert "all of it is embedded anew" in line
    assert summary.written
    assert set(embedded) == texts_of(chosen)
    assert (summary.passages_embedded, summary.passages_reused) == (first.passages, 0)
    index = Index.open_current(chosen.index, ["counting@2"])
    vectors = passage_rows(index)
    index.close()
    assert summary.passages == len(vectors)


def test_vectors_stay_with_their_texts_when_articles_come_and_go(chosen: Settings) -> None:
    build_again(chosen)
    (chosen.articles / "pont.txt").unlink()
    write_article(chosen.articles, "avant.txt", NEW)
    build_again(chosen)
    index = Index.open_current(chosen.index)
    encoder = CountingEncoder()
    for article in index.articles.every():
        for stored in index.passages.of_article(article.id):
            text = article.text[stored.passage.start : stored.passage.end]
            (expected,) = encoder.embed_passages([f"{article.title}\n{text}"])
            np.testing.assert_array_equal(
                passage_rows(index)[stored.number], expected.astype(HALF)
            )
    index.close()


def test_progress_hears_every_unit(chosen: Settings) -> None:
    class Heard:
        def __init__(self) -> None:
            self.totals: dict[str, int] = {}
            self.done: dict[str, int] = {}

        def start(self, what: str, total: int) -> None:
            self.totals[what] = total
            self.done[what] = 0

        def advance(self, count: int) -> None:
            self.done[list(self.done)[-1]] += count

    heard = Heard()
    encoder = CountingEncoder()
    build_folder(chosen, encoder, heard)
    assert heard.totals == {
        "articles": len(ARTICLES),
        "passages and sentences": len(encoder.passages),
    }
    assert heard.done == heard.totals


def test_a_damaged_index_is_made_anew(chosen: Settings) -> None:
    first, _ = build_again(chosen)
    os.truncate(file_in(chosen.index / first.generation, VECTORS), 10)
    said: list[str] = []
    encoder = CountingEncoder()
    summary = build_folder(chosen, encoder, announce=said.append)
    assert summary.written
    assert set(encoder.passages) == texts_of(chosen)
    (line,) = said
    assert "everything is made anew" in line
    assert VECTORS in line


# Generations


def test_the_current_and_the_previous_generation_are_kept(chosen: Settings) -> None:
    made = [build_again(chosen)[0].generation]
    for number in range(3):
        write_article(chosen.articles, f"{number}.txt", NEW + f" Bilan {number}.")
        made.append(build_again(chosen)[0].generation)
        assert generations_in(chosen) == set(made[-2:])
        assert current_name(chosen.index) == made[-1]
    assert len(set(made)) == 4


def test_an_unfinished_generation_is_cleared_away(chosen: Settings) -> None:
    build_again(chosen)
    (chosen.index / "20200101T000000-abcdef").mkdir()
    write_article(chosen.articles, "crue.txt", NEW)
    build_again(chosen)
    assert "20200101T000000-abcdef" not in generations_in(chosen)


def test_an_open_index_goes_on_answering(chosen: Settings) -> None:
    build_again(chosen)
    index = Index.open_current(chosen.index)
    articles = list(index.articles.every())
    question = CountingEncoder().embed_question("le pont de l’Orge")
    write_article(chosen.articles, "crue.txt", NEW)
    build_again(chosen)
    assert list(index.articles.every()) == articles
    assert len(index.search.nearest(question, 100, None)) == index.manifest.passages
    index.close()


# Any articles


@given(st.lists(st.text(max_size=200), max_size=4), st.integers(16, 40), st.integers(0, 2))
@settings(max_examples=examples(1 / 4), suppress_health_check=[HealthCheck.too_slow])
def test_any_articles_give_valid_offsets(texts: list[str], budget: int, overlap: int) -> None:
    articles = [make_article(text, f"{number}.txt") for number, text in enumerate(texts)]
    folder = Path(tempfile.mkdtemp())
    try:
        chosen = settings_for(folder, passage_tokens=budget, overlap_sentences=overlap)
        summary = build(article_sources(articles), chosen, CountingEncoder())
        index = Index.open_current(chosen.index)
        assert list(index.articles.every()) == articles
        assert index.manifest.passages == summary.passages
        for article in articles:
            sentences = list(index.passages.sentences(article.id))
            stored = index.passages.of_article(article.id)
            covered = {s for one in stored for s in one.passage.sentences}
            assert covered == set(sentences)
            spans: list[Sentence | Passage] = [*sentences, *(one.passage for one in stored)]
            for span in spans:
                assert 0 <= span.start < span.end <= len(article.text)
                quoted = article.text[span.start : span.end]
                assert quoted == quoted.strip() != ""
            words = "".join(article.text[s.start : s.end] for s in sentences)
            assert "".join(words.split()) == "".join(article.text.split())
        index.close()
        assert not build(article_sources(articles), chosen, CountingEncoder()).written
        check_vectors(chosen)
    finally:
        shutil.rmtree(folder)


def test_a_build_that_checks_makes_what_is_damaged_anew(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    build_folder(chosen, CountingEncoder())
    file = file_in(Index.open_current(chosen.index).folder, "sentences.npy")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    encoder = CountingEncoder()
    said: list[str] = []
    # What is there is not read, unless it is asked for.
    assert not build_folder(chosen, encoder, announce=said.append).written
    assert said == []
    summary = build_folder(chosen, encoder, announce=said.append, check=True)
    assert summary.written
    assert summary.passages_embedded == summary.passages
    assert "sentences.npy has sha256" in said[0]
    assert list(Index.open_current(chosen.index).integrity.check_files()) == []


def test_new_rules_read_every_file_again_and_embed_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    build_folder(chosen, CountingEncoder())
    monkeypatch.setattr("rag.library.build.RULES", 99)
    summary = build_folder(chosen, CountingEncoder())
    # They are read to the same articles, and kept under the new rules.
    assert (summary.changed, summary.unchanged, summary.written) == (0, 3, True)
    assert summary.texts_embedded == 0
    assert Index.open_current(chosen.index).manifest.rules == 99
