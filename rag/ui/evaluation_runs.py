"""Runs gold questions behind the page of evaluation, and keeps the last two reports."""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import EvaluationError, RagError
from rag.evaluation import (
    Comparison,
    Report,
    compare_outcomes,
    describe,
    evaluate,
    load_outcomes,
    load_report,
    read_gold,
)
from rag.evaluation.metrics import RESAMPLES

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.config import Settings

logger = logging.getLogger(__name__)

OnStarted = Callable[[int], None]
OnAsked = Callable[[], None]
# Gets a gold file, and tells how many questions it has and of each that was asked.
AskGold = Callable[[Path, OnStarted, OnAsked], Report]


@dataclass(frozen=True, slots=True)
class Progress:
    """A run that goes on: how many questions of a gold file were asked."""

    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Result:
    """The last run of a gold file, and what changed since the one before, if any."""

    name: str
    report: Report
    comparison: Comparison | None
    ended: datetime.datetime


class _StoppedError(Exception):
    """The program ends before the run does."""


class Evaluations:
    """Gold files of a folder, one run at a time. Safe to use from several threads."""

    def __init__(
        self, folder: Path, kept: Path, ask_gold: AskGold, resamples: int = RESAMPLES
    ) -> None:
        """Find gold files in ``folder`` and keep reports in ``kept``.

        The intervals of what is read back come of so many ``resamples``.
        """
        self._folder = folder
        self._kept = kept
        self._ask_gold = ask_gold
        self._resamples = resamples
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._failures: dict[str, str] = {}
        self._results: dict[str, Result] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def folder(self) -> Path:
        """Where gold files are looked for."""
        return self._folder

    def names(self) -> list[str]:
        """List the gold files, by name; none when there is no such folder."""
        return sorted(found.name for found in self._folder.glob("*.jsonl") if found.is_file())

    def progress(self) -> Progress | None:
        """Return the run that goes on."""
        with self._lock:
            return self._progress

    def failure(self, name: str) -> str | None:
        """Tell why the last run of ``name`` failed, in English; None when it did not."""
        with self._lock:
            return self._failures.get(name)

    def result(self, name: str) -> Result | None:
        """Return the last run of ``name`` that ended well, before a restart too."""
        with self._lock:
            if name not in self._results and name in self.names():
                read = self._read(name)
                if read is not None:
                    self._results[name] = read
            return self._results.get(name)

    def start(self, name: str) -> None:
        """Begin a run of the gold file ``name``, in the background.

        Raises EvaluationError when there is no such file or another run goes on.
        """
        if name not in self.names():
            raise EvaluationError(f"there is no gold file '{name}' in {self._folder}")
        with self._lock:
            if self._progress is not None:
                raise EvaluationError(
                    f"'{self._progress.name}' is being evaluated; wait until it has ended"
                )
            self._progress = Progress(name, 0, 0)
            self._failures.pop(name, None)
            self._thread = threading.Thread(
                target=self._run, args=(name,), name="evaluation", daemon=True
            )
        self._thread.start()

    def wait(self) -> None:
        """Return once no run goes on."""
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """End the run that goes on after the question it is at, and wait for that."""
        self._stopping.set()
        self.wait()

    def _run(self, name: str) -> None:
        failure: str | None = None
        try:
            report = self._ask_gold(
                self._folder / name, lambda total: self._moved(total=total), self._asked
            )
            self._keep(name, report)
        except _StoppedError:
            pass
        except RagError as error:
            failure = str(error)
        except Exception:
            logger.exception("the evaluation of %s failed", name)
            failure = "something unexpected went wrong; the details are in the terminal"
        with self._lock:
            self._progress = None
            if failure is not None:
                self._failures[name] = failure

    def _asked(self) -> None:
        if self._stopping.is_set():
            raise _StoppedError
        self._moved(by=1)

    def _moved(self, *, by: int = 0, total: int | None = None) -> None:
        with self._lock:
            now = self._progress
            if now is not None:
                total = now.total if total is None else total
                self._progress = Progress(now.name, now.done + by, total)

    def _keep(self, name: str, report: Report) -> None:
        last, before = self._files(name)
        written = json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n"
        new = last.with_suffix(".new")
        try:
            self._kept.mkdir(parents=True, exist_ok=True)
            new.write_text(written, encoding="utf-8")
            if last.exists():
                os.replace(last, before)
            os.replace(new, last)
        except OSError as error:
            raise EvaluationError(
                f"the report cannot be written to {last} ({error.strerror}); make room or "
                "give write permission there"
            ) from error
        with self._lock:
            self._results.pop(name, None)

    def _read(self, name: str) -> Result | None:
        last, before = self._files(name)
        try:
            ended = datetime.datetime.fromtimestamp(last.stat().st_mtime, datetime.UTC)
            report = load_report(last, self._resamples)
        except (OSError, EvaluationError):
            return None
        return Result(name, report, self._comparison(before, report), ended)

    def _comparison(self, before: Path, report: Report) -> Comparison | None:
        if not before.exists():
            return None
        try:
            old = load_outcomes(before)
            return compare_outcomes(old, report.outcomes, self._resamples)
        except EvaluationError as error:
            logger.info("%s", error)
            return None

    def _files(self, name: str) -> tuple[Path, Path]:
        """Where the last report on a gold file is kept, and the one before."""
        place = str((self._folder / name).resolve())
        known = f"{Path(name).stem}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
        return self._kept / f"{known}.json", self._kept / f"{known}.before.json"


def gold_asker(settings: Settings, assistant: Assistant, resamples: int = RESAMPLES) -> AskGold:
    """Return what asks ``assistant`` the questions of a gold file."""

    def ask_gold(gold: Path, on_started: OnStarted, on_asked: OnAsked) -> Report:
        questions = read_gold(gold)
        on_started(len(questions))
        with assistant.snapshot() as snapshot:
            about = describe(settings, snapshot.overview(), gold=[gold])
            passages = snapshot.passages()
            return evaluate(
                snapshot,
                questions,
                passages,
                about,
                on_asked=on_asked,
                resamples=resamples,
            )

    return ask_gold
