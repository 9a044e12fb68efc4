"""One updater: what it does of what happens, without a thread and without a wait."""

from __future__ import annotations

import dataclasses
import functools
import logging
import threading
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import ArticleError, IndexWriteError, ModelError, RagError
from rag.index import Index
from rag.library.build import build_folder
from rag.library.build_summary import BuildSummary
from rag.library.fill_vectors import Steps
from rag.library.pending import Waiting
from rag.library.update_state import UpdateState
from rag.library.updater import LOOK_AFTER, Build, Updater
from rag.models.encoder import Vectors
from rag.progress import Progress
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles
from tests.library.updating import PATIENCE, SUMMARY, Announce, ByHand, Scripted

IDLE = dataclasses.replace(SUMMARY, written=False)
NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."
NO_ROOM, NO_KEY = IndexWriteError("no room"), IndexWriteError("no key")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path)
    write_articles(found.articles)
    return found


def watching(settings: Settings, build: Build | None = None, **options: bool) -> ByHand:
    """An updater that watches and had its first turn."""
    if build is None:
        build = functools.partial(build_folder, settings, CountingEncoder())
    updater = ByHand(settings, build, **options)
    updater.watch()
    updater.turn()
    return updater


def changes(updater: ByHand) -> tuple[int, int, int]:
    summary = updater.built.pop()
    assert updater.built == []
    return summary.added, summary.changed, summary.removed


def ended_after(updater: ByHand) -> UpdateState:
    """The state after an update that was asked for."""
    updater.rebuild()
    updater.turn()
    return updater.state()


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


# Watching


def test_additions_changes_renames_and_removals_are_noticed(settings: Settings) -> None:
    encoder = CountingEncoder()
    build = functools.partial(build_folder, settings, encoder)
    updater = watching(settings, build)
    assert changes(updater) == (3, 0, 0)
    write_article(settings.articles, "nouveau/crue.txt", NEW)
    updater.turn_after_change()
    assert changes(updater) == (1, 0, 0)
    write_article(settings.articles, "nouveau/crue.txt", NEW + " Le pont est fermé.")
    updater.turn_after_change()
    assert changes(updater) == (0, 1, 0)
    embedded = len(encoder.passages)
    (settings.articles / "pont.txt").rename(settings.articles / "viaduc.txt")
    updater.turn_after_change()
    assert changes(updater) == (1, 0, 1)
    (settings.articles / "viaduc.txt").unlink()
    updater.turn_after_change()
    assert changes(updater) == (0, 0, 1)
    assert len(encoder.passages) == embedded
    index = Index.open_current(settings.index)
    paths = [article.path for article in index.articles.every()]
    index.close()
    assert paths == ["nouveau/crue.txt", "sport/finale.txt", "école.txt"]


def test_the_first_build_is_told_even_if_nothing_changed(settings: Settings) -> None:
    build_folder(settings, CountingEncoder())
    updater = watching(settings)
    assert changes(updater) == (0, 0, 0)
    # Files that are touched give the same index.
    content = (settings.articles / "pont.txt").read_bytes()
    (settings.articles / "pont.txt").write_bytes(content)
    updater.turn_after_change()
    assert updater.built == []


def test_an_event_without_a_change_builds_nothing(settings: Settings) -> None:
    build = Scripted(SUMMARY)
    updater = watching(settings, build)
    updater.turn_after_change()
    updater.turn_after(LOOK_AFTER)
    assert build.runs == 1
    # Nor does the event of what was built because it was asked for.
    write_article(settings.articles, "crue.txt", NEW)
    updater.rebuild()
    updater.turn()
    updater.turn_after_change()
    assert build.runs == 2


def test_a_change_that_nobody_tells_of_is_seen_by_looking(settings: Settings) -> None:
    updater = watching(settings)
    changes(updater)
    write_article(settings.articles, "crue.txt", NEW)
    updater.turn_after(LOOK_AFTER - 1)
    assert updater.built == []
    updater.turn_after(1)
    assert changes(updater) == (1, 0, 0)


def test_what_changes_under_a_build_is_built_next(settings: Settings) -> None:
    build = Scripted(SUMMARY)

    def changing(progress: Progress, announce: Announce) -> BuildSummary:
        if not build.runs:
            write_article(settings.articles, "crue.txt", NEW)
            updater.events.change()
        return build(progress, announce)

    updater = ByHand(settings, changing)
    updater.watch()
    updater.turn()
    updater.turn()
    assert build.runs == 2
    updater.turn_after_change()
    assert build.runs == 2


def test_without_a_watch_no_time_and_no_change_builds(settings: Settings) -> None:
    build = Scripted(SUMMARY)
    updater = ByHand(settings, build)
    write_article(settings.articles, "crue.txt", NEW)
    updater.turn_after(10 * LOOK_AFTER)
    assert (build.runs, updater.state().watching) == (0, False)


def test_a_folder_may_go_and_come_back(settings: Settings, tmp_path: Path) -> None:
    said: list[str] = []
    settings.articles.rename(tmp_path / "elsewhere")
    build = functools.partial(build_folder, settings, CountingEncoder())
    updater = ByHand(settings, build, warn=said.append)
    updater.watch()
    updater.turn()
    updater.turn_after_change()
    updater.turn_after(LOOK_AFTER)
    (line,) = said
    assert "there is no folder" in line
    state = updater.state()
    assert isinstance(state.trouble, ArticleError)
    (tmp_path / "elsewhere").rename(settings.articles)
    updater.turn_after_change()
    assert changes(updater) == (3, 0, 0)
    assert len(said) == 1
    assert updater.state().trouble is None


def test_an_update_that_fails_is_told_once_and_tried_again(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    build = Scripted(NO_ROOM, IndexWriteError("no room"), SUMMARY)
    with caplog.at_level(logging.WARNING):
        updater = watching(settings, build)
        state = updater.state()
        assert (state.running, state.ended, state.error) == (False, 1, NO_ROOM)
        assert state.trouble is NO_ROOM
        updater.turn_after(LOOK_AFTER - 1)
        assert build.runs == 1
        updater.turn_after(1)
        assert (build.runs, updater.state().ended) == (2, 1)
        updater.turn_after(LOOK_AFTER)
    state = updater.state()
    assert (state.ended, state.error, state.trouble) == (2, None, None)
    assert updater.built == [SUMMARY]
    assert [record.getMessage() for record in caplog.records] == ["no room"]


def test_what_waits_is_told_while_it_cannot_be_indexed(settings: Settings) -> None:
    build_folder(settings, CountingEncoder())
    updater = watching(settings, Scripted(SUMMARY, NO_ROOM))
    # It is on its way, and not counted.
    assert updater.state().waiting == Waiting()
    write_article(settings.articles, "crue.txt", NEW)
    updater.turn_after_change()
    assert updater.state().waiting is None
    updater.turn()
    assert updater.state().waiting == Waiting(added=1)


@pytest.mark.parametrize("may_be_emptied", [False, True])
def test_a_folder_that_is_suddenly_empty_costs_no_index(
    settings: Settings, may_be_emptied: bool
) -> None:
    said: list[str] = []
    build = functools.partial(build_folder, settings, CountingEncoder())
    updater = ByHand(settings, build, warn=said.append, may_be_emptied=may_be_emptied)
    updater.watch()
    updater.turn()
    assert changes(updater) == (3, 0, 0)
    aside = settings.articles.with_name("aside")
    settings.articles.rename(aside)
    settings.articles.mkdir()
    updater.turn_after_change()
    if may_be_emptied:
        assert changes(updater) == (0, 0, 3)
        return
    state = updater.state()
    assert (updater.built, state.ended, state.error) == ([], 1, None)
    assert "is empty, and the index holds 3 articles" in str(state.trouble)
    updater.turn_after(LOOK_AFTER)
    assert said == [str(state.trouble)]
    settings.articles.rmdir()
    aside.rename(settings.articles)
    updater.turn_after_change()
    assert (updater.built, updater.state().trouble) == ([], None)
    # Who means it says so.
    for file in settings.articles.rglob("*.txt"):
        file.unlink()
    updater.turn_after_change()
    assert updater.state().trouble is not None
    assert ended_after(updater).trouble is None
    assert changes(updater) == (0, 0, 3)
    updater.turn_after_change()
    assert updater.state().trouble is None


def test_a_watch_that_breaks_is_told_until_it_works_again(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    build = Scripted(SUMMARY)
    updater = watching(settings, build)
    for _ in range(2):
        updater.events.break_with(OSError("the disk sleeps"))
        updater.turn()
    state = updater.state()
    said = "the folder could not be watched (OSError)"
    assert (str(state.trouble), state.error, state.ended) == (said, None, 1)
    # What it did not see, it looks for.
    updater.turn_after_change()
    assert (build.runs, updater.state().trouble) == (2, None)
    assert [record.getMessage() for record in caplog.records] == [said]
