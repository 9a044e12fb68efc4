"""Putting gold questions to an assistant and judging what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from rag.evaluation.gold import GoldQuestion, PassageKey, passage_key, relevant_passages
from rag.evaluation.metrics import contains_answer
from rag.types import Answer, Article, Citation, Filters, Passage, Quote, Reason

QUOTES = 3


class Answerer(Protocol):
    """What the evaluation needs of an answerer."""

    def ask(self, question: str, *, filters: Filters = ..., top: int = ...) -> Answer:
        """The answer to a question, over the part of the index that passes ``filters``."""

    def article(self, article_id: str) -> Article:
        """The article with that id."""


@dataclass(frozen=True, slots=True)
class JudgedQuote:
    """A quote that was shown, as the answer or as what comes nearest to one.

    ``right``: it contains a gold answer. ``valid``: the article has its text,
    and its context's, at their offsets, and its highlights lie inside it.
    ``marked`` are the words that a reader marked as the answer, "" without one.
    """

    text: str
    path: str
    article_id: str
    start: int
    end: int
    score: float
    right: bool
    valid: bool
    marked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What came back when a question was put once.

    ``quotes`` are all that were shown, best first: the answer or, after a
    refusal, what comes nearest. ``milliseconds`` is the answer's total time.
    """

    answered: bool
    reason: Reason | None
    confidence: float
    milliseconds: float
    quotes: tuple[JudgedQuote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Asking):
    """A gold question and what came back when it was asked.

    ``relevant`` counts the passages of the index that answer it and ``ranks``
    are the places of those among the passages considered, the first being 1.
    ``without_gold`` is a second asking, with the article that answers left
    out, which is every paragraph under its title; it is made of answerable SQuAD
    questions and should be refused.
    """

    id: str
    question: str
    lang: str
    answerable: bool
    answers: tuple[str, ...]
    relevant: int
    ranks: tuple[int, ...]
    without_gold: Asking | None = None

    def first_right_quote(self) -> int | None:
        """The place of the first right quote, from 1; None without one.

        It tells about the reading, so what is nearest after a refusal counts.
        """
        return next((place for place, quote in enumerate(self.quotes, 1) if quote.right), None)


def ask_all(
    answerer: Answerer,
    questions: Sequence[GoldQuestion],
    passages: Iterable[Passage],
    on_asked: Callable[[], None] = lambda: None,
) -> Iterator[Outcome]:
    """Ask every question and judge what comes back, one Outcome a question.

    ``passages`` are all those of the index, those of an article together; they are looked
    through once. ``on_asked`` is called after every question.
    """
    relevant = relevant_passages(questions, passages, answerer.article)
    for question, answering in zip(questions, relevant, strict=True):
        yield _outcome(answerer, question, answering)
        on_asked()


def _outcome(
    answerer: Answerer, question: GoldQuestion, relevant: AbstractSet[PassageKey]
) -> Outcome:
    answer = answerer.ask(question.question, filters=Filters(), top=QUOTES)
    first = _judge(answerer, question, answer)
    second = None
    if question.answerable and question.paragraph is not None:
        # The other paragraphs of the article often say the same again.
        without = Filters(excluded_articles=question.same_subject)
        second = _judge(
            answerer, question, answerer.ask(question.question, filters=without, top=QUOTES)
        )
    return Outcome(
        id=question.id,
        question=question.question,
        lang=question.language,
        answerable=question.answerable,
        answers=question.answers,
        relevant=len(relevant),
        ranks=tuple(
            rank
            for rank, hit in enumerate(answer.hits, 1)
            if passage_key(hit.passage) in relevant
        ),
        answered=first.answered,
        reason=first.reason,
        confidence=first.confidence,
        milliseconds=first.milliseconds,
        quotes=first.quotes,
        without_gold=second,
    )


def _judge(answerer: Answerer, question: GoldQuestion, answer: Answer) -> Asking:
    return Asking(
        answered=answer.answered,
        reason=answer.abstention.reason if answer.abstention else None,
        confidence=answer.confidence,
        milliseconds=answer.timings.total,
        quotes=tuple(
            _judge_quote(
                citation, answerer.article(citation.quote.article_id), question.answers
            )
            for citation in answer.shown()
        ),
    )


def _judge_quote(citation: Citation, article: Article, answers: Sequence[str]) -> JudgedQuote:
    quote = citation.quote
    return JudgedQuote(
        text=quote.text,
        path=article.path,
        article_id=quote.article_id,
        start=quote.start,
        end=quote.end,
        score=quote.score,
        right=contains_answer(quote.text, answers),
        valid=is_valid(quote, article),
        marked=article.text[slice(*quote.answer)] if quote.answer else "",
    )


def is_valid(quote: Quote, article: Article) -> bool:
    """Whether the article has the quote's words, and its context's, at their place."""
    shown = (quote,) if quote.context is None else (quote, quote.context)
    return all(
        0 <= part.start < part.end and article.text[part.start : part.end] == part.text
        for part in shown
    ) and all(quote.start <= start < end <= quote.end for start, end in quote.highlights)
