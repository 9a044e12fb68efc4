from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.asking import Asking, JudgedQuote, Outcome
from rag.evaluation.calibration import BINS, Point, abstention_curve, calibrate


def asking(confidence: float, right: bool | None) -> Asking:
    """An asking whose first quote is right or not; None for no quote."""
    quotes = () if right is None else (JudgedQuote("q", "a.txt", "a", 0, 1, 1.0, right, True),)
    return Asking(
        answered=True, reason=None, confidence=confidence, milliseconds=1.0, quotes=quotes
    )


def outcome(confidence: float, right: bool | None, again: Asking | None = None) -> Outcome:
    first = asking(confidence, right)
    return Outcome(
        id="x",
        question="x",
        lang="fr",
        answerable=True,
        answers=("q",),
        relevant=1,
        ranks=(1,),
        answered=first.answered,
        reason=first.reason,
        confidence=first.confidence,
        milliseconds=first.milliseconds,
        quotes=first.quotes,
        without_gold=again,
    )


OUTCOMES = [
    outcome(0.95, True, asking(0.15, False)),
    outcome(0.85, False),
    outcome(1.0, True),
    outcome(0.1, None),
]
ASKINGS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30)


def test_askings_fall_into_bins_by_their_confidence() -> None:
    bins = calibrate(OUTCOMES).bins
    assert [one.n for one in bins] == [0, 2, 0, 0, 0, 0, 0, 0, 1, 2]
    assert bins[1].confidence == pytest.approx((0.15 + 0.1) / 2)
    assert (bins[1].right, bins[8].right, bins[9].right) == (0.0, 0.0, 1.0)
    assert (bins[0].confidence, bins[0].right) == (None, None)
    assert [(one.low, one.high) for one in bins] == [(n / 10, (n + 1) / 10) for n in range(10)]


def test_the_error_is_the_mean_gap_weighted_by_askings() -> None:
    expected = 2 / 5 * abs(0 - (0.15 + 0.1) / 2) + 1 / 5 * abs(0 - 0.85)
    expected += 2 / 5 * abs(1 - (0.95 + 1.0) / 2)
    assert calibrate(OUTCOMES).error == pytest.approx(expected)


def test_without_askings_there_is_no_error_and_no_curve() -> None:
    assert calibrate([]).error is None
    assert len(calibrate([]).bins) == BINS
    assert abstention_curve([]) == ()


def test_the_curve_answers_more_and_more() -> None:
    assert abstention_curve(OUTCOMES) == (
        Point(1.0, 1 / 5, 1 / 1),
        Point(0.95, 2 / 5, 2 / 2),
        Point(0.85, 3 / 5, 2 / 3),
        Point(0.15, 4 / 5, 2 / 4),
        Point(0.1, 5 / 5, 2 / 5),
    )


def test_equal_confidences_are_one_point() -> None:
    curve = abstention_curve([outcome(0.5, True), outcome(0.5, False)])
    assert curve == (Point(0.5, 2 / 2, 1 / 2),)


@given(ASKINGS)
def test_all_are_counted_once_and_the_curve_ends_with_all(
    judged: list[tuple[float, bool]],
) -> None:
    outcomes = [outcome(confidence, right) for confidence, right in judged]
    calibration, curve = calibrate(outcomes), abstention_curve(outcomes)
    assert sum(one.n for one in calibration.bins) == len(judged)
    assert calibration.error is not None
    assert 0 <= calibration.error <= 1
    assert curve[-1].answered == 1
    assert curve[-1].right == pytest.approx(sum(right for _, right in judged) / len(judged))
    thresholds = [point.threshold for point in curve]
    assert thresholds == sorted(set(thresholds), reverse=True)
