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
from rag.models.span_reader import LONGEST_INPUT

# Tokens of a row, which holds whole pairs, one after the other: no less than the longest.
ROW = LONGEST_INPUT
# Of a row at most, and columns of a question at most, where a batch has a fixed size.
ROW_SENTENCES = 16
COLUMNS = 192
# Answering passages of a question, as `chosen` keeps them.
SPANS = 3


@dataclass(frozen=True, slots=True)
class Room:
    """What a batch is filled up to, so that all of a run have one shape."""

    rows: int
    questions: int

    @property
    def sentences(self) -> int:
        """How many sentences there is room for."""
        return self.rows * ROW_SENTENCES

    @property
    def spans(self) -> int:
        """How many spans there is room for."""
        return self.questions * SPANS


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of a question and a passage, and what their scores should be.

    ``tokens``, ``places`` and ``pairs`` have shape (rows, ROW): token ids, where in its pair a
    token stands, and its pair, −1 outside. ``sentences``, shape (rows × ROW,), are each token's
    sentence, counted over all pairs; the number of sentences stands for none. ``firsts`` and
    ``choices``, shape (sentences,), are where the sentence's pair begins in the rows laid end
    to end, and the sentence's own place in the table of the choices laid end to end; the size
    of that table stands for none. The table has shape (questions, columns), its column 0 is
    that none answers; ``wanted`` and ``doubtful`` are that table's. ``span_tokens``, shape
    (spans, ROW), are places in the rows laid end to end, −1 outside sentences, and
    ``span_ends``, shape (spans, 2), the first and last column that answer, −1 for no span.
    """

    tokens: Ints
    places: Ints
    pairs: Ints
    sentences: Ints
    firsts: Ints
    choices: Ints
    wanted: npt.NDArray[np.bool_]
    doubtful: npt.NDArray[np.bool_]
    span_tokens: Ints
    span_ends: Ints


class Batches(Dataset[Batch]):
    """The batches of a run's steps, of one shape each if the recipe says of how many rows."""

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
    """A step's batch: some of each question's passages, varied as the recipe says.

    The last questions are left out where there is no room for them.
    """
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
    room = Room(recipe.rows, recipe.questions) if recipe.rows else None
    while room is not None and unanswered and not _fits(pairs, room):
        unanswered.pop()
        pairs = [pair for pair in pairs if pair.owner < len(unanswered)]
    return batch_of(pairs, unanswered, room)


def _fits(pairs: Sequence[Pair], room: Room) -> bool:
    counts = np.zeros(room.questions, np.int64)
    for pair in pairs:
        counts[pair.owner] += len(sentences_of(pair))
    return (
        int(counts.sum()) <= room.sentences
        and int(counts.max()) < COLUMNS
        and max((row for row, _ in packed(pairs)), default=0) < room.rows
    )


def sentences_of(pair: Pair) -> Ints:
    """The numbers of a pair's sentences that were neither left out nor cut off."""
    return np.unique(pair.sentence[pair.sentence >= 0])


def packed(pairs: Sequence[Pair]) -> list[tuple[int, int]]:
    """The row and the place in it where each pair begins: the longest first, where it fits."""
    free: list[int] = []
    found = [(0, 0)] * len(pairs)
    for number in sorted(range(len(pairs)), key=lambda one: -len(pairs[one].tokens)):
        size = len(pairs[number].tokens)
        row = min(
            (row for row, left in enumerate(free) if left >= size),
            key=free.__getitem__,
            default=len(free),
        )
        if row == len(free):
            free.append(ROW)
        found[number] = row, ROW - free[row]
        free[row] -= size
    return found


def batch_of(
    pairs: Sequence[Pair], unanswered: Sequence[bool], room: Room | None = None
) -> Batch:
    """The arrays of ``pairs``, padded to ``room``, else as large as they have to be.

    A question whose ``unanswered`` is True has none to choose. Sentences come in the order of
    the pairs. Questions that there are not have none to choose either, and nothing else.
    """
    starts = packed(pairs)
    present = [sentences_of(pair) for pair in pairs]
    owner = np.repeat([pair.owner for pair in pairs], [len(one) for one in present])
    column = _column(owner, len(unanswered))
    rows = room.rows if room else max((row for row, _ in starts), default=0) + 1
    size = (
        (room.questions, COLUMNS) if room else (len(unanswered), int(column.max(initial=0)) + 1)
    )
    count = room.sentences if room else len(owner)
    shape = rows, ROW
    tokens, places, numbers = (
        np.full(shape, PADDING),
        np.zeros(shape, np.int64),
        -np.ones(shape, np.int64),
    )
    sentences = np.full(rows * ROW, count)
    firsts, choices = np.zeros(count, np.int64), np.full(count, size[0] * size[1])
    before = 0
    for number, (pair, (row, place)) in enumerate(zip(pairs, starts, strict=True)):
        own = slice(place, place + len(pair.tokens))
        tokens[row, own] = pair.tokens
        places[row, own] = np.arange(len(pair.tokens))
        numbers[row, own] = number
        first = row * ROW + place
        inside = np.flatnonzero(pair.sentence >= 0)
        sentences[first + inside] = before + np.searchsorted(
            present[number], pair.sentence[inside]
        )
        firsts[before : before + len(present[number])] = first
        before += len(present[number])
    choices[: len(owner)] = owner * size[1] + column
    wanted, doubtful = np.zeros(size, bool), np.zeros(size, bool)
    none = np.array(unanswered, bool)
    label = np.concatenate([pair.labels[one] for pair, one in zip(pairs, present, strict=True)])
    wanted[owner, column] = (label == ANSWERS) & ~none[owner]
    wanted[:, 0] = np.append(none, np.ones(size[0] - len(none), bool))
    doubtful[owner, column] = label == UNSURE
    span_tokens, span_ends = _spans(pairs, starts, room)
    return Batch(
        tokens,
        places,
        numbers,
        sentences,
        firsts,
        choices,
        wanted,
        doubtful,
        span_tokens,
        span_ends,
    )


def _column(question: Ints, count: int) -> Ints:
    """A number from 1 for every sentence among those of its question."""
    order = np.argsort(question, kind="stable")
    counts = np.bincount(question, minlength=count)
    column = np.empty(len(question), np.int64)
    column[order] = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    return column


def _spans(
    pairs: Sequence[Pair], starts: Sequence[tuple[int, int]], room: Room | None
) -> tuple[Ints, Ints]:
    """The tokens that a span is chosen among, and the spans."""
    with_span = [number for number, pair in enumerate(pairs) if pair.span[0] >= 0]
    count = room.spans if room else len(with_span)
    table, ends = np.full((count, ROW), -1), np.full((count, 2), -1)
    for place, number in enumerate(with_span[:count]):
        row, start = starts[number]
        inside = np.flatnonzero(pairs[number].sentence >= 0)
        table[place, inside] = row * ROW + start + inside
        ends[place] = pairs[number].span
    return table, ends
