"""Texts to unit vectors: the Encoder seam and the sentence-transformers model.

Nothing heavy is imported before the first text is embedded; counting tokens
needs the tokenizer only.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from rag.config import DEFAULT_MODEL, Settings
from rag.errors import ModelError
from rag.models.bundled_e5 import LAYOUT_VERSION, PACKED_SHA256, PUBLIC_NAME, unpacked_folder
from rag.models.core_threads import CoreThreads

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from transformers import BertModel

logger = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]

_WEIGHT_SUFFIXES = {".safetensors", ".bin", ".pt", ".onnx", ".h5", ".msgpack"}
_SAMPLE_BYTES = 1 << 20
# About what the longest passages have; of shorter texts more are embedded at a time.
PASSAGE_CHARACTERS = 1000
# A graphics card has room for more, and wants it.
GRAPHICS_CARD_BATCHES = 32
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


class SentenceTransformerEncoder:
    """A sentence-transformers model in ``folder``, loaded when first needed.

    Safe to call from several threads: loading happens once.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        fingerprint: str,
        query_prompt: str,
        passage_prompt: str,
        batch_size: int = 2,
    ) -> None:
        self.name = name
        self.folder = folder
        self.query_prompt = query_prompt
        self.passage_prompt = passage_prompt
        self.batch_size = batch_size
        self._model_fingerprint = fingerprint
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None
        self._tokenizer: Tokenizer | None = None
        self._threads: CoreThreads | None = None

    @property
    def fingerprint(self) -> str:
        """The model's own, with the prompts, since they are part of the text it sees."""
        return f"{self._model_fingerprint}|{self.query_prompt!r}|{self.passage_prompt!r}"

    @property
    def dimension(self) -> int:
        """Length of a vector. Loads the model."""
        dimension = self._loaded().get_embedding_dimension()
        if dimension is None:
            raise ModelError(
                f"model {self.name} does not tell its vectors' length; choose one whose "
                "last step pools tokens into one vector"
            )
        return dimension

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, without the special ones around it."""
        if not texts:
            return []
        encodings = self.tokenizer().encode_batch(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimension)."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return self._embed_many([self.passage_prompt + text for text in texts])

    def embed_questions(self, questions: Sequence[str]) -> Vectors:
        """Unit vectors of questions, shape (len(questions), dimension)."""
        if not questions:
            return np.empty((0, self.dimension), np.float32)
        return self._embed_many([self.query_prompt + question for question in questions])

    def _embed_many(self, prompted: list[str]) -> Vectors:
        characters = self.batch_size * PASSAGE_CHARACTERS
        if self._loaded().device.type == "cpu":
            return self.threads().map(self._embed, prompted, characters)
        return self._embed(prompted, GRAPHICS_CARD_BATCHES * self.batch_size)

    def embed_question(self, question: str) -> Vectors:
        """The unit vector of a question, shape (dimension,)."""
        vector: Vectors = self._embed([self.query_prompt + question])[0]
        return vector

    def backbone(self) -> BertModel:
        """The network inside, which a reader may build on. Loads the model.

        Raises ModelError when it is not of BERT's family.
        """
        from transformers import BertModel

        network = self._loaded()[0].auto_model
        if not isinstance(network, BertModel):
            raise ModelError(
                f"model {self.name} is a {type(network).__name__}, the reader builds on a "
                "BertModel; set reader = 'off'"
            )
        return network

    def _embed(self, texts: list[str], at_a_time: int | None = None) -> Vectors:
        """Unit vectors of ``texts``, ``at_a_time`` of them in one pass (None for all)."""
        vectors = self._loaded().encode(
            texts,
            batch_size=at_a_time or len(texts),
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def threads(self) -> CoreThreads:
        """Threads with a core each, for whoever computes with this model. Loads it."""
        self._loaded()
        with self._lock:
            if self._threads is None:
                self._threads = CoreThreads()
            return self._threads

    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, which neither cuts nor pads."""
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = self._load_tokenizer()
            return self._tokenizer

    def _load_tokenizer(self) -> Tokenizer:
        path = self.folder / "tokenizer.json"
        if path.is_file():
            from tokenizers import Tokenizer

            tokenizer: Tokenizer = Tokenizer.from_file(str(path))
            # A saved tokenizer may cut or pad; counting wants every token and no other.
            tokenizer.no_truncation()
            tokenizer.no_padding()
            return tokenizer
        raise ModelError(
            f"model {self.name} has no tokenizer.json in {self.folder}; save it again with a "
            "fast tokenizer, or choose another model"
        )

    def _loaded(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = _load_model(self.name, self.folder)
            return self._model


def _load_model(name: str, folder: Path) -> SentenceTransformer:
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    try:
        return SentenceTransformer(str(folder), local_files_only=True)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise ModelError(
            f"model {name} in {folder} cannot be loaded ({first_line}); expected a "
            "sentence-transformers folder; delete it to have it made again, or choose "
            "another with --model"
        ) from error
    finally:
        transformers_logging.enable_progress_bar()


def open_encoder(
    settings: Settings, announce: Callable[[str], None] = logger.info
) -> SentenceTransformerEncoder:
    """The encoder that ``settings`` name; ``announce`` hears of long first steps.

    The network is touched only for a model named by its public name that is not on
    this machine, and that is announced. Raises ModelError when it cannot be had.
    """
    folder, name, fingerprint = _locate(settings.model, announce)
    return SentenceTransformerEncoder(
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
