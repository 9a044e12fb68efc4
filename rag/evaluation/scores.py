"""From outcomes to measures: values with their 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from rag.evaluation.asking import Asking, Outcome
from rag.evaluation.metrics import (
    RESAMPLES,
    FloatArray,
    IntArray,
    auroc,
    bootstrap_interval,
    exact_match,
    hit_at,
    ndcg_at,
    reciprocal_rank,
    token_f1,
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A value and its 95 % bootstrap interval over questions.

    ``n`` counts what the value is taken over: questions, askings, quotes or
    refusals. None where the data cannot give a value.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What a group of outcomes holds.

    ``should_be_refused`` counts the askings of unanswerable questions and the
    second askings; ``not_in_index`` the answerable questions to which no
    passage of the index is relevant (they count as missed).
    """

    questions: int
    answerable: int
    unanswerable: int
    askings: int
    should_be_refused: int
    refused: int
    quotes: int
    not_in_index: int


class Statistic(Protocol):
    """A number about outcomes that can be taken of any sample of them."""

    @property
    def n(self) -> int:
        """What the number is taken over."""

    def __call__(self, rows: IntArray) -> float:
        """The number for the outcomes with these row numbers; NaN without data."""


@dataclass(frozen=True, slots=True)
class Share:
    """``Σ part / Σ whole``, with a part and a whole for each outcome."""

    part: FloatArray
    whole: FloatArray

    @property
    def n(self) -> int:
        return int(self.whole.sum())

    def __call__(self, rows: IntArray) -> float:
        whole = self.whole[rows].sum()
        return float(self.part[rows].sum() / whole) if whole else math.nan


@dataclass(frozen=True, slots=True)
class Separation:
    """AUROC of confidence; NaN in an array where an outcome has no such asking."""

    should_answer: FloatArray
    should_refuse: FloatArray

    @property
    def n(self) -> int:
        return int(
            np.isfinite(self.should_answer).sum() + np.isfinite(self.should_refuse).sum()
        )

    def __call__(self, rows: IntArray) -> float:
        positives, negatives = self.should_answer[rows], self.should_refuse[rows]
        return auroc(positives[~np.isnan(positives)], negatives[~np.isnan(negatives)])


@dataclass(frozen=True, slots=True)
class Percentile:
    """A percentile of one value an outcome, with linear interpolation."""

    values: FloatArray
    percent: float

    @property
    def n(self) -> int:
        return int(self.values.size)

    def __call__(self, rows: IntArray) -> float:
        return float(np.percentile(self.values[rows], self.percent))


Outcomes = Sequence[Outcome]


def _answerable(value: Callable[[Outcome], float], outcomes: Outcomes) -> Share:
    """Mean over the answerable questions."""
    return _pairs((value(one), 1) if one.answerable else (0, 0) for one in outcomes)


def _right_quote(k: int, outcome: Outcome) -> float:
    place = outcome.first_right_quote()
    return float(place is not None and place <= k)


def _marked(score: Callable[[str, Sequence[str]], float], outcome: Outcome) -> float:
    """SQuAD's score of the words marked in the first quote, or of all of it."""
    if not outcome.quotes:
        return 0.0
    first = outcome.quotes[0]
    return score(first.marked or first.text, outcome.answers)


def _valid_quotes(outcomes: Outcomes) -> Share:
    shown = ([quote.valid for one in _askings(o) for quote in one.quotes] for o in outcomes)
    return _pairs((sum(valid), len(valid)) for valid in shown)


def _refusal_precision(outcomes: Outcomes) -> Share:
    return _pairs(
        (
            sum(not one.answered for one in _should_be_refused(outcome)),
            sum(not one.answered for one in _askings(outcome)),
        )
        for outcome in outcomes
    )


def _refusal_recall(outcomes: Outcomes) -> Share:
    expected = ([one.answered for one in _should_be_refused(o)] for o in outcomes)
    return _pairs((answered.count(False), len(answered)) for answered in expected)


def _separation(outcomes: Outcomes) -> Separation:
    return Separation(
        _floats(one.confidence if one.answerable else math.nan for one in outcomes),
        _floats(
            next((one.confidence for one in _should_be_refused(outcome)), math.nan)
            for outcome in outcomes
        ),
    )


def _latency(percent: float, outcomes: Outcomes) -> Percentile:
    return Percentile(_floats(one.milliseconds for one in outcomes), percent)


def _askings(outcome: Outcome) -> list[Asking]:
    return [outcome] if outcome.without_gold is None else [outcome, outcome.without_gold]


def _should_be_refused(outcome: Outcome) -> list[Asking]:
    """At most one asking: the question itself, or its second asking."""
    if not outcome.answerable:
        return [outcome]
    return [] if outcome.without_gold is None else [outcome.without_gold]


def _pairs(pairs: Iterable[tuple[float, float]]) -> Share:
    table = np.array(list(pairs), dtype=np.float64).reshape(-1, 2)
    return Share(table[:, 0], table[:, 1])


def _floats(values: Iterable[float]) -> FloatArray:
    return np.array(list(values), dtype=np.float64)


def _mean(value: Callable[[Outcome], float]) -> Callable[[Outcomes], Statistic]:
    return partial(_answerable, value)


# The sections and names of the report, in its order.
STATISTICS: Mapping[str, Mapping[str, Callable[[Outcomes], Statistic]]] = {
    "passages": {
        "hit@1": _mean(lambda one: hit_at(one.ranks, 1)),
        "hit@3": _mean(lambda one: hit_at(one.ranks, 3)),
        "hit@5": _mean(lambda one: hit_at(one.ranks, 5)),
        "hit@10": _mean(lambda one: hit_at(one.ranks, 10)),
        "mrr@10": _mean(lambda one: reciprocal_rank(one.ranks)),
        "ndcg@10": _mean(lambda one: ndcg_at(one.ranks, one.relevant)),
    },
    "quotes": {
        "answer@1": _mean(partial(_right_quote, 1)),
        "answer@3": _mean(partial(_right_quote, 3)),
        "answered_right@1": _mean(lambda one: one.answered * _right_quote(1, one)),
        "valid": _valid_quotes,
    },
    "marks": {
        "f1": _mean(partial(_marked, token_f1)),
        "em": _mean(partial(_marked, exact_match)),
    },
    "abstention": {
        "auroc": _separation,
        "refusal_precision": _refusal_precision,
        "refusal_recall": _refusal_recall,
        "answered_when_answerable": _mean(lambda one: float(one.answered)),
    },
    "latency_ms": {"p50": partial(_latency, 50), "p95": partial(_latency, 95)},
}

Measures = Mapping[str, Mapping[str, Measure]]


def measure_all(outcomes: Outcomes, resamples: int = RESAMPLES) -> Measures:
    """Every measure of the report over ``outcomes``, by section and name."""
    return {
        section: {
            name: measure(make(outcomes), len(outcomes), resamples)
            for name, make in named.items()
        }
        for section, named in STATISTICS.items()
    }


def measure(statistic: Statistic, size: int, resamples: int = RESAMPLES) -> Measure:
    """The value and the interval of a statistic over ``size`` outcomes."""
    value = statistic(np.arange(size)) if statistic.n else math.nan
    interval = None if math.isnan(value) else bootstrap_interval(statistic, size, resamples)
    if interval is None:
        return Measure(None, None, None, statistic.n)
    return Measure(value, *interval, statistic.n)


def count(outcomes: Outcomes) -> Counts:
    """How many questions, askings and quotes ``outcomes`` hold."""
    askings = [asking for outcome in outcomes for asking in _askings(outcome)]
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    return Counts(
        questions=len(outcomes),
        answerable=len(answerable),
        unanswerable=len(outcomes) - len(answerable),
        askings=len(askings),
        should_be_refused=sum(len(_should_be_refused(outcome)) for outcome in outcomes),
        refused=sum(not asking.answered for asking in askings),
        quotes=sum(len(asking.quotes) for asking in askings),
        not_in_index=sum(not outcome.relevant for outcome in answerable),
    )
