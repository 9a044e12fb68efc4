"""Question to Hits: passages by meaning and by words, fused and filtered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.index import Index, Stored
from rag.index.stored_rows import cosines
from rag.models.span_reader import ReadSentence
from rag.types import Filters, Hit, Sentence

# How many passages each side proposes.
CANDIDATES = 100
# Weight of the lexical score against the cosines. On PIAF's dev questions hit@1 was 0.833,
# 0.827, 0.828 and 0.823 for 0.05, 0.10, 0.15 and 0.20.
LEXICAL_WEIGHT = 0.05

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a hit with its cosine to the question.

    ``read`` is what a reader says of it, in the article's characters, where one
    has read its passage.
    """

    sentence: Sentence
    cosine: float
    read: ReadSentence | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with its sentences, as the reading wants them."""

    hit: Hit
    sentences: tuple[ScoredSentence, ...]


def retrieve(
    index: Index,
    question: Vector,
    query_terms: Sequence[str],
    filters: Filters,
    count: int = 10,
) -> tuple[Found, ...]:
    """The ``count`` best passages for a question, best first.

    A passage's score is the mean of its own cosine and that of its best sentence, plus
    LEXICAL_WEIGHT times its BM25 score over the highest one: no scale depends on the
    corpus, so scores of two indexes can be compared. ``question`` is a unit vector.
    """
    selection = index.search.select(filters)
    if selection is not None and selection.is_empty:
        return ()
    near = index.search.nearest(question, CANDIDATES, selection)
    matching = dict(index.search.matching(query_terms, CANDIDATES, selection))
    highest = max(matching.values(), default=0.0) or 1.0
    numbers = list(dict.fromkeys([number for number, _ in near] + list(matching)))
    if not numbers:
        return ()
    candidates = list(index.passages.read(numbers).values())
    passage_cosines = cosines(index.rows.passages_at(np.array(numbers)), question)
    sentence_cosines = _sentence_cosines(index, candidates, question)
    found = [
        _found(stored, matching.get(stored.number, 0.0), highest, cosine, of_sentences)
        for stored, cosine, of_sentences in zip(
            candidates, passage_cosines.tolist(), sentence_cosines, strict=True
        )
    ]
    # Of equals, what was found first: numbers depend on when an article came.
    found.sort(key=lambda item: -item.hit.score)
    return tuple(found[:count])


def _found(
    stored: Stored, lexical: float, highest: float, cosine: float, of_sentences: list[float]
) -> Found:
    score = (cosine + max(of_sentences)) / 2 + LEXICAL_WEIGHT * lexical / highest
    return Found(
        Hit(stored.number, stored.passage, score, cosine, lexical),
        tuple(map(ScoredSentence, stored.passage.sentences, of_sentences)),
    )


def _sentence_cosines(
    index: Index, candidates: Sequence[Stored], question: Vector
) -> Iterator[list[float]]:
    """The cosine of every sentence of each of ``candidates``, read all at once."""
    counts = [len(stored.passage.sentences) for stored in candidates]
    rows = np.concatenate(
        [
            np.arange(stored.first_sentence, stored.first_sentence + count)
            for stored, count in zip(candidates, counts, strict=True)
        ]
    )
    found = iter(cosines(index.rows.sentences_at(rows), question).tolist())
    for count in counts:
        yield list(itertools.islice(found, count))
