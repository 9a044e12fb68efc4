"""Measures of search, of answers and of refusals: pure functions on plain values.

Every docstring gives the formula and where it comes from. A rank is a place
in a list of results, best first; the first rank is 1.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

CUT = 10
RESAMPLES = 1000
SEED = 20250815

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼʹ′´`＇", "'"))
_FRENCH_ARTICLES = re.compile(r"\b(?:le|la|les|un|une|des)\b|\bl'")


def hit_at(ranks: Iterable[int], k: int) -> float:
    """1.0 when a relevant passage is among the first ``k``, else 0.0.

    ``ranks`` are the ranks of the relevant passages that were found. Called
    success@k in TREC (Voorhees and Harman, *TREC*, 2005); it is not recall@k,
    which is the share of all the relevant passages.
    """
    return float(any(rank <= k for rank in ranks))


def reciprocal_rank(ranks: Iterable[int], k: int = CUT) -> float:
    """1 / the best rank, or 0.0 when that rank is beyond ``k``.

    Its mean over questions is MRR@k. Source: Voorhees, *The TREC-8 Question
    Answering Track Report*, 1999, with the cut of MS MARCO.
    """
    best = min(ranks, default=math.inf)
    return 1 / best if best <= k else 0.0


def ndcg_at(ranks: Iterable[int], relevant: int, k: int = CUT) -> float:
    """Normalised discounted cumulative gain, with relevance 0 or 1.

    ``DCG = Σ 1 / log2(rank + 1)`` over the relevant ranks up to ``k``, divided
    by the DCG of a perfect order: ``relevant`` passages (all that exist, found
    or not) at ranks 1, 2, … up to ``k``. 0.0 when nothing is relevant.
    Source: Järvelin and Kekäläinen, *Cumulated gain-based evaluation of IR
    techniques*, ACM TOIS 20(4), 2002, with the usual log2(rank + 1) discount.
    """
    gain = sum(1 / math.log2(rank + 1) for rank in ranks if rank <= k)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(relevant, k) + 1))
    return gain / ideal if ideal else 0.0


def fold_answer(text: str) -> str:
    """``text`` as gold answers are compared: case, apostrophes and spaces folded.

    Canonical caseless form (Unicode Standard, 3.13, D145) in NFC, every
    apostrophe as ', and every run of white space, no-break spaces included, as
    one space. Accents are kept.
    """
    caseless = unicodedata.normalize("NFD", text).casefold().translate(_APOSTROPHES)
    return unicodedata.normalize("NFC", " ".join(caseless.split()))


def contains_answer(text: str, answers: Iterable[str]) -> bool:
    """Whether ``text`` contains one of the ``answers``, both folded."""
    folded = fold_answer(text)
    return any(fold_answer(answer) in folded for answer in answers)


def exact_match(prediction: str, answers: Iterable[str]) -> float:
    """1.0 when ``prediction`` equals one of the ``answers`` once normalised.

    Source: Rajpurkar et al., *SQuAD*, EMNLP 2016, with French normalisation:
    `fold_answer`, the articles le, la, les, l', un, une and des removed,
    punctuation read as a space, accents kept.
    """
    tokens = _answer_tokens(prediction)
    return float(any(tokens == _answer_tokens(answer) for answer in answers))


def token_f1(prediction: str, answers: Iterable[str]) -> float:
    """The best F1, over ``answers``, of the tokens shared with ``prediction``.

    ``2 · precision · recall / (precision + recall)`` over bags of tokens,
    normalised as in `exact_match`. Two texts without tokens agree (1.0); one
    without disagrees (0.0), as in SQuAD 2.0. Source: Rajpurkar et al.,
    *SQuAD*, EMNLP 2016.
    """
    tokens = _answer_tokens(prediction)
    return max((_bag_f1(tokens, _answer_tokens(answer)) for answer in answers), default=0.0)


def _bag_f1(predicted: Sequence[str], expected: Sequence[str]) -> float:
    if not predicted or not expected:
        return float(predicted == expected)
    # 2PR / (P + R) with P = shared / predicted and R = shared / expected.
    shared = (Counter(predicted) & Counter(expected)).total()
    return 2 * shared / (len(predicted) + len(expected))


def _answer_tokens(text: str) -> list[str]:
    without_articles = _FRENCH_ARTICLES.sub(" ", fold_answer(text))
    return "".join(
        " " if unicodedata.category(character).startswith("P") else character
        for character in without_articles
    ).split()


def auroc(positives: FloatArray, negatives: FloatArray) -> float:
    """Area under the ROC curve of scores that should be higher for positives.

    The share of (positive, negative) pairs in the right order, a tie counting
    half: the Mann-Whitney U statistic over the number of pairs. NaN when either
    side is empty. Source: Hanley and McNeil, *The meaning and use of the area
    under a ROC curve*, Radiology 143, 1982.
    """
    if not positives.size or not negatives.size:
        return math.nan
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    not_above = np.searchsorted(ordered, positives, side="right")
    return float((below + not_above).sum() / (2 * positives.size * negatives.size))


def bootstrap_interval(
    statistic: Callable[[IntArray], float], size: int, resamples: int = RESAMPLES
) -> tuple[float, float] | None:
    """A 95 % interval of ``statistic`` over ``size`` independent units.

    Percentile bootstrap: ``statistic`` is computed on ``resamples`` samples of
    ``size`` row numbers drawn with replacement from ``0 … size - 1``, with a
    fixed seed; the interval goes from the 2.5th to the 97.5th percentile.
    Samples in which the statistic does not exist (NaN) are left out; None when
    none is left. Source: Efron and Tibshirani, *An Introduction to the
    Bootstrap*, 1993, chapter 13.
    """
    if size < 1:
        return None
    generator = np.random.default_rng(SEED)
    drawn = np.array([statistic(generator.integers(size, size=size)) for _ in range(resamples)])
    existing = drawn[~np.isnan(drawn)]
    if not existing.size:
        return None
    low, high = np.percentile(existing, (2.5, 97.5))
    return float(low), float(high)
