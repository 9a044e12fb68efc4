"""The reader's network in PyTorch, for training: what `SpanNetwork` computes for a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import torch
from torch import nn
from torch.nn import functional

from rag.models.bert_layers import PARTS, Shape
from rag.models.span_network import EARLY_LAYERS

if TYPE_CHECKING:
    from transformers import BertModel

MASKED = -1e4

Weights = Mapping[str, torch.Tensor]


class Layer(nn.Module):
    """A layer of BERT: attention and a feed-forward step, each added and normalised."""

    def __init__(self, shape: Shape, inner: int) -> None:
        super().__init__()
        width = shape.hidden
        self.heads = shape.heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.attended = nn.Linear(width, width)
        self.attended_norm = nn.LayerNorm(width, shape.epsilon)
        self.widened = nn.Linear(width, inner)
        self.narrowed = nn.Linear(inner, width)
        self.narrowed_norm = nn.LayerNorm(width, shape.epsilon)

    def forward(self, states: torch.Tensor, mask: torch.Tensor, dropout: float) -> torch.Tensor:
        """Shape (pairs, tokens, width) to the same.

        ``mask`` is what is added to the attention, shape (pairs, tokens, tokens), or, of shape
        (pairs, tokens), True for the tokens that may be seen.
        """
        pairs, tokens, width = states.shape

        def by_head(projected: torch.Tensor) -> torch.Tensor:
            return projected.view(pairs, tokens, self.heads, -1).transpose(1, 2)

        seen = functional.scaled_dot_product_attention(
            by_head(self.query(states)),
            by_head(self.key(states)),
            by_head(self.value(states)),
            attn_mask=mask[:, None, None, :] if mask.dim() == 2 else mask[:, None],
            dropout_p=dropout,
        )
        seen = self.attended(seen.transpose(1, 2).reshape(pairs, tokens, width))
        seen = functional.dropout(seen, dropout, dropout > 0)
        states = self.attended_norm(states + seen)
        inner = self.narrowed(functional.gelu(self.widened(states)))
        inner = functional.dropout(inner, dropout, dropout > 0)
        result: torch.Tensor = self.narrowed_norm(states + inner)
        return result


class Head(nn.Module):
    """Scores of tokens, and of the pair by its first token."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.tokens = nn.Linear(width, 4)
        self.pair = nn.Linear(width, 1)

    def forward(
        self, states: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Shape (pairs, tokens, 4), MASKED where there is no token, and (pairs,)."""
        scores = self.tokens(states).masked_fill(~mask[..., None], MASKED)
        return scores, self.pair(states[:, 0])[:, 0]


class ReaderNetwork(nn.Module):
    """Layers over the encoder's embeddings, and heads: one early, one at the end."""

    def __init__(self, shape: Shape, base: Weights, early: int) -> None:
        """Begin with the encoder's weights; ``early`` layers come before the early head."""
        super().__init__()
        self.early = early
        inner = base["encoder.layer.0.intermediate.dense.weight"].shape[0]
        self.layers = nn.ModuleList(Layer(shape, inner) for _ in range(shape.layers))
        for number, layer in enumerate(self.layers):
            layer.load_state_dict(
                {
                    f"{part}.{kind}": base[f"encoder.layer.{number}.{name}.{kind}"]
                    for part, name in PARTS.items()
                    for kind in ("weight", "bias")
                }
            )
        self.heads = nn.ModuleDict({"early": Head(shape.hidden), "last": Head(shape.hidden)})
        # The encoder's own: neither trained nor stored again.
        places = base["embeddings.position_embeddings.weight"]
        kinds = base["embeddings.token_type_embeddings.weight"]
        for name, value in {
            "words": base["embeddings.word_embeddings.weight"],
            "places": places + kinds[0],
            "scale": base["embeddings.LayerNorm.weight"],
            "shift": base["embeddings.LayerNorm.bias"],
        }.items():
            self.register_buffer(name, value, persistent=False)
        self._epsilon = shape.epsilon

    @classmethod
    def of(cls, base: BertModel) -> Self:
        """The network over an encoder, untrained: both heads say anything."""
        config = base.config
        shape = Shape(
            config.hidden_size,
            config.num_hidden_layers,
            config.num_attention_heads,
            config.layer_norm_eps,
        )
        return cls(shape, base.state_dict(), EARLY_LAYERS)

    def head(self, name: str) -> Head:
        """The head of that name, ``early`` or ``last``."""
        found = self.heads[name]
        assert isinstance(found, Head)
        return found

    def embed(self, tokens: torch.Tensor, at: torch.Tensor | None = None) -> torch.Tensor:
        """What the layers begin with, shape (pairs, tokens, width), as BERT embeds.

        ``at``, shape (pairs, tokens), are the tokens' places; in order without.
        """
        words, places, scale, shift = (
            self.get_buffer(name) for name in ("words", "places", "scale", "shift")
        )
        summed = words[tokens] + (places[: tokens.shape[1]] if at is None else places[at])
        return functional.layer_norm(summed, (summed.shape[-1],), scale, shift, self._epsilon)

    def lower(
        self, states: torch.Tensor, mask: torch.Tensor, dropout: float = 0.0
    ) -> torch.Tensor:
        """The states after the early layers."""
        for layer in self.layers[: self.early]:
            states = layer(states, mask, dropout)
        return states

    def upper(
        self, states: torch.Tensor, mask: torch.Tensor, dropout: float = 0.0
    ) -> torch.Tensor:
        """The states after the others."""
        for layer in self.layers[self.early :]:
            states = layer(states, mask, dropout)
        return states
