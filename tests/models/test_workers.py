"""Embedding in several processes: the same index as one makes, whatever becomes of them."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.answering.assistant import Assistant
from rag.cli.commands import main
from rag.config import Settings
from rag.errors import ModelError, WorkersError
from rag.index import Index
from rag.index.vector_journal import JOURNAL
from rag.library.build import build_folder
from rag.library.library import Library
from rag.models.encoder import open_encoder
from rag.models.sentence_encoder import SentenceTransformerEncoder
from rag.models.workers import InThisProcess, Workers, choose_workers
from rag.models.workers.child_process import Child
from rag.models.workers.processes import Processes
from rag.models.workers.protocol import TRIES, Batch, Rate
from rag.models.workers.ray_cluster import RayCluster
from tests.fakes import (
    ENDS_ALWAYS,
    ENDS_ONCE,
    FAILS,
    CountingEncoder,
    NotingEncoder,
    noted,
    open_counting,
    settings_for,
    write_article,
    write_articles,
)
from tests.library import killed_builder

ROOT = Path(__file__).parents[2]
PATIENCE = 60
# A small folder makes many batches.
build_in_steps = functools.partial(build_folder, steps=killed_builder.STEPS)


def processes(
    notes: Path,
    count: int = 2,
    announce: Callable[[str], None] = lambda said: None,
    fingerprint: str = "counting@1",
) -> Processes:
    return Processes(count, functools.partial(NotingEncoder, notes), fingerprint, announce)


def write_many(folder: Path, extra: str = "") -> None:
    """Articles of some thirty different texts."""
    for number in range(8):
        write_article(
            folder,
            f"{number}.txt",
            f"Le pont {number} rouvre. La commune {number} a payé. Une crue {number} passe.",
        )
    if extra:
        write_article(folder, "extra.txt", f"Le pêcheur {extra} au bord de l’eau.")


def same_index(one: Path, other: Path) -> None:
    """Both serve the same vectors, keys and articles."""
    first, second = Index.open_current(one), Index.open_current(other)
    for name in ("passages", "sentences", "passage_keys", "sentence_keys"):
        np.testing.assert_array_equal(getattr(first.rows, name), getattr(second.rows, name))
    assert list(first.articles.every()) == list(second.articles.every())
    assert list(second.integrity.check_files()) == []
    first.close()
    second.close()


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # A child of a killed process may be left to be reaped.
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def build_alone(tmp_path: Path, folder: Path) -> Settings:
    """The same folder, built by one process into an index of its own."""
    alone = settings_for(tmp_path, articles=folder, index=tmp_path / "alone")
    build_folder(alone, CountingEncoder())
    return alone


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


def _without_model() -> CountingEncoder:
    raise ModelError("the model is gone; bring it back")


@pytest.mark.server
def test_a_model_that_cannot_be_opened_is_told() -> None:
    workers = Processes(2, _without_model, "counting@1")
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


def journaled(chosen: Settings) -> int:
    """How many vectors the journal keeps."""
    with contextlib.closing(sqlite3.connect(chosen.index / JOURNAL)) as database:
        (count,) = database.execute("SELECT count(*) FROM vectors").fetchone()
    return int(count)


def _ignores_the_end(connection: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    connection.send(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)  # type: ignore[attr-defined]
    time.sleep(PATIENCE)


@pytest.mark.server
def test_a_child_is_deaf_to_interrupts_and_ends_at_once() -> None:
    child = Child("deaf", _ignores_the_end)
    assert child.connection.recv() is True
    process = child.pid
    assert process is not None
    os.kill(process, signal.SIGINT)
    assert alive(process)
    child.end()
    assert not alive(process)


def test_the_settings_choose(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    for workers, ray, expected in (
        (0, "", InThisProcess),
        (1, "", InThisProcess),
        (2, "", Processes),
        (0, "auto", RayCluster),
        (2, "auto", RayCluster),
    ):
        chosen = settings_for(tmp_path, workers=workers, ray=ray)
        assert type(choose_workers(chosen, encoder)) is expected


@pytest.mark.server
def test_the_page_rebuilds_with_the_workers_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = settings_for(tmp_path, workers=2)
    write_articles(chosen.articles)
    build_folder(settings_for(tmp_path), CountingEncoder())
    write_many(chosen.articles)
    encoder = CountingEncoder()
    library = Library(chosen, encoder)
    monkeypatch.setattr("rag.models.workers.choose.open_encoder", open_counting)
    with caplog.at_level(logging.INFO):
        library.update()
        library.wait(PATIENCE)
    library.stop()
    assert encoder.passages == []
    assert any(message.endswith("by 2 processes") for message in caplog.messages)


@pytest.mark.server
def test_the_command_takes_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    monkeypatch.setattr("rag.models.workers.choose.open_encoder", open_counting)
    monkeypatch.setattr("rag.models.encoder.open_encoder", lambda *_: CountingEncoder())
    where = ["--articles", str(chosen.articles), "--index", str(chosen.index)]
    assert main(["build", *where, "--workers", "2", "--json"]) == 0
    assert "by 2 processes" in capsys.readouterr().err
    assert main(["build", *where, "--workers", "-1"]) == 2
    assert "setting 'workers' is -1" in capsys.readouterr().err


def test_a_rate_is_texts_by_seconds() -> None:
    clock = iter([10.0, 14.0])
    rate = Rate(lambda: next(clock))
    assert not rate
    rate.count(4)
    rate.count(6)
    assert rate
    assert str(rate) == f"{4 + 6} texts in 4.0 s, {(4 + 6) / 4} a second"


def test_a_batch_is_named_by_its_place_and_first_words() -> None:
    assert str(Batch(2, ["Titre\nUn mot."])) == (
        "batch 3 (1 text, the first begins 'Titre Un mot.')"
    )
    assert len(str(Batch(0, ["mot " * 100]))) < 120


@pytest.mark.model
def test_the_command_with_the_real_model_says_two_lines(tmp_path: Path) -> None:
    write_article(tmp_path / "seeds", "pont.txt", "Le pont de l’Orge rouvre samedi.")
    ran = subprocess.run(
        [sys.executable, "-m", "rag", "build", "--workers", "2", "--articles", "seeds"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    first, second = ran.stderr.splitlines()
    assert ran.returncode == 0
    assert first == "rag: Embedding with 2 processes; each opens the model first"
    assert second.endswith(" a second, by 2 processes")


@pytest.mark.model
def test_the_real_model_in_two_processes(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path, workers=2)
    encoder: SentenceTransformerEncoder = open_encoder(chosen)
    texts = [f"Le pont {number} de l’Orge rouvre samedi." for number in range(6)]
    workers: Workers = choose_workers(chosen, encoder)
    done = dict(workers.embed([texts[:3], texts[3:]]))
    expected = encoder.embed_passages(texts)
    np.testing.assert_allclose(np.concatenate([done[0], done[1]]), expected, atol=1e-5)
