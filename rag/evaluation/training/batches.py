"""A step's questions as arrays: all that needs Python, done beside the network's work.

What is varied at random is drawn from the step's own number, so that a run can be repeated
whatever process makes its batches.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch.utils.data import Dataset

from rag.evaluation.training.examples import ANSWERS, UNSURE
from rag.evaluation.training.steps import (
    PADDING,
    Ints,
    Material,
    Pair,
    Recipe,
    chosen,
    pair_of,
    varied,
    with_hidden_words,
)

# Pairs of like lengths go through together: more tables are less padding and more calls.
TABLES = 2
LENGTHS = 16


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of a question and a passage, shortest first, and what their scores should be.

    ``tables`` are token ids, shape (pairs, tokens) each. Tokens are counted over the tables
    laid end to end, padding too, and sentences over all pairs. ``tokens`` and
    ``token_sentence`` tell the tokens of sentences and the sentence of each;
    ``sentence_pair`` a sentence's pair; ``places``, shape (sentences, 2), its question and its
    column in the table of the choices, shape (questions, columns), whose column 0 is none;
    ``wanted`` and ``doubtful`` are that table's. ``span_tokens``, shape (pairs with a span,
    tokens), are −1 outside sentences, and ``span_ends``, shape (pairs with a span, 2), the
    first and last column that answer.
    """

    tables: tuple[Ints, ...]
    candidates: Ints
    tokens: Ints
    token_sentence: Ints
    sentence_pair: Ints
    places: Ints
    wanted: npt.NDArray[np.bool_]
    doubtful: npt.NDArray[np.bool_]
    span_tokens: Ints
    span_ends: Ints


class Batches(Dataset[Batch]):
    """The batches of a run's steps."""

    def __init__(
        self, material: Material, steps: Sequence[Sequence[int]], recipe: Recipe
    ) -> None:
        self._material = material
        self._steps = steps
        self._recipe = recipe

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, step: int) -> Batch:
        chooser = random.Random(f"{self._recipe.seed} {step}")
        return drawn(self._material, self._steps[step], self._recipe, chooser)


def drawn(
    material: Material, questions: Sequence[int], recipe: Recipe, chooser: random.Random
) -> Batch:
    """A step's batch: some of each question's passages, varied as the recipe says."""
    pairs: list[Pair] = []
    unanswered: list[bool] = []
    for question in questions:
        candidates, withheld = chosen(material, question, recipe, chooser)
        if not candidates:
            continue
        owner = len(unanswered)
        unanswered.append(withheld or not material.answerable[question])
        own = [pair_of(material, question, one, owner) for one in candidates]
        if chooser.random() < recipe.hidden:
            own = with_hidden_words(own, chooser)
        pairs += [varied(one, recipe, chooser) for one in own]
    return batch_of(pairs, unanswered)


def batch_of(pairs: Sequence[Pair], unanswered: Sequence[bool]) -> Batch:
    """The arrays of ``pairs``; a question whose ``unanswered`` is True has none to choose."""
    ordered = sorted(pairs, key=lambda pair: len(pair.tokens))
    tables, firsts = _tables(ordered)
    tokens: list[Ints] = []
    token_sentence: list[Ints] = []
    sentence_pair: list[Ints] = []
    labels: list[Ints] = []
    count = 0
    for number, (pair, first) in enumerate(zip(ordered, firsts, strict=True)):
        inside = np.flatnonzero(pair.sentence >= 0)
        present, sentence = np.unique(pair.sentence[inside], return_inverse=True)
        tokens.append(first + inside)
        token_sentence.append(count + sentence)
        sentence_pair.append(np.full(len(present), number))
        labels.append(pair.labels[present])
        count += len(present)
    pair_of_each = np.concatenate(sentence_pair)
    question = np.array([pair.owner for pair in ordered])[pair_of_each]
    label = np.concatenate(labels)
    column = _column(question, len(unanswered))
    size = len(unanswered), int(column.max(initial=0)) + 1
    wanted, doubtful = np.zeros(size, bool), np.zeros(size, bool)
    none = np.array(unanswered, bool)
    wanted[question, column] = (label == ANSWERS) & ~none[question]
    wanted[:, 0] = none
    doubtful[question, column] = label == UNSURE
    span_tokens, span_ends = _spans(ordered, firsts)
    return Batch(
        tables,
        np.array([pair.candidate for pair in ordered]),
        np.concatenate(tokens),
        np.concatenate(token_sentence),
        pair_of_each,
        np.stack([question, column], axis=1),
        wanted,
        doubtful,
        span_tokens,
        span_ends,
    )


def _tables(ordered: Sequence[Pair]) -> tuple[tuple[Ints, ...], list[int]]:
    """The tables, and where each pair's first token stands in them laid end to end."""
    tables: list[Ints] = []
    firsts: list[int] = []
    before = 0
    rows = -(-len(ordered) // TABLES)
    for at in range(0, len(ordered), rows):
        some = ordered[at : at + rows]
        longest = -(-len(some[-1].tokens) // LENGTHS) * LENGTHS
        table = np.full((len(some), longest), PADDING)
        for row, pair in enumerate(some):
            table[row, : len(pair.tokens)] = pair.tokens
            firsts.append(before + row * longest)
        tables.append(table)
        before += table.size
    return tuple(tables), firsts


def _column(question: Ints, count: int) -> Ints:
    """A number from 1 for every sentence among those of its question."""
    order = np.argsort(question, kind="stable")
    counts = np.bincount(question, minlength=count)
    column = np.empty(len(question), np.int64)
    column[order] = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    return column


def _spans(ordered: Sequence[Pair], firsts: Sequence[int]) -> tuple[Ints, Ints]:
    """The tokens that a span is chosen among, and the spans."""
    with_span = [row for row, pair in enumerate(ordered) if pair.span[0] >= 0]
    longest = max((len(ordered[row].tokens) for row in with_span), default=0)
    table = np.full((len(with_span), longest), -1)
    for place, row in enumerate(with_span):
        inside = np.flatnonzero(ordered[row].sentence >= 0)
        table[place, inside] = firsts[row] + inside
    return table, np.array([ordered[row].span for row in with_span]).reshape(-1, 2)
