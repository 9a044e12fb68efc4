"""A sentence-transformers model as an encoder.

Nothing heavy is imported before the first text is embedded; counting tokens
needs the tokenizer only.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import ModelError
from rag.models.core_threads import CoreThreads, Vectors, torch_threads

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from transformers import BertModel

# About what the longest passages have; of shorter texts more are embedded at a time.
PASSAGE_CHARACTERS = 1000
# A graphics card has room for more, and wants it.
GRAPHICS_CARD_BATCHES = 32


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
        self.model_fingerprint = fingerprint
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._model: SentenceTransformer | None = None
        self._tokenizer: Tokenizer | None = None
        self._threads: CoreThreads | None = None

    @property
    def fingerprint(self) -> str:
        """The model's own, with the prompts, since they are part of the text it sees."""
        return f"{self.model_fingerprint}|{self.query_prompt!r}|{self.passage_prompt!r}"

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
        if self._loaded().device.type == "cpu":
            return self.threads().map(self._embed, prompted, self.characters_together)
        return self._embed(prompted, GRAPHICS_CARD_BATCHES * self.batch_size)

    @property
    def characters_together(self) -> int:
        """How much is embedded in one pass on a core."""
        return self.batch_size * PASSAGE_CHARACTERS

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
        """Threads with a core each, for whoever computes with this model."""
        with self._starting:
            if self._threads is None:
                self._threads = self._start_threads()
            return self._threads

    def _start_threads(self) -> CoreThreads:
        # PyTorch is to be asked from one thread at a time until it is loaded.
        self._loaded()
        return torch_threads()

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
