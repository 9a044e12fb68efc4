"""Hits to candidates: every sentence of them with what speaks for it, and its score."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rag.answering.confidence import Evidence, Weights, fitted_weights
from rag.answering.retrieve import Found, ScoredSentence
from rag.index import Index
from rag.index.bm25 import share_idf
from rag.language.analysis import terms
from rag.language.questions import Question, holds_detail
from rag.language.utterances import whole_utterance
from rag.types import Article, ArticleOf, Sentence

# What a sentence of less is worth: a question, a word or two.
FEWEST_TERMS = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer. ``score`` is its log-odds against no sentence answering.

    ``says_something`` is False of a question and of a word or two, which come last.
    """

    article: Article
    found: Found
    scored: ScoredSentence
    evidence: Evidence
    score: float
    says_something: bool

    @property
    def start(self) -> int:
        return self.scored.sentence.start

    @property
    def end(self) -> int:
        return self.scored.sentence.end

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]

    @property
    def utterance(self) -> Sentence:
        """What is quoted: the sentence, or all that is said between « and » around it."""
        article = self.article
        return whole_utterance(article.text, self.scored.sentence, article.language)

    @property
    def has_detail(self) -> bool:
        """Whether it holds the kind of detail that is asked, if any is."""
        return not self.evidence.lacks_detail


class Scorer:
    """One question over its hits."""

    def __init__(
        self, question: Question, found: Sequence[Found], index: Index, article_of: ArticleOf
    ) -> None:
        self.question = question
        self.articles: Mapping[str, Article] = {
            article_id: article_of(article_id)
            for article_id in dict.fromkeys(one.hit.passage.article_id for one in found)
        }
        self.frequencies = index.search.document_frequencies((*question.terms, *question.years))
        self._found = found
        passages = index.manifest.passages
        self._rarity = {
            term: share_idf(self.frequencies[term], passages) for term in question.terms
        }
        self.weights: Weights = fitted_weights(
            index.manifest.model, read=any(s.read for one in found for s in one.sentences)
        )

    @functools.cached_property
    def is_same_language(self) -> bool:
        """Whether a hit is of the question's language."""
        return any(
            article.language == self.question.language for article in self.articles.values()
        )

    @functools.cached_property
    def candidates(self) -> list[Candidate]:
        """Every sentence of the hits once, best first."""
        best: dict[tuple[str, int], Candidate] = {}
        for one in self._every():
            place = (one.article.id, one.start)
            if place not in best or one.score > best[place].score:
                best[place] = one
        return sorted(best.values(), key=lambda one: (not one.says_something, -one.score))

    def confidence(self, candidates: Sequence[Candidate]) -> float:
        """How likely the first of ``candidates``, best first, answers, 0 to 1."""
        scores = [one.score for one in candidates]
        return self.weights.sure(candidates[0].evidence, scores)

    def _every(self) -> Iterator[Candidate]:
        for one in self._found:
            article = self.articles[one.hit.passage.article_id]
            foreign = self.question.language not in (None, article.language)
            of_passage = self._share(one, article)
            for scored in one.sentences:
                text = article.text[scored.sentence.start : scored.sentence.end]
                present = set(terms(text))
                detail = self.question.detail
                evidence = Evidence(
                    reading=None if scored.read is None else scored.read.score,
                    passage=one.hit.score,
                    passage_cosine=one.hit.cosine,
                    sentence_cosine=scored.cosine,
                    coverage=0.0 if foreign else self._coverage(present),
                    passage_coverage=0.0 if foreign else of_passage,
                    lacks_detail=detail is not None and not holds_detail(text, detail),
                    foreign=foreign,
                )
                says = len(present) >= FEWEST_TERMS and not text.endswith("?")
                score = self.weights.ranking(evidence)
                yield Candidate(article, one, scored, evidence, score, says)

    def _share(self, found: Found, article: Article) -> float:
        """The share of the question's words that a hit or its title has."""
        passage = found.hit.passage
        text = article.text[passage.start : passage.end]
        return self._coverage({*terms(article.title), *terms(text)})

    def _coverage(self, present: AbstractSet[str]) -> float:
        """The share of the question's terms, weighed by rarity, that are ``present``."""
        whole = sum(self._rarity.values())
        if not whole:
            return 0.0
        return sum(weight for term, weight in self._rarity.items() if term in present) / whole


def in_order_of_reading(
    found: Sequence[Found], candidates: Sequence[Candidate]
) -> tuple[Found, ...]:
    """``found`` by its best candidate, where a reader read; one without comes behind.

    A hit's score becomes its best sentence's.
    """
    if all(one.evidence.reading is None for one in candidates):
        return tuple(found)
    best: dict[int, float] = {}
    for one in candidates:
        number = one.found.hit.number
        best[number] = max(one.score, best.get(number, one.score))
    ordered = sorted(
        found,
        key=lambda one: (one.hit.number not in best, -best.get(one.hit.number, 0.0)),
    )
    return tuple(
        dataclasses.replace(one, hit=dataclasses.replace(one.hit, score=best[one.hit.number]))
        if one.hit.number in best
        else one
        for one in ordered
    )
