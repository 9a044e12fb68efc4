"""Hits to Quotes: which sentences are shown, and whether they answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.answering.missing import find_missing, meant
from rag.answering.refusal import Findings, reason_to_refuse
from rag.answering.retrieve import Found
from rag.answering.score_sentences import Candidate, Scorer, in_order_of_reading
from rag.index import Index
from rag.language.analysis import OPENING_MARKS, fold, terms, words
from rag.language.attachments import belongings, belongs_to_another
from rag.language.questions import Question
from rag.language.utterances import opening_of_utterance
from rag.types import ArticleOf, Context, Detail, Quote, Reason

# For a list of articles, where one word can be the whole question.
ON_SUBJECT_COVERAGE = 0.5
ON_SUBJECT_COSINE = 0.02
# Of a sentence on what is asked, but of another's.
_NOT_SURE = 0.1

_POINTS_BACK = re.compile(
    r"(?:(?:il|elle|ils|elles|celui-ci|celle-ci|ceux-ci|celles-ci|cela|ça|ce dernier"
    r"|cette dernière|ces derniers|ces dernières|lui|eux|tous deux|toutes deux|leurs?"
    r"|he|she|they|it|this|these|his|her|their)\b"
    r"|c['’](?:est|était|etait))",
    re.I,
)
_PARAGRAPH_END = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the hits say to a question.

    ``quotes`` are the best sentences, best first, whether they answer or not: they do
    when ``reason`` is None. ``found`` are the hits in the order in which they help;
    ``meant`` is as in Abstention.
    """

    quotes: tuple[Quote, ...]
    confidence: float
    reason: Reason | None
    missing_words: tuple[str, ...] = ()
    missing_dates: tuple[str, ...] = ()
    detail: Detail | None = None
    found: tuple[Found, ...] = ()
    meant: tuple[tuple[str, str], ...] = ()


def read(
    question: Question,
    found: Sequence[Found],
    index: Index,
    article_of: ArticleOf,
    top: int,
    *,
    one_an_article: bool = False,
) -> Reading:
    """The ``top`` best sentences of the hits, and whether the first one answers.

    With ``one_an_article`` they come from different articles, each of which is likely
    enough to be on the question's subject: most of its words are there or, across
    languages, its meaning is nearly as close as in the first.
    """
    chooser = _Chooser(question, found, index, article_of)
    return chooser.read_articles(top) if one_an_article else chooser.read(top)


def about_the_tool(reading: Reading) -> Reading:
    """A refusal that keeps what the articles say on the subject, if they do."""
    quotes = reading.quotes if reading.reason is None else ()
    return Reading(quotes, 0.0, Reason.PUT_TO_THE_TOOL, found=reading.found)


class _Chooser:
    """One question over its hits."""

    def __init__(
        self, question: Question, found: Sequence[Found], index: Index, article_of: ArticleOf
    ) -> None:
        self.question = question
        self.found = found
        self.index = index
        self.scorer = Scorer(question, found, index, article_of)

    def read(self, top: int) -> Reading:
        candidates = self.scorer.candidates
        holding = [one for one in candidates if one.has_detail]
        chosen = holding or candidates
        confidence = self.scorer.confidence(chosen)
        findings = self._findings(candidates, chosen, confidence)
        reason = reason_to_refuse(findings)
        if findings.of_another:
            confidence = min(confidence, _NOT_SURE)
        if reason is Reason.NOTHING_CLOSE and self.question.is_keywords:
            holding_all = [one for one in chosen if self._has_all_words(one)]
            if holding_all:
                # Nothing is asked but where the words stand.
                chosen, reason = holding_all, None
                confidence = max(confidence, self.scorer.weights.confidence.threshold or 0.0)
        # What comes nearest to a refused question is shown whatever it holds.
        shown = chosen + [one for one in candidates if not one.has_detail]
        if reason is not None:
            shown = candidates
        return Reading(
            tuple(self._quote(one) for one in _apart(shown, top)),
            confidence,
            reason,
            findings.missing_words if reason is Reason.WORDS_NOT_FOUND else (),
            findings.missing_dates if reason is Reason.DATES_NOT_FOUND else (),
            findings.detail if reason is Reason.DETAIL_NOT_FOUND else None,
            in_order_of_reading(self.found, candidates),
            meant(findings.missing_words, self.found, self.scorer.articles)
            if reason is Reason.WORDS_NOT_FOUND
            else (),
        )

    def read_articles(self, top: int) -> Reading:
        """The best sentence of every article that is likely to be on the subject."""
        best: dict[str, Candidate] = {}
        for one in self.scorer.candidates:
            best.setdefault(one.article.id, one)
        likely = [one for one in best.values() if self._is_on_subject(one, best)]
        if not likely:
            return self.read(top)
        quotes = tuple(self._quote(one) for one in likely[:top])
        return Reading(quotes, self.scorer.confidence(likely), None, found=tuple(self.found))

    def _is_on_subject(self, one: Candidate, best: Mapping[str, Candidate]) -> bool:
        if one.article.language == self.question.language:
            return one.evidence.passage_coverage >= ON_SUBJECT_COVERAGE
        nearest = max(other.scored.cosine for other in best.values())
        return one.scored.cosine >= nearest - ON_SUBJECT_COSINE

    def _findings(
        self, candidates: Sequence[Candidate], chosen: Sequence[Candidate], confidence: float
    ) -> Findings:
        question, scorer = self.question, self.scorer
        threshold = scorer.weights.confidence.threshold
        doubtful = threshold is not None and confidence < threshold
        missing = find_missing(
            question,
            self.index,
            scorer.frequencies,
            is_same_language=scorer.is_same_language,
        )
        return Findings(
            missing_dates=missing.years,
            missing_names=missing.names,
            missing_words=missing.words,
            detail=question.detail,
            holds_detail=any(one.has_detail for one in candidates),
            of_another=belongs_to_another(belongings(question.text), chosen[0].text),
            doubtful=doubtful,
            sure_without_detail=doubtful
            and candidates[0] is not chosen[0]
            and threshold is not None
            and scorer.confidence(candidates) >= threshold,
        )

    def _has_all_words(self, candidate: Candidate) -> bool:
        return set(self.question.terms) <= set(terms(candidate.text))

    def _quote(self, candidate: Candidate) -> Quote:
        article, whole = candidate.article, candidate.utterance
        start, end = whole.start, whole.end
        passage = candidate.found.hit.passage
        asked = set(self.question.terms)
        span = candidate.scored.read
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

    def _context(self, candidate: Candidate) -> Context | None:
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


def _apart(candidates: Sequence[Candidate], top: int) -> list[Candidate]:
    """The first ``top`` that say different things in places that do not overlap."""
    kept: list[Candidate] = []
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
