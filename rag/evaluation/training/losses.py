"""How badly a step's questions are answered: what training makes less."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from rag.evaluation.training.examples import ANSWERS, OTHER, UNSURE
from rag.evaluation.training.network import ReaderNetwork
from rag.evaluation.training.steps import (
    PADDING,
    Ints,
    Material,
    Pair,
    Recipe,
    chosen,
    pair_of,
)
from rag.models.span_network import END, HIGHEST, MEAN, START


@dataclass(slots=True)
class Scored:
    """Pairs with both heads' scores: of their tokens, pair after pair, and of each pair.

    ``tokens`` have shape (tokens of all pairs, 4), ``whole`` (pairs,).
    """

    pairs: list[Pair]
    tokens: dict[str, torch.Tensor]
    whole: dict[str, torch.Tensor]


def run(network: ReaderNetwork, pairs: Sequence[Pair], device: str, dropout: float) -> Scored:
    """Both heads' scores of every pair; pairs of like lengths go through together."""
    ordered = sorted(pairs, key=lambda pair: len(pair.tokens))
    tokens: dict[str, list[torch.Tensor]] = {"early": [], "last": []}
    whole: dict[str, list[torch.Tensor]] = {"early": [], "last": []}
    chunk = max(8, -(-len(ordered) // 3))
    for first in range(0, len(ordered), chunk):
        some = ordered[first : first + chunk]
        longest = -(-len(some[-1].tokens) // 16) * 16
        table = np.full((len(some), longest), PADDING)
        for row, pair in enumerate(some):
            table[row, : len(pair.tokens)] = pair.tokens
        inside = torch.from_numpy(np.flatnonzero(table != PADDING)).to(device)
        ids = torch.from_numpy(table).to(device)
        mask = ids != PADDING
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            early = network.lower(network.embed(ids), mask, dropout)
            last = network.upper(early, mask, dropout)
        for name, states in (("early", early), ("last", last)):
            scores, own = network.heads[name](states.float(), mask)
            tokens[name].append(scores.reshape(-1, 4)[inside])
            whole[name].append(own)
    return Scored(
        ordered,
        {name: torch.cat(found) for name, found in tokens.items()},
        {name: torch.cat(found) for name, found in whole.items()},
    )


def sentence_scores(scored: Scored, head: str) -> tuple[torch.Tensor, Ints]:
    """A score for every sentence of every pair, and (pair, sentence) of each."""
    device = scored.tokens[head].device
    counts = [int(pair.sentence.max(initial=-1)) + 1 for pair in scored.pairs]
    firsts = np.cumsum(counts) - counts
    keys = np.concatenate(
        [
            np.where(pair.sentence >= 0, pair.sentence + first, -1)
            for pair, first in zip(scored.pairs, firsts, strict=True)
        ]
    )
    rows = np.flatnonzero(keys >= 0)
    key = torch.from_numpy(keys[rows]).to(device)
    tokens = scored.tokens[head][torch.from_numpy(rows).to(device)]
    size = int(sum(counts))
    sums = torch.zeros(size, device=device).index_add(0, key, tokens[:, MEAN])
    sizes = torch.zeros(size, device=device).index_add(0, key, torch.ones_like(tokens[:, 0]))
    highest = torch.full((size,), -1e4, device=device)
    highest = highest.scatter_reduce(0, key, tokens[:, HIGHEST], "amax")
    owner = np.stack(
        [
            np.repeat(np.arange(len(counts)), counts),
            np.arange(size) - np.repeat(firsts, counts),
        ],
        axis=1,
    )
    own = scored.whole[head][torch.from_numpy(owner[:, 0]).to(device)]
    return sums / sizes.clamp(min=1) + highest + own, owner


def loss_of(
    network: ReaderNetwork,
    material: Material,
    batch: Sequence[int],
    recipe: Recipe,
    chooser: random.Random,
    device: str,
) -> torch.Tensor:
    """How badly a step's questions are answered: the choice among all sentences, and spans."""
    pairs: list[Pair] = []
    unanswered: list[bool] = []
    for question in batch:
        candidates, withheld = chosen(material, question, recipe, chooser)
        if not candidates:
            continue
        owner = len(unanswered)
        unanswered.append(withheld or not material.answerable[question])
        pairs += [pair_of(material, question, one, owner) for one in candidates]
    scored = run(network, pairs, device, recipe.dropout)
    total = torch.zeros((), device=device)
    for head, weight in (("last", 1.0), ("early", recipe.early_weight)):
        scores, places = sentence_scores(scored, head)
        labels = np.array(
            [
                material.labels(scored.pairs[pair].candidate)[sentence]
                for pair, sentence in places
            ]
        )
        questions = np.array([scored.pairs[pair].owner for pair, _ in places])
        total = total + weight * choice_loss(scores, labels, questions, unanswered)
    return total + recipe.span_weight * span_loss(scored)


def choice_loss(
    scores: torch.Tensor, labels: Ints, questions: Ints, unanswered: Sequence[bool]
) -> torch.Tensor:
    """Cross entropy of choosing a sentence that answers, or none (score 0) where none does."""
    order = np.argsort(questions, kind="stable")
    counts = np.bincount(questions, minlength=len(unanswered))
    width = int(counts.max()) + 1
    rows = questions[order]
    columns = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    table = torch.full((len(unanswered), width), -1e4, device=scores.device)
    place = (
        torch.from_numpy(rows).to(scores.device),
        torch.from_numpy(columns).to(scores.device),
    )
    table = table.index_put(place, scores[torch.from_numpy(order).to(scores.device)])
    label = np.zeros((len(unanswered), width), np.int64)
    label[rows, columns] = labels[order]
    label[:, 0] = OTHER
    none = torch.tensor(list(unanswered), device=scores.device)
    wanted = torch.from_numpy(label == ANSWERS).to(scores.device) & ~none[:, None]
    doubtful = torch.from_numpy(label == UNSURE).to(scores.device)
    first = torch.zeros_like(table)
    first[:, 1:] = -1e4
    table = torch.where(torch.arange(width, device=scores.device)[None] == 0, first, table)
    wanted[:, 0] = none
    table = table.masked_fill(doubtful, -1e4)
    right = table.masked_fill(~wanted, -1e4).logsumexp(1)
    return (table.logsumexp(1) - right).clamp(max=20).mean()


def span_loss(scored: Scored) -> torch.Tensor:
    """Cross entropy of the first and the last token that answer, within their passage."""
    tokens = scored.tokens["last"]
    lengths = [len(pair.tokens) for pair in scored.pairs]
    firsts = np.cumsum(lengths) - lengths
    with_span = [row for row, pair in enumerate(scored.pairs) if pair.span[0] >= 0]
    if not with_span:
        return torch.zeros((), device=tokens.device)
    longest = max(lengths[row] for row in with_span)
    table = np.full((len(with_span), longest), -1)
    for place, row in enumerate(with_span):
        inside = np.flatnonzero(scored.pairs[row].sentence >= 0)
        table[place, inside] = firsts[row] + inside
    where = torch.from_numpy(table).to(tokens.device)
    total = torch.zeros((), device=tokens.device)
    for column, end in ((START, 0), (END, 1)):
        scores = tokens[where.clamp(min=0), column].masked_fill(where < 0, -1e4)
        wanted = torch.tensor([scored.pairs[row].span[end] for row in with_span])
        total = total + functional.cross_entropy(scores, wanted.to(tokens.device))
    return total
