"""Which files of a watched folder are still: what is being copied is not read half.

A file that appears, changes or goes is in motion until nothing of it changed for a while.
Until then the folder is taken for what it was before, as far as that file goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rag.errors import Code
from rag.library.build_summary import BuildSummary
from rag.library.folder_changes import FileMark

# A program that writes line by line rests between two lines, a copy over a network too: so
# many seconds must nothing change.
STILL_AFTER = 5.0
# What nobody saw change until now is taken for still sooner.
_STILL_BEFORE = 1.0
# What could not be read for a moment; the wait for it is doubled at most so many times.
_TRIED_AGAIN = frozenset({Code.NOT_READ, Code.NOT_LISTED, Code.CHANGED_MEANWHILE})
_MOST_DOUBLINGS = 7


@dataclass(frozen=True, slots=True)
class StillFolder:
    """A folder as it was last still.

    ``marks`` are those of its files, ``moving`` the files, there or not, that are to be left
    as they were, and ``seconds`` how soon the first of them may be still, None without any.
    """

    marks: tuple[FileMark, ...]
    moving: frozenset[str]
    seconds: float | None


class StillFiles:
    """Remembers since when files are as they are. Not safe from several threads.

    ``clock`` gives seconds, ``wall`` those since 1970, as the times of files do.
    """

    def __init__(
        self,
        still_after: float = STILL_AFTER,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._still_after = still_after
        self._clock = clock
        self._wall = wall
        self._began: float | None = None
        self._settled: dict[str, FileMark] | None = None
        # Of what is in motion: its mark, None when it is gone, and since when.
        self._since: dict[str, tuple[FileMark | None, float]] = {}

    def look(self, marks: Iterable[FileMark]) -> StillFolder:
        """Tell what is still of a folder whose files have ``marks`` now."""
        now = self._clock()
        self._began = now if self._began is None else self._began
        current = {mark[0]: mark for mark in marks}
        is_first = self._settled is None
        settled = self._settled if self._settled is not None else {}
        moving: dict[str, float] = {}
        for path in current.keys() | settled.keys():
            mark = current.get(path)
            if mark == settled.get(path):
                self._since.pop(path, None)
                continue
            known = self._since.get(path)
            if known is None or known[0] != mark:
                # What was there before anybody looked tells by itself since when.
                age = self._age(mark) if is_first and mark is not None else 0.0
                ahead = max(self._still_after - _STILL_BEFORE, 0.0) if is_first else 0.0
                known = self._since[path] = mark, now - age - ahead
            left = known[1] + self._still_after - now
            if left > 0:
                moving[path] = left
                continue
            del self._since[path]
            if mark is None:
                del settled[path]
            else:
                settled[path] = mark
        for path in self._since.keys() - moving.keys():
            del self._since[path]
        self._settled = settled
        return StillFolder(
            tuple(sorted(settled.values())),
            frozenset(moving),
            min(moving.values(), default=None),
        )

    def has_just_begun(self) -> bool:
        """Whether a file that moved at the first look may still be moving for that reason."""
        return self._began is not None and self._clock() < self._began + self._still_after

    def take(self, marks: Iterable[FileMark]) -> StillFolder:
        """Take a folder for still as it is now, as somebody says so."""
        self._settled = {mark[0]: mark for mark in marks}
        self._since.clear()
        return StillFolder(tuple(sorted(self._settled.values())), frozenset(), None)

    def _age(self, mark: FileMark) -> float:
        """Seconds since a file or its inode was last changed."""
        return max(self._wall() - max(mark[3:]) / 1e9, 0.0)


class TryAgain:
    """When what could not be read is due again: that it can be, no mark of it need tell."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._count = 0
        self._due: float | None = None

    def after(self, built: BuildSummary) -> None:
        """Note what a build could not read."""
        if not any(file.problem.code in _TRIED_AGAIN for file in built.broken):
            self._count, self._due = 0, None
            return
        # Ever less often: it costs a read of every file, and it may be so for good.
        wait = self._seconds * 2 ** min(self._count, _MOST_DOUBLINGS)
        self._count, self._due = self._count + 1, self._clock() + wait

    def is_due(self) -> bool:
        """Whether it is time."""
        return self._due is not None and self._clock() >= self._due
