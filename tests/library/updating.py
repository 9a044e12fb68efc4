"""An updater whose clock, events and turns are a test's: no thread, no wait."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from rag.config import Settings
from rag.library.build import build_folder
from rag.library.build_summary import BuildSummary
from rag.library.update_state import UpdateState
from rag.library.updater import Build, Updater
from rag.progress import Progress
from tests.fakes import CountingEncoder

PATIENCE = 60
SUMMARY = BuildSummary(1, 2, 3, 4, (), 8, 9, 5, 4, 9, "one", True, 0.5)
Announce = Callable[[str], None]


class Clock:
    """Seconds that pass when a test lets them."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class SaidEvents:
    """Events of the folder that a test says."""

    def __init__(self) -> None:
        self.is_on = False
        self.change: Callable[[], None] = lambda: None
        self.break_with: Callable[[Exception], None] = lambda _: None

    def start(
        self, on_change: Callable[[], None], on_break: Callable[[Exception], None]
    ) -> None:
        self.is_on = True
        self.change, self.break_with = on_change, on_break

    def stop(self) -> None:
        self.is_on = False


class ByHand(Updater):
    """An updater without a thread: a test has it take its turns."""

    def __init__(self, settings: Settings, build: Build, **options: Any) -> None:
        self.events, self.clock = SaidEvents(), Clock()
        self.built: list[BuildSummary] = []
        chosen: dict[str, Any] = {
            "on_built": self.built.append,
            "events": self.events,
            "clock": self.clock,
            "still_after": 0,
        }
        super().__init__(settings, build, **chosen | options)

    def start(self) -> None:
        """Do nothing: whoever would be the thread is the test."""

    def turn_after_change(self) -> None:
        self.events.change()
        self.turn()

    def turn_after(self, seconds: float) -> None:
        self.clock.now += seconds
        self.turn()


class Scripted:
    """A build that ends as it is told: a summary to give, an error to raise."""

    def __init__(self, *outcomes: BuildSummary | Exception) -> None:
        self.outcomes = list(outcomes)
        self.runs = 0

    def __call__(self, progress: Progress, announce: Announce) -> BuildSummary:
        self.runs += 1
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def watching(settings: Settings, build: Build | None = None, **options: bool) -> ByHand:
    """An updater that watches and had its first turn."""
    if build is None:
        build = functools.partial(build_folder, settings, CountingEncoder())
    updater = ByHand(settings, build, **options)
    updater.watch()
    updater.turn()
    return updater


def ended_after(updater: ByHand) -> UpdateState:
    """The state after an update that was asked for."""
    updater.rebuild()
    updater.turn()
    return updater.state()
