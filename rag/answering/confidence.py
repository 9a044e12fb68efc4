"""Evidence to a score, and scores to how sure an answer is; the weights are data.

A question's sentences compete with each other and with « the articles do not say », whose
score is 0: a conditional logit (McFadden, *Conditional logit analysis of qualitative choice
behavior*, 1974), so that choosing and refusing are one decision.
``rag/evaluation/training/calibrate.py`` fits the weights and writes them.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Of what a reader did not read, as what it found least likely.
UNREAD = -12.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a sentence.

    ``reading`` is the reader's log-odds, None without; ``passage`` the score of its hit;
    ``passage_cosine`` and ``sentence_cosine`` the hit's and its own to the question;
    ``coverage`` and ``passage_coverage`` the shares of the question's words that it and its
    passage have. ``foreign``: in another language than the question, where words say nothing.
    """

    reading: float | None
    passage: float
    passage_cosine: float
    sentence_cosine: float
    coverage: float
    passage_coverage: float
    lacks_detail: bool
    foreign: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """What each evidence adds to a sentence's log-odds against no sentence answering."""

    reading: float = 0.0
    passage: float = 0.0
    sentence_cosine: float = 0.0
    coverage: float = 0.0
    lacks_detail: float = 0.0
    foreign: float = 0.0
    bias: float = 0.0

    @staticmethod
    def evidence(found: Evidence) -> tuple[float, ...]:
        """What the weights weigh, in their order."""
        return (
            UNREAD if found.reading is None else found.reading,
            found.passage,
            found.sentence_cosine,
            found.coverage,
            float(found.lacks_detail),
            float(found.foreign),
            1.0,
        )

    def __call__(self, found: Evidence) -> float:
        """The log-odds of a sentence."""
        return _weighed(self, self.evidence(found))


@dataclass(frozen=True, slots=True)
class Confidence:
    """What makes sure that the first quote answers; the logistic of the sum is how sure.

    ``odds`` weighs the log-odds that any sentence answers, the others weigh the first
    quote's evidence. Below ``threshold`` the answer is a refusal; None refuses nothing.
    """

    odds: float = 0.0
    passage_cosine: float = 0.0
    sentence_cosine: float = 0.0
    passage_coverage: float = 0.0
    bias: float = 0.0
    threshold: float | None = None

    @staticmethod
    def evidence(first: Evidence, scores: Sequence[float]) -> tuple[float, ...]:
        """What the weights weigh, in their order; ``scores`` are all candidates'."""
        return (
            log_sum(scores),
            first.passage_cosine,
            first.sentence_cosine,
            first.passage_coverage,
            1.0,
        )

    def __call__(self, first: Evidence, scores: Sequence[float]) -> float:
        """How likely the first quote answers, 0 to 1."""
        return logistic(_weighed(self, self.evidence(first, scores)))


@dataclass(frozen=True, slots=True)
class Weights:
    """What orders sentences, and what tells how sure the first one is.

    ``foreign_confidence`` is for a first one in another language than the question.
    """

    ranking: Ranking
    confidence: Confidence
    foreign_confidence: Confidence

    def sure(self, first: Evidence, scores: Sequence[float]) -> float:
        """How likely the first quote answers, 0 to 1; ``scores`` are all candidates'."""
        confidence = self.foreign_confidence if first.foreign else self.confidence
        return confidence(first, scores)


def _weighed(weights: Ranking | Confidence, values: Sequence[float]) -> float:
    """Σ weight · value, over the weights that have one."""
    each: tuple[float, ...] = dataclasses.astuple(weights)[: len(values)]
    return sum(weight * value for weight, value in zip(each, values, strict=True))


def log_sum(values: Sequence[float]) -> float:
    """Log Σ exp(value), without overflow; −∞ for none."""
    highest = max(values, default=-math.inf)
    if highest == -math.inf:
        return highest
    return highest + math.log(sum(math.exp(value - highest) for value in values))


def logistic(value: float) -> float:
    """1 / (1 + exp(−value)), without overflow."""
    if value < 0:
        return math.exp(value) / (1 + math.exp(value))
    return 1 / (1 + math.exp(-value))


def fitted_weights(model: str, *, read: bool) -> Weights:
    """The weights for an index of ``model``, whose hits were ``read`` or not.

    Of a model that nothing was fitted to the order is kept and nothing is refused for lack
    of confidence: its cosines lie elsewhere.
    """
    found = _file()
    kind = found["read" if read and model == found["model"] else "unread"]
    ways = [Confidence(**kind[name]) for name in ("confidence", "foreign_confidence")]
    if model != found["model"]:
        ways = [dataclasses.replace(one, threshold=None) for one in ways]
    return Weights(Ranking(**kind["ranking"]), *ways)


@functools.cache
def _file() -> dict[str, Any]:
    content = importlib.resources.files("rag.answering").joinpath("weights.json").read_bytes()
    read: dict[str, Any] = json.loads(content)
    return read
