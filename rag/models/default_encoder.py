"""The default model embedding by ONNX Runtime: what it needs is imported in a moment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.models.bert_layers import Floats, WordStates, padded, read_layers, read_shape
from rag.models.bundled_e5 import cache_folder
from rag.models.core_threads import CoreThreads, Vectors, batches_by_length
from rag.models.layer_graph import Layers, Part, kept_layers
from rag.models.sentence_encoder import GRAPHICS_CARD_BATCHES, SentenceTransformerEncoder
from rag.models.text_parts import TextWithParts, means

# Of each text, what the last layer makes of its tokens, and where these are.
States = tuple[list[Floats], list[list[tuple[int, int]]]]

_DRIVERS = (Path("/dev/nvidiactl"), Path("/dev/kfd"))


class DefaultEncoder(SentenceTransformerEncoder):
    """multilingual-e5-small in ``folder``: the mean of its last layer's tokens, of length 1.

    Its vectors are sentence-transformers' own, which embeds many texts where there is a
    graphics card. Those of a text's parts are made in the pass over the text.
    """

    _opened: tuple[WordStates, Layers] | None = None

    @property
    def fingerprint(self) -> str:
        """The model's own, with the prompts and how parts are embedded."""
        return f"{super().fingerprint}|parts"

    @property
    def apart(self) -> TextsApart:
        """The same model embedding every text alone."""
        return TextsApart(self, super().fingerprint)

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

    def embed_with_parts(self, texts: Sequence[TextWithParts]) -> Vectors:
        """Unit vectors: each text's own, then one for each of its parts, text by text."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        begin = len(self.passage_prompt)
        prompted = [self.passage_prompt + one.text for one in texts]
        parts = [[(begin + a, begin + b) for a, b in one.parts] for one in texts]

        def of_batch(batch: list[int]) -> list[Vectors]:
            states, places = self._states([prompted[number] for number in batch])
            of_parts = [parts[number] for number in batch]
            return list(map(means, states, places, of_parts))

        if has_graphics_card():
            return np.concatenate(list(map(means, *self._states_on_card(prompted), parts)))
        batches = batches_by_length([len(text) for text in prompted], self.characters_together)
        done = self.threads().each(of_batch, batches)
        return np.concatenate([done[number] for number in range(len(texts))])

    def _embed(self, texts: list[str], at_a_time: int | None = None) -> Vectors:
        if at_a_time is not None:
            return super()._embed(texts, at_a_time)
        states, places = self._states(texts)
        return np.concatenate(
            [means(one, where, ()) for one, where in zip(states, places, strict=True)]
        )

    def _states_on_card(self, texts: list[str]) -> States:
        """As ``_states``, by sentence-transformers."""
        states = self._loaded().encode(
            texts,
            batch_size=GRAPHICS_CARD_BATCHES * self.batch_size,
            output_value="token_embeddings",
            show_progress_bar=False,
        )
        encodings = self.tokenizer().encode_batch(texts)
        return [one.float().cpu().numpy() for one in states], [one.offsets for one in encodings]

    def _states(self, texts: list[str]) -> States:
        """What the last layer makes of each token of each text, and where the tokens are."""
        words, layers = self._network
        longest = words.longest
        encodings = self.tokenizer().encode_batch(texts)
        # What is too long is cut before the token that ends a text.
        rows = [
            one.ids if len(one.ids) <= longest else [*one.ids[: longest - 1], one.ids[-1]]
            for one in encodings
        ]
        tokens, mask = padded(rows)
        (states,) = layers(words(tokens), mask)
        return (
            [own[: len(row)] for own, row in zip(states, rows, strict=True)],
            [one.offsets for one in encodings],
        )


class TextsApart:
    """A model that embeds every text alone, as indexes were made before: see Encoder."""

    def __init__(self, model: SentenceTransformerEncoder, fingerprint: str) -> None:
        self._model = model
        self.name = model.name
        self.fingerprint = fingerprint

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._model.dimension

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens in each text, without the special ones around it."""
        return self._model.count_tokens(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension)."""
        return self._model.embed_passages(texts)

    def embed_question(self, question: str) -> Vectors:
        """One unit vector, shape (dimension,)."""
        return self._model.embed_question(question)


def has_graphics_card() -> bool:
    """Whether a driver of one that PyTorch computes on is there, seen without PyTorch."""
    return any(driver.exists() for driver in _DRIVERS)
