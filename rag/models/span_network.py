"""The reader's network: the encoder's own layers, adapted, and two heads.

Reading a question and a passage together, with a start, an end and a relevance, is the
reader of Karpukhin et al., *Dense Passage Retrieval*, EMNLP 2020; "no answer" is the span
of the first token, as Devlin et al., *BERT*, NAACL 2019, do for SQuAD 2.0. What was
trained are low-rank updates of the upper layers' weights (Hu et al., *LoRA*, ICLR 2022).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import torch
from torch import nn

if TYPE_CHECKING:
    from transformers import BertModel

# The lower layers and the embeddings are the encoder's, untouched and shared with it.
FIRST_ADAPTED_LAYER = 4
RANK = 32
SCALE = 2.0
LONGEST_INPUT = 320
_LINEAR_IN_LAYER = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


class LowRankLinear(nn.Module):
    """A fixed linear layer with a trained low-rank update: ``W + SCALE · B · A``."""

    def __init__(self, fixed: nn.Linear) -> None:
        super().__init__()
        self.fixed = fixed
        self.a = nn.Parameter(torch.randn(RANK, fixed.in_features) / fixed.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(fixed.out_features, RANK))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Shape (…, in_features) to (…, out_features)."""
        fixed: torch.Tensor = self.fixed(inputs)
        return fixed + (inputs @ self.a.T @ self.b.T) * SCALE

    def merged(self) -> nn.Linear:
        """The same map as one plain layer."""
        plain = copy.deepcopy(self.fixed)
        with torch.no_grad():
            plain.weight += SCALE * (self.b @ self.a)
        return plain


class ReaderNetwork(nn.Module):
    """Scores every token of a pair as start and as end, and the pair as relevant."""

    def __init__(self, base: BertModel) -> None:
        """Adapt ``base``, whose weights are shared below and copied where adapted."""
        super().__init__()
        self.body = _sharing_copy(base)
        self.span = nn.Linear(base.config.hidden_size, 2)
        self.relevance = nn.Linear(base.config.hidden_size, 1)
        for parameter in self.body.parameters():
            parameter.requires_grad_(False)
        for layer in self.body.encoder.layer[FIRST_ADAPTED_LAYER:]:
            for name in _LINEAR_IN_LAYER:
                parent, _, leaf = name.rpartition(".")
                holder = layer.get_submodule(parent)
                setattr(holder, leaf, LowRankLinear(cast(nn.Linear, getattr(holder, leaf))))

    def forward(
        self, tokens: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Start and end scores, shape (pairs, tokens), and relevance, shape (pairs,).

        ``tokens`` and ``mask`` have shape (pairs, tokens); masked ones score −10⁴.
        """
        hidden = self.body(input_ids=tokens, attention_mask=mask).last_hidden_state
        spans = self.span(hidden).masked_fill(~mask.bool()[..., None], -1e4)
        return spans[..., 0], spans[..., 1], self.relevance(hidden[:, 0])[:, 0]

    def trained(self) -> Iterator[tuple[str, nn.Parameter]]:
        """What was trained, by name: the file that ships holds these and nothing else."""
        for name, parameter in self.named_parameters():
            if parameter.requires_grad:
                yield name, parameter

    def merge(self) -> None:
        """Fold the updates into plain layers, which is quicker to run."""
        for layer in self.body.encoder.layer[FIRST_ADAPTED_LAYER:]:
            for name in _LINEAR_IN_LAYER:
                parent, _, leaf = name.rpartition(".")
                holder = layer.get_submodule(parent)
                adapted = getattr(holder, leaf)
                setattr(holder, leaf, cast(LowRankLinear, adapted).merged())


def _sharing_copy(base: BertModel) -> BertModel:
    """``base`` with layers of its own from FIRST_ADAPTED_LAYER on, the rest shared."""
    with torch.device("meta"):
        body = type(base)(base.config, add_pooling_layer=False)
    body.embeddings = base.embeddings
    for number, layer in enumerate(base.encoder.layer):
        own = layer if number < FIRST_ADAPTED_LAYER else copy.deepcopy(layer)
        body.encoder.layer[number] = own
    return body
