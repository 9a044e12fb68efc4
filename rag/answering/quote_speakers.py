"""Whose words a quote tells, as a line for readers and as values for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.answering.json_references import span_to_json
from rag.language.attributions import Attribution, attributions
from rag.types import Citation

_SAID_BY: Mapping[str, str] = {"fr": "Paroles de\N{NO-BREAK SPACE}: ", "en": "Words of: "}


def speakers_of(citation: Citation) -> list[Attribution]:
    """Where the article names who says what the quote tells, perhaps outside the quote."""
    article, quote = citation.article, citation.quote
    return attributions(article.text, quote.start, quote.end, article.language)


def named(citation: Citation) -> list[str]:
    """Those who speak as the article writes them: « Maude Lachance, la directrice »."""
    text = citation.article.text
    told = []
    for one in speakers_of(citation):
        spans = ((one.start, one.end), one.role)
        told.append(", ".join(" ".join(text[slice(*span)].split()) for span in spans if span))
    return told


def speakers_line(citation: Citation, language: str) -> str:
    """Whose words they are (not escaped), or "" where the article does not tell."""
    told = named(citation)
    return _SAID_BY[language] + " · ".join(told) if told else ""


def speakers_to_json(citation: Citation) -> list[dict[str, Any]]:
    """Those who speak, with their places in the article, as JSON values."""
    text = citation.article.text
    return [
        {
            **span_to_json(text, one.start, one.end),
            "role": one.role and span_to_json(text, *one.role),
        }
        for one in speakers_of(citation)
    ]
