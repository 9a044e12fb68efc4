"""The sentences that carry an article, in its own words and order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from rag.index import Index
from rag.index.bm25 import share_idf
from rag.language.analysis import terms
from rag.types import Article, Quote, Sentence

# A sentence that shares so many of its words with one that was taken says the same again.
_SAME_AGAIN = 0.7
# News puts what matters first; worth about what separates two neighbours in rank.
_LEAD = 0.1
_FEWEST_TERMS = 4


def carrying_quotes(index: Index, article: Article, count: int) -> tuple[Quote, ...]:
    """The ``count`` sentences nearest to the whole of ``article``, in its order.

    Centroid-based summarisation (Radev et al., *Centroid-based summarization of multiple
    documents*, 2004): cosine to the article over words weighed by how often they occur and how
    rare they are, with a little more for what stands first; sentences that say the same again,
    questions and scraps are left out.

    Five such sentences held the answers to 27 % of 567 questions about 54 articles, where those
    nearest by the sentences' vectors held 15 %; both give as many answers a character.
    """
    sentences = index.passages.sentences(article.id)
    words = [Counter(terms(article.text[one.start : one.end])) for one in sentences]
    scores = [near + _LEAD / (1 + place) for place, near in enumerate(_nearness(index, words))]
    taken: list[int] = []
    for place in sorted(range(len(sentences)), key=lambda place: -scores[place]):
        if len(taken) == count:
            break
        text = article.text[sentences[place].start : sentences[place].end]
        if text.endswith("?") or len(words[place]) < _FEWEST_TERMS:
            continue
        if all(_shared(words[place], words[other]) < _SAME_AGAIN for other in taken):
            taken.append(place)
    return tuple(
        _quote(index, article, sentences[place], scores[place]) for place in sorted(taken)
    )


def _nearness(index: Index, sentences: list[Counter[str]]) -> list[float]:
    """The cosine of each sentence to all of them together, over weighed words."""
    whole = sum(sentences, Counter[str]())
    frequencies = index.search.document_frequencies(tuple(whole))
    passages = index.manifest.passages
    rarity = {term: share_idf(frequencies[term], passages) for term in whole}
    centre = _weighed(whole, rarity)
    length = math.hypot(*centre.values())
    near = []
    for sentence in sentences:
        own = _weighed(sentence, rarity)
        product = sum(weight * centre[term] for term, weight in own.items())
        near.append(product / (length * math.hypot(*own.values())) if product else 0.0)
    return near


def _weighed(counts: Counter[str], rarity: Mapping[str, float]) -> dict[str, float]:
    return {term: count * rarity[term] for term, count in counts.items()}


def _shared(one: Counter[str], other: Counter[str]) -> float:
    """The share of the words of the shorter of two sentences that both have."""
    return len(one.keys() & other.keys()) / min(len(one), len(other))


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
