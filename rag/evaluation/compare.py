"""Two runs of the evaluation, question by question."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.errors import EvaluationError
from rag.evaluation.asking import Outcome
from rag.evaluation.metrics import RESAMPLES, IntArray
from rag.evaluation.scores import STATISTICS, Statistic, measure


class Change(enum.StrEnum):
    """What became of a question from one run to the next."""

    NOW_RIGHT = "wrong to right"
    NOW_WRONG = "right to wrong"
    NOW_ANSWERED = "refused to answered"
    NOW_REFUSED = "answered to refused"


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """A question whose first quote or whose refusal changed."""

    change: Change
    old: Outcome
    new: Outcome


@dataclass(frozen=True, slots=True)
class MeasureChange:
    """A measure of the old and the new run, over the questions they share.

    ``low`` and ``high`` bound ``new - old``: a 95 % paired bootstrap interval
    over questions. None where a run cannot give the measure.
    """

    section: str
    name: str
    old: float | None
    new: float | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two runs; ``only_old`` and ``only_new`` are ids."""

    shared: int
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    measures: tuple[MeasureChange, ...]
    questions: tuple[QuestionChange, ...]


@dataclass(frozen=True, slots=True)
class _Difference:
    """A statistic of one run less that of another, on the same questions."""

    old: Statistic
    new: Statistic

    @property
    def n(self) -> int:
        return min(self.old.n, self.new.n)

    def __call__(self, rows: IntArray) -> float:
        return self.new(rows) - self.old(rows)


def compare_outcomes(
    old: Sequence[Outcome], new: Sequence[Outcome], resamples: int = RESAMPLES
) -> Comparison:
    """What changed from ``old`` to ``new``, over the questions that both asked.

    A question is the same when its id and its words are. Raises
    EvaluationError when no question is.
    """
    before = {(one.id, one.question): one for one in old}
    after = {(one.id, one.question): one for one in new}
    shared = [key for key in after if key in before]
    if not shared:
        raise EvaluationError(
            f"the two runs share no question ({len(before)} and {len(after)} asked); "
            "compare runs of the same gold file"
        )
    pairs = [(before[key], after[key]) for key in shared]
    return Comparison(
        shared=len(shared),
        only_old=tuple(key[0] for key in before if key not in after),
        only_new=tuple(key[0] for key in after if key not in before),
        measures=_measure_changes(pairs, resamples),
        questions=tuple(
            QuestionChange(change, first, second)
            for first, second in pairs
            for change in changes(first, second)
        ),
    )


def changes(old: Outcome, new: Outcome) -> tuple[Change, ...]:
    """What changed for a question: its first quote, and whether it is answered."""
    found = []
    was_right, is_right = (one.first_right_quote() == 1 for one in (old, new))
    if was_right != is_right:
        found.append(Change.NOW_RIGHT if is_right else Change.NOW_WRONG)
    if old.answered != new.answered:
        found.append(Change.NOW_ANSWERED if new.answered else Change.NOW_REFUSED)
    return tuple(found)


def _measure_changes(
    pairs: Sequence[tuple[Outcome, Outcome]], resamples: int
) -> tuple[MeasureChange, ...]:
    old, new = zip(*pairs, strict=True)
    found = []
    for section, named in STATISTICS.items():
        for name, make in named.items():
            before, after = make(old), make(new)
            difference = measure(_Difference(before, after), len(pairs), resamples)
            found.append(
                MeasureChange(
                    section,
                    name,
                    _value(before, len(pairs)),
                    _value(after, len(pairs)),
                    difference.value,
                    difference.low,
                    difference.high,
                )
            )
    return tuple(found)


def _value(statistic: Statistic, size: int) -> float | None:
    value = statistic(np.arange(size))
    return None if math.isnan(value) else value
