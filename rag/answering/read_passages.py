"""Hits to hits that were read: what the trained reader says of their sentences."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from rag.answering.retrieve import Found, ScoredSentence
from rag.models.span_reader import PassageToRead, Reader, ReadPassage
from rag.types import ArticleOf


def read_passages(
    reader: Reader,
    question: str,
    found: Sequence[Found],
    article_of: ArticleOf,
    count: int,
) -> tuple[Found, ...]:
    """``found`` with the ``count`` passages read that the reader likes best, in their order."""
    seen = reader.read(question, [to_read(one, article_of) for one in found], count)
    return tuple(
        one if read is None else dataclasses.replace(one, sentences=_with_readings(one, read))
        for one, read in zip(found, seen, strict=True)
    )


def to_read(found: Found, article_of: ArticleOf) -> PassageToRead:
    """A hit as the reader wants it."""
    passage = found.hit.passage
    article = article_of(passage.article_id)
    return PassageToRead(
        article.title,
        article.text[passage.start : passage.end],
        tuple((s.start - passage.start, s.end - passage.start) for s in passage.sentences),
    )


def _with_readings(found: Found, seen: ReadPassage) -> tuple[ScoredSentence, ...]:
    """The sentences of a hit with what was read in them, by the article's characters."""
    first = found.hit.passage.start
    return tuple(
        dataclasses.replace(
            sentence,
            read=read
            and dataclasses.replace(read, start=read.start + first, end=read.end + first),
        )
        for sentence, read in zip(found.sentences, seen, strict=True)
    )
