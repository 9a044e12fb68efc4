"""What is asked in training, and what is set aside."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.evaluation.gold import GoldQuestion
from rag.types import Filters

ASIDE_EVERY = 16
# What a sentence is to a question.
OTHER, ANSWERS, UNSURE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the name of what it comes from, and the articles it is asked of."""

    gold: GoldQuestion
    source: str
    filters: Filters


def is_aside(title: str) -> bool:
    """Whether a title's questions are left out of the training, one title in sixteen."""
    return hashlib.sha256(title.encode()).digest()[0] % ASIDE_EVERY == 0


def shuffled(questions: Sequence[Asked], share: float, seed: int = 1) -> Iterator[Asked]:
    """A repeatable draw of a share of ``questions``."""
    chooser = random.Random(seed)
    return (one for one in questions if chooser.random() < share)
