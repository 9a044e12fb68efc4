"""Whether the articles say it: the reasons against, in the order in which they count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rag.types import Detail, Reason


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out about a question.

    ``missing_names`` are those of its ``missing_words`` that are names; a model across
    languages can miss names alone. ``holds_detail``: some sentence near it holds the kind
    of detail that is asked; ``of_another``: the best one speaks of the thing that is asked,
    but of another's. ``doubtful``: the confidence in the best one is too low, and
    ``sure_without_detail``: it is not in one that lacks the detail.
    """

    missing_dates: tuple[str, ...]
    missing_names: tuple[str, ...]
    missing_words: tuple[str, ...]
    detail: Detail | None
    holds_detail: bool
    of_another: bool
    doubtful: bool
    sure_without_detail: bool


# The first that holds is the reason.
RULES: tuple[tuple[Reason, Callable[[Findings], bool]], ...] = (
    (Reason.DATES_NOT_FOUND, lambda found: bool(found.missing_dates)),
    (Reason.WORDS_NOT_FOUND, lambda found: bool(found.missing_names)),
    (Reason.DETAIL_NOT_FOUND, lambda found: not found.holds_detail),
    (Reason.WORDS_NOT_FOUND, lambda found: found.doubtful and bool(found.missing_words)),
    (Reason.DETAIL_NOT_FOUND, lambda found: found.doubtful and found.sure_without_detail),
    (Reason.NOTHING_CLOSE, lambda found: found.doubtful or found.of_another),
)


def reason_to_refuse(found: Findings) -> Reason | None:
    """Why the articles do not say, None where they do."""
    return next((reason for reason, holds in RULES if holds(found)), None)
