"""Embedding in this process, one batch after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.models.encoder import Encoder
from rag.models.parts_encoder import embed
from rag.models.text_parts import Text
from rag.models.workers.protocol import Done


class InThisProcess:
    """Embeds with the encoder of the build itself."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def embed(self, batches: Iterable[Sequence[Text]]) -> Done:
        """The vectors of each batch, in their order."""
        for number, texts in enumerate(batches):
            yield number, embed(self._encoder, texts)
