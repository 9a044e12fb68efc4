"""An article's passages and sentences to what the model is given, and by what it is found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.models.encoder import Encoder
from rag.models.parts_encoder import embeds_parts
from rag.models.text_parts import Text, TextWithParts, texts_to_embed
from rag.types import Article, Passage, Sentence

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Laid:
    """A text to embed, and of what its vectors are.

    ``places`` count the article's passages, then its sentences, and are NOWHERE for what has
    its vector from another text; ``keys`` are what each vector is found by. Texts with the same
    first key are the same, parts and all.
    """

    text: Text
    places: tuple[int, ...]
    keys: tuple[bytes, ...]


def text_key(fingerprint: str, text: str) -> bytes:
    """What the vector is found by that the model of ``fingerprint`` gives ``text``."""
    return hashlib.sha256(f"{fingerprint}\0{text}".encode()).digest()


def lay_out(
    article: Article,
    passages: Sequence[Passage],
    sentences: Sequence[Sentence],
    encoder: Encoder,
) -> Iterator[Laid]:
    """The texts that give all passages and sentences their vectors by ``encoder``.

    Where it embeds parts, a sentence is part of its passage's text, of the first where two
    share it.
    """
    fingerprint = encoder.fingerprint
    if not embeds_parts(encoder):
        texts = texts_to_embed(article, passages) + texts_to_embed(article, sentences)
        for place, text in enumerate(texts):
            yield Laid(text, (place,), (text_key(fingerprint, text),))
        return
    place_of = {one: len(passages) + place for place, one in enumerate(sentences)}
    for number, (passage, text) in enumerate(
        zip(passages, texts_to_embed(article, passages), strict=True)
    ):
        begin = len(text) - passage.end
        parts = tuple((begin + one.start, begin + one.end) for one in passage.sentences)
        parted = f"{parts}\0{text}"
        yield Laid(
            TextWithParts(text, parts),
            (number, *(place_of.pop(one, NOWHERE) for one in passage.sentences)),
            (
                text_key(fingerprint, parted),
                *(text_key(fingerprint, f"{place}\0{parted}") for place in range(len(parts))),
            ),
        )
