"""Updates that are asked for: what is told of them, and how they are stopped."""

from __future__ import annotations

import dataclasses
import functools
import threading
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import IndexWriteError, ModelError, RagError
from rag.library.build import build_folder
from rag.library.build_summary import BuildSummary
from rag.library.fill_vectors import Steps
from rag.library.update_state import UpdateState
from rag.library.updater import LOOK_AFTER, Updater
from rag.models.encoder import Vectors
from rag.progress import Progress
from tests.fakes import CountingEncoder, settings_for, write_articles
from tests.library.updating import (
    PATIENCE,
    SUMMARY,
    Announce,
    ByHand,
    Scripted,
    ended_after,
    watching,
)

NO_ROOM, NO_KEY = IndexWriteError("no room"), IndexWriteError("no key")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path)
    write_articles(found.articles)
    return found


IDLE = dataclasses.replace(SUMMARY, written=False)


# What is asked for


def test_progress_is_told_with_the_time_left(settings: Settings) -> None:
    seen: list[UpdateState] = []

    def build(progress: Progress, announce: Announce) -> BuildSummary:
        announce("another build is writing")
        progress.start("articles", 2)
        progress.advance(2)
        progress.start("texts to embed", 12)
        updater.clock.now += 6
        progress.advance(3)
        seen.append(updater.state())
        progress.advance(9)
        return SUMMARY

    updater = ByHand(settings, build)
    state = ended_after(updater)
    (then,) = seen
    assert (then.running, then.step, then.done, then.total) == (True, "texts to embed", 3, 12)
    # 3 of 12 took 6 seconds.
    assert then.seconds_left == 6.0 * 9 / 3
    assert then.note == "another build is writing"
    assert (state.running, state.ended, state.summary, state.error) == (False, 1, SUMMARY, None)


def test_what_is_asked_for_runs_at_once_for_who_looks(settings: Settings) -> None:
    updater = ByHand(settings, Scripted(SUMMARY))
    updater.rebuild()
    state = updater.state()
    assert (state.running, state.step, state.waiting) == (True, None, None)


def test_what_is_asked_for_during_an_update_follows_it_once(settings: Settings) -> None:
    between: list[UpdateState] = []

    def build(progress: Progress, announce: Announce) -> BuildSummary:
        between.append(updater.state())
        if len(between) == 1:
            for _ in range(3):
                updater.rebuild()
        return SUMMARY

    updater = ByHand(settings, build)
    state = ended_after(updater)
    assert len(between) == 2
    # Nobody is told between the two.
    assert [(one.running, one.ended) for one in between] == [(True, 0)] * 2
    assert state.ended == 1
    assert state.summary is not None
    assert (state.summary.added, state.summary.changed, state.summary.removed) == (2, 4, 6)
    state = ended_after(updater)
    assert (len(between), state.ended) == (3, 2)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModelError("model x cannot be loaded"), "model x cannot be loaded"),
        (KeyError("secret"), "the index could not be rebuilt (KeyError)"),
    ],
)
def test_an_update_that_fails_says_so_and_the_next_may_run(
    settings: Settings, error: Exception, said: str
) -> None:
    updater = ByHand(settings, Scripted(error))
    for count in (1, 2):
        state = ended_after(updater)
        assert (state.running, state.ended, str(state.error)) == (False, count, said)
        assert isinstance(state.error, RagError)
        assert (state.summary, state.trouble) == (None, None)


def test_an_update_that_has_nothing_to_tell_is_not_counted(settings: Settings) -> None:
    outcomes = (SUMMARY, IDLE, NO_ROOM, NO_ROOM, NO_ROOM, NO_KEY, IDLE, IDLE)
    build = Scripted(SUMMARY, *outcomes)
    updater = watching(settings, build)
    assert [ended_after(updater).ended, ended_after(updater).ended] == [2, 2]
    assert updater.state().summary == SUMMARY
    assert [ended_after(updater).ended, ended_after(updater).ended] == [3, 4]
    # Retries: one that fails as before, one that fails otherwise.
    counts = []
    for _ in range(2):
        updater.turn_after(LOOK_AFTER)
        counts.append(updater.state().ended)
    assert counts == [4, 5]
    assert updater.state().error == NO_KEY
    assert [ended_after(updater).ended, ended_after(updater).ended] == [6, 6]
    assert (updater.state().error, updater.state().summary) == (None, IDLE)
    assert build.runs == 9


def test_an_error_that_another_mended_is_over(settings: Settings) -> None:
    updater = ByHand(settings, Scripted(NO_ROOM, IDLE))
    assert ended_after(updater).error is NO_ROOM
    state = ended_after(updater)
    assert (state.ended, state.error, state.summary) == (2, None, IDLE)


# Stopping


def test_an_update_is_stopped_between_two_units(settings: Settings) -> None:
    runs = 0

    def build(progress: Progress, announce: Announce) -> BuildSummary:
        nonlocal runs
        runs += 1
        progress.start("articles", 2)
        progress.advance(1)
        updater.rebuild()
        updater.stop()
        assert not updater.events.is_on
        progress.advance(1)
        raise AssertionError("it went on")

    updater = ByHand(settings, build)
    updater.watch()
    updater.turn()
    state = updater.state()
    assert (runs, state.running, state.summary, state.error) == (1, False, None, None)
    updater.rebuild()
    updater.turn()
    assert not updater.state().running
    assert runs == 1


def test_stopping_waits_for_the_unit_that_runs(settings: Settings) -> None:
    embeds, stops = threading.Event(), threading.Event()
    went_on: list[bool] = []

    class Embedding(CountingEncoder):
        def embed_passages(self, texts: object) -> Vectors:
            embeds.set()
            went_on.append(stops.wait(PATIENCE))
            return super().embed_passages(texts)  # type: ignore[arg-type]

    updater = Updater(settings, functools.partial(build_folder, settings, Embedding()))
    updater.start()
    updater.rebuild()
    assert embeds.wait(PATIENCE)
    stopping = threading.Thread(target=updater.stop)
    stopping.start()
    stops.set()
    stopping.join(PATIENCE)
    assert went_on == [True]
    state = updater.state()
    assert (state.running, state.summary, state.error) == (False, None, None)


def test_a_build_that_waits_for_another_is_not_waited_for(settings: Settings) -> None:
    waits, may_go_on = threading.Event(), threading.Event()

    def waiting(progress: Progress, announce: Announce) -> BuildSummary:
        waits.set()
        assert may_go_on.wait(PATIENCE)
        progress.start("articles", 1)
        return SUMMARY

    updater = Updater(settings, waiting)
    updater.start()
    updater.rebuild()
    assert waits.wait(PATIENCE)
    updater.stop()
    assert updater.state().running
    may_go_on.set()
    updater.wait(PATIENCE)
    state = updater.state()
    assert (state.running, state.summary) == (False, None)


def test_what_was_asked_for_and_not_begun_never_runs(settings: Settings) -> None:
    build = Scripted(SUMMARY)
    updater = ByHand(settings, build)
    updater.rebuild()
    updater.stop()
    updater.turn()
    assert (updater.state().running, build.runs) == (False, 0)


def test_a_stopped_update_keeps_what_it_embedded(settings: Settings) -> None:
    class StopsAfterTheFirstTexts(CountingEncoder):
        def embed_passages(self, texts: object) -> Vectors:
            updater.stop()
            return super().embed_passages(texts)  # type: ignore[arg-type]

    encoder = StopsAfterTheFirstTexts()
    build = functools.partial(build_folder, settings, encoder, steps=Steps(texts=4))
    updater = ByHand(settings, build)
    assert ended_after(updater).summary is None
    texts = encoder.passages
    assert texts
    again = CountingEncoder()
    summary = build_folder(settings, again)
    everything = texts + again.passages
    assert len(everything) == len(set(everything)) > len(texts)
    assert summary.texts_embedded == len(again.passages)
