"""Answers as rows of a table: one a quote, or the one of a refusal."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from rag.answering.answer_texts import abstention_message
from rag.answering.quote_modality import modality_of
from rag.answering.quote_moments import moments_of
from rag.answering.quote_place import pages_of
from rag.answering.quote_speakers import named
from rag.types import Answer, Article, Citation, Overview


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A question with one of the quotes that answer it, or with why none does.

    ``number`` is the question's in its file, from 1, and ``citation`` the quote's in the
    answer. ``quote`` is the article's ``text[start:end]``. ``page`` (or the first and
    the last, "12-13"), ``row``, ``time``, ``speaker`` and ``part`` are where it stands in the
    article's file, as far as that is known; ``doubtful`` are words of it that were recognised
    with little confidence. ``moments`` are the words of it that tell when, and the days
    meant, ``modality`` whether it is conditional, denied or negated,
    ``said_by`` whose words they are.
    """

    number: int
    question: str
    asked_as: str
    answered: bool
    reason: str
    message: str
    confidence: float
    citation: int | None = None
    quote: str = ""
    title: str = ""
    date: str = ""
    source: str = ""
    author: str = ""
    url: str = ""
    path: str = ""
    article_id: str = ""
    start: int | None = None
    end: int | None = None
    page: str = ""
    row: int | None = None
    time: str = ""
    speaker: str = ""
    part: str = ""
    doubtful: str = ""
    moments: str = ""
    modality: str = ""
    said_by: str = ""


COLUMNS = tuple(field.name for field in dataclasses.fields(AnswerRow))


def rows_of(number: int, answer: Answer, overview: Overview) -> tuple[AnswerRow, ...]:
    """The rows of the answer to the question of that ``number``."""
    abstention = answer.abstention
    whole = AnswerRow(
        number,
        answer.question,
        answer.understood or "",
        answer.answered,
        abstention.reason.value if abstention else "",
        abstention_message(abstention, overview, answer.language) if abstention else "",
        round(answer.confidence, 4),
    )
    return tuple(_with_quote(whole, one) for one in answer.citations) or (whole,)


def _with_quote(row: AnswerRow, citation: Citation) -> AnswerRow:
    quote, article, place = citation.quote, citation.article, citation.place
    return dataclasses.replace(
        row,
        citation=citation.number,
        quote=quote.text,
        title=article.title,
        date=_day(article),
        source=article.source or "",
        author=article.author or "",
        url=article.url or "",
        path=article.path,
        article_id=article.id,
        start=quote.start,
        end=quote.end,
        page=pages_of(place),
        row=place.row,
        time=place.time or "",
        speaker=place.speaker or "",
        part=place.part.value,
        doubtful="; ".join(article.text[start:end] for start, end in place.doubtful),
        moments="; ".join(
            f"{article.text[one.start : one.end]}: {one.first}/{one.last}"
            for one in moments_of(citation)
        ),
        modality="; ".join(one.modality.value for one in modality_of(citation)),
        said_by="; ".join(named(citation)),
    )


def _day(article: Article) -> str:
    return article.date.isoformat() if article.date else ""
