"""The layers of a network of BERT's kind: their names, their sizes and their weights."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError

Floats = npt.NDArray[np.float32]
# By name, as in ``layers.0.query.weight``; a matrix has a row an output.
Weights = Mapping[str, Floats]

# A layer's parts and what BERT calls them.
PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "widened": "intermediate.dense",
    "narrowed": "output.dense",
    "narrowed_norm": "output.LayerNorm",
}
# A matrix's change has a byte a number and a scale a row.
BYTES, SCALE = ".bytes", ".scale"
WEIGHTS_FILE = "model.safetensors"
WORDS = "embeddings.word_embeddings.weight"
_STORED_AS = {"F32": np.float32, "F16": np.float16}


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network of BERT's kind."""

    hidden: int
    layers: int
    heads: int
    epsilon: float


def read_shape(folder: Path) -> Shape:
    """The sizes of the model in ``folder``. Raises ModelError when it does not tell them."""
    try:
        told = json.loads((folder / "config.json").read_bytes())
        return Shape(
            told["hidden_size"],
            told["num_hidden_layers"],
            told["num_attention_heads"],
            told["layer_norm_eps"],
        )
    except (OSError, ValueError, KeyError) as error:
        raise unreadable(folder, error) from error


def read_layers(folder: Path) -> Weights:
    """The weights of all layers of the model in ``folder``; its words stay on disk.

    Raises ModelError when they cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    shape = read_shape(folder)
    try:
        with safe_open(folder / WEIGHTS_FILE, framework="numpy") as stored:
            return {
                f"layers.{number}.{part}.{kind}": stored.get_tensor(
                    f"encoder.layer.{number}.{name}.{kind}"
                ).astype(np.float32)
                for number in range(shape.layers)
                for part, name in PARTS.items()
                for kind in ("weight", "bias")
            }
    except (OSError, SafetensorError) as error:
        raise unreadable(folder, error) from error


def with_changes(base: Weights, changes: Mapping[str, npt.NDArray[np.generic]]) -> Weights:
    """The weights of ``base`` as training left them, with those it added.

    ``changes`` are what is added to matrices, ``NAME.bytes`` times ``NAME.scale`` a row, and
    the rest whole.
    """
    found = dict(base)
    for name, value in changes.items():
        if name.endswith(BYTES):
            matrix = name.removesuffix(BYTES)
            scale = changes[matrix + SCALE].astype(np.float32)
            found[matrix] = base[matrix] + value.astype(np.float32) * scale[:, None]
        elif not name.endswith(SCALE):
            found[name] = value.astype(np.float32)
    return found


class WordStates:
    """What the layers begin with: a token's word, its place and kind, as BERT embeds.

    The words' table stays on disk, and of it only the rows that are asked for are read.
    """

    def __init__(self, folder: Path) -> None:
        """Open the table of the model in ``folder``; ModelError when it is none."""
        from safetensors import SafetensorError, safe_open

        self._epsilon = read_shape(folder).epsilon
        try:
            self._words = _table_on_disk(folder / WEIGHTS_FILE, WORDS)
            with safe_open(folder / WEIGHTS_FILE, framework="numpy") as stored:
                places, kinds, self._scale, self._shift = (
                    stored.get_tensor(f"embeddings.{name}").astype(np.float32)
                    for name in (
                        "position_embeddings.weight",
                        "token_type_embeddings.weight",
                        "LayerNorm.weight",
                        "LayerNorm.bias",
                    )
                )
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise unreadable(folder, error) from error
        self._places = places + kinds[0]

    @property
    def longest(self) -> int:
        """How many tokens a text may have."""
        return len(self._places)

    def __call__(self, tokens: npt.NDArray[np.int64]) -> Floats:
        """Shape (texts, tokens) to (texts, tokens, width)."""
        summed = self._words[tokens].astype(np.float32) + self._places[: tokens.shape[1]]
        summed -= summed.mean(-1, keepdims=True)
        spread = np.sqrt(np.square(summed).mean(-1, keepdims=True) + self._epsilon)
        states: Floats = summed / spread * self._scale + self._shift
        return states


def padded(rows: list[list[int]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Tokens as one matrix, a row a text, and 1 where there are any."""
    lengths = np.array([len(row) for row in rows])
    tokens = np.zeros((len(rows), int(lengths.max())), np.int64)
    for row, own in zip(rows, tokens, strict=True):
        own[: len(row)] = row
    return tokens, (np.arange(tokens.shape[1]) < lengths[:, None]).astype(np.int32)


def unreadable(folder: Path, error: Exception) -> ModelError:
    """That a model's folder is not as it should be."""
    return ModelError(
        f"the model in {folder} cannot be read ({error}); delete the folder to have it made "
        "again, or choose another with --model"
    )


def _table_on_disk(file: Path, name: str) -> npt.NDArray[np.floating]:
    """A matrix of a safetensors file, read where it is looked at.

    The file begins with the length of its header, eight bytes, and the header in JSON, as
    https://github.com/huggingface/safetensors#format has it.
    """
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        told = json.loads(opened.read(length))[name]
    begins = 8 + length + told["data_offsets"][0]
    kind = np.dtype(_STORED_AS[told["dtype"]]).newbyteorder("<")
    table: npt.NDArray[np.floating] = np.memmap(file, kind, "r", begins, tuple(told["shape"]))
    return table
