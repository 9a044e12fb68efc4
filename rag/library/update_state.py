"""The state of the updates of an index, never changed: what a page reads, and what follows."""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass

from rag.errors import RagError
from rag.library.build_summary import BuildSummary
from rag.library.pending import Waiting

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UpdateState:
    """How far an update of the index is, how the last one ended, and what waits for one.

    ``step`` is what the build calls it, with ``done`` of ``total`` units;
    ``seconds_left`` estimates the rest of the step. ``note`` is what the build last
    announced. ``ended`` counts the updates since the start that had anything to tell: not
    those that found nothing to do, nor retries that failed as before. Of the last one that
    counts there is a ``summary`` or an ``error``, neither for one that was stopped.

    ``waiting`` is what an update would take up, None while it is not known. ``watching``
    tells whether the folder is watched, ``trouble`` why what changed in a watched folder is
    not in the index yet, None where it is; it is tried again.
    """

    running: bool = False
    step: str | None = None
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    note: str = ""
    ended: int = 0
    summary: BuildSummary | None = None
    error: RagError | None = None
    waiting: Waiting | None = None
    watching: bool = False
    trouble: RagError | None = None


def begun_after(last: UpdateState) -> UpdateState:
    """Give the state at the begin of an update that follows ``last``."""
    return UpdateState(
        running=True,
        ended=last.ended,
        summary=last.summary,
        error=last.error,
        watching=last.watching,
        trouble=last.trouble,
    )


def ended(
    state: UpdateState, built: BuildSummary | RagError | None, trouble: RagError | None
) -> UpdateState:
    """Give the state after an update that ``built``, failed, or was stopped (None).

    ``trouble`` is what it had to mend, None if it was asked for or the first to fail.
    """
    summary = built if isinstance(built, BuildSummary) else None
    error = built if isinstance(built, RagError) else None
    if summary is not None:
        is_news = summary.written or state.error is not None
        trouble_now = None
    else:
        is_news = trouble is None or not is_same(error, trouble)
        trouble_now = (error or state.trouble) if state.watching else None
    if not is_news:
        return dataclasses.replace(begun_after(state), running=False, trouble=trouble_now)
    return UpdateState(
        ended=state.ended + 1,
        summary=summary,
        error=error,
        watching=state.watching,
        trouble=trouble_now,
    )


def is_same(one: RagError | None, other: RagError | None) -> bool:
    """Whether two errors tell the same."""
    return type(one) is type(other) and str(one) == str(other)


def together(first: BuildSummary, then: BuildSummary) -> BuildSummary:
    """Sum up two builds, of which nobody was told between them."""
    return dataclasses.replace(
        then,
        written=first.written or then.written,
        added=first.added + then.added,
        changed=first.changed + then.changed,
        removed=first.removed + then.removed,
    )


def log_summary(summary: BuildSummary) -> None:
    """Log what a build did."""
    logger.info(
        "%d added, %d changed, %d removed", summary.added, summary.changed, summary.removed
    )
