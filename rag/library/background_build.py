"""A rebuild in the background: one at a time, with its progress, for whoever asks."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from rag.errors import RagError
from rag.library.build import BuildSummary
from rag.progress import Progress

logger = logging.getLogger(__name__)

_A_MOMENT = 0.5

Rebuild = Callable[[Progress, Callable[[str], None]], BuildSummary]


@dataclass(frozen=True, slots=True)
class RebuildState:
    """How far a rebuild is, or how the last one ended.

    ``step`` is what the build calls it, with ``done`` of ``total`` units;
    ``seconds_left`` estimates the rest of the step. ``note`` is what the build last
    announced. ``ended`` counts the rebuilds since the start that had anything to tell: not
    those that found nothing to do, nor retries that failed as before. Of the last one that
    counts there is a ``summary`` or an ``error`` ("" for one that stopped or had none).
    """

    running: bool = False
    step: str | None = None
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    note: str = ""
    ended: int = 0
    summary: BuildSummary | None = None
    error: str = ""


class _StoppedError(Exception):
    """The rebuild was asked to stop."""


class Rebuilding:
    """Runs ``rebuild`` in a thread of its own, which no closed page ends.

    Safe to use from several threads. ``clock`` gives seconds.
    """

    def __init__(self, rebuild: Rebuild, clock: Callable[[], float] = time.monotonic) -> None:
        self._rebuild = rebuild
        self._clock = clock
        self._lock = threading.Lock()
        self._state = RebuildState()
        self._step_began = 0.0
        self._again = False
        self._is_retry = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, *, is_retry: bool = False) -> None:
        """Begin a rebuild; while one runs, have another one follow it.

        A retry that fails with the same error as the rebuild before is silent about it.
        """
        with self._lock:
            if self._stopping.is_set():
                return
            self._is_retry = is_retry and (self._is_retry or not self._state.running)
            if self._state.running:
                self._again = True
                return
            self._state = _begun_after(self._state)
            self._thread = threading.Thread(target=self._run, name="rebuild", daemon=True)
            self._thread.start()

    def state(self) -> RebuildState:
        """Tell how far it is now."""
        with self._lock:
            state, spent = self._state, self._clock() - self._step_began
        if not state.running or not state.done:
            return state
        left = spent * (state.total - state.done) / state.done
        return dataclasses.replace(state, seconds_left=left)

    def stop(self) -> None:
        """End a rebuild between two of its units, keeping what it embedded, and wait.

        Python must not end while the model's native code runs. A rebuild that still
        waits for another program's runs none, and is not waited for.
        """
        self._stopping.set()
        thread = self._thread
        if thread is not None:
            thread.join(_A_MOMENT if self.state().step is None else None)

    def wait(self, seconds: float | None = None) -> None:
        """Return once no rebuild runs, or after so many seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def start(self, what: str, total: int) -> None:
        """Hear from the build that a step begins."""
        self._refuse_to_go_on()
        with self._lock:
            self._step_began = self._clock()
            self._change(step=what, done=0, total=total)

    def advance(self, count: int) -> None:
        """Hear from the build that ``count`` units are done."""
        self._refuse_to_go_on()
        with self._lock:
            self._change(done=self._state.done + count)

    def _refuse_to_go_on(self) -> None:
        if self._stopping.is_set():
            raise _StoppedError

    def _announce(self, message: str) -> None:
        logger.info("%s", message)
        # A build that waits for a cluster says so, and is not waited for.
        self._refuse_to_go_on()
        with self._lock:
            self._change(note=message)

    def _change(self, **changes: object) -> None:
        self._state = dataclasses.replace(self._state, **changes)  # type: ignore[arg-type]

    def _run(self) -> None:
        before: BuildSummary | None = None
        while True:
            summary, error = self._run_once()
            if before is not None and summary is not None:
                summary = _together(before, summary)
            with self._lock:
                if self._again and not self._stopping.is_set():
                    self._again = False
                    self._state = _begun_after(self._state)
                    before = summary
                    continue
                if self._has_news(summary, error):
                    ended = self._state.ended + 1
                    self._state = RebuildState(ended=ended, summary=summary, error=error)
                else:
                    self._state = dataclasses.replace(_begun_after(self._state), running=False)
                return

    def _has_news(self, summary: BuildSummary | None, error: str) -> bool:
        """Whether what ended is to be told."""
        before = self._state.error
        if summary is not None:
            return summary.written or bool(before)
        return not self._is_retry or error != before

    def _run_once(self) -> tuple[BuildSummary | None, str]:
        """The summary of one rebuild, or what went wrong."""
        try:
            return self._rebuild(self, self._announce), ""
        except _StoppedError:
            logger.info("the rebuild was stopped")
            return None, ""
        except RagError as error:
            if not self._is_retry or str(error) != self._state.error:
                logger.warning("%s", error)
            return None, str(error)
        except Exception as error:
            logger.exception("the index could not be rebuilt")
            return None, f"the index could not be rebuilt ({type(error).__name__})"


def _begun_after(last: RebuildState) -> RebuildState:
    return RebuildState(running=True, ended=last.ended, summary=last.summary, error=last.error)


def _together(first: BuildSummary, then: BuildSummary) -> BuildSummary:
    return dataclasses.replace(
        then,
        written=first.written or then.written,
        added=first.added + then.added,
        changed=first.changed + then.changed,
        removed=first.removed + then.removed,
    )
