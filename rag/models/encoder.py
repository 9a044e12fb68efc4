"""Texts to unit vectors: the Encoder seam, and the encoder that the settings name."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from rag.config import DEFAULT_MODEL, Settings
from rag.errors import ModelError
from rag.models.bundled_e5 import LAYOUT_VERSION, PACKED_SHA256, PUBLIC_NAME, unpacked_folder
from rag.models.core_threads import Vectors
from rag.models.default_encoder import DefaultEncoder
from rag.models.sentence_encoder import SentenceTransformerEncoder

__all__ = ["Encoder", "Vectors", "open_encoder"]

logger = logging.getLogger(__name__)

_WEIGHT_SUFFIXES = {".safetensors", ".bin", ".pt", ".onnx", ".h5", ".msgpack"}
_SAMPLE_BYTES = 1 << 20
# A public model often comes in formats that are not read here.
_OTHER_FORMATS = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack"]


class Encoder(Protocol):
    """What turns texts into vectors.

    ``fingerprint`` names the model and everything that changes its vectors: two
    encoders with the same fingerprint give the same vector for the same text.
    """

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, without the special ones around it."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension)."""
        ...

    def embed_question(self, question: str) -> Vectors:
        """One unit vector, shape (dimension,)."""
        ...


def open_encoder(
    settings: Settings, announce: Callable[[str], None] = logger.info
) -> SentenceTransformerEncoder:
    """The encoder that ``settings`` name; ``announce`` hears of long first steps.

    The network is touched only for a model named by its public name that is not on
    this machine, and that is announced. Raises ModelError when it cannot be had.
    """
    folder, name, fingerprint = _locate(settings.model, announce)
    kind = DefaultEncoder if name == PUBLIC_NAME else SentenceTransformerEncoder
    return kind(
        name,
        folder,
        fingerprint,
        settings.query_prompt,
        settings.passage_prompt,
        settings.batch_size,
    )


def _locate(model: str, announce: Callable[[str], None]) -> tuple[Path, str, str]:
    """A model's folder, name and fingerprint."""
    if model == DEFAULT_MODEL:
        folder = unpacked_folder(announce)
        if folder is not None:
            return folder, PUBLIC_NAME, f"{PUBLIC_NAME}@{PACKED_SHA256[:16]}-{LAYOUT_VERSION}"
        announce(f"The default model does not come with this system; taking {PUBLIC_NAME}")
        model = PUBLIC_NAME
    path = Path(model).expanduser()
    if path.is_dir():
        return path, path.name, f"{path.name}@{_folder_fingerprint(path)}"
    if path.is_absolute() or model.startswith("."):
        raise ModelError(
            f"there is no model folder {model}; give the folder of a sentence-transformers "
            "model, a public name, or 'default'"
        )
    folder = _snapshot(model, announce)
    return folder, model, f"{model}@{folder.name}"


def _snapshot(name: str, announce: Callable[[str], None]) -> Path:
    """The folder of a public model, downloaded when it is not on this machine."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
    )

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except LocalEntryNotFoundError:
        announce(f"Model {name} is not on this machine; downloading it")
    except HFValidationError as error:
        raise ModelError(
            f"{name!r} is neither a folder nor a model's name; expected a folder, "
            "'owner/name' or 'default'"
        ) from error
    try:
        return Path(snapshot_download(name, ignore_patterns=_OTHER_FORMATS))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"model {name} is not on this machine and could not be downloaded "
            f"({type(error).__name__}); check the name and the connection, or use the "
            "model that comes along: --model default"
        ) from error


def _folder_fingerprint(folder: Path) -> str:
    """16 hex digits over a model folder's small files and samples of its weights.

    Weights are sampled (size, first and last MiB): training changes all of them, and
    hashing gigabytes at every start would be felt.
    """
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        size = path.stat().st_size
        if path.suffix not in _WEIGHT_SUFFIXES or size <= 2 * _SAMPLE_BYTES:
            digest.update(path.read_bytes())
            continue
        with path.open("rb") as file:
            digest.update(size.to_bytes(8, "little") + file.read(_SAMPLE_BYTES))
            file.seek(-_SAMPLE_BYTES, 2)
            digest.update(file.read())
    return digest.hexdigest()[:16]
