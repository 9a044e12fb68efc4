"""The material's file read again, and what a step of training is made of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from rag.evaluation.training.examples import ANSWERS, OTHER, UNSURE
from rag.models.span_reader import LONGEST_INPUT, LONGEST_QUESTION

FIRST, PADDING, LAST, UNKNOWN = range(4)
# Hidden of the words that a question shares with its first passage.
HIDDEN_OF_SHARED = 0.4

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one training run is made of.

    ``shares`` are the parts of the sources, by the beginning of their names, that an epoch
    draws (all of those not named), and ``opening`` those of the first epoch. ``hidden`` is
    the part of the questions some of whose words are hidden, ``dropped`` the part of the
    sentences left out of their passage. ``rows`` are those of `batches.ROW` tokens that every
    step has; 0 for as many as it needs, which cannot be captured for a GPU.
    """

    epochs: float = 3.0
    rate: float = 1e-4
    questions: int = 16
    rows: int = 0
    passages: int = 8
    dropout: float = 0.1
    early: int = 8
    early_weight: float = 0.3
    span_weight: float = 0.5
    withheld: float = 0.1
    hidden: float = 0.0
    dropped: float = 0.0
    seed: int = 1
    opening: tuple[tuple[str, float], ...] = ()
    shares: tuple[tuple[str, float], ...] = ()
    aside: tuple[str, ...] = ()


class Material:
    """The arrays of a file of material, by question and passage."""

    def __init__(self, file: Path) -> None:
        arrays = dict(np.load(file))
        self.arrays = arrays
        self.sources = [str(name) for name in arrays["sources"]]
        self.source = arrays["question_source"]
        self.answerable = arrays["question_answerable"]
        self.count = len(self.source)
        self._labels = np.split(arrays["labels"], arrays["label_ends"][:-1])
        self.answers = np.array([bool((one == ANSWERS).any()) for one in self._labels])
        self.unsure = np.array([bool((one == UNSURE).any()) for one in self._labels])

    def part(self, name: str, ends: str, number: int) -> Ints:
        bounds = self.arrays[ends]
        first = int(bounds[number - 1]) if number else 0
        found: Ints = self.arrays[name][first : int(bounds[number])]
        return found

    def question(self, number: int) -> Ints:
        return self.part("question_tokens", "question_ends", number)[:LONGEST_QUESTION]

    def candidates(self, number: int) -> range:
        bounds = self.arrays["question_candidates"]
        return range(int(bounds[number - 1]) if number else 0, int(bounds[number]))

    def labels(self, candidate: int) -> Ints:
        found: Ints = self._labels[candidate]
        return found

    def weights(self) -> dict[str, torch.Tensor]:
        found: dict[str, torch.Tensor] = {}
        for key, value in self.arrays.items():
            kind, _, name = key.partition(":")
            if kind == "weight":
                found[name] = torch.from_numpy(value)
            elif kind == "steps":
                scaled = value.astype(np.float32) * self.arrays[f"scales:{name}"][:, None]
                shape = tuple(self.arrays[f"shape:{name}"])
                found[name] = torch.from_numpy(scaled.reshape(shape))
        return found


@dataclass(slots=True)
class Pair:
    """A question with one of its passages, as tokens."""

    owner: int
    candidate: int
    tokens: Ints
    sentence: Ints
    span: tuple[int, int]
    labels: Ints
    asked: int


def pair_of(material: Material, question: int, candidate: int, owner: int) -> Pair:
    """The input ``<s> question </s></s> passage </s>``, with the sentence of every token."""
    asked = material.question(question)
    passage = int(material.arrays["candidate_passage"][candidate])
    room = LONGEST_INPUT - len(asked) - 4
    words = material.part("passage_tokens", "passage_ends", passage)[:room]
    sentences = material.part("passage_sentence", "passage_ends", passage)[:room]
    before = len(asked) + 3
    tokens = np.concatenate([[FIRST], asked, [LAST, LAST], words, [LAST]])
    sentence = np.concatenate([np.full(before, -1), sentences, [-1]])
    start, end = (int(one) for one in material.arrays["candidate_span"][candidate])
    inside = start >= 0 and end < len(words)
    span = (start + before, end + before) if inside else (-1, -1)
    return Pair(
        owner, candidate, tokens, sentence, span, material.labels(candidate), len(asked)
    )


def with_hidden_words(pairs: Sequence[Pair], chooser: random.Random) -> list[Pair]:
    """A question's pairs, some of the words hidden that its first passage has as well.

    So that it is learned from what the others mean; the words are the same in every pair.
    """
    first = pairs[0]
    said = first.tokens[first.sentence >= 0]
    asked = first.tokens[1 : 1 + first.asked]
    shared = np.isin(asked, said)
    picked = np.array([chooser.random() < HIDDEN_OF_SHARED for _ in asked], bool)
    rows = 1 + np.flatnonzero(shared & picked)
    found: list[Pair] = []
    for pair in pairs:
        tokens = pair.tokens.copy()
        tokens[rows] = UNKNOWN
        found.append(replace(pair, tokens=tokens))
    return found


def varied(pair: Pair, recipe: Recipe, chooser: random.Random) -> Pair:
    """A pair less some sentences that do not answer, nor stand before one that does."""
    if not recipe.dropped or not len(pair.labels):
        return pair
    kept_for = (pair.labels != OTHER) | np.append(pair.labels[1:] == ANSWERS, False)
    gone = [
        number
        for number, stays in enumerate(kept_for)
        if not stays and chooser.random() < recipe.dropped
    ]
    keep = ~np.isin(pair.sentence, gone)
    if keep.all() or not (keep & (pair.sentence >= 0)).any():
        return pair
    before = np.cumsum(keep) - 1
    start, end = pair.span
    span = (int(before[start]), int(before[end])) if start >= 0 else (-1, -1)
    return replace(pair, tokens=pair.tokens[keep], sentence=pair.sentence[keep], span=span)


def chosen(
    material: Material, question: int, recipe: Recipe, chooser: random.Random
) -> tuple[list[int], bool]:
    """The candidates of one step, and whether those that answer were left out."""
    candidates = list(material.candidates(question))
    answering = [one for one in candidates if material.answers[one]]
    others = [one for one in candidates if not material.answers[one]]
    if material.answerable[question] and not answering:
        return [], False
    withheld = bool(answering) and chooser.random() < recipe.withheld
    if withheld:
        others = [one for one in others if not material.unsure[one]]
    kept = [] if withheld else answering[:3]
    room = recipe.passages - len(kept)
    # The first ones are what a question is answered from; the later ones now and then.
    first = others[:room]
    if len(others) > room and chooser.random() < 0.5:
        first = chooser.sample(others[: room + 4], min(room, len(others)))
    return kept + first, withheld


def epochs(material: Material, recipe: Recipe, chooser: random.Random) -> list[list[int]]:
    """The steps of all epochs: questions drawn by their source's share."""
    steps: list[list[int]] = []
    left = recipe.epochs
    while left > 0:
        shares = dict(recipe.shares if steps else recipe.opening or recipe.shares)
        drawn: list[int] = []
        for number in range(material.count):
            source = material.sources[int(material.source[number])]
            if is_aside(source, recipe):
                continue
            share = next((s for name, s in shares.items() if source.startswith(name)), 1.0)
            share *= min(1.0, left)
            drawn += [number] * (int(share) + (chooser.random() < share % 1))
        chooser.shuffle(drawn)
        size = recipe.questions
        steps += [drawn[at : at + size] for at in range(0, len(drawn) - size + 1, size)]
        left -= 1
    return steps


def is_aside(source: str, recipe: Recipe) -> bool:
    """Whether a source is measured on, and so never trained on."""
    return source.endswith("dev") or "dev-" in source or source in recipe.aside
