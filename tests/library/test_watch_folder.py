"""Watching: every change of the folder is built, whatever becomes of the folder."""

from __future__ import annotations

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
from rag.errors import IndexWriteError
from rag.index import Index
from rag.library.build import BuildSummary, build_folder
from rag.library.pending_changes import marks_of
from rag.library.watch_folder import watch
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles

ROOT = Path(__file__).parents[2]
NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."
PATIENCE = 60


class Watched:
    """A watch in a thread, and what it told."""

    def __init__(self, chosen: Settings) -> None:
        self.built: queue.Queue[BuildSummary] = queue.Queue()
        self.said: queue.Queue[str] = queue.Queue()
        self.encoder = CountingEncoder()
        self.stop = threading.Event()
        self._thread = threading.Thread(
            target=watch,
            args=(chosen, self.encoder, self.built.put, self.said.put),
            kwargs={"stop": self.stop},
        )
        self._thread.start()

    def next(self) -> BuildSummary:
        return self.built.get(timeout=PATIENCE)

    def end(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    write_articles(tmp_path / "seeds")
    return settings_for(tmp_path)


@pytest.fixture
def start(chosen: Settings) -> Iterator[Callable[[], Watched]]:
    begun: list[Watched] = []

    def begin() -> Watched:
        begun.append(Watched(chosen))
        return begun[-1]

    yield begin
    for one in begun:
        one.end()


def _changes(summary: BuildSummary) -> tuple[int, int, int]:
    return summary.added, summary.changed, summary.removed


def test_additions_changes_renames_and_removals_are_noticed(
    chosen: Settings, start: Callable[[], Watched]
) -> None:
    watched = start()
    assert _changes(watched.next()) == (3, 0, 0)
    write_article(chosen.articles, "nouveau/crue.txt", NEW)
    assert _changes(watched.next()) == (1, 0, 0)
    write_article(chosen.articles, "nouveau/crue.txt", NEW + " Le pont est fermé.")
    assert _changes(watched.next()) == (0, 1, 0)
    embedded = len(watched.encoder.passages)
    (chosen.articles / "pont.txt").rename(chosen.articles / "viaduc.txt")
    assert _changes(watched.next()) == (1, 0, 1)
    (chosen.articles / "viaduc.txt").unlink()
    assert _changes(watched.next()) == (0, 0, 1)
    assert len(watched.encoder.passages) == embedded
    index = Index.open_current(chosen.index)
    paths = [article.path for article in index.articles()]
    index.close()
    assert paths == ["nouveau/crue.txt", "sport/finale.txt", "école.txt"]


def test_an_index_inside_the_articles_is_no_reason_to_build(
    tmp_path: Path,
) -> None:
    chosen = settings_for(tmp_path, index=tmp_path / "seeds" / "embeddings")
    write_articles(chosen.articles)
    watched = Watched(chosen)
    try:
        watched.next()
        write_article(chosen.articles, "crue.txt", NEW)
        assert _changes(watched.next()) == (1, 0, 0)
    finally:
        watched.end()
    assert watched.built.empty()


def test_a_folder_may_go_and_come_back(
    chosen: Settings, start: Callable[[], Watched], tmp_path: Path
) -> None:
    chosen.articles.rename(tmp_path / "elsewhere")
    watched = start()
    assert "there is no folder" in watched.said.get(timeout=PATIENCE)
    (tmp_path / "elsewhere").rename(chosen.articles)
    assert _changes(watched.next()) == (3, 0, 0)
    assert watched.said.empty()


def test_a_folder_in_the_place_of_another_is_watched(
    chosen: Settings, start: Callable[[], Watched], tmp_path: Path
) -> None:
    watched = start()
    watched.next()
    write_articles(tmp_path / "other")
    chosen.articles.rename(tmp_path / "aside")
    (tmp_path / "other").rename(chosen.articles)
    write_article(chosen.articles, "crue.txt", NEW)
    assert _changes(watched.next()) == (1, 0, 0)
    write_article(chosen.articles, "crue.txt", NEW + " Le pont est fermé.")
    assert _changes(watched.next()) == (0, 1, 0)


def test_a_build_that_fails_is_said_and_tried_again(
    chosen: Settings, start: Callable[[], Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([True, True])

    def failing(*arguments: Any) -> BuildSummary:
        if next(failures, False):
            raise IndexWriteError("no room")
        return build_folder(*arguments)

    monkeypatch.setattr("rag.library.watch_folder.build_folder", failing)
    watched = start()
    assert _changes(watched.next()) == (3, 0, 0)
    assert watched.said.get_nowait() == "no room"
    assert watched.said.empty()


def test_a_system_that_tells_nothing_is_looked_at(
    chosen: Settings, start: Callable[[], Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    watch_files = watchfiles.watch

    def refusing(*arguments: Any, **options: Any) -> Any:
        if not options["force_polling"]:
            raise OSError("too many watches")
        return watch_files(*arguments, **options)

    monkeypatch.setattr(watchfiles, "watch", refusing)
    watched = start()
    assert "looking instead" in watched.said.get(timeout=PATIENCE)
    watched.next()
    write_article(chosen.articles, "crue.txt", NEW)
    assert _changes(watched.next()) == (1, 0, 0)


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


_WATCH = """
import signal
import sys
from pathlib import Path

from rag.cli import commands as cli
    from rag.models import encoder as embedding
from tests.fakes import CountingEncoder

# Whoever starts the tests in the background has Ctrl-C ignored in all of them.
signal.signal(signal.SIGINT, signal.default_int_handler)
embedding.open_encoder = lambda *_: CountingEncoder()
sys.exit(cli.main(["build", "--watch", *sys.argv[1:]]))
"""


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
