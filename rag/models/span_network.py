"""The trained reader's layers, which score the tokens of a question with a passage.

Question and passage go in together, as in the reader of Karpukhin et al., *Dense Passage
Retrieval*, EMNLP 2020. What comes out are scores of tokens: as the start and the end of the
words that answer, and as evidence that their sentence answers. That the articles do not say
is one more thing to choose, of score 0, so that choosing and refusing are one decision, as
Devlin et al., *BERT*, NAACL 2019, have it for SQuAD 2.0.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError
from rag.models.bert_layers import (
    Floats,
    Shape,
    Weights,
    WordStates,
    read_layers,
    read_shape,
    with_changes,
)
from rag.models.layer_graph import Layers, Part, graph_of, kept_layers

# Layers before the early head, which tells what passages the others are worth.
EARLY_LAYERS = 8
# Of every token: start, end, and what its sentence's mean and maximum are taken of.
START, END, MEAN, HIGHEST = range(4)

Mask = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SpanNetwork:
    """Layers over the encoder's embeddings, and heads: one early, one at the end.

    A head scores tokens, shape (pairs, tokens, 4), and pairs, shape (pairs,).
    """

    words: WordStates
    early: Layers
    last: Layers

    @classmethod
    def kept(
        cls,
        words: WordStates,
        folder: Path,
        model: str,
        trained: Path,
        sha256: str,
        cache: Path,
    ) -> Self:
        """What the file ``trained`` makes of the model in ``folder``; graphs lie in ``cache``.

        ``model`` is the model's fingerprint. Raises ModelError when the file is not the one
        that ``sha256`` tells, or something cannot be read or written.
        """
        shape = read_shape(folder)

        def weights() -> Weights:
            return trained_weights(folder, trained, sha256)

        early, last = (
            kept_layers(cache, f"{model}|{sha256}", weights, shape, part)
            for part in _parts(shape)
        )
        return cls(words, early, last)

    @classmethod
    def of(cls, words: WordStates, weights: Weights, shape: Shape) -> Self:
        """The network with these weights, kept nowhere."""
        early, last = (
            Layers(graph_of(weights, shape, part).SerializeToString()) for part in _parts(shape)
        )
        return cls(words, early, last)

    def lower(self, tokens: npt.NDArray[np.int64], mask: Mask) -> tuple[Floats, Floats, Floats]:
        """The states after the early layers, and what the early head scores."""
        states, scores, whole = self.early(self.words(tokens), mask)
        return states, scores, whole[:, 0]

    def upper(self, states: Floats, mask: Mask) -> tuple[Floats, Floats]:
        """What the last head scores after the other layers."""
        _, scores, whole = self.last(states, mask)
        return scores, whole[:, 0]


def _parts(shape: Shape) -> tuple[Part, Part]:
    return (
        Part(range(EARLY_LAYERS), "early"),
        Part(range(EARLY_LAYERS, shape.layers), "last"),
    )


def trained_weights(folder: Path, trained: Path, sha256: str) -> Weights:
    """The weights of the layers in ``folder`` with what training changed.

    Raises ModelError when the file ``trained`` is not the one that ``sha256`` tells.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    advice = "install the package again, or set reader = 'off'"
    try:
        content = trained.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ModelError(
                f"the reader's weights {trained} are not those of this version; {advice}"
            )
        changes = load(content)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"the reader's weights {trained} cannot be read ({error}); {advice}"
        ) from error
    return with_changes(read_layers(folder), changes)
