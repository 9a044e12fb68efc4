"""The sentences that carry an article, in its own words and order."""

from __future__ import annotations

import numpy as np

from rag.index import Index
from rag.language.analysis import terms
from rag.types import Article, Quote, Sentence

# A sentence as near as this to one that was taken says the same again.
_SAME_AGAIN = 0.96
# News puts what matters first; worth about what separates two neighbours in rank.
_LEAD = 0.02
_FEWEST_TERMS = 4


def carrying_quotes(index: Index, article: Article, count: int) -> tuple[Quote, ...]:
    """The ``count`` sentences nearest to the whole of ``article``, in its order.

    Centroid-based summarisation (Radev et al., *Centroid-based summarization of multiple
    documents*, 2004) over sentence vectors, with a little more for what stands first;
    sentences that say the same again, questions and scraps are left out.
    """
    sentences, vectors = index.passages.sentences_with_vectors(article.id)
    if not sentences:
        return ()
    centre = vectors.mean(axis=0)
    scores = vectors @ (centre / np.linalg.norm(centre)) + _LEAD / (1 + np.arange(len(vectors)))
    taken: list[int] = []
    for row in np.argsort(-scores, kind="stable"):
        if len(taken) == count:
            break
        text = article.text[sentences[row].start : sentences[row].end]
        if text.endswith("?") or len(terms(text)) < _FEWEST_TERMS:
            continue
        if not taken or float((vectors[taken] @ vectors[row]).max()) < _SAME_AGAIN:
            taken.append(int(row))
    return tuple(
        _quote(index, article, sentences[row], float(scores[row])) for row in sorted(taken)
    )


def _quote(index: Index, article: Article, sentence: Sentence, score: float) -> Quote:
    passage = next(
        stored.passage
        for stored in index.passages.of_article(article.id)
        if sentence in stored.passage.sentences
    )
    text = article.text[sentence.start : sentence.end]
    return Quote(
        article.id, text, sentence.start, sentence.end, passage.start, passage.end, score
    )
