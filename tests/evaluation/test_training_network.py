"""The reader's network, with weights made up: each test imports PyTorch, not the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from transformers import BertModel

    from rag.evaluation.training.network import ReaderNetwork

# The libraries of models take seconds to import.
pytestmark = pytest.mark.slow


def _network() -> tuple[BertModel, ReaderNetwork]:
    import torch
    from transformers import BertConfig, BertModel

    from rag.evaluation.training.network import ReaderNetwork
    from rag.models.span_network import EARLY_LAYERS

    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=EARLY_LAYERS + 2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    base = BertModel(config, add_pooling_layer=False).eval()
    return base, ReaderNetwork.of(base).eval()


def test_untrained_it_is_the_encoder() -> None:
    import torch

    base, network = _network()
    tokens = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]]).bool()
    expected = base(input_ids=tokens, attention_mask=mask.long()).last_hidden_state
    found = network.upper(network.lower(network.embed(tokens), mask), mask)
    assert torch.allclose(found[mask], expected[mask], atol=1e-6)
