"""Progress as bars on stderr, one a step."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Bars:
    """Draws what it is told as `rag.progress.Progress`."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def start(self, what: str, total: int) -> None:
        """Begin a bar, in place of one of the same name that is done."""
        for task in self._bars.tasks:
            if task.finished and task.description == what:
                self._bars.remove_task(task.id)
        self._task = self._bars.add_task(what, total=total)

    def advance(self, count: int) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bars.advance(self._task, count)


class _RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")


@contextmanager
def progress_bars() -> Iterator[Bars]:
    """Bars with count, rate, time spent and time left, while inside."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        # A log wants the result, not the bars.
        disable=not sys.stderr.isatty(),
    )
    with bars:
        yield Bars(bars)
