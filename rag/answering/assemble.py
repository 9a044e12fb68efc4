"""What was read to an answer: its citations with their reprints, or a refusal."""

from __future__ import annotations

import datetime

from rag.answering.choose_quotes import Reading
from rag.answering.tell_once import with_reprints
from rag.index import Index
from rag.language.questions import understand
from rag.types import Abstention, Answer, ArticleOf, Citation, Filters, Reason, Wish


def assemble(
    question: str,
    language: str | None,
    reading: Reading,
    wish: Wish,
    filters: Filters,
    index: Index,
    article_of: ArticleOf,
) -> Answer:
    """The answer to ``question`` that ``reading`` makes, without hits and timings."""
    citations = tuple(
        with_reprints(
            Citation(number, quote, article_of(quote.article_id)),
            index,
            article_of,
            filters,
            whole_story=wish in (Wish.LIST, Wish.SURVEY, Wish.TIMELINE),
        )
        for number, quote in enumerate(reading.quotes, 1)
    )
    abstention = None
    if reading.reason is not None:
        abstention = Abstention(
            reading.reason,
            reading.missing_words,
            reading.missing_dates,
            reading.detail,
            nearest=citations,
            meant=reading.meant,
        )
    return Answer(
        question,
        language or "fr",
        citations if abstention is None else (),
        abstention,
        reading.confidence,
        wish=wish,
        as_of=filters.as_of,
    )


def refused(question: str, reason: Reason, as_of: datetime.date | None = None) -> Answer:
    """The refusal of ``question`` for that ``reason``, with nothing near."""
    language = understand(question).language or "fr"
    return Answer(question, language, (), Abstention(reason), 0.0, as_of=as_of)
