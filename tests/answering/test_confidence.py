from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.confidence import (
    UNREAD,
    Confidence,
    Evidence,
    Ranking,
    fitted_weights,
    log_sum,
    logistic,
)

FITTED = "intfloat/multilingual-e5-small"
SEEN = Evidence(
    reading=2.0,
    passage=0.9,
    passage_cosine=0.88,
    sentence_cosine=0.92,
    coverage=0.5,
    passage_coverage=0.75,
    lacks_detail=True,
    foreign=False,
)


def test_a_sentence_scores_by_the_sum_of_its_weighed_evidence() -> None:
    ranking = Ranking(0.5, 10.0, 9.0, 0.6, -1.5, 0.9, -17.0)
    expected = 0.5 * 2 + 10 * 0.9 + 9 * 0.92 + 0.6 * 0.5 - 1.5 * 1 + 0.9 * 0 - 17
    assert ranking(SEEN) == pytest.approx(expected)
    unread = dataclasses.replace(SEEN, reading=None)
    assert ranking(unread) == pytest.approx(expected + 0.5 * (UNREAD - 2))


def test_confidence_is_the_logistic_of_the_odds_and_the_first_evidence() -> None:
    confidence = Confidence(0.7, 3.0, 4.0, 0.5, -8.0)
    any_odds = math.log(math.exp(1) + math.exp(-2))
    total = 0.7 * any_odds + 3 * 0.88 + 4 * 0.92 + 0.5 * 0.75 - 8
    assert confidence(SEEN, [1.0, -2.0]) == pytest.approx(1 / (1 + math.exp(-total)))


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=20))
def test_the_log_of_a_sum_of_exponentials_does_not_overflow(values: list[float]) -> None:
    found = log_sum(values)
    assert max(values) <= found <= max(values) + math.log(len(values)) + 1e-9


def test_the_log_sum_of_nothing_is_no_chance_at_all() -> None:
    assert log_sum([]) == -math.inf
    assert logistic(-math.inf) == 0.0


@given(st.floats(-1e4, 1e4))
def test_the_logistic_is_a_probability_and_odd(value: float) -> None:
    assert 0 <= logistic(value) <= 1
    assert logistic(value) + logistic(-value) == pytest.approx(1)


def test_another_model_keeps_the_order_and_refuses_nothing_for_doubt() -> None:
    fitted = fitted_weights(FITTED, read=False)
    other = fitted_weights("some/other-model", read=True)
    assert other.ranking == fitted.ranking
    assert fitted.confidence.threshold is not None
    assert other.confidence.threshold is None


def test_with_a_reader_what_it_says_counts() -> None:
    read = fitted_weights(FITTED, read=True)
    assert read.ranking.reading > 0
    assert fitted_weights(FITTED, read=False).ranking.reading == 0
    better = dataclasses.replace(SEEN, reading=5.0)
    assert read.ranking(better) > read.ranking(SEEN)
