"""What the words of a quote that tell when mean, as a line for readers and for programs.

Nothing of the quote changes: each moment is a place in the article and the days it means.
"""

from __future__ import annotations

from typing import Any

from rag.answering.json_references import span_to_json
from rag.language.calendar_days import Days, month_of, year_of
from rag.language.moments import Moment, moments
from rag.language.typography import MONTHS, format_date, quoted
from rag.types import Citation


def moments_of(citation: Citation) -> list[Moment]:
    """The moments that the quote tells of, counted from its article's day."""
    article, quote = citation.article, citation.quote
    return moments(article.text, quote.start, quote.end, article.date, article.language)


def moments_line(citation: Citation, language: str) -> str:
    """Which days are meant (not escaped), where the quote's words do not say so; else ""."""
    text = citation.article.text
    told = {
        " ".join(text[one.start : one.end].split()): _days(one, language)
        for one in moments_of(citation)
        if not one.is_whole
    }
    return " · ".join(f"{quoted(words, language)} = {days}" for words, days in told.items())


def moments_to_json(citation: Citation) -> list[dict[str, Any]]:
    """The moments as JSON values; their days as ISO 8601, both included."""
    text = citation.article.text
    return [
        {
            **span_to_json(text, one.start, one.end),
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
        }
        for one in moments_of(citation)
    ]


def _days(moment: Moment, language: str) -> str:
    first, last = moment.first, moment.last
    if first == last:
        return format_date(first, language)
    if Days(first, last) == year_of(first.year):
        return str(first.year)
    if Days(first, last) == month_of(first.year, first.month):
        return f"{MONTHS[language][first.month - 1]} {first.year}"
    return f"{format_date(first, language)} – {format_date(last, language)}"
