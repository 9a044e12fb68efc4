"""Builds that are killed, and two at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.config import Settings
from rag.index import Index
from rag.index.generations import current_name
from rag.index.vector_journal import JOURNAL
from rag.library.build import STEPS, build_folder
from rag.library.build_summary import BuildSummary
from rag.models.encoder import Vectors
from tests.fakes import ARTICLES, CountingEncoder, settings_for, write_article, write_articles
from tests.library.built_folder import (
    build_again,
    changes_of,
    check_vectors,
    generations_in,
    paths_in,
    texts_of,
)

ROOT = Path(__file__).parents[2]
NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Settings whose folder holds the small articles."""
    write_articles(tmp_path / "seeds")
    return settings_for(tmp_path)


# Killed builds

KILLED_BUILD = """
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


def kill_a_build(folder: Path, moment: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", KILLED_BUILD, str(folder), moment],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr


def write_long_article(chosen: Settings) -> None:
    sentences = (f"Le village numéro {n} compte {n * 7} habitants." for n in range(250))
    write_article(chosen.articles, "villages.txt", " ".join(sentences))


@pytest.mark.crash
def test_a_build_killed_while_embedding_is_resumed(chosen: Settings, tmp_path: Path) -> None:
    first, _ = build_again(chosen)
    write_long_article(chosen)
    kill_a_build(tmp_path, "embedding")
    journaled = (tmp_path / "embedded").read_text("utf-8").replace("|", "\n")
    steps = 3
    assert journaled.count("Le village numéro 1 compte") == 1

    assert current_name(chosen.index) == first.generation
    assert paths_in(chosen) == sorted(ARTICLES)
    index = Index.open_current(chosen.index)
    assert index.search.nearest(CountingEncoder().embed_question("le pont"), 1, None)
    index.close()

    summary, embedded = build_again(chosen)
    new = texts_of(chosen, "villages.txt")
    assert len(new) > (steps + 1) * STEPS.texts
    assert len(embedded) == len(new) - steps * STEPS.texts
    assert set(embedded) < new
    assert not any(text + "\n" in journaled for text in embedded)
    assert changes_of(summary) == (1, 0, 0, len(ARTICLES))
    assert not (chosen.index / JOURNAL).exists()

    # As if nothing had happened.
    check_vectors(chosen)


@pytest.mark.crash
@pytest.mark.parametrize("moment", ["writing", "before the switch", "at the rename"])
def test_a_build_killed_after_embedding_embeds_nothing_again(
    chosen: Settings, tmp_path: Path, moment: str
) -> None:
    first, _ = build_again(chosen)
    write_article(chosen.articles, "crue.txt", NEW)
    kill_a_build(tmp_path, moment)
    assert current_name(chosen.index) == first.generation
    assert paths_in(chosen) == sorted(ARTICLES)
    summary, embedded = build_again(chosen)
    assert embedded == []
    assert summary.written
    assert summary.passages_embedded == 0
    assert "crue.txt" in paths_in(chosen)
    assert generations_in(chosen) == {first.generation, summary.generation}


@pytest.mark.crash
def test_a_first_build_that_was_killed_leaves_no_index(
    chosen: Settings, tmp_path: Path
) -> None:
    kill_a_build(tmp_path, "before the switch")
    assert current_name(chosen.index) is None
    summary, embedded = build_again(chosen)
    assert (embedded, summary.articles) == ([], len(ARTICLES))


# Two builds at once


class WaitingEncoder(CountingEncoder):
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
    slow = WaitingEncoder()
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
    assert changes_of(second) == (0, 0, 0, len(ARTICLES))
