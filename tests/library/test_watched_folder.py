"""A watched folder: what in it leads to an update, by a clock and events that a test makes."""

from __future__ import annotations

import functools
import logging
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import ArticleError, IndexWriteError
from rag.index import Index
from rag.library.build import build_folder
from rag.library.build_summary import BuildSummary
from rag.library.pending import Waiting
from rag.library.updater import LOOK_AFTER
from rag.progress import Progress
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles
from tests.library.updating import SUMMARY, Announce, ByHand, Scripted, ended_after, watching

NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."
NO_ROOM, NO_KEY = IndexWriteError("no room"), IndexWriteError("no key")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path)
    write_articles(found.articles)
    return found


def changes(updater: ByHand) -> tuple[int, int, int]:
    summary = updater.built.pop()
    assert updater.built == []
    return summary.added, summary.changed, summary.removed


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
