"""What the page says of an article in a line, and the addresses that open it."""

from __future__ import annotations

import urllib.parse

from rag.answering.answer_texts import ANSWER_TEXTS
from rag.language.typography import format_date
from rag.types import Article, Quote


def source_line(article: Article, language: str) -> str:
    """Date and outlet of an article, in words (not escaped)."""
    date = article.date
    when = format_date(date, language) if date else ANSWER_TEXTS[language].undated
    return " · ".join(part for part in (when, article.outlet) if part)


def safe_url(url: str | None) -> str | None:
    """``url`` when it is an http or https address that a page may link to, else None."""
    if url is None:
        return None
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def source_reference(quote: Quote) -> str:
    """Return a chip's target: which words of which article it opens (not escaped)."""
    return source_address(quote.article_id, quote.start, quote.end)


def source_address(article_id: str, start: int, end: int) -> str:
    """Return what opens an article at some characters (not escaped)."""
    query = {"article": article_id, "quote": f"{start}-{end}"}
    return "#source?" + urllib.parse.urlencode(query)
