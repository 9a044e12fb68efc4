"""The article beside the chat, with its quotes marked."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rag.language.typography import format_date
from rag.types import Article, BrokenFile, Version
from rag.ui.article_facts import safe_url, source_line
from rag.ui.html import render
from rag.ui.reading_facts import render_reading
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
    problems: Sequence[BrokenFile] = (),
) -> Markup:
    """``article`` with ``cited`` marked strongly and the ``others`` lightly.

    Spans are clipped to the article, the others also where they meet ``cited``.
    ``versions`` are the texts that it had before, oldest first, and ``problems`` what is to
    be said of how it was read.
    """
    texts = TEXTS[language].source
    changed = None
    if versions:
        date = format_date(versions[-1].replaced_at.date(), language)
        changed = texts.changed_on.format(date=date)
    return render(
        "source",
        texts=texts,
        article=article,
        about=source_line(article, language),
        original=original_address(article, cited),
        changed=changed,
        pieces=_marked_text(article.text, cited, others),
        reading=render_reading(article, problems, language),
    )


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


def _marked_text(text: str, cited: Span, others: Iterable[Span]) -> Iterator[tuple[str, str]]:
    """``text`` in pieces, each with its mark: "cited", "also cited" or none."""
    cited = _clipped(cited, 0, len(text))
    at = 0
    for span, is_cited in _marks(cited, others, len(text)):
        start = max(span.start, at)
        if start < span.end:
            yield text[at:start], ""
            yield text[start : span.end], "cited" if is_cited else "also cited"
            at = span.end
    yield text[at:], ""


def _marks(cited: Span, others: Iterable[Span], length: int) -> list[tuple[Span, bool]]:
    marks = [(cited, True)]
    for other in others:
        marks.append((_clipped(other, 0, cited.start), False))
        marks.append((_clipped(other, cited.end, length), False))
    return sorted(marks, key=lambda mark: (mark[0].start, mark[0].end))


def _clipped(span: Span, low: int, high: int) -> Span:
    start = min(max(span.start, low), high)
    return Span(start, max(start, min(span.end, high)))
