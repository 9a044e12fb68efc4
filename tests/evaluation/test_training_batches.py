"""What a step of training is made of, and how badly made-up scores answer it."""

from __future__ import annotations

import itertools
import math
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from rag.evaluation.training.steps import Pair

# The libraries of models take seconds to import.
pytestmark = pytest.mark.slow

OTHER, ANSWERS, UNSURE = 0, 1, 2
# A head of two tokens, then sentences of two, three and one.
SENTENCE = [-1, -1, 0, 0, 1, 1, 1, 2]


def _pair(
    owner: int = 0, labels: tuple[int, ...] = (OTHER, ANSWERS, OTHER), more: int = 0
) -> Pair:
    from rag.evaluation.training.steps import Pair

    sentence = np.array(SENTENCE + [-1] * more)
    span = (4, 5) if labels[1] == ANSWERS else (-1, -1)
    tokens = np.arange(10, 10 + len(sentence))
    return Pair(owner, owner, tokens, sentence, span, np.array(labels), asked=1)


def test_a_batch_tells_each_sentence_what_it_is_to_its_question() -> None:
    from rag.evaluation.training.batches import batch_of

    longer = _pair(owner=1, labels=(UNSURE, OTHER, OTHER), more=1)
    batch = batch_of([longer, _pair()], [False, True])
    assert batch.choices.tolist() == [4 + 1, 4 + 2, 4 + 3, 1, 2, 3]
    assert batch.wanted.tolist() == [[False, False, True, False], [True, False, False, False]]
    assert batch.doubtful.tolist() == [[False] * 4, [False, True, False, False]]
    laid = batch.tokens.ravel()
    assert laid[batch.sentences < 3 + 3].tolist() == [*range(12, 18)] * 2
    assert laid[batch.firsts].tolist() == [10] * (3 + 3)
    assert laid[batch.span_tokens[0, 4]] == 10 + 4
    assert batch.span_ends.tolist() == [[4, 5]]


def test_pairs_share_a_row_and_are_told_apart() -> None:
    from rag.evaluation.training.batches import batch_of

    batch = batch_of([_pair(), _pair(1, more=1)], [False, False])
    # The longer one is laid first.
    assert batch.pairs[0, : 9 + 8 + 1].tolist() == [1] * 9 + [0] * 8 + [-1]
    assert batch.places[0, : 9 + 8].tolist() == [*range(9), *range(8)]


def test_no_row_holds_more_than_fits() -> None:
    from rag.evaluation.training.batches import ROW, packed

    chooser = random.Random(1)
    pairs = [_pair(more=chooser.randrange(ROW - 7)) for _ in range(40)]
    taken: dict[int, list[tuple[int, int]]] = {}
    for pair, (row, place) in zip(pairs, packed(pairs), strict=True):
        taken.setdefault(row, []).append((place, place + len(pair.tokens)))
    for spans in map(sorted, taken.values()):
        assert spans[0][0] == 0
        assert all(one[1] == other[0] for one, other in itertools.pairwise(spans))
        assert spans[-1][1] <= ROW


def test_what_fills_a_batch_up_costs_nothing() -> None:
    import torch

    from rag.evaluation.training.batches import Room, batch_of
    from rag.evaluation.training.losses import choice_loss, on, span_loss

    pairs, unanswered = [_pair(), _pair(1, (OTHER,) * 3, more=1)], [False, True]
    scores = torch.tensor([1.0, 2.0, 0.0, -1.0, -2.0, 0.0])
    room = Room(rows=2, questions=3)
    bare, filled = (on("cpu", batch_of(pairs, unanswered, one)) for one in (None, room))
    assert tuple(filled["tokens"].shape) == (2, 384)
    padded = torch.cat([scores, torch.zeros(room.sentences - len(scores))])
    assert choice_loss(padded, filled).item() == pytest.approx(choice_loss(scores, bare).item())
    tokens = torch.randn(2 * 384, 4, generator=torch.Generator().manual_seed(1))
    assert span_loss(tokens, filled).item() == pytest.approx(
        span_loss(tokens[:384], bare).item()
    )


def test_the_choice_is_among_a_questions_sentences_and_none() -> None:
    import torch

    from rag.evaluation.training.batches import batch_of
    from rag.evaluation.training.losses import choice_loss, on

    batch = on("cpu", batch_of([_pair(), _pair(1, (OTHER,) * 3, more=1)], [False, True]))
    scores = torch.tensor([1.0, 2.0, 0.0, -1.0, -2.0, 0.0])
    answered = math.log(1 + math.e + math.e**2 + 1) - 2
    refused = math.log(1 + math.e**-1 + math.e**-2 + 1)
    assert choice_loss(scores, batch).item() == pytest.approx((answered + refused) / 2)


def test_a_doubtful_sentence_is_no_choice() -> None:
    import torch

    from rag.evaluation.training.batches import batch_of
    from rag.evaluation.training.losses import choice_loss, on

    batch = on("cpu", batch_of([_pair(labels=(UNSURE, ANSWERS, OTHER))], [False]))
    found = choice_loss(torch.tensor([9.0, 2.0, 0.0]), batch).item()
    assert found == pytest.approx(math.log(1 + math.e**2 + 1) - 2)


def test_sentences_left_out_keep_the_answer_and_what_stands_before_it() -> None:
    from rag.evaluation.training.steps import Recipe, varied

    pair = varied(_pair(), Recipe(dropped=1.0), random.Random(1))
    assert pair.sentence.tolist() == SENTENCE[:-1]
    elsewhere = varied(
        _pair(labels=(OTHER, OTHER, ANSWERS)), Recipe(dropped=1.0), random.Random(1)
    )
    assert elsewhere.sentence.tolist() == [-1, -1, 1, 1, 1, 2]


def test_words_left_out_move_the_span() -> None:
    from dataclasses import replace

    from rag.evaluation.training.steps import Recipe, varied

    last = replace(_pair(labels=(OTHER, OTHER, ANSWERS)), span=(7, 7))
    found = varied(last, Recipe(dropped=1.0), random.Random(1))
    assert found.tokens[found.span[0]] == last.tokens[7]


def test_hidden_words_are_the_same_in_every_pair() -> None:
    from dataclasses import replace

    from rag.evaluation.training.steps import UNKNOWN, with_hidden_words

    tokens = np.array([0, 14, 2, 14, 15, 16, 17, 18])
    first, second = (replace(_pair(owner), tokens=tokens) for owner in (0, 1))
    hidden = [with_hidden_words([first, second], random.Random(seed)) for seed in range(20)]
    assert all(one.tokens[1] == other.tokens[1] for one, other in hidden)
    assert {int(one.tokens[1]) for one, _ in hidden} == {14, UNKNOWN}
    assert all(one.tokens[3] == 14 for one, _ in hidden)
