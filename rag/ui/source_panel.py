"""The article beside the chat, with its quotes marked. Pure functions.

The page puts what they return into the panel as it is, so everything that came
from an article is escaped here.
"""

from __future__ import annotations

import html
import urllib.parse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.language.typography import format_date
from rag.types import Article, Version
from rag.ui.answer_message import safe_url, source_line
from rag.ui.texts import TEXTS

_FRAGMENT_WORDS = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of an article, ``start`` included and ``end`` excluded."""

    start: int
    end: int


def render_source(
    article: Article,
    cited: Span,
    others: Iterable[Span],
    language: str,
    versions: Sequence[Version] = (),
) -> str:
    """``article`` with ``cited`` marked strongly and the ``others`` lightly.

    Spans are clipped to the article, the others also where they meet ``cited``.
    ``versions`` are the texts that it had before, oldest first.
    """
    texts = TEXTS[language]
    ask_only = (
        f'<button type="button" class="ask-only" data-ask-only="{html.escape(article.id)}">'
        f"{html.escape(texts.source.ask_only)}</button>"
    )
    return (
        f'<header><p class="label">{html.escape(texts.source.title)}</p>'
        f'<h2 id="source-title" tabindex="-1">{html.escape(article.title)}</h2>'
        f'<p class="meta">{html.escape(source_line(article, language))}'
        f"{_original_link(article, cited, texts.source.original)}</p>"
        f"{_changed(versions, language)}{ask_only}</header>"
        f'<div class="article-text" lang="{html.escape(article.language)}">'
        f"{_marked_text(article.text, cited, others)}</div>"
        f'<p class="meta file">{html.escape(texts.source.file.format(path=article.path))}</p>'
    )


def _changed(versions: Sequence[Version], language: str) -> str:
    """When the article got the text that is shown, if it had another."""
    if not versions:
        return ""
    texts = TEXTS[language]
    date = format_date(versions[-1].replaced_at.date(), language)
    said = texts.source.changed_on.format(date=date)
    return f'<p class="meta changed">{html.escape(said)}</p>'


def original_address(article: Article, cited: Span) -> str | None:
    """Where the original can be read, pointing at the quote, or None.

    The quote is given as a text fragment (wicg.github.io/scroll-to-text-fragment):
    its first and last words, which browsers that know it scroll to.
    """
    url = safe_url(article.url)
    if url is None:
        return None
    words = article.text[cited.start : cited.end].split()
    if not words:
        return url
    ends = (
        [words]
        if len(words) <= 2 * _FRAGMENT_WORDS
        else [
            words[:_FRAGMENT_WORDS],
            words[-_FRAGMENT_WORDS:],
        ]
    )
    # A hyphen would be read as the mark of a prefix or suffix.
    quoted = [urllib.parse.quote(" ".join(end), safe="").replace("-", "%2D") for end in ends]
    return f"{url}{'' if '#' in url else '#'}:~:text={','.join(quoted)}"


def _original_link(article: Article, cited: Span, label: str) -> str:
    address = original_address(article, cited)
    if address is None:
        return ""
    return (
        f' · <a href="{html.escape(address)}" target="_blank" '
        f'rel="noopener noreferrer nofollow">{html.escape(label)}</a>'
    )


def _marked_text(text: str, cited: Span, others: Iterable[Span]) -> str:
    cited = _clipped(cited, 0, len(text))
    parts: list[str] = []
    at = 0
    for span, strong in _marks(cited, others, len(text)):
        start = max(span.start, at)
        if start < span.end:
            parts.append(html.escape(text[at:start]))
            attributes = 'class="cited" id="cited"' if strong else 'class="also-cited"'
            parts.append(f"<mark {attributes}>{html.escape(text[start : span.end])}</mark>")
            at = span.end
    parts.append(html.escape(text[at:]))
    return "".join(parts)


def _marks(cited: Span, others: Iterable[Span], length: int) -> list[tuple[Span, bool]]:
    marks = [(cited, True)]
    for other in others:
        marks.append((_clipped(other, 0, cited.start), False))
        marks.append((_clipped(other, cited.end, length), False))
    return sorted(marks, key=lambda mark: (mark[0].start, mark[0].end))


def _clipped(span: Span, low: int, high: int) -> Span:
    start = min(max(span.start, low), high)
    return Span(start, max(start, min(span.end, high)))
