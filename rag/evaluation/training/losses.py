"""How badly a step's questions are answered: what training makes less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from rag.evaluation.training.batches import Batch
from rag.evaluation.training.network import MASKED, ReaderNetwork
from rag.evaluation.training.steps import PADDING, Recipe
from rag.models.span_network import END, HIGHEST, MEAN, START


@dataclass(frozen=True, slots=True)
class Scored:
    """Both heads' scores of a batch.

    ``tokens`` have shape (tokens of all tables, 4), ``whole`` (pairs,).
    """

    tokens: dict[str, torch.Tensor]
    whole: dict[str, torch.Tensor]


def on(device: str, array: npt.NDArray[np.generic]) -> torch.Tensor:
    """An array as a tensor of the device, without waiting for it."""
    found = torch.from_numpy(array)
    return found.pin_memory().to(device, non_blocking=True) if device == "cuda" else found


def run(network: ReaderNetwork, batch: Batch, device: str, dropout: float) -> Scored:
    """Both heads' scores of every pair."""
    tokens: dict[str, list[torch.Tensor]] = {"early": [], "last": []}
    whole: dict[str, list[torch.Tensor]] = {"early": [], "last": []}
    states: list[tuple[torch.Tensor, dict[str, torch.Tensor]]] = []
    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
        for table in batch.tables:
            ids = on(device, table)
            mask = ids != PADDING
            early = network.lower(network.embed(ids), mask, dropout)
            last = network.upper(early, mask, dropout)
            states.append((mask, {"early": early, "last": last}))
    for mask, by_head in states:
        for name, state in by_head.items():
            scores, own = network.heads[name](state.float(), mask)
            tokens[name].append(scores.reshape(-1, 4))
            whole[name].append(own)
    return Scored(
        {name: torch.cat(found) for name, found in tokens.items()},
        {name: torch.cat(found) for name, found in whole.items()},
    )


def sentence_scores(scored: Scored, batch: Batch, head: str) -> torch.Tensor:
    """A score for every sentence of the batch, shape (sentences,)."""
    device = scored.tokens[head].device.type
    key = on(device, batch.token_sentence)
    pair = on(device, batch.sentence_pair)
    tokens = scored.tokens[head][on(device, batch.tokens)]
    size = len(batch.sentence_pair)
    sums = tokens.new_zeros(size).index_add(0, key, tokens[:, MEAN])
    sizes = tokens.new_zeros(size).index_add(0, key, torch.ones_like(tokens[:, 0]))
    highest = tokens.new_full((size,), MASKED)
    highest = highest.scatter_reduce(0, key, tokens[:, HIGHEST], "amax")
    return sums / sizes.clamp(min=1) + highest + scored.whole[head][pair]


def loss_of(network: ReaderNetwork, batch: Batch, recipe: Recipe, device: str) -> torch.Tensor:
    """How badly a step's questions are answered: the choice among all sentences, and spans."""
    scored = run(network, batch, device, recipe.dropout)
    total = recipe.span_weight * span_loss(scored, batch)
    for head, weight in (("last", 1.0), ("early", recipe.early_weight)):
        total = total + weight * choice_loss(sentence_scores(scored, batch, head), batch)
    return total


def choice_loss(scores: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Cross entropy of choosing a sentence that answers, or none (score 0) where none does."""
    device = scores.device.type
    wanted, doubtful = on(device, batch.wanted), on(device, batch.doubtful)
    table = scores.new_full(batch.wanted.shape, MASKED)
    table[:, 0] = 0
    place = on(device, batch.places)
    table = table.index_put((place[:, 0], place[:, 1]), scores)
    table = table.masked_fill(doubtful, MASKED)
    right = table.masked_fill(~wanted, MASKED).logsumexp(1)
    return (table.logsumexp(1) - right).clamp(max=20).mean()


def span_loss(scored: Scored, batch: Batch) -> torch.Tensor:
    """Cross entropy of the first and the last token that answer, within their passage."""
    tokens = scored.tokens["last"]
    if not len(batch.span_ends):
        return tokens.new_zeros(())
    device = tokens.device.type
    where = on(device, batch.span_tokens)
    wanted = on(device, batch.span_ends)
    total = tokens.new_zeros(())
    for column, end in ((START, 0), (END, 1)):
        scores = tokens[where.clamp(min=0), column].masked_fill(where < 0, MASKED)
        total = total + functional.cross_entropy(scores, wanted[:, end])
    return total
