"""How badly a step's questions are answered: what training makes less."""

from __future__ import annotations

import dataclasses

import torch
from torch.nn import functional

from rag.evaluation.training.batches import Batch
from rag.evaluation.training.network import MASKED, ReaderNetwork
from rag.evaluation.training.steps import Recipe
from rag.models.span_network import END, HIGHEST, MEAN, START

Tensors = dict[str, torch.Tensor]


def on(device: str, batch: Batch) -> Tensors:
    """A batch's arrays as tensors of the device, without waiting for them."""
    found: Tensors = {}
    for field in dataclasses.fields(batch):
        array = torch.from_numpy(getattr(batch, field.name))
        moved = array.pin_memory().to(device, non_blocking=True) if device == "cuda" else array
        found[field.name] = moved
    return found


def run(network: ReaderNetwork, batch: Tensors, dropout: float) -> Tensors:
    """Both heads' states, shape (tokens of all rows, width); a pair sees nothing but itself."""
    device = batch["tokens"].device.type
    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
        pairs = batch["pairs"]
        kind = torch.bfloat16 if device == "cuda" else torch.float32
        unseen = pairs[:, :, None] != pairs[:, None, :]
        mask = torch.zeros(unseen.shape, dtype=kind, device=unseen.device)
        mask = mask.masked_fill(unseen, MASKED)
        early = network.lower(network.embed(batch["tokens"], batch["places"]), mask, dropout)
        last = network.upper(early, mask, dropout)
    return {"early": early.float().flatten(0, 1), "last": last.float().flatten(0, 1)}


def sentence_scores(
    network: ReaderNetwork, states: Tensors, batch: Tensors, head: str
) -> torch.Tensor:
    """A score for every sentence of the batch, shape (sentences,)."""
    said, layer = states[head], network.head(head)
    key = batch["sentences"]
    size = len(batch["firsts"]) + 1
    tokens: torch.Tensor = layer.tokens(said)
    sums = tokens.new_zeros(size).index_add(0, key, tokens[:, MEAN])
    sizes = tokens.new_zeros(size).index_add(0, key, torch.ones_like(tokens[:, 0]))
    highest = tokens.new_full((size,), MASKED)
    highest = highest.scatter_reduce(0, key, tokens[:, HIGHEST], "amax")
    own: torch.Tensor = layer.pair(said.index_select(0, batch["firsts"]))[:, 0]
    return own + (sums / sizes.clamp(min=1) + highest)[:-1]


def loss_of(network: ReaderNetwork, batch: Tensors, recipe: Recipe) -> torch.Tensor:
    """How badly a step's questions are answered: the choice among all sentences, and spans."""
    states = run(network, batch, recipe.dropout)
    total = recipe.span_weight * span_loss(network.head("last").tokens(states["last"]), batch)
    for head, weight in (("last", 1.0), ("early", recipe.early_weight)):
        scores = sentence_scores(network, states, batch, head)
        total = total + weight * choice_loss(scores, batch)
    return total


def choice_loss(scores: torch.Tensor, batch: Tensors) -> torch.Tensor:
    """Cross entropy of choosing a sentence that answers, or none (score 0) where none does."""
    wanted, doubtful = batch["wanted"], batch["doubtful"]
    table = scores.new_full((wanted.numel() + 1,), MASKED)
    table = table.scatter(0, batch["choices"], scores)[:-1].view(wanted.shape)
    none = torch.zeros_like(table[:, :1])
    table = torch.cat([none, table[:, 1:]], 1).masked_fill(doubtful, MASKED)
    right = table.masked_fill(~wanted, MASKED).logsumexp(1)
    # A row that only fills the table up has none to choose but none.
    asked = (table > MASKED / 2).sum(1) > 1
    lost = (table.logsumexp(1) - right).clamp(max=20)
    return lost.sum() / asked.sum().clamp(min=1)


def span_loss(tokens: torch.Tensor, batch: Tensors) -> torch.Tensor:
    """Cross entropy of the first and the last token that answer, within their passage.

    ``tokens``, shape (tokens of all rows, 4), are the last head's scores.
    """
    where, wanted = batch["span_tokens"], batch["span_ends"]
    total = tokens.new_zeros(())
    count = (wanted[:, 0] >= 0).sum().clamp(min=1)
    flat = where.clamp(min=0).flatten()
    for column, end in ((START, 0), (END, 1)):
        scores = tokens[:, column].index_select(0, flat).view(where.shape)
        scores = scores.masked_fill(where < 0, MASKED)
        lost = functional.cross_entropy(
            scores, wanted[:, end], ignore_index=-1, reduction="sum"
        )
        total = total + lost / count
    return total
