"""The reader's network, with weights made up: each test imports PyTorch, not the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.models.core_threads import CoreThreads
from rag.models.span_reader import LOOKED_AT_FIRST, read_pairs
from tests.models.reader_pairs import tokens_of

if TYPE_CHECKING:
    from transformers import BertModel

    from rag.models.span_network import ReaderNetwork

# The libraries of models take seconds to import.
pytestmark = pytest.mark.slow


def _network() -> tuple[BertModel, ReaderNetwork]:
    import torch
    from transformers import BertConfig, BertModel

    from rag.models.span_network import EARLY_LAYERS, ReaderNetwork

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


def test_what_training_changed_is_added_by_bytes_and_scales() -> None:
    import torch

    from rag.models.span_network import BYTES, SCALE

    base, network = _network()
    name = "layers.0.query.weight"
    before = network.state_dict()[name].clone()
    steps = torch.arange(16 * 16).reshape(16, 16).remainder(7).to(torch.int8)
    scale = torch.arange(16) / 100
    shift = torch.full((16,), 0.5)
    network.take({name + BYTES: steps, name + SCALE: scale, "layers.0.query.bias": shift})
    expected = before + steps.float() * scale[:, None]
    assert torch.allclose(network.state_dict()[name], expected)
    assert torch.equal(network.state_dict()["layers.0.query.bias"], shift)
    # The encoder's own stay as they were.
    own = base.state_dict()["encoder.layer.0.attention.self.query.weight"]
    assert torch.equal(own, before)


def test_a_batch_reads_as_each_pair_alone_and_only_the_best_to_the_end() -> None:
    _, network = _network()
    pairs = [
        tokens_of([0, *range(3, 3 + length), 2], [-1, *[0] * length, -1])
        for length in (4, 9, 6, 2, 12, 3)
    ]
    threads = CoreThreads()
    together = read_pairs(network, pairs, len(pairs), threads)
    for pair, read in zip(pairs, together, strict=True):
        (alone,) = read_pairs(network, [pair], 1, threads)
        assert alone is not None
        assert read is not None
        assert read[0] is not None
        assert alone[0] is not None
        assert read[0].score == pytest.approx(alone[0].score, abs=1e-4)
        assert (read[0].start, read[0].end) == (alone[0].start, alone[0].end)
    best = read_pairs(network, pairs, 2, threads)
    assert sum(read is not None for read in best) == 2


def test_what_comes_later_is_not_looked_at_once_one_answers() -> None:
    from torch.nn.init import constant_

    _, network = _network()
    pairs = [tokens_of([0, 5, 6, 2], [-1, 0, 0, -1])] * (LOOKED_AT_FIRST + 3)
    threads = CoreThreads()
    bias = network.get_parameter("heads.early.pair.bias")
    constant_(bias, 50.0)
    read = read_pairs(network, pairs, len(pairs), threads)
    assert [one is not None for one in read] == [True] * LOOKED_AT_FIRST + [False] * 3
    constant_(bias, -50.0)
    assert None not in read_pairs(network, pairs, len(pairs), threads)
