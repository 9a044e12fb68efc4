"""A folder in motion: nothing that is half written, away or locked for a moment is lost."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import Code, Problem
from rag.index import Index
from rag.ingest.folder import folder_sources, lies_in, reading_options
from rag.library.build import build, build_folder
from rag.library.build_summary import BuildSummary
from rag.library.folder_changes import FileMark
from rag.library.pending import Waiting, find_waiting
from rag.library.still_files import StillFiles
from rag.library.updater import LOOK_AFTER
from rag.types import BrokenFile
from tests.fakes import ARTICLES, CountingEncoder, settings_for, write_article, write_articles
from tests.library.updating import SUMMARY, ByHand, Clock, Scripted

NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."
STILL = 5.0


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Settings whose folder holds the small articles."""
    write_articles(tmp_path / "seeds")
    return settings_for(tmp_path)


def _build(chosen: Settings) -> tuple[BuildSummary, list[str]]:
    encoder = CountingEncoder()
    return build_folder(chosen, encoder), encoder.passages


def _paths(chosen: Settings) -> list[str]:
    index = Index.open_current(chosen.index)
    paths = sorted(article.path for article in index.articles.every())
    index.close()
    return paths


def _changes(summary: BuildSummary) -> tuple[int, int, int, int]:
    return summary.added, summary.changed, summary.removed, summary.unchanged


# A build


@pytest.mark.parametrize("half", ["", "\n\n", "Le pont\0\1\2"])
def test_what_is_half_written_changes_nothing(chosen: Settings, half: str) -> None:
    _build(chosen)
    whole = (chosen.articles / "pont.txt").read_text("utf-8")
    write_article(chosen.articles, "pont.txt", whole + NEW)
    _build(chosen)
    write_article(chosen.articles, "pont.txt", half)
    summary, embedded = _build(chosen)
    assert _changes(summary) == (0, 0, 0, len(ARTICLES))
    assert [file.path for file in summary.broken] == ["pont.txt"]
    assert find_waiting(chosen) == Waiting()
    again, _ = _build(chosen)
    assert (again.written, again.broken, embedded) == (False, summary.broken, [])

    write_article(chosen.articles, "pont.txt", whole + NEW)
    mended, embedded = _build(chosen)
    assert (_changes(mended), mended.broken, embedded) == ((0, 0, 0, len(ARTICLES)), (), [])
    index = Index.open_current(chosen.index)
    article = index.articles.by_path("pont.txt")
    assert article is not None
    assert len(index.articles.versions(article.id)) == 1
    index.close()
    (chosen.articles / "pont.txt").unlink()
    assert _changes(_build(chosen)[0]) == (0, 0, 1, len(ARTICLES) - 1)


def test_what_cannot_be_read_for_a_moment_keeps_its_articles(chosen: Settings) -> None:
    write_article(chosen.articles / "sport" / "ski", "neige.txt", NEW)
    _build(chosen)
    sources, _ = folder_sources(chosen.articles, reading_options(chosen))
    for place, stays in (("sport", "sport/ski/neige.txt"), ("pont.txt", "pont.txt")):
        unreadable = BrokenFile(place, Problem.of(Code.NOT_LISTED, detail="Permission denied"))
        seen = [one for one in sources if one.path != place and not lies_in(one.path, place)]
        assert len(seen) < len(sources)
        summary = build(seen, chosen, CountingEncoder(), unreadable=[unreadable])
        assert (summary.removed, summary.articles) == (0, len(sources))
        assert stays in _paths(chosen)
    everything = BrokenFile(".", Problem.of(Code.NOT_LISTED, detail="Permission denied"))
    assert build([], chosen, CountingEncoder(), unreadable=[everything]).removed == 0
    pipe = BrokenFile("pont.txt", Problem.of(Code.NOT_REGULAR))
    rest = [one for one in sources if one.path != "pont.txt"]
    assert build(rest, chosen, CountingEncoder(), unreadable=[pipe]).removed == 1


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_build(
    chosen: Settings,
) -> None:
    _build(chosen)
    write_article(chosen.articles, "pont.txt", NEW)
    sources, _ = folder_sources(chosen.articles, reading_options(chosen))
    write_article(chosen.articles, "pont.txt", NEW + " Le pont est fermé.")
    summary = build(sources, chosen, CountingEncoder())
    assert _changes(summary) == (0, 0, 0, len(ARTICLES))
    assert [one.problem.code for one in summary.broken] == [Code.CHANGED_MEANWHILE]
    summary, _ = _build(chosen)
    assert (_changes(summary), summary.broken) == ((0, 1, 0, len(ARTICLES) - 1), ())


def test_what_moves_stays_as_it_was(chosen: Settings) -> None:
    _build(chosen)
    write_article(chosen.articles, "pont.txt", NEW)
    write_article(chosen.articles, "crue.txt", NEW)
    (chosen.articles / "sport" / "lac.txt").unlink(missing_ok=True)
    moving = {"pont.txt", "crue.txt", *ARTICLES}
    summary = build_folder(chosen, CountingEncoder(), moving=moving)
    assert (_changes(summary), summary.written) == ((0, 0, 0, len(ARTICLES)), False)


def test_half_of_a_list_takes_nothing_away(chosen: Settings) -> None:
    records = [{"id": str(n), "title": f"Titre {n}", "text": f"{NEW} {n}"} for n in range(5)]
    whole = json.dumps(records)
    (chosen.articles / "liste.json").write_text(whole)
    _build(chosen)
    (chosen.articles / "liste.json").write_text(whole[: len(whole) // 2])
    summary, _ = _build(chosen)
    assert (summary.removed, summary.changed, summary.articles) == (0, 0, len(ARTICLES) + 5)
    (chosen.articles / "liste.json").write_text(json.dumps(records[:2]))
    assert _build(chosen)[0].removed == 3


# Files that are still


def _mark(path: str, size: int, time: float = 0.0) -> FileMark:
    nanoseconds = int(time * 1e9)
    return (path, size, 1, nanoseconds, nanoseconds)


def test_a_file_is_still_when_nothing_of_it_changed_for_a_while() -> None:
    clock = Clock()
    files = StillFiles(STILL, clock, lambda: 10_000.0)
    old = _mark("a.txt", 1)
    assert files.look([old]).marks == (old,)
    for size in range(2, 6):
        clock.now += 3
        folder = files.look([old, _mark("b.txt", size)])
        assert (folder.marks, folder.moving, folder.seconds) == (
            (old,),
            frozenset({"b.txt"}),
            STILL,
        )
    clock.now += 3
    whole = _mark("b.txt", 5)
    assert files.look([old, whole]).seconds == 2
    clock.now += 2
    assert files.look([old, whole]).marks == (old, whole)


def test_a_file_that_is_gone_for_a_moment_was_never_gone() -> None:
    clock = Clock()
    files = StillFiles(STILL, clock, lambda: 10_000.0)
    mark = _mark("a.txt", 1)
    files.look([mark])
    clock.now += 1
    assert files.look([]) == files.look([])
    assert (files.look([]).marks, files.look([]).moving) == ((mark,), frozenset({"a.txt"}))
    clock.now += 1
    assert (files.look([mark]).marks, files.look([mark]).moving) == ((mark,), frozenset())
    files.look([])
    clock.now += STILL
    assert files.look([]).marks == ()


def test_what_was_written_just_before_the_first_look_is_waited_for_a_moment() -> None:
    clock = Clock()
    files = StillFiles(STILL, clock, lambda: 10_000.0)
    fresh = _mark("a.txt", 1, 9_999.75)
    folder = files.look([fresh, _mark("b.txt", 1, 9_998.0)])
    assert (folder.moving, folder.seconds) == (frozenset({"a.txt"}), 0.75)
    assert files.has_just_begun()
    clock.now += 0.75
    assert files.look([fresh]).moving == {"b.txt"}


def test_who_says_so_has_all_taken_as_it_is() -> None:
    files = StillFiles(STILL, Clock(), lambda: 10_000.0)
    files.look([])
    mark = _mark("a.txt", 1)
    assert files.look([mark]).moving == {"a.txt"}
    assert files.take([mark]).marks == (mark,)
    assert files.look([mark]).moving == frozenset()


# An updater


def _watching(chosen: Settings) -> ByHand:
    for file in chosen.articles.rglob("*.txt"):
        os.utime(file, (1, 1))
    encoder = CountingEncoder()
    updater = ByHand(
        chosen, functools.partial(build_folder, chosen, encoder), still_after=STILL
    )
    updater.watch()
    updater.turn()
    updater.turn_after(STILL)
    assert updater.built.pop().articles == len(ARTICLES)
    return updater


def test_a_file_that_is_written_slowly_is_one_article_without_corrections(
    chosen: Settings,
) -> None:
    updater = _watching(chosen)
    slow = chosen.articles / "lent.txt"
    for number in range(8):
        with slow.open("a", encoding="utf-8") as writing:
            writing.write(f"Phrase numéro {number} du pont de Brenne. ")
        updater.events.change()
        updater.turn()
        updater.turn_after(3)
    assert updater.built == []
    updater.turn_after(STILL)
    (summary,) = updater.built
    assert _changes(summary) == (1, 0, 0, len(ARTICLES))
    index = Index.open_current(chosen.index)
    article = index.articles.by_path("lent.txt")
    assert article is not None
    assert "numéro 7" in article.text
    assert index.articles.versions(article.id) == ()
    index.close()


def test_a_file_in_motion_holds_up_no_other(chosen: Settings) -> None:
    updater = _watching(chosen)
    write_article(chosen.articles, "crue.txt", NEW)
    updater.turn_after_change()
    updater.turn_after(3)
    write_article(chosen.articles, "lent.txt", NEW)
    updater.turn_after_change()
    updater.turn_after(2)
    (summary,) = updater.built
    assert _changes(summary) == (1, 0, 0, len(ARTICLES))
    assert "lent.txt" not in _paths(chosen)


def test_a_file_that_is_replaced_is_not_removed_and_added(chosen: Settings) -> None:
    updater = _watching(chosen)
    (chosen.articles / "pont.txt").unlink()
    updater.turn_after_change()
    updater.turn_after(1)
    write_article(chosen.articles, "pont.txt", NEW)
    updater.turn_after_change()
    updater.turn_after(STILL)
    (summary,) = updater.built
    assert _changes(summary) == (0, 1, 0, len(ARTICLES) - 1)
    (chosen.articles / "pont.txt").unlink()
    updater.turn_after_change()
    updater.turn_after(STILL)
    assert _changes(updater.built[-1]) == (0, 0, 1, len(ARTICLES) - 1)


def test_who_asks_for_an_update_waits_for_nothing(chosen: Settings) -> None:
    updater = _watching(chosen)
    write_article(chosen.articles, "crue.txt", NEW)
    updater.rebuild()
    updater.turn()
    assert _changes(updater.built.pop()) == (1, 0, 0, len(ARTICLES))


def test_what_could_not_be_read_is_tried_again_ever_less_often(chosen: Settings) -> None:
    locked = BrokenFile("pont.txt", Problem.of(Code.NOT_READ, detail="Input/output error"))
    failed = dataclasses.replace(SUMMARY, broken=(locked,))
    build = Scripted(failed)
    updater = ByHand(chosen, build)
    updater.watch()
    updater.turn()
    runs = []
    for _ in range(7):
        updater.turn_after(LOOK_AFTER)
        runs.append(build.runs)
    assert runs == [2, 2, 3, 3, 3, 3, 4]
    build.outcomes = [SUMMARY]
    updater.turn_after(8 * LOOK_AFTER)
    updater.turn_after(100 * LOOK_AFTER)
    assert build.runs == 5
