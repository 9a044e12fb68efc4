"""Hits to Quotes: which sentences answer, and whether any does.

Nothing here is trained beyond the few weights below, which were fitted on the
questions of PIAF's training part (Keraron et al., *Project PIAF*, LREC 2020).
"""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rag.answering.retrieve import Found, ScoredSentence
from rag.index import Index
from rag.index.bm25 import share_idf
from rag.language.analysis import OPENING_MARKS, fold, terms, words
from rag.language.questions import Question, holds_detail
from rag.language.utterances import opening_of_utterance, whole_utterance
from rag.models.span_reader import PassageToRead, Reader, ReadPassage, Span
from rag.types import Article, ArticleOf, Context, Detail, Quote, Reason, Sentence

# A sentence's score: its cosine, and these for its passage's score, for the share of the
# question's words it has, for lacking the kind of detail that is asked and for saying
# next to nothing (a question, a word or two). On PIAF's dev questions the first quote is
# right for 0.65 to 0.68 of them anywhere between 0.5 and 2 for the passage and 0.02 and
# 0.1 for the words; on one article alone, where all passages are near, less passage and
# more words is better.
PASSAGE_WEIGHT = 0.5
COVERAGE_WEIGHT = 0.08
LACKING_DETAIL = -0.05
SAYING_NOTHING = -1.0
FEWEST_TERMS = 2
# What the trained reader gives at least; it stands for what was not read.
LEAST_RELEVANCE = -3.0
UNREAD = -15.0
# How far behind the best score a passage may be and still be read. With 0.16 as many quotes
# are right as when all four are read, and three are; with 0.1 it is two, and fewer.
NEAR_ENOUGH = 0.16
# For a list of articles, where one word can be the whole question.
ON_SUBJECT_COVERAGE = 0.5
ON_SUBJECT_COSINE = 0.02
# Under this confidence the answer is a refusal. With the trained reader 93 % of PIAF's dev
# questions that can be answered are, 87 % of those whose article was left out are refused,
# and of all that is refused 93 % should be.
THRESHOLD = 0.3

_POINTS_BACK = re.compile(
    r"(?:(?:il|elle|ils|elles|celui-ci|celle-ci|ceux-ci|celles-ci|cela|ça|ce dernier"
    r"|cette dernière|ces derniers|ces dernières|lui|eux|tous deux|toutes deux|leurs?"
    r"|he|she|they|it|this|these|his|her|their)\b"
    r"|c['’](?:est|était|etait))",
    re.I,
)
_PARAGRAPH_END = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Fusion:
    """What the trained reader weighs: a passage's relevance, a sentence's best span.

    Chosen, as the confidence was, on titles of PIAF's training part that the reader was not
    trained on: there the first quote is right for 0.70 to 0.72 of the questions anywhere
    between 0.01 and 0.05, and 0.003 and 0.01.
    """

    relevance: float = 0.02
    span: float = 0.005


FUSION = Fusion()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a quote.

    Cosines of its passage and of itself to the question, the share of the question's
    words that its passage has, and the log-odds of its best span (0 without a reader).
    """

    passage: float
    sentence: float
    coverage: float
    span: float = 0.0


@dataclass(frozen=True, slots=True)
class _Confidence:
    """Logistic regression: how likely the first quote answers.

    Fitted on PIAF questions, each asked once as it is and once with every paragraph of
    its title left out. Coverage says nothing across languages.
    """

    passage: float
    sentence: float
    coverage: float
    span: float
    bias: float

    def __call__(self, evidence: Evidence) -> float:
        total = (
            self.passage * evidence.passage
            + self.sentence * evidence.sentence
            + self.coverage * evidence.coverage
            + self.span * evidence.span
            + self.bias
        )
        return 1 / (1 + math.exp(-total))


SAME_LANGUAGE = _Confidence(30.4122, 48.9586, 4.4161, 0.0, -68.3334)
OTHER_LANGUAGE = _Confidence(49.5856, 74.768, 0.0, 0.0, -98.7212)
# With the trained reader; fitted on the titles that its training left out.
READ_SAME_LANGUAGE = _Confidence(41.5186, 24.6888, 2.9173, 0.159, -56.9179)
READ_OTHER_LANGUAGE = _Confidence(41.8221, 27.0227, 0.0, 0.2009, -57.9269)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the hits say to a question.

    ``quotes`` are the best sentences, best first, whether they answer or not: they do
    when ``reason`` is None. ``evidence`` is the first quote's.
    """

    quotes: tuple[Quote, ...]
    confidence: float
    reason: Reason | None
    missing_words: tuple[str, ...] = ()
    missing_dates: tuple[str, ...] = ()
    detail: Detail | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence that may answer."""

    article: Article
    found: Found
    scored: ScoredSentence
    score: float
    has_detail: bool

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


def read_passages(
    reader: Reader,
    question: str,
    found: Sequence[Found],
    article_of: ArticleOf,
    count: int,
    fusion: Fusion = FUSION,
) -> tuple[Found, ...]:
    """``found`` with at most its first ``count`` passages read, in the order this suggests.

    A passage's score grows by its weighed relevance. They are read one by one, best first,
    and those that fall too far behind are not.
    """
    ordered: list[Found] = []
    best = -math.inf
    for place, one in enumerate(found):
        seen, relevance = None, LEAST_RELEVANCE
        if place < count and one.hit.score + NEAR_ENOUGH > best:
            seen = reader.read(question, to_read(one, article_of))
            relevance = seen.relevance
        hit = dataclasses.replace(one.hit, score=one.hit.score + fusion.relevance * relevance)
        best = max(best, hit.score)
        ordered.append(Found(hit, one.sentences if seen is None else _marked(one, seen)))
    return tuple(sorted(ordered, key=lambda one: -one.hit.score))


def _marked(found: Found, seen: ReadPassage) -> tuple[ScoredSentence, ...]:
    """The sentences of a hit with the spans that were found in them."""
    start = found.hit.passage.start
    return tuple(
        dataclasses.replace(
            sentence,
            answer=span and Span(span.start + start, span.end + start, span.score),
        )
        for sentence, span in zip(found.sentences, seen.spans, strict=True)
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


def read(
    question: Question,
    found: Sequence[Found],
    index: Index,
    article_of: ArticleOf,
    top: int,
    *,
    one_an_article: bool = False,
    fusion: Fusion = FUSION,
) -> Reading:
    """The ``top`` best sentences of the hits, and whether the first one answers.

    With ``one_an_article`` they come from different articles, each of which is likely
    enough to be on the question's subject: most of its words are there or, across
    languages, its meaning is nearly as close as in the first.
    """
    picker = _Picker(question, found, index, article_of, fusion)
    return picker.read_articles(top) if one_an_article else picker.read(top)


class _Picker:
    """One question over its hits."""

    def __init__(
        self,
        question: Question,
        found: Sequence[Found],
        index: Index,
        article_of: ArticleOf,
        fusion: Fusion,
    ) -> None:
        self.fusion = fusion
        self.question = question
        self.found = found
        self.index = index
        self.articles = {
            article_id: article_of(article_id)
            for article_id in dict.fromkeys(one.hit.passage.article_id for one in found)
        }
        self.was_read = any(scored.answer for one in found for scored in one.sentences)
        self.frequencies = index.search.document_frequencies((*question.terms, *question.years))
        self.rarity = {term: self._rarity(term) for term in question.terms}

    def read(self, top: int) -> Reading:
        candidates = sorted(self._candidates(), key=lambda one: -one.score)
        holding = [one for one in candidates if one.has_detail]
        chosen = holding or candidates
        confidence = self._confidence(chosen[0])
        missing_words = self._missing_words()
        missing_dates = self._missing_dates()
        detail = self.question.detail
        reason: Reason | None = None
        if missing_dates:
            reason = Reason.DATES_NOT_FOUND
        elif missing_words and self._misses_name():
            reason = Reason.WORDS_NOT_FOUND
        elif not holding:
            reason = Reason.DETAIL_NOT_FOUND
        elif missing_words and confidence < THRESHOLD:
            reason = Reason.WORDS_NOT_FOUND
        elif confidence < THRESHOLD:
            lacks = candidates[0] is not chosen[0]
            reason = (
                Reason.DETAIL_NOT_FOUND
                if lacks and self._confidence(candidates[0]) >= THRESHOLD
                else Reason.NOTHING_CLOSE
            )
        # What comes nearest to a refused question is shown whatever it holds.
        shown = chosen + [one for one in candidates if not one.has_detail]
        if reason is not None:
            shown = candidates
        return Reading(
            tuple(self._quote(one) for one in _apart(shown, top)),
            confidence,
            reason,
            missing_words if reason is Reason.WORDS_NOT_FOUND else (),
            missing_dates if reason is Reason.DATES_NOT_FOUND else (),
            detail if reason is Reason.DETAIL_NOT_FOUND else None,
            self._evidence(chosen[0]),
        )

    def read_articles(self, top: int) -> Reading:
        """The best sentence of every article that is likely to be on the subject."""
        best: dict[str, _Candidate] = {}
        for one in sorted(self._candidates(), key=lambda one: -one.score):
            best.setdefault(one.article.id, one)
        likely = [one for one in best.values() if self._is_on_subject(one, best)]
        if not likely:
            return self.read(top)
        quotes = tuple(self._quote(one) for one in likely[:top])
        return Reading(quotes, self._confidence(likely[0]), None)

    def _is_on_subject(self, one: _Candidate, best: Mapping[str, _Candidate]) -> bool:
        if self._confidence(one) < THRESHOLD:
            return False
        if one.article.language == self.question.language:
            return self._passage_coverage(one) >= ON_SUBJECT_COVERAGE
        nearest = max(other.scored.cosine for other in best.values())
        return one.scored.cosine >= nearest - ON_SUBJECT_COSINE

    def _candidates(self) -> Iterator[_Candidate]:
        seen: set[tuple[str, int]] = set()
        detail = self.question.detail
        for one in self.found:
            article = self.articles[one.hit.passage.article_id]
            for scored in one.sentences:
                place = (article.id, scored.sentence.start)
                if place in seen:
                    continue
                seen.add(place)
                text = article.text[scored.sentence.start : scored.sentence.end]
                present = set(terms(text))
                holds = detail is None or holds_detail(text, detail)
                score = (
                    scored.cosine
                    + PASSAGE_WEIGHT * one.hit.score
                    + COVERAGE_WEIGHT * self._coverage(present)
                    + LACKING_DETAIL * (not holds)
                    + self.fusion.span * (self._span_score(scored) if self.was_read else 0)
                    + SAYING_NOTHING * (len(present) < FEWEST_TERMS or text.endswith("?"))
                )
                yield _Candidate(article, one, scored, score, holds)

    def _span_score(self, scored: ScoredSentence) -> float:
        return scored.answer.score if scored.answer else UNREAD

    def _coverage(self, present: AbstractSet[str]) -> float:
        """The share of the question's terms, weighed by rarity, that are ``present``."""
        whole = sum(self.rarity.values())
        if not whole:
            return 0.0
        return sum(weight for term, weight in self.rarity.items() if term in present) / whole

    def _rarity(self, term: str) -> float:
        return share_idf(self._frequency(term), self.index.manifest.passages)

    def _confidence(self, candidate: _Candidate) -> float:
        same, other = (
            (READ_SAME_LANGUAGE, READ_OTHER_LANGUAGE)
            if self.was_read
            else (SAME_LANGUAGE, OTHER_LANGUAGE)
        )
        evidence = self._evidence(candidate)
        if self.question.language is None:
            return max(same(evidence), other(evidence))
        is_same = self.question.language == candidate.article.language
        return (same if is_same else other)(evidence)

    def _evidence(self, candidate: _Candidate) -> Evidence:
        return Evidence(
            candidate.found.hit.cosine,
            candidate.scored.cosine,
            self._passage_coverage(candidate),
            self._span_score(candidate.scored) if self.was_read else 0.0,
        )

    def _passage_coverage(self, candidate: _Candidate) -> float:
        """The share of the question's terms that the candidate's passage or title has."""
        passage = candidate.found.hit.passage
        text = candidate.article.text[passage.start : passage.end]
        return self._coverage({*terms(candidate.article.title), *terms(text)})

    def _missing_words(self) -> tuple[str, ...]:
        """The question's words that no article has, as it wrote them.

        Across languages only names can be missed.
        """
        asked = self.question.words if self._is_same_language else self.question.names
        missing = (word.text for word in asked if not self._frequency(word.term))
        return tuple(dict.fromkeys(missing))

    def _misses_name(self) -> bool:
        return self._is_same_language and any(
            not self._frequency(word.term) for word in self.question.names
        )

    def _missing_dates(self) -> tuple[str, ...]:
        """The years it names that stand in no article and in no article's date."""
        return tuple(
            year
            for year in self.question.years
            if not self._frequency(year) and not self.index.articles.has_year(int(year))
        )

    @functools.cached_property
    def _is_same_language(self) -> bool:
        return any(
            article.language == self.question.language for article in self.articles.values()
        )

    def _frequency(self, term: str) -> int:
        return self.frequencies[term]

    def _quote(self, candidate: _Candidate) -> Quote:
        article, whole = candidate.article, candidate.utterance
        start, end = whole.start, whole.end
        passage = candidate.found.hit.passage
        asked = set(self.question.terms)
        span = candidate.scored.answer
        answer = (span.start, span.end) if span else None
        asked_words = tuple(
            (start + word.start, start + word.end)
            for word in words(article.text[start:end])
            if word.term in asked
        )
        return Quote(
            article.id,
            article.text[start:end],
            start,
            end,
            min(passage.start, start),
            max(passage.end, end),
            candidate.score,
            (answer,) if answer else asked_words,
            self._context(candidate),
            answer,
        )

    def _context(self, candidate: _Candidate) -> Context | None:
        """The sentence before, when this one opens by pointing back to it.

        Of what somebody says at length, the sentence that tells who speaks.
        """
        article, whole = candidate.article, candidate.utterance
        speaks = opening_of_utterance(article.text, whole, article.language)
        if speaks is not None:
            return Context(article.text[speaks.start : speaks.end], speaks.start, speaks.end)
        if whole.start < candidate.start:
            return None
        opening = candidate.text.lstrip(OPENING_MARKS)
        if not _POINTS_BACK.match(opening):
            return None
        text = candidate.article.text
        before = self.index.passages.sentence_before(candidate.article.id, candidate.start)
        if before is None or _PARAGRAPH_END.search(text, before.end, candidate.start):
            return None
        return Context(text[before.start : before.end], before.start, before.end)


def _apart(candidates: Sequence[_Candidate], top: int) -> list[_Candidate]:
    """The first ``top`` that say different things in places that do not overlap."""
    kept: list[_Candidate] = []
    said: set[str] = set()
    for one in candidates:
        if len(kept) == top:
            break
        words_said = " ".join(fold(one.text).split())
        overlaps = any(
            one.article.id == other.article.id
            and one.utterance.start < other.utterance.end
            and other.utterance.start < one.utterance.end
            for other in kept
        )
        if not overlaps and words_said not in said:
            kept.append(one)
            said.add(words_said)
    return kept
