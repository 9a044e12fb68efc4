"""Watching: every change of the folder is told, whatever becomes of the folder."""

from __future__ import annotations

import functools
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.library.build import build_folder
from rag.library.build_summary import BuildSummary
from rag.library.folder_changes import FolderWatch, marks_of
from rag.library.updater import Updater
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."
PATIENCE = 60
CHANGE = {("modified", "a.txt")}


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    write_articles(tmp_path / "seeds")
    return settings_for(tmp_path)


class System:
    """Stands in for watchfiles.watch: one script a call of what to tell, then silence."""

    def __init__(self, *scripts: list[Any]) -> None:
        self.scripts = list(scripts)
        self.calls: list[dict[str, Any]] = []

    def __call__(self, folder: Path, **options: Any) -> Iterator[set[Any]]:
        self.calls.append({"folder": folder, **options})
        for told in self.scripts.pop(0) if self.scripts else []:
            if isinstance(told, Exception):
                raise told
            if callable(told):
                told()
                yield set()
            else:
                yield told
        assert options["stop_event"].wait(PATIENCE)


class Told:
    """What a watch over a ``System`` told, in a queue."""

    def __init__(
        self, chosen: Settings, system: System, pause: Callable[[float], object] | None = None
    ) -> None:
        self.all: queue.Queue[Exception | str] = queue.Queue()
        self.watch = FolderWatch(chosen, self.all.put, watch_files=system, pause=pause)
        self.watch.start(lambda: self.all.put("change"), self.all.put)

    def next(self) -> Exception | str:
        return self.all.get(timeout=PATIENCE)


def test_what_the_system_tells_is_told_and_nothing_else(chosen: Settings) -> None:
    system = System([set(), set(), CHANGE, set(), CHANGE, CHANGE])
    told = Told(chosen, system)
    # What changed before the system was asked, no one tells: the first breath is a change.
    assert [told.next() for _ in range(4)] == ["change"] * 4
    told.watch.stop()
    assert told.all.empty()
    (call,) = system.calls
    assert (call["folder"], call["force_polling"]) == (chosen.articles.resolve(), None)


def test_what_a_build_writes_is_no_change(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path, index=tmp_path / "seeds" / "embeddings")
    write_articles(chosen.articles)
    system = System([set()])
    told = Told(chosen, system)
    assert told.next() == "change"
    told.watch.stop()
    concerns = system.calls[0]["watch_filter"]
    assert not concerns(None, str(chosen.index.resolve() / "CURRENT"))
    assert concerns(None, str(chosen.articles.resolve() / "embeddings.txt"))


def test_a_folder_that_comes_back_is_a_change(chosen: Settings, tmp_path: Path) -> None:
    aside = tmp_path / "elsewhere"
    chosen.articles.rename(aside)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            aside.rename(chosen.articles)

    told = Told(chosen, System([set()]), pause)
    # That it is missing is told once.
    assert [told.next(), told.next()] == ["change", "change"]
    told.watch.stop()
    assert told.all.empty()
    assert pauses == [1.0] * 3


def test_a_folder_in_the_place_of_another_is_a_change(chosen: Settings, tmp_path: Path) -> None:
    def replace() -> None:
        chosen.articles.rename(tmp_path / "aside")
        write_articles(chosen.articles)

    system = System([set(), replace], [set(), CHANGE])
    told = Told(chosen, system)
    assert [told.next() for _ in range(3)] == ["change"] * 3
    told.watch.stop()
    assert told.all.empty()
    assert len(system.calls) == 2


def test_where_the_system_tells_nothing_the_folder_is_looked_at(chosen: Settings) -> None:
    system = System([OSError("too many watches")], [set(), CHANGE])
    told = Told(chosen, system)
    said = told.next()
    assert said == "The system does not tell of changes (too many watches); looking instead"
    assert [told.next(), told.next()] == ["change", "change"]
    told.watch.stop()
    assert [call["force_polling"] for call in system.calls] == [None, True]


def test_a_watch_that_breaks_begins_again(chosen: Settings) -> None:
    sleeps = RuntimeError("the disk sleeps")
    rested: list[float] = []
    told = Told(chosen, System([CHANGE, sleeps], [set()]), rested.append)
    assert [told.next() for _ in range(3)] == ["change", sleeps, "change"]
    told.watch.stop()
    assert rested == [30]


def test_a_disk_that_cannot_even_be_looked_at_breaks_the_watch(chosen: Settings) -> None:
    refusal = OSError("too many watches")
    told = Told(chosen, System([refusal], [refusal], [set()]), lambda _: None)
    assert "looking instead" in str(told.next())
    assert [told.next(), told.next()] == [refusal, "change"]
    told.watch.stop()


def test_marks_tell_every_change(chosen: Settings) -> None:
    seen = [marks_of(chosen.articles)]
    assert marks_of(chosen.articles) == seen[0]
    pont = chosen.articles / "pont.txt"
    status = pont.stat()
    # The same size and the same time, as a copy that keeps times makes it.
    pont.write_bytes(bytes(reversed(pont.read_bytes())))
    os.utime(pont, ns=(status.st_atime_ns, status.st_mtime_ns))
    seen.append(marks_of(chosen.articles))
    pont.rename(chosen.articles / "viaduc.txt")
    seen.append(marks_of(chosen.articles))
    shutil.rmtree(chosen.articles / "sport")
    seen.append(marks_of(chosen.articles))
    assert len(set(seen)) == 4


# With the system's own events


class Watched:
    """An updater that watches, in a thread, and what it built."""

    def __init__(self, chosen: Settings) -> None:
        self.built: queue.Queue[BuildSummary] = queue.Queue()
        self._before = set(threading.enumerate())
        build = functools.partial(build_folder, chosen, CountingEncoder())
        self._updater = Updater(chosen, build, on_built=self.built.put)
        self._updater.watch()
        self._updater.start()

    def changes(self) -> tuple[int, int, int]:
        summary = self.built.get(timeout=PATIENCE)
        return summary.added, summary.changed, summary.removed

    def end(self) -> None:
        self._updater.stop()
        assert set(threading.enumerate()) <= self._before


def test_an_index_inside_the_articles_is_no_reason_to_build(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path, index=tmp_path / "seeds" / "embeddings")
    write_articles(chosen.articles)
    watched = Watched(chosen)
    try:
        assert watched.changes() == (3, 0, 0)
        write_article(chosen.articles, "crue.txt", NEW)
        assert watched.changes() == (1, 0, 0)
    finally:
        watched.end()
    assert watched.built.empty()


def test_a_folder_in_the_place_of_another_is_watched(chosen: Settings, tmp_path: Path) -> None:
    watched = Watched(chosen)
    try:
        watched.changes()
        write_articles(tmp_path / "other")
        chosen.articles.rename(tmp_path / "aside")
        (tmp_path / "other").rename(chosen.articles)
        write_article(chosen.articles, "crue.txt", NEW)
        assert watched.changes() == (1, 0, 0)
        write_article(chosen.articles, "crue.txt", NEW + " Le pont est fermé.")
        assert watched.changes() == (0, 1, 0)
    finally:
        watched.end()


_WATCH = """
import signal
import sys

from rag.cli import commands
from rag.models import encoder
from tests.fakes import CountingEncoder

# Whoever starts the tests in the background has Ctrl-C ignored in all of them.
signal.signal(signal.SIGINT, signal.default_int_handler)
encoder.open_encoder = lambda *_: CountingEncoder()
sys.exit(commands.main(["build", "--watch", *sys.argv[1:]]))
"""


@pytest.mark.server
def test_ctrl_c_ends_the_watch_with_a_line(chosen: Settings) -> None:
    folders = ["--articles", str(chosen.articles), "--index", str(chosen.index)]
    watching = subprocess.Popen(
        [sys.executable, "-c", _WATCH, *folders],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watching.stdout is not None
    line = watching.stdout.readline()
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=PATIENCE)
    assert line[10:].startswith("3 added, 0 changed, 0 removed, 0 broken;")
    assert (watching.returncode, out) == (0, "")
    assert err.splitlines() == [
        f"rag: watching {chosen.articles}; Ctrl-C ends",
        "rag: no longer watching; what was embedded is kept for the next run",
    ]
