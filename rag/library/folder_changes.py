"""Changes of the folder of articles: told by the system, or seen in the marks of its files."""

from __future__ import annotations

import logging
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from rag.config import Settings
from rag.ingest import find_article_files

logger = logging.getLogger(__name__)

# A copy of many files should be one build: so long must nothing change, in milliseconds,
# but no build waits longer than a changing folder may make it wait.
_QUIET = 500
_WAIT_AT_MOST = 5_000
# How often, in milliseconds, the watch looks whether it is to end.
_BREATH = 1_000
# How long to leave a watch alone that broke, in seconds.
_REST = 30

FileMark = tuple[str, int, int, int, int]
# The function ``watch`` of the package watchfiles.
WatchFiles = Callable[..., Iterator[set[Any]]]


def marks_of(folder: Path, index: Path | None = None) -> tuple[FileMark, ...]:
    """What changes when a file does: its path, size, inode and times.

    Reads no file: some milliseconds for a thousand of them. The time of the inode is there
    because copying with times kept does not set it back.
    """
    marks: list[FileMark] = []
    for file in find_article_files(folder, index=index):
        try:
            status = file.stat()
        except OSError:
            continue
        times = status.st_mtime_ns, status.st_ctime_ns
        marks.append((str(file), status.st_size, status.st_ino, *times))
    return tuple(marks)


class FolderEvents(Protocol):
    """Tells of changes of a folder until it is stopped."""

    def start(
        self, on_change: Callable[[], None], on_break: Callable[[Exception], None]
    ) -> None:
        """Begin to tell: of changes, and that it cannot tell of them for a while."""

    def stop(self) -> None:
        """Tell no more, and wait until that is certain."""


class FolderWatch:
    """Tells what the system tells of the folder of ``settings``.

    The system has to be waited for, so this has a thread, which only tells. A watch that
    breaks begins again after some rest. ``watch_files`` is that of watchfiles, ``pause``
    waits so many seconds or until it is to end.
    """

    def __init__(
        self,
        settings: Settings,
        announce: Callable[[str], None] = logger.info,
        *,
        watch_files: WatchFiles | None = None,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._folder = settings.articles
        self._index = settings.index
        self._announce = announce
        self._watch_files = watch_files
        self._stop = threading.Event()
        self._pause = pause or self._stop.wait
        self._thread: threading.Thread | None = None

    def start(
        self, on_change: Callable[[], None], on_break: Callable[[Exception], None]
    ) -> None:
        """Begin to tell, in a thread."""
        self._thread = threading.Thread(
            target=self._run, args=(on_change, on_break), name="folder watch", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Tell no more, and wait until that is certain."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(
        self, on_change: Callable[[], None], on_break: Callable[[Exception], None]
    ) -> None:
        while not self._stop.is_set():
            try:
                self._watch(on_change)
            except Exception as error:
                logger.exception("the folder of articles could not be watched")
                on_break(error)
                self._pause(_REST)

    def _watch(self, on_change: Callable[[], None]) -> None:
        """Tell of changes until it is to end; a folder may be replaced meanwhile."""
        polling, was_there = False, True
        while not self._stop.is_set():
            watched = _identity(self._folder)
            if watched is None:
                # There is nothing to watch until it is made; building says so.
                if was_there:
                    on_change()
                was_there = False
                self._pause(_BREATH / 1000)
                continue
            was_there = True
            try:
                self._watch_one(watched, on_change, polling)
            except OSError as error:
                if polling:
                    raise
                self._announce(
                    f"The system does not tell of changes ({error}); looking instead"
                )
                polling = True

    def _watch_one(
        self, watched: tuple[int, int], on_change: Callable[[], None], polling: bool
    ) -> None:
        """Tell of changes while the folder is the one that it was."""
        # What changed before the system was asked to tell of it, no one tells.
        is_new = True
        for changes in self._system_changes(polling):
            if is_new or changes:
                on_change()
            is_new = False
            # Another folder may have taken its place, a disk that is mounted there.
            if _identity(self._folder) != watched:
                return

    def _system_changes(self, polling: bool) -> Iterator[set[Any]]:
        """What the system tells, and nothing at every breath."""
        from watchfiles import watch

        index = self._index.resolve()

        def concerns(_: object, path: str) -> bool:
            # Building must not be a reason to build.
            return not Path(path).is_relative_to(index)

        return (self._watch_files or watch)(
            self._folder.resolve(),
            watch_filter=concerns,
            debounce=_WAIT_AT_MOST,
            step=_QUIET,
            stop_event=self._stop,
            rust_timeout=_BREATH,
            yield_on_timeout=True,
            force_polling=polling or None,
        )


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells one folder from another of the same name; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None
