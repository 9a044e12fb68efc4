"""An encoder that embeds a text's parts with the text, and one that cannot, asked alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeGuard

from rag.models.core_threads import Vectors
from rag.models.encoder import Encoder
from rag.models.text_parts import Text, TextWithParts


class PartsEncoder(Encoder, Protocol):
    """An encoder that makes the vectors of a text's parts in the pass over the text.

    ``apart`` is the same model embedding every text alone, as indexes were made before: its
    questions are the same.
    """

    @property
    def apart(self) -> Encoder: ...

    def embed_with_parts(self, texts: Sequence[TextWithParts]) -> Vectors:
        """Unit vectors: each text's own, then one for each of its parts, text by text."""
        ...


def embeds_parts(encoder: Encoder) -> TypeGuard[PartsEncoder]:
    """Whether ``encoder`` can: looked up by name, as asking for its dimension loads a model."""
    return hasattr(encoder, "embed_with_parts")


def embed(encoder: Encoder, texts: Sequence[Text]) -> Vectors:
    """The vectors of ``texts``, in their order, each followed by those of its parts."""
    whole = [text for text in texts if isinstance(text, str)]
    if len(whole) == len(texts):
        return encoder.embed_passages(whole)
    parted = [text for text in texts if isinstance(text, TextWithParts)]
    if whole or not embeds_parts(encoder):
        raise TypeError(f"{encoder.name} was given parts of texts, and embeds texts alone")
    return encoder.embed_with_parts(parted)


def made_alike(encoder: Encoder, fingerprint: str) -> Encoder | None:
    """``encoder`` as it makes the vectors of ``fingerprint``; None for another model's."""
    ways = [encoder, encoder.apart] if embeds_parts(encoder) else [encoder]
    return next((one for one in ways if one.fingerprint == fingerprint), None)


def fingerprints(encoder: Encoder) -> tuple[str, ...]:
    """Of which indexes the questions of ``encoder`` can be asked, its own way first."""
    if embeds_parts(encoder):
        return encoder.fingerprint, encoder.apart.fingerprint
    return (encoder.fingerprint,)


def has_parts(encoder: Encoder, fingerprint: str) -> bool:
    """Whether in an index of ``fingerprint`` sentences are parts of their passages."""
    return embeds_parts(encoder) and encoder.fingerprint == fingerprint
