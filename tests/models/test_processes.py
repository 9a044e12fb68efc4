"""Embedding in several processes: the same index as one makes, whatever becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rag.answering.assistant import Assistant
from rag.errors import ModelError, WorkersError
from rag.library.build import build_folder
from rag.models.workers.child_process import Child
from rag.models.workers.processes import Processes
from rag.models.workers.protocol import TRIES
from tests.fakes import (
    ENDS_ALWAYS,
    ENDS_ONCE,
    FAILS,
    CountingEncoder,
    noted,
    settings_for,
    write_articles,
)
from tests.library import killed_builder
from tests.models.worker_builds import (
    PATIENCE,
    alive,
    build_alone,
    build_in_steps,
    journaled,
    processes,
    same_index,
    wait_for,
    write_many,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.server
def test_several_processes_make_the_same_index(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_many(chosen.articles)
    write_articles(chosen.articles)
    encoder = CountingEncoder()
    said: list[str] = []
    summary = build_in_steps(
        chosen,
        encoder,
        announce=said.append,
        workers=processes(tmp_path / "notes", 2, said.append),
    )
    alone = build_alone(tmp_path, chosen.articles)
    same_index(chosen.index, alone.index)
    # Nothing was embedded here, and nothing twice there.
    assert encoder.passages == []
    embedded = [text for _, texts in noted(tmp_path / "notes") for text in texts]
    assert len(embedded) == len(set(embedded)) == summary.texts_embedded
    assert len({process for process, _ in noted(tmp_path / "notes")}) == 2
    answers = [
        Assistant(one, CountingEncoder()).ask("Combien ont coûté les travaux du pont ?")
        for one in (chosen, alone)
    ]
    assert list(answers[0].shown()) == list(answers[1].shown()) != []
    assert answers[0].hits == answers[1].hits != ()
    # It is said before that they begin, and after how fast they were.
    assert said[0] == "Embedding with 2 processes; each opens the model first"
    assert said[-1].startswith(f"{summary.texts_embedded} texts in ")
    assert said[-1].endswith(" a second, by 2 processes")


def test_nothing_new_starts_no_process(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    build_folder(chosen, CountingEncoder())
    (chosen.articles / "pont.txt").unlink()
    said: list[str] = []
    workers = processes(tmp_path / "notes", 2, said.append)
    assert build_in_steps(chosen, CountingEncoder(), workers=workers).removed == 1
    assert (said, noted(tmp_path / "notes")) == ([], [])


@pytest.mark.crash
def test_a_process_that_is_killed_is_replaced(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_many(chosen.articles, ENDS_ONCE)
    said: list[str] = []
    workers = processes(tmp_path / "notes", 2, said.append)
    build_in_steps(chosen, CountingEncoder(), workers=workers)
    assert (tmp_path / "notes.ended").exists()
    assert "A process ended by signal 9; another one takes over its texts" in said
    same_index(chosen.index, build_alone(tmp_path, chosen.articles).index)
    assert len({process for process, _ in noted(tmp_path / "notes")}) >= 2


@pytest.mark.crash
def test_a_batch_that_ends_every_process_is_named(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_many(chosen.articles, ENDS_ALWAYS)
    with pytest.raises(WorkersError) as caught:
        build_in_steps(chosen, CountingEncoder(), workers=processes(tmp_path / "notes"))
    message = str(caught.value)
    assert f"{TRIES} processes ended over it, the last by signal 9" in message
    assert "(1 text, the first begins 'Le pêcheur succombe" in message
    assert "--workers" in message
    assert not any(alive(process) for process, _ in noted(tmp_path / "notes"))
    # What was embedded before is kept.
    assert journaled(chosen) >= killed_builder.STEPS.texts


@pytest.mark.server
def test_an_error_in_a_process_is_told_in_one_line(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_many(chosen.articles, FAILS)
    with pytest.raises(WorkersError, match="MemoryError: no room for so much") as caught:
        build_in_steps(chosen, CountingEncoder(), workers=processes(tmp_path / "notes"))
    assert "\n" not in str(caught.value)


@pytest.mark.server
def test_another_model_in_the_processes_is_refused(tmp_path: Path) -> None:
    workers = processes(tmp_path / "notes", fingerprint="another@1")
    with pytest.raises(WorkersError, match=r"counting@1, the build's is another@1"):
        list(workers.embed([["un texte"]]))
    assert noted(tmp_path / "notes") == []


def without_model() -> CountingEncoder:
    raise ModelError("the model is gone; bring it back")


@pytest.mark.server
def test_a_model_that_cannot_be_opened_is_told() -> None:
    workers = Processes(2, without_model, "counting@1")
    with pytest.raises(WorkersError, match=r"^the model is gone; bring it back$"):
        list(workers.embed([["un texte"]] * 3))


@pytest.mark.server
def test_no_more_processes_than_batches(tmp_path: Path) -> None:
    done = list(processes(tmp_path / "notes", 4).embed([["un texte"]]))
    assert [number for number, _ in done] == [0]
    assert done[0][1].shape == (1, CountingEncoder().dimension)


@pytest.mark.server
def test_batches_are_taken_as_they_are_needed(tmp_path: Path) -> None:
    taken: list[int] = []

    def batches() -> Iterator[Sequence[str]]:
        for number in range(100):
            taken.append(number)
            yield [f"texte {number}"]

    embedded = processes(tmp_path / "notes").embed(batches())
    next(embedded)
    assert len(taken) <= 2 + 2
    embedded.close()
    wait_for(lambda: not any(alive(process) for process, _ in noted(tmp_path / "notes")))


@pytest.mark.server
def test_a_build_that_is_stopped_ends_its_processes(tmp_path: Path) -> None:
    class Stops:
        def start(self, what: str, total: int) -> None:
            self.what = what

        def advance(self, count: int) -> None:
            if self.what.startswith("passages"):
                raise KeyboardInterrupt

    chosen = settings_for(tmp_path)
    write_many(chosen.articles)
    with pytest.raises(KeyboardInterrupt):
        build_in_steps(
            chosen, CountingEncoder(), Stops(), workers=processes(tmp_path / "notes")
        )
    wait_for(lambda: not any(alive(process) for process, _ in noted(tmp_path / "notes")))
    assert journaled(chosen) == killed_builder.STEPS.texts


@pytest.mark.crash
def test_a_killed_build_leaves_no_process_and_is_taken_up(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_many(chosen.articles)
    notes = tmp_path / "notes"
    ran = subprocess.run(
        [sys.executable, "-m", "tests.library.killed_builder", str(tmp_path), "3", ""],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (-signal.SIGKILL, b""), ran.stderr
    wait_for(lambda: not any(alive(process) for process, _ in noted(notes)))
    before = sum(len(texts) for _, texts in noted(notes))
    assert before >= 3 * killed_builder.STEPS.texts
    kept = journaled(chosen)
    assert kept == 3 * killed_builder.STEPS.texts
    summary = build_in_steps(chosen, CountingEncoder(), workers=processes(notes))
    after = [text for _, texts in noted(notes) for text in texts]
    assert len(after) - before == summary.texts_embedded == len(set(after)) - kept
    same_index(chosen.index, build_alone(tmp_path, chosen.articles).index)


def ignore_the_end(connection: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    connection.send(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)  # type: ignore[attr-defined]
    time.sleep(PATIENCE)


@pytest.mark.server
def test_a_child_is_deaf_to_interrupts_and_ends_at_once() -> None:
    child = Child("deaf", ignore_the_end)
    assert child.connection.recv() is True
    process = child.pid
    assert process is not None
    os.kill(process, signal.SIGINT)
    assert alive(process)
    child.end()
    assert not alive(process)
