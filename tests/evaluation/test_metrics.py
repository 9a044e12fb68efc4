"""Measures against arithmetic written out and against independent implementations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.metrics import (
    SEED,
    auroc,
    bootstrap_interval,
    contains_answer,
    exact_match,
    fold_answer,
    hit_at,
    ndcg_at,
    reciprocal_rank,
    token_f1,
)

NARROW_NO_BREAK = "\u202f"
NO_BREAK = "\u00a0"


@pytest.mark.parametrize(
    ("ranks", "k", "expected"),
    [([1], 1, 1.0), ([2], 1, 0.0), ([2, 9], 3, 1.0), ([4], 3, 0.0), ([], 10, 0.0)],
)
def test_hit_at(ranks: list[int], k: int, expected: float) -> None:
    assert hit_at(ranks, k) == expected


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [([1, 2], 1.0), ([3, 7], 1 / 3), ([10], 1 / 10), ([11], 0.0), ([], 0.0)],
)
def test_reciprocal_rank_is_cut_at_ten(ranks: list[int], expected: float) -> None:
    assert reciprocal_rank(ranks) == expected


def test_ndcg_by_hand() -> None:
    gain = 1 / math.log2(2 + 1) + 1 / math.log2(5 + 1)
    ideal = 1 / math.log2(1 + 1) + 1 / math.log2(2 + 1) + 1 / math.log2(3 + 1)
    assert ndcg_at([2, 5, 11], relevant=3) == pytest.approx(gain / ideal)
    assert ndcg_at([], relevant=0) == 0.0


@given(st.lists(st.booleans(), min_size=2, max_size=40).filter(any))
def test_ndcg_agrees_with_scikit_learn(relevance: list[bool]) -> None:
    from sklearn.metrics import ndcg_score

    ranks = [rank for rank, relevant in enumerate(relevance, 1) if relevant]
    scores = -np.arange(len(relevance))
    expected = ndcg_score([relevance], [scores], k=10)
    assert ndcg_at(ranks, relevant=sum(relevance)) == pytest.approx(expected)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=60).filter(
        lambda pairs: len({label for label, _ in pairs}) == 2
    )
)
def test_auroc_agrees_with_scikit_learn(pairs: list[tuple[bool, int]]) -> None:
    from sklearn.metrics import roc_auc_score

    positives = np.array([score for label, score in pairs if label], dtype=float)
    negatives = np.array([score for label, score in pairs if not label], dtype=float)
    labels, scores = zip(*pairs, strict=True)
    assert auroc(positives, negatives) == pytest.approx(roc_auc_score(labels, scores))


def test_auroc_counts_a_tie_as_half() -> None:
    # Pairs: 0.9 > 0.5, 0.9 > 0.1, 0.5 = 0.5, 0.5 > 0.1.
    assert auroc(np.array([0.9, 0.5]), np.array([0.5, 0.1])) == (1 + 1 + 0.5 + 1) / 4


def test_auroc_needs_both_sides() -> None:
    assert math.isnan(auroc(np.array([0.5]), np.array([])))
    assert math.isnan(auroc(np.array([]), np.array([0.5])))


def test_bootstrap_interval_agrees_with_scipy() -> None:
    from scipy import stats

    values = np.random.default_rng(1).random(200)
    expected = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=5000, rng=SEED
    ).confidence_interval
    found = bootstrap_interval(lambda rows: float(values[rows].mean()), values.size)
    # 200 values spread by 0.29 have a standard error of 0.02.
    assert found == pytest.approx((expected.low, expected.high), abs=0.02 / 4)


def test_bootstrap_interval_is_the_same_every_time() -> None:
    values = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    first, second = (
        bootstrap_interval(lambda rows: float(values[rows].mean()), 5) for _ in range(2)
    )
    assert first == second == (0.2, 1.0)


def test_bootstrap_interval_leaves_out_samples_without_the_statistic() -> None:
    alone = np.array([math.nan, 7.0])
    with_seven = bootstrap_interval(
        lambda rows: 7.0 if (alone[rows] == 7.0).any() else math.nan, alone.size
    )
    assert with_seven == (7.0, 7.0)
    assert bootstrap_interval(lambda rows: math.nan, 3) is None
    assert bootstrap_interval(lambda rows: 1.0, 0) is None


def test_fold_answer_folds_case_apostrophes_and_spaces_but_no_accents() -> None:
    assert fold_answer(f"« L’IA{NARROW_NO_BREAK}» \n d'Été{NO_BREAK}! ") == "« l'ia » d'été !"
    assert fold_answer("e\u0301te\u0301") == "été"
    assert fold_answer("été") != fold_answer("ete")


@given(st.text())
def test_fold_answer_twice_is_once(text: str) -> None:
    assert fold_answer(fold_answer(text)) == fold_answer(text)


def test_contains_answer() -> None:
    quote = f"Il a payé{NO_BREAK}: 14,2{NARROW_NO_BREAK}milliards d’euros."
    assert contains_answer(quote, ["nothing", "14,2 MILLIARDS d'euros"])
    assert not contains_answer(quote, ["14.2 milliards"])
    assert not contains_answer(quote, [])


@pytest.mark.parametrize(
    ("prediction", "answers", "expected"),
    [
        ("L’IA d’Elon Musk.", ["ia d'elon musk"], 1.0),
        ("la bague", ["une bague", "un cœur"], 1.0),
        ("été", ["ete"], 0.0),
        ("le bleu ciel", ["bleu"], 0.0),
        ("bleu", [], 0.0),
    ],
)
def test_exact_match(prediction: str, answers: list[str], expected: float) -> None:
    assert exact_match(prediction, answers) == expected


def test_token_f1_takes_the_best_answer() -> None:
    # "le" goes; shared: bleu, ciel. 2 of 3 predicted, 2 of 2 expected.
    precision, recall = 2 / 3, 2 / 2
    expected = 2 * precision * recall / (precision + recall)
    assert token_f1("le bleu ciel clair", ["rouge", "bleu ciel"]) == pytest.approx(expected)
    assert token_f1("bleu bleu", ["bleu"]) == pytest.approx(2 * (1 / 2) * 1 / (1 / 2 + 1))


def test_token_f1_of_texts_without_tokens() -> None:
    assert token_f1("le", ["…"]) == 1.0
    assert token_f1("le", ["bleu"]) == 0.0
    assert token_f1("bleu", []) == 0.0
