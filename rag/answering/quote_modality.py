"""How sure a quote is of what it tells, as a word for readers and as values for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.answering.json_references import span_to_json
from rag.language.modality import Mark, Modality, marks
from rag.types import Citation

_WORDS: Mapping[str, Mapping[Modality, str]] = {
    "fr": {
        Modality.CONDITIONAL: "au conditionnel",
        Modality.DENIED: "démenti",
        Modality.NEGATED: "nié",
    },
    "en": {
        Modality.CONDITIONAL: "in the conditional",
        Modality.DENIED: "denied",
        Modality.NEGATED: "negated",
    },
}


def modality_of(citation: Citation) -> list[Mark]:
    """The words of the quote that say how sure it is; nothing of it is left out for them."""
    article, quote = citation.article, citation.quote
    return marks(article.text, quote.start, quote.end, article.language)


def modality_line(citation: Citation, language: str) -> str:
    """How sure the quote is of what it tells, in a word or two (not escaped), or ""."""
    words = _WORDS[language]
    return ", ".join(words[one.modality] for one in modality_of(citation))


def modality_to_json(citation: Citation) -> list[dict[str, Any]]:
    """The words that say it, with their places, as JSON values."""
    text = citation.article.text
    return [
        {"kind": one.modality.value, **span_to_json(text, one.start, one.end)}
        for one in modality_of(citation)
    ]
