"""How far confidence can be trusted, and what another threshold would give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.evaluation.asking import Asking, Outcome

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The askings whose confidence is from ``low`` to ``high``, ``high`` excluded but for 1.

    ``confidence`` is their mean and ``right`` the share whose first quote is right; both
    are None where ``n`` is 0.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    right: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """A reliability diagram and its expected calibration error, None without askings."""

    bins: tuple[Bin, ...]
    error: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """What answering from ``threshold`` of confidence on gives.

    ``answered`` is the share of all askings, ``right`` that of the answered ones whose
    first quote is right.
    """

    threshold: float
    answered: float
    right: float


def calibrate(outcomes: Sequence[Outcome]) -> Calibration:
    """Compare confidence with how often the first quote is right, in bins of equal width.

    Every asking counts, second ones too, whether it was answered or refused. The error is
    ``Σ n/N |right - confidence|`` over the bins (Naeini, Cooper and Hauskrecht, *Obtaining
    Well Calibrated Probabilities Using Bayesian Binning*, AAAI 2015).
    """
    grouped: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in _judged(outcomes):
        grouped[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    bins = tuple(_bin(number, judged) for number, judged in enumerate(grouped))
    total = sum(one.n for one in bins)
    if not total:
        return Calibration(bins, None)
    gaps = (
        one.n / total * abs(one.right - one.confidence)
        for one in bins
        if one.right is not None and one.confidence is not None
    )
    return Calibration(bins, sum(gaps))


def abstention_curve(outcomes: Sequence[Outcome]) -> tuple[Point, ...]:
    """Return a point for every confidence that occurs, from the strictest threshold on.

    The share answered against the share right is the risk-coverage curve of El-Yaniv and
    Wiener, *On the Foundations of Noise-free Selective Classification*, JMLR 2010.
    """
    judged = sorted(_judged(outcomes), reverse=True)
    points: list[Point] = []
    right = 0
    for answered, (confidence, is_right) in enumerate(judged, 1):
        right += is_right
        # Askings of one confidence are answered or refused together.
        if answered == len(judged) or judged[answered][0] < confidence:
            points.append(Point(confidence, answered / len(judged), right / answered))
    return tuple(points)


def _judged(outcomes: Sequence[Outcome]) -> Iterator[tuple[float, bool]]:
    """The confidence of every asking, and whether its first quote is right."""
    for outcome in outcomes:
        for asking in (outcome, outcome.without_gold):
            if asking is not None:
                yield asking.confidence, _is_right(asking)


def _is_right(asking: Asking) -> bool:
    return bool(asking.quotes) and asking.quotes[0].right


def _bin(number: int, judged: Sequence[tuple[float, bool]]) -> Bin:
    low, high, n = number / BINS, (number + 1) / BINS, len(judged)
    if not n:
        return Bin(low, high, 0, None, None)
    confidence = sum(confidence for confidence, _ in judged) / n
    return Bin(low, high, n, confidence, sum(right for _, right in judged) / n)
