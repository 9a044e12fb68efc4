"""Building: only what is new is embedded, and whatever happens the old index answers."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.errors import (
    SENTENCES,
    ArticleError,
    Code,
    IndexDamagedError,
    IndexWriteError,
    Problem,
)
from rag.index import Index
from rag.index.catalogue import CATALOGUE
from rag.index.engines.word_files import FILES
from rag.index.generations import FORMAT, MANIFEST, current_name
from rag.index.row_files import VECTORS
from rag.index.vector_journal import JOURNAL
from rag.ingest.folder import article_sources, folder_sources, reading_options
from rag.library.build import STEPS, build, build_folder
from rag.library.build_summary import BuildSummary
from rag.models.encoder import Vectors
from rag.types import Article, BrokenFile, Passage, Sentence
from tests.examples import examples
from tests.fakes import (
    ARTICLES,
    CountingEncoder,
    make_article,
    settings_for,
    write_article,
    write_articles,
)

ROOT = Path(__file__).parents[2]
NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Settings whose folder holds the small articles."""
    write_articles(tmp_path / "seeds")
    return settings_for(tmp_path)


def _build(chosen: Settings, fingerprint: str = "counting@1") -> tuple[BuildSummary, list[str]]:
    """What a build did, and the texts that it had embedded."""
    encoder = CountingEncoder(fingerprint)
    summary = build_folder(chosen, encoder)
    assert encoder.questions == []
    assert summary.texts_embedded == len(encoder.passages)
    return summary, encoder.passages


def _texts(chosen: Settings, path: str | None = None) -> set[str]:
    """What the model is given for an indexed article, or for all of them."""
    index = Index.open_current(chosen.index)
    given: set[str] = set()
    for article in index.articles.every():
        if path is None or article.path == path:
            spans: list[Sentence | Passage] = [
                *index.passages.sentences(article.id),
                *(stored.passage for stored in index.passages.of_article(article.id)),
            ]
            given.update(f"{article.title}\n{article.text[s.start : s.end]}" for s in spans)
    index.close()
    return given


def _paths(chosen: Settings) -> list[str]:
    index = Index.open_current(chosen.index)
    paths = [article.path for article in index.articles.every()]
    index.close()
    return paths


def _generations(chosen: Settings) -> set[str]:
    return {path.name for path in chosen.index.iterdir() if path.is_dir()}


def _changes(summary: BuildSummary) -> tuple[int, int, int, int]:
    return summary.added, summary.changed, summary.removed, summary.unchanged


# What is embedded


def test_the_first_build_embeds_every_text_once(chosen: Settings) -> None:
    summary, embedded = _build(chosen)
    assert _changes(summary) == (len(ARTICLES), 0, 0, 0)
    assert summary.written
    assert summary.articles == len(ARTICLES)
    assert summary.passages_embedded == summary.passages > 0
    assert summary.passages_reused == 0
    assert len(embedded) == len(set(embedded))
    assert set(embedded) == _texts(chosen)
    assert summary.generation == current_name(chosen.index)
    assert _paths(chosen) == sorted(ARTICLES)
    assert not (chosen.index / JOURNAL).exists()


def test_an_unchanged_rebuild_embeds_and_writes_nothing(chosen: Settings) -> None:
    first, _ = _build(chosen)
    before = {path: path.stat().st_mtime_ns for path in chosen.index.rglob("*")}
    again, embedded = _build(chosen)
    assert embedded == []
    assert not again.written
    assert again.generation == first.generation
    assert _changes(again) == (0, 0, 0, len(ARTICLES))
    assert (again.passages, again.passages_reused) == (first.passages, first.passages)
    after = {path: path.stat().st_mtime_ns for path in chosen.index.rglob("*")}
    # The lock's file is touched by whoever holds it.
    lock = chosen.index / ".lock"
    assert {**before, lock: 0} == {**after, lock: 0}


def test_a_new_article_embeds_only_its_own_texts(chosen: Settings) -> None:
    first, _ = _build(chosen)
    write_article(chosen.articles, "crue.txt", NEW)
    summary, embedded = _build(chosen)
    assert _changes(summary) == (1, 0, 0, len(ARTICLES))
    assert sorted(embedded) == sorted(_texts(chosen, "crue.txt"))
    assert summary.passages_embedded == 1
    assert summary.passages_reused == first.passages


def test_a_changed_article_embeds_only_its_new_texts(chosen: Settings) -> None:
    _build(chosen)
    before = _texts(chosen)
    longer = ARTICLES["pont.txt"] + "\n\nUne fête aura lieu samedi."
    write_article(chosen.articles, "pont.txt", longer)
    summary, embedded = _build(chosen)
    assert _changes(summary) == (0, 1, 0, len(ARTICLES) - 1)
    assert sorted(embedded) == sorted(_texts(chosen) - before)
    assert any(text.endswith("Une fête aura lieu samedi.") for text in embedded)
    assert 0 < len(embedded) < len(_texts(chosen, "pont.txt"))


def test_a_changed_paragraph_embeds_its_passages_and_sentences_alone(chosen: Settings) -> None:
    paragraphs = [
        f"Le quartier {name} attend son école. Les travaux y dureront {months} mois. "
        f"La mairie de {name} a choisi l’architecte."
        for months, name in enumerate(["nord", "sud", "est", "ouest", "central"], 12)
    ]
    write_article(chosen.articles, "écoles.txt", "\n\n".join(paragraphs))
    _build(chosen)
    before = _texts(chosen)
    paragraphs[2] = paragraphs[2].replace("14 mois", "deux ans")
    write_article(chosen.articles, "écoles.txt", "\n\n".join(paragraphs))
    summary, embedded = _build(chosen)
    assert _changes(summary) == (0, 1, 0, len(ARTICLES))
    assert sorted(embedded) == sorted(_texts(chosen) - before)
    # Nothing that the change is not in; one sentence, and the passages that hold it.
    assert all("deux ans" in text for text in embedded)
    holding = sum("deux ans" in text for text in _texts(chosen, "écoles.txt"))
    assert len(embedded) == holding == 1 + summary.passages_embedded


def test_a_removed_article_is_gone(chosen: Settings) -> None:
    _build(chosen)
    (chosen.articles / "pont.txt").unlink()
    summary, embedded = _build(chosen)
    assert _changes(summary) == (0, 0, 1, len(ARTICLES) - 1)
    assert embedded == []
    assert _paths(chosen) == sorted(ARTICLES.keys() - {"pont.txt"})


def test_a_renamed_article_embeds_nothing(chosen: Settings) -> None:
    _build(chosen)
    (chosen.articles / "pont.txt").rename(chosen.articles / "viaduc.txt")
    summary, embedded = _build(chosen)
    assert _changes(summary) == (1, 0, 1, len(ARTICLES) - 1)
    assert embedded == []
    assert "viaduc.txt" in _paths(chosen)
    assert "pont.txt" not in _paths(chosen)


def test_another_budget_embeds_only_the_new_passages(chosen: Settings) -> None:
    first, _ = _build(chosen)
    before = _texts(chosen)
    summary, embedded = _build(chosen.model_copy(update={"passage_tokens": 20}))
    assert summary.written
    assert _changes(summary) == (0, 0, 0, len(ARTICLES))
    assert summary.passages > first.passages
    assert sorted(embedded) == sorted(_texts(chosen) - before)


def test_another_model_embeds_everything_again(chosen: Settings) -> None:
    first, _ = _build(chosen)
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
    assert set(embedded) == _texts(chosen)
    assert (summary.passages_embedded, summary.passages_reused) == (first.passages, 0)
    index = Index.open_current(chosen.index, ["counting@2"])
    vectors = np.array(index.rows.passages)
    index.close()
    assert summary.passages == len(vectors)


def test_vectors_stay_with_their_texts_when_articles_come_and_go(chosen: Settings) -> None:
    _build(chosen)
    (chosen.articles / "pont.txt").unlink()
    write_article(chosen.articles, "avant.txt", NEW)
    _build(chosen)
    index = Index.open_current(chosen.index)
    encoder = CountingEncoder()
    for article in index.articles.every():
        for stored in index.passages.of_article(article.id):
            text = article.text[stored.passage.start : stored.passage.end]
            (expected,) = encoder.embed_passages([f"{article.title}\n{text}"])
            np.testing.assert_array_equal(index.rows.passages[stored.number], expected)
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


# What cannot be used


def test_broken_files_are_told_and_the_rest_goes_on(chosen: Settings) -> None:
    write_article(chosen.articles, "vide.txt", "")
    (chosen.articles / "image.txt").write_bytes(b"\0\1\2")
    (chosen.articles / "lien.txt").symlink_to(chosen.articles / "nulle-part")
    summary, _ = _build(chosen)
    assert [file.path for file in summary.broken] == ["image.txt", "lien.txt", "vide.txt"]
    reasons = {file.path: file.reason for file in summary.broken}
    assert "is binary" in reasons["image.txt"]
    assert "cannot be read: No such file" in reasons["lien.txt"]
    assert "is empty" in reasons["vide.txt"]
    assert _paths(chosen) == sorted(ARTICLES)

    index = Index.open_current(chosen.index)
    assert index.articles.overview().broken == summary.broken
    index.close()
    again, embedded = _build(chosen)
    assert (again.written, again.broken, embedded) == (False, summary.broken, [])

    write_article(chosen.articles, "vide.txt", NEW)
    mended, _ = _build(chosen)
    assert [file.path for file in mended.broken] == ["image.txt", "lien.txt"]
    assert _changes(mended) == (1, 0, 0, len(ARTICLES))


def test_an_index_from_before_there_were_codes_is_taken_over(chosen: Settings) -> None:
    write_article(chosen.articles, "vide.txt", "")
    before = BrokenFile("vide.txt", Problem.other(SENTENCES["en"][Code.EMPTY]))
    sources, _ = folder_sources(chosen.articles, reading_options(chosen))
    of_then = [
        dataclasses.replace(one, read=lambda: [before]) if one.path == "vide.txt" else one
        for one in sources
    ]
    first = build(of_then, chosen, CountingEncoder())
    with contextlib.closing(
        sqlite3.connect(chosen.index / first.generation / CATALOGUE)
    ) as old:
        kept = old.execute("SELECT path, reason FROM broken").fetchall()
    assert kept == [("vide.txt", "is empty; delete it, or save the article again")]
    index = Index.open_current(chosen.index)
    assert index.articles.overview().broken == (before,)
    index.close()

    summary, embedded = _build(chosen)
    assert (summary.written, embedded) == (False, [])
    assert summary.broken == (BrokenFile("vide.txt", Problem.of(Code.EMPTY)),)


def test_an_article_that_breaks_stays_as_it_was(chosen: Settings) -> None:
    _build(chosen)
    write_article(chosen.articles, "pont.txt", "")
    summary, _ = _build(chosen)
    assert _changes(summary) == (0, 0, 0, len(ARTICLES))
    assert [file.path for file in summary.broken] == ["pont.txt"]


def test_a_file_too_large_is_read_once_the_setting_allows_it(chosen: Settings) -> None:
    write_article(chosen.articles, "long.txt", NEW + " " * 2_000)
    small = chosen.model_copy(update={"max_file_bytes": 1_500})
    summary, _ = _build(small)
    assert [file.path for file in summary.broken] == ["long.txt"]
    summary, _ = _build(chosen)
    assert summary.broken == ()
    assert "long.txt" in _paths(chosen)


def test_names_that_are_not_utf_8_are_told_apart(chosen: Settings) -> None:
    for name in (b"\xe9.txt", b"\xe8.txt"):
        write_article(chosen.articles, os.fsdecode(name), NEW)
    summary, _ = _build(chosen)
    assert [file.path for file in summary.broken] == [r"\udce8.txt", r"\udce9.txt"]
    assert all("not in UTF-8" in file.reason for file in summary.broken)


def test_no_folder_of_articles(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="there is no folder"):
        build_folder(settings_for(tmp_path), CountingEncoder())


def test_an_empty_folder_makes_an_empty_index(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    chosen.articles.mkdir()
    summary, _ = _build(chosen)
    assert (summary.articles, summary.passages, summary.written) == (0, 0, True)
    index = Index.open_current(chosen.index)
    assert index.search.nearest(CountingEncoder().embed_question("pont"), 10, None) == []
    assert index.search.matching(["pont"], 10, None) == []
    assert index.articles.overview().first_date is None
    index.search.warm_up()
    index.close()
    assert not _build(chosen)[0].written


def test_a_folder_that_cannot_be_written(chosen: Settings) -> None:
    chosen.index.write_text("a file where the folder should be")
    with pytest.raises(IndexWriteError, match="cannot be written"):
        _build(chosen)


def test_a_damaged_index_is_made_anew(chosen: Settings) -> None:
    first, _ = _build(chosen)
    os.truncate(chosen.index / first.generation / VECTORS, 10)
    said: list[str] = []
    encoder = CountingEncoder()
    summary = build_folder(chosen, encoder, announce=said.append)
    assert summary.written
    assert set(encoder.passages) == _texts(chosen)
    (line,) = said
    assert "everything is made anew" in line
    assert VECTORS in line


# Generations


def test_vectors_of_an_older_format_are_taken_over(chosen: Settings) -> None:
    first, _ = _build(chosen)
    folder = chosen.index / first.generation
    older = json.loads((folder / MANIFEST).read_text())
    for name in FILES:
        (folder / name).unlink()
        del older["files"][name]
    (folder / MANIFEST).write_text(json.dumps(older | {"format": 3}))
    with pytest.raises(IndexDamagedError, match=f"format 3, this version reads {FORMAT}"):
        Index.open_current(chosen.index)
    second, embedded = _build(chosen)
    assert (second.written, embedded) == (True, [])
    index = Index.open_current(chosen.index, warm=True)
    assert index.search.document_frequencies(["pont"])["pont"] > 0
    assert list(index.integrity.check_engine()) == []
    index.close()


def test_the_current_and_the_previous_generation_are_kept(chosen: Settings) -> None:
    made = [_build(chosen)[0].generation]
    for number in range(3):
        write_article(chosen.articles, f"{number}.txt", NEW + f" Bilan {number}.")
        made.append(_build(chosen)[0].generation)
        assert _generations(chosen) == set(made[-2:])
        assert current_name(chosen.index) == made[-1]
    assert len(set(made)) == 4


def test_an_unfinished_generation_is_cleared_away(chosen: Settings) -> None:
    _build(chosen)
    (chosen.index / "20200101T000000-abcdef").mkdir()
    write_article(chosen.articles, "crue.txt", NEW)
    _build(chosen)
    assert "20200101T000000-abcdef" not in _generations(chosen)


def test_an_open_index_goes_on_answering(chosen: Settings) -> None:
    _build(chosen)
    index = Index.open_current(chosen.index)
    articles = list(index.articles.every())
    question = CountingEncoder().embed_question("le pont de l’Orge")
    write_article(chosen.articles, "crue.txt", NEW)
    _build(chosen)
    assert list(index.articles.every()) == articles
    assert len(index.search.nearest(question, 100, None)) == index.manifest.passages
    index.close()


# Killed builds

_KILLED_BUILD = """
import os, signal, sys
from pathlib import Path

from rag.library import build as building
from rag.index import NewGeneration
from tests.fakes import CountingEncoder, settings_for

folder, moment = Path(sys.argv[1]), sys.argv[2]


def kill(*args):
    os.kill(os.getpid(), signal.SIGKILL)


class Killing(CountingEncoder):
    batches = 0

    def embed_passages(self, texts):
        if self.batches == 3:
            kill()
        self.batches += 1
        with (folder / "embedded").open("a", encoding="utf-8") as file:
            file.writelines(text.replace("\\n", "|") + "\\n" for text in texts)
        return super().embed_passages(texts)


encoder = CountingEncoder()
if moment == "embedding":
    encoder = Killing()
elif moment == "writing":
    NewGeneration.finish = kill
elif moment == "before the switch":
    building.switch = kill
elif moment == "at the rename":
    # Whichever way it renames.
    os.replace = os.rename = kill
    Path.replace = Path.rename = kill
building.build_folder(settings_for(folder), encoder)
"""


def _kill_a_build(folder: Path, moment: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _KILLED_BUILD, str(folder), moment],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr


def _write_long_article(chosen: Settings) -> None:
    sentences = (f"Le village numéro {n} compte {n * 7} habitants." for n in range(250))
    write_article(chosen.articles, "villages.txt", " ".join(sentences))


@pytest.mark.crash
def test_a_build_killed_while_embedding_is_resumed(chosen: Settings, tmp_path: Path) -> None:
    first, _ = _build(chosen)
    _write_long_article(chosen)
    _kill_a_build(tmp_path, "embedding")
    journaled = (tmp_path / "embedded").read_text("utf-8").replace("|", "\n")
    steps = 3
    assert journaled.count("Le village numéro 1 compte") == 1

    assert current_name(chosen.index) == first.generation
    assert _paths(chosen) == sorted(ARTICLES)
    index = Index.open_current(chosen.index)
    assert index.search.nearest(CountingEncoder().embed_question("le pont"), 1, None)
    index.close()

    summary, embedded = _build(chosen)
    new = _texts(chosen, "villages.txt")
    assert len(new) > (steps + 1) * STEPS.texts
    assert len(embedded) == len(new) - steps * STEPS.texts
    assert set(embedded) < new
    assert not any(text + "\n" in journaled for text in embedded)
    assert _changes(summary) == (1, 0, 0, len(ARTICLES))
    assert not (chosen.index / JOURNAL).exists()

    # As if nothing had happened.
    _check_vectors(chosen)


def _check_vectors(chosen: Settings) -> None:
    index = Index.open_current(chosen.index)
    encoder = CountingEncoder()
    for article in index.articles.every():
        for stored in index.passages.of_article(article.id):
            spans: list[Sentence | Passage] = [stored.passage, *stored.passage.sentences]
            expected = encoder.embed_passages(
                [f"{article.title}\n{article.text[span.start : span.end]}" for span in spans]
            )
            first, last = stored.first_sentence, stored.first_sentence + len(spans) - 1
            np.testing.assert_array_equal(index.rows.passages[stored.number], expected[0])
            np.testing.assert_array_equal(index.rows.sentences[first:last], expected[1:])
    index.close()


@pytest.mark.crash
@pytest.mark.parametrize("moment", ["writing", "before the switch", "at the rename"])
def test_a_build_killed_after_embedding_embeds_nothing_again(
    chosen: Settings, tmp_path: Path, moment: str
) -> None:
    first, _ = _build(chosen)
    write_article(chosen.articles, "crue.txt", NEW)
    _kill_a_build(tmp_path, moment)
    assert current_name(chosen.index) == first.generation
    assert _paths(chosen) == sorted(ARTICLES)
    summary, embedded = _build(chosen)
    assert embedded == []
    assert summary.written
    assert summary.passages_embedded == 0
    assert "crue.txt" in _paths(chosen)
    assert _generations(chosen) == {first.generation, summary.generation}


@pytest.mark.crash
def test_a_first_build_that_was_killed_leaves_no_index(
    chosen: Settings, tmp_path: Path
) -> None:
    _kill_a_build(tmp_path, "before the switch")
    assert current_name(chosen.index) is None
    summary, embedded = _build(chosen)
    assert (embedded, summary.articles) == ([], len(ARTICLES))


# Two builds at once


class _WaitingEncoder(CountingEncoder):
    """It embeds only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.began = threading.Event()
        self.may_go_on = threading.Event()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.began.set()
        assert self.may_go_on.wait(timeout=30)
        return super().embed_passages(texts)


def test_of_two_builds_the_second_waits_and_finds_nothing_to_do(chosen: Settings) -> None:
    slow = _WaitingEncoder()
    summaries: list[BuildSummary] = []
    first = threading.Thread(target=lambda: summaries.append(build_folder(chosen, slow)))
    first.start()
    assert slow.began.wait(timeout=30)

    said: list[str] = []

    def announce(line: str) -> None:
        said.append(line)
        assert summaries == []
        slow.may_go_on.set()

    encoder = CountingEncoder()
    second = build_folder(chosen, encoder, announce=announce)
    first.join(timeout=30)
    assert len(said) == 1
    assert "Another build is writing" in said[0]
    assert encoder.passages == []
    assert not second.written
    assert [summary.generation for summary in summaries] == [second.generation]
    assert _changes(second) == (0, 0, 0, len(ARTICLES))


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
        _check_vectors(chosen)
    finally:
        shutil.rmtree(folder)


def test_damage_is_not_handed_on(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    build_folder(chosen, CountingEncoder())
    folder = Index.open_current(chosen.index).folder
    content = bytearray((folder / "sentences.npy").read_bytes())
    content[-1] ^= 1
    (folder / "sentences.npy").write_bytes(content)
    encoder = CountingEncoder()
    said: list[str] = []
    summary = build_folder(chosen, encoder, announce=said.append)
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


def test_a_file_that_breaks_a_library_costs_one_line(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)

    def failing() -> Iterator[Article | BrokenFile]:
        raise RecursionError("too deep")

    sources, _ = folder_sources(chosen.articles, reading_options(chosen))
    sources = [
        dataclasses.replace(one, read=failing) if one.path == "pont.txt" else one
        for one in sources
    ]
    summary = build(sources, chosen, CountingEncoder())
    assert summary.articles == 2
    assert [file.path for file in summary.broken] == ["pont.txt"]
    assert "RecursionError" in summary.broken[0].reason


def test_a_pipe_is_no_article(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    os.mkfifo(chosen.articles / "pipe.txt")
    summary = build_folder(chosen, CountingEncoder())
    assert [file.path for file in summary.broken] == ["pipe.txt"]


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.index.NewGeneration.finish", full)
    with pytest.raises(IndexWriteError, match="No space left"):
        build_folder(chosen, CountingEncoder())
    monkeypatch.undo()
    encoder = CountingEncoder()
    assert build_folder(chosen, encoder).articles == 3
    assert encoder.passages == []
