"""A folder that is watched: every change of its articles brings the index up to date."""

from __future__ import annotations

import logging
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.config import Settings
from rag.errors import RagError
from rag.library.build import BuildSummary, build_folder
from rag.library.pending_changes import FileMark, marks_of
from rag.models.encoder import Encoder
from rag.progress import Progress

logger = logging.getLogger(__name__)

# A copy of many files should be one build: so long must nothing change, in milliseconds,
# but no build waits longer than a changing folder may make it wait.
_QUIET = 500
_WAIT_AT_MOST = 5_000
# How often, in milliseconds, the watch looks whether it is to end.
_BREATH = 1_000
# Where a disk does not tell of its changes (one on the network), looking does. Breaths.
_LOOK_AFTER = 30


def watch(
    settings: Settings,
    encoder: Encoder,
    on_built: Callable[[BuildSummary], None],
    announce: Callable[[str], None] = logger.info,
    *,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Build now and after every change of the folder, until ``stop`` or Ctrl-C.

    ``on_built`` hears of the first build and of every one that changed something. A build
    that fails is announced, and the watch goes on. Raises KeyboardInterrupt on Ctrl-C.
    """

    def build() -> BuildSummary:
        return build_folder(settings, encoder, progress, announce)

    follow(settings, build, on_built, announce, stop or threading.Event())


def follow(
    settings: Settings,
    build: Callable[[], BuildSummary | None],
    on_built: Callable[[BuildSummary], None],
    announce: Callable[[str], None],
    stop: threading.Event,
) -> None:
    """As ``watch``, with a ``build`` of one's own: it may fail, or be stopped and give None."""
    seen: tuple[FileMark, ...] | None = None
    said: str | None = None
    first = True
    breaths = 0
    for told in _changes(settings, stop, announce):
        breaths += 1
        if not (first or told or breaths >= _LOOK_AFTER):
            continue
        breaths = 0
        # Taken before the build: what changes under it is seen the next time.
        found = marks_of(settings.articles)
        if found == seen:
            continue
        try:
            summary = build()
        except RagError as error:
            # The folder may come back and the disk be emptied; it is said once.
            if str(error) != said:
                announce(str(error))
            said, seen = str(error), None
            continue
        if summary is None:
            seen = None
            continue
        if first or summary.written:
            on_built(summary)
        first, seen, said = False, found, None


def _changes(
    settings: Settings, stop: threading.Event, announce: Callable[[str], None]
) -> Iterator[bool]:
    """Whether the system told of a change, at every breath."""
    from watchfiles import watch as watch_files

    index = settings.index.resolve()

    def concerns(_: object, path: str) -> bool:
        # Building must not be a reason to build.
        return not Path(path).is_relative_to(index)

    polling = False
    # What changed before the system was asked to tell of it, no one tells.
    is_new = True
    while not stop.is_set():
        watched = _identity(settings.articles)
        if watched is None:
            # There is nothing to watch until it is made; building says so.
            yield True
            stop.wait(_BREATH / 1000)
            continue
        try:
            for changes in watch_files(
                settings.articles.resolve(),
                watch_filter=concerns,
                debounce=_WAIT_AT_MOST,
                step=_QUIET,
                stop_event=stop,
                rust_timeout=_BREATH,
                yield_on_timeout=True,
                force_polling=polling or None,
            ):
                yield is_new or bool(changes)
                is_new = False
                # Another folder may have taken its place, a disk that is mounted there.
                if _identity(settings.articles) != watched:
                    is_new = True
                    break
        except OSError as error:
            if polling:
                raise
            announce(f"The system does not tell of changes ({error}); looking instead")
            polling = True


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells one folder from another of the same name; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None
