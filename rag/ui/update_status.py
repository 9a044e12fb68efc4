"""What the page says of the index's upkeep: what waits, how far a rebuild is, how it ended."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from rag.errors import Problem
from rag.library.build_summary import BuildSummary
from rag.library.library import Library
from rag.library.pending import Waiting
from rag.library.update_state import UpdateState
from rag.ui.html import render
from rag.ui.texts import ENGLISH, TEXTS, Texts

_SHOWN_LEFT_OUT = 20
_MINUTE = 60


def render_upkeep(language: str) -> Markup:
    """Return the place that the page fills with what ``upkeep_to_json`` says."""
    return render("update_place", texts=TEXTS[language].updating)


def upkeep_to_json(library: Library | None, language: str) -> dict[str, Any]:
    """Say it in words of ``language``, none of them escaped.

    ``known`` is False while what waits is still being looked at; ``ended`` counts the
    rebuilds, so that a page can tell that one has ended. ``watched`` tells that changes of
    the folder are indexed unasked, "" where they are not, and ``failing`` that they could
    not be: ``detail`` says why.
    """
    if library is None:
        return {"running": False, "known": True, "ended": 0, "said": "", "update": False}
    state = library.state()
    texts = TEXTS[language]
    waits = _what_waits(state.waiting or Waiting(), texts)
    said = _step(state, texts) if state.running else waits
    failing = state.trouble is not None and not state.running
    if failing:
        said = " ".join(filter(None, (texts.updating.watch_failing, said)))
    return {
        "watched": texts.updating.watched if state.watching else "",
        "failing": failing,
        "running": state.running,
        "known": state.running or state.waiting is not None,
        "done": state.done,
        "total": state.total,
        "ended": state.ended,
        "said": said,
        "detail": _detail(state, language),
        "result": "" if state.running else _result(state, texts),
        "left_out": [] if state.running else _left_out(state.summary, language),
        "update": bool(state.waiting) and not library.read_only,
    }


def _detail(state: UpdateState, language: str) -> dict[str, str]:
    if state.running:
        return {"words": state.note, "language": ENGLISH}
    error = state.trouble or state.error
    return _said(error.problem if error else None, language)


def _said(problem: Problem | None, language: str) -> dict[str, str]:
    words, spoken = problem.said_in(language) if problem else ("", language)
    return {"words": words, "language": spoken}


def _what_waits(waiting: Waiting, texts: Texts) -> str:
    parts = [
        f"{label}{count}"
        for label, count in (
            (texts.updating.waiting_added, waiting.added),
            (texts.updating.waiting_changed, waiting.changed),
            (texts.updating.waiting_removed, waiting.removed),
        )
        if count
    ]
    return texts.updating.waiting.format(parts=", ".join(parts)) if parts else ""


def _step(state: UpdateState, texts: Texts) -> str:
    if state.step is None:
        return texts.updating.step_other
    is_reading = state.step == "articles"
    template = texts.updating.step_articles if is_reading else texts.updating.step_texts
    said = template.format(done=state.done, total=state.total)
    # Reading says nothing yet of how much is to be embedded.
    if state.seconds_left is None or is_reading:
        return said
    return said + texts.updating.time_left.format(time=_duration(state.seconds_left))


def _duration(seconds: float) -> str:
    space = "\N{NARROW NO-BREAK SPACE}"
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))}{space}s"
    return f"{round(seconds / _MINUTE)}{space}min"


def _result(state: UpdateState, texts: Texts) -> str:
    if state.error:
        return texts.updating.failed
    if state.summary is None:
        return ""
    return texts.updating.done.format(
        added=state.summary.added,
        changed=state.summary.changed,
        removed=state.summary.removed,
    )


def _left_out(summary: BuildSummary | None, language: str) -> list[dict[str, str]]:
    broken = summary.broken if summary else ()
    return [
        {"path": file.path, **_said(file.problem, language)}
        for file in broken[:_SHOWN_LEFT_OUT]
    ]
