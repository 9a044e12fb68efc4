"""The reader's layers: what they compute, which pairs they read to the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

from rag.errors import ModelError
from rag.models.bert_layers import (
    BYTES,
    SCALE,
    Floats,
    Weights,
    WordStates,
    padded,
    read_layers,
    read_shape,
    with_changes,
)
from rag.models.core_threads import CoreThreads
from rag.models.layer_graph import Part, kept_layers
from rag.models.span_network import EARLY_LAYERS, SpanNetwork
from rag.models.span_reader import LOOKED_AT_FIRST, read_pairs
from tests.models.reader_pairs import tokens_of

if TYPE_CHECKING:
    from transformers import BertModel

    from rag.evaluation.training.network import ReaderNetwork

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.int32]
PAIRS = [
    tokens_of([0, *range(3, 3 + length), 2], [-1, *[0] * length, -1])
    for length in (4, 9, 6, 2, 12, 3)
]


class EvidentScores:
    """A token's evidence is its number over 10, and a pair's what it is told."""

    def __init__(self, whole: float = 0.0) -> None:
        self.whole = whole

    def lower(self, tokens: Numbers, mask: Mask) -> tuple[Floats, Floats, Floats]:
        states = (tokens * mask)[..., None].astype(np.float32)
        return states, *self._scores(states)

    def upper(self, states: Floats, mask: Mask) -> tuple[Floats, Floats]:
        assert (states[mask == 0] == 0).all()
        return self._scores(states)

    def _scores(self, states: Floats) -> tuple[Floats, Floats]:
        scores: Floats = np.repeat(states / np.float32(10), 4, axis=2)
        return scores, np.full(len(states), self.whole, np.float32)


def test_a_batch_reads_as_each_pair_alone_and_only_the_best_to_the_end() -> None:
    threads = CoreThreads(2)
    together = read_pairs(EvidentScores(-9.0), PAIRS, len(PAIRS), threads)
    for pair, read in zip(PAIRS, together, strict=True):
        (alone,) = read_pairs(EvidentScores(-9.0), [pair], 1, threads)
        assert read == alone
        assert read is not None
        assert read[0] is not None
        own = np.array(pair.tokens[1:-1])
        assert read[0].score == pytest.approx((own.mean() + own.max()) / 10 - 9)
    best = read_pairs(EvidentScores(-9.0), PAIRS, 2, threads)
    assert [read is not None for read in best] == [False, True, False, False, True, False]


def test_what_comes_later_is_not_looked_at_once_one_answers() -> None:
    pairs = [tokens_of([0, 5, 6, 2], [-1, 0, 0, -1])] * (LOOKED_AT_FIRST + 3)
    read = read_pairs(EvidentScores(50.0), pairs, len(pairs), CoreThreads(2))
    assert [one is not None for one in read] == [True] * LOOKED_AT_FIRST + [False] * 3
    assert None not in read_pairs(EvidentScores(-50.0), pairs, len(pairs), CoreThreads(2))


def test_what_training_changed_is_added_by_bytes_and_scales() -> None:
    base = {"layers.0.query.weight": np.ones((4, 4), np.float32)}
    steps = (np.arange(16).reshape(4, 4) % 7).astype(np.int8)
    scale = np.arange(4, dtype=np.float32) / 100
    head = np.full(3, 0.5, np.float32)
    found = with_changes(
        base,
        {
            f"layers.0.query.weight{BYTES}": steps,
            f"layers.0.query.weight{SCALE}": scale,
            "heads.last.pair.bias": head,
        },
    )
    assert found.keys() == {"layers.0.query.weight", "heads.last.pair.bias"}
    np.testing.assert_allclose(
        found["layers.0.query.weight"], 1 + steps * scale[:, None], rtol=1e-6
    )
    assert found["heads.last.pair.bias"].tolist() == [0.5, 0.5, 0.5]
    # The encoder's own stay as they were.
    assert (base["layers.0.query.weight"] == 1).all()


def test_a_folder_that_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_shape(tmp_path)
    (tmp_path / "config.json").write_text(
        '{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, '
        '"layer_norm_eps": 1e-12}'
    )
    readers: list[Callable[[Path], object]] = [read_layers, WordStates]
    for read in readers:
        with pytest.raises(ModelError, match="cannot be read"):
            read(tmp_path)


@pytest.fixture(scope="module")
def made_up(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, BertModel, ReaderNetwork]:
    """A small model's folder, the model, and a reader over it that says anything."""
    import torch
    from transformers import BertConfig, BertModel

    from rag.evaluation.training.network import ReaderNetwork

    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=EARLY_LAYERS + 2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    base = BertModel(config, add_pooling_layer=False).eval()
    folder = tmp_path_factory.mktemp("model")
    base.save_pretrained(folder)
    return folder, base, ReaderNetwork.of(base).eval()


def _rows(*lengths: int) -> list[list[int]]:
    return [[*range(1, 1 + length)] for length in lengths]


def _none() -> Weights:
    raise AssertionError("weights are asked for though the graph is there")


# The libraries of models take seconds to import.
@pytest.mark.slow
def test_the_layers_are_those_of_pytorch(
    made_up: tuple[Path, BertModel, ReaderNetwork], tmp_path: Path
) -> None:
    import torch

    folder, base, _ = made_up
    shape = read_shape(folder)
    tokens, mask = padded(_rows(4, 7, 1))
    expected = base(
        input_ids=torch.from_numpy(tokens), attention_mask=torch.from_numpy(mask)
    ).last_hidden_state
    words = WordStates(folder)
    assert words.longest == 512
    part = Part(range(shape.layers))
    for weights in (lambda: read_layers(folder), _none):
        layers = kept_layers(tmp_path, "made up", weights, shape, part)
        (found,) = layers(words(tokens), mask)
        np.testing.assert_allclose(
            found[mask > 0], expected.detach().numpy()[mask > 0], atol=1e-5
        )
    (kept,) = tmp_path.iterdir()
    for file in kept.iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ModelError, match="delete it to have it made again"):
        kept_layers(tmp_path, "made up", _none, shape, part)


@pytest.mark.slow
def test_the_reader_is_the_one_that_was_trained(
    made_up: tuple[Path, BertModel, ReaderNetwork],
) -> None:
    import torch

    folder, _, trained = made_up
    weights = {name: value.numpy() for name, value in trained.state_dict().items()}
    network = SpanNetwork.of(WordStates(folder), weights, read_shape(folder))
    tokens, mask = padded(_rows(5, 9))
    seen = torch.from_numpy(mask > 0)
    with torch.inference_mode():
        states = trained.lower(trained.embed(torch.from_numpy(tokens)), seen)
        early = trained.heads["early"](states, seen)
        last = trained.heads["last"](trained.upper(states, seen), seen)
    found, *scores = network.lower(tokens, mask)
    for expected, own in ((early, scores), (last, network.upper(found, mask))):
        np.testing.assert_allclose(own[0][mask > 0], expected[0].numpy()[mask > 0], atol=1e-5)
        np.testing.assert_allclose(own[1], expected[1].numpy(), atol=1e-5)
