"""Kept conversations as records: turns, verdicts and feedback, and their JSON.

Of an article only the quoted words are written; what is read back has blanks for the rest.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from rag.errors import KeepingError
from rag.types import Answer, Citation, Filters, Overview


class Verdict(enum.StrEnum):
    """What a reader says of a quote."""

    GOOD = "good"
    DOES_NOT_ANSWER = "does_not_answer"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Turn:
    """An answer, with what a page needs to show it again as it was.

    ``titles`` are those of the first passages considered, by article id. Of an article
    only the words that are quoted are kept: in a turn that was read back, the rest of its
    text is blank, so that every offset still holds.
    """

    answer: Answer
    overview: Overview
    asked_at: datetime.datetime
    titles: Mapping[str, str] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn as it was read back, with the verdicts on its citations, by their number.

    ``turn`` is None when this version of the program cannot read it.
    """

    number: int
    question: str
    turn: Turn | None
    verdicts: Mapping[int, Verdict]


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """A kept conversation, as a list shows it."""

    id: str
    first_question: str
    questions: int
    last_asked_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    """A verdict on a quote, with all that is needed to make a gold question of it.

    ``marked`` are the words of the quote that were marked as the answer, or "".
    ``quotes`` tells how many quotes the answer showed, ``turn`` which answer it was.
    ``generation`` is the index's.
    """

    turn: int
    citation: int
    verdict: Verdict
    question: str
    language: str
    path: str
    start: int
    end: int
    text: str
    marked: str
    quotes: int
    generation: str
    given_at: datetime.datetime


def now() -> datetime.datetime:
    """The time, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def find_citation(turn: Turn, number: int) -> Citation | None:
    """The citation of that number in what the answer showed."""
    return next((one for one in turn.answer.shown() if one.number == number), None)


def feedback_on(
    number: int,
    turn: Turn,
    citation: Citation,
    verdict: Verdict,
    given_at: datetime.datetime,
) -> Feedback:
    """A reader's ``verdict`` on a citation of the turn of that ``number``."""
    answer, quote, article = turn.answer, citation.quote, citation.article
    return Feedback(
        turn=number,
        citation=citation.number,
        verdict=verdict,
        question=answer.understood or answer.question,
        language=answer.language,
        path=article.path,
        start=quote.start,
        end=quote.end,
        text=quote.text,
        marked=article.text[slice(*quote.answer)] if quote.answer else "",
        quotes=sum(1 for _ in answer.shown()),
        generation=turn.overview.generation,
        given_at=given_at,
    )


@functools.cache
def _turns() -> TypeAdapter[Turn]:
    return TypeAdapter(Turn)


@functools.cache
def _feedbacks() -> TypeAdapter[Feedback]:
    return TypeAdapter(Feedback)


def write_turn(turn: Turn) -> str:
    """The JSON that ``read_turn`` reads; KeepingError where ``turn`` holds what is no text."""
    try:
        return _turns().dump_json(_without_texts(turn)).decode()
    except PydanticSerializationError as error:
        raise KeepingError(
            f"the answer to {turn.answer.question!r} holds what is no text ({error}); "
            "ask in other words"
        ) from error


def read_turn(content: str) -> Turn | None:
    """The turn in ``content``, None when this version of the program cannot read it."""
    try:
        return _with_words(_turns().validate_json(content))
    except ValidationError:
        return None


def write_feedback(given: Feedback) -> str:
    """The JSON that ``read_feedback`` reads."""
    return _feedbacks().dump_json(given).decode()


def read_feedback(content: str) -> Feedback | None:
    """The verdict in ``content``, None when this version of the program cannot read it."""
    try:
        return _feedbacks().validate_json(content)
    except ValidationError:
        return None


def _without_texts(turn: Turn) -> Turn:
    def without_text(citation: Citation) -> Citation:
        article, quote = citation.article, citation.quote
        places = article.places_in(quote.start, quote.end)
        article = dataclasses.replace(article, text="", places=places, left_out=())
        return dataclasses.replace(citation, article=article)

    # What an index holds beside its dates is long and not shown with an answer.
    overview = dataclasses.replace(turn.overview, languages=(), sources=(), broken=())
    return dataclasses.replace(
        turn, answer=_each_citation(turn.answer, without_text), overview=overview
    )


def _with_words(turn: Turn) -> Turn:
    return dataclasses.replace(turn, answer=_each_citation(turn.answer, _with_quoted_words))


def _with_quoted_words(citation: Citation) -> Citation:
    quote, context = citation.quote, citation.quote.context
    parts = sorted(
        [(quote.start, quote.text), *([(context.start, context.text)] if context else [])]
    )
    text = ""
    for start, words in parts:
        text = text[:start].ljust(start) + words
    return dataclasses.replace(
        citation, article=dataclasses.replace(citation.article, text=text)
    )


def _each_citation(answer: Answer, change: Callable[[Citation], Citation]) -> Answer:
    abstention = answer.abstention
    if abstention is not None:
        abstention = dataclasses.replace(
            abstention, nearest=tuple(change(one) for one in abstention.nearest)
        )
    citations = tuple(change(one) for one in answer.citations)
    return dataclasses.replace(answer, citations=citations, abstention=abstention)
