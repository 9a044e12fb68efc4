"""The default model embedding by ONNX Runtime: what it needs is imported in a moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.models.bert_layers import WordStates, padded, read_layers, read_shape
from rag.models.bundled_e5 import cache_folder
from rag.models.core_threads import CoreThreads, Vectors
from rag.models.layer_graph import Layers, Part, kept_layers
from rag.models.sentence_encoder import SentenceTransformerEncoder

_DRIVERS = (Path("/dev/nvidiactl"), Path("/dev/kfd"))


class DefaultEncoder(SentenceTransformerEncoder):
    """multilingual-e5-small in ``folder``: the mean of its last layer's tokens, of length 1.

    Its vectors are sentence-transformers' own, which embeds many texts where there is a
    graphics card.
    """

    _opened: tuple[WordStates, Layers] | None = None

    @property
    def words(self) -> WordStates:
        """What the layers begin with."""
        return self._network[0]

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return read_shape(self.folder).hidden

    @property
    def _network(self) -> tuple[WordStates, Layers]:
        with self._lock:
            if self._opened is None:
                shape = read_shape(self.folder)
                layers = kept_layers(
                    cache_folder(),
                    self.model_fingerprint,
                    lambda: read_layers(self.folder),
                    shape,
                    Part(range(shape.layers)),
                )
                self._opened = WordStates(self.folder), layers
            return self._opened

    def _start_threads(self) -> CoreThreads:
        return CoreThreads()

    def _embed_many(self, prompted: list[str]) -> Vectors:
        if has_graphics_card():
            return super()._embed_many(prompted)
        return self.threads().map(self._embed, prompted, self.characters_together)

    def _embed(self, texts: list[str], at_a_time: int | None = None) -> Vectors:
        if at_a_time is not None:
            return super()._embed(texts, at_a_time)
        words, layers = self._network
        longest = words.longest
        # What is too long is cut before the token that ends a text.
        rows = [
            one.ids if len(one.ids) <= longest else [*one.ids[: longest - 1], one.ids[-1]]
            for one in self.tokenizer().encode_batch(texts)
        ]
        tokens, mask = padded(rows)
        (states,) = layers(words(tokens), mask)
        states *= mask[..., None]
        vectors = states.sum(1) / mask.sum(1)[:, None]
        return np.ascontiguousarray(
            vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32
        )


def has_graphics_card() -> bool:
    """Whether a driver of one that PyTorch computes on is there, seen without PyTorch."""
    return any(driver.exists() for driver in _DRIVERS)
