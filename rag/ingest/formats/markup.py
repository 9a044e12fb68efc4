"""Markup to paragraphs, all of it: for feeds, mails and chapters, which are all article."""

from __future__ import annotations

import codecs
import re

from rag.errors import ArticleError
from rag.ingest.formats.encoding import decode_html
from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.page_blocks import page_blocks, parse_page

_IS_MARKUP = re.compile(r"</[a-zA-Z][a-zA-Z0-9]*\s*>|<(?:br|p|img|hr)\b[^<>]*>", re.I)
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")


def is_markup(text: str) -> bool:
    """Whether ``text`` holds HTML elements."""
    return _IS_MARKUP.search(text) is not None


def paragraphs(markup: str | bytes) -> str:
    """The words of HTML or XHTML, a blank line between paragraphs; "" when there are none."""
    return marked_paragraphs(markup).text


def marked_paragraphs(markup: str | bytes) -> MarkedText:
    """The words of HTML or XHTML, each paragraph with its kind; hidden ones are left out."""
    marked = MarkedText()
    root = parse_page(_decoded(markup))
    for block in page_blocks(root) if root is not None else ():
        if block.left_out is not None:
            marked.leave_out(block.left_out, block.text)
        else:
            marked.add(block.text, block.kind, row=block.row)
    return marked


def heading(markup: str | bytes) -> str | None:
    """The first heading of a chapter, else its title."""
    root = parse_page(_decoded(markup))
    if root is None:
        return None
    for path in ("//h1", "//h2", "//h3", "//title"):
        for element in root.xpath(path):
            words = " ".join(element.text_content().split())
            if words:
                return words
    return None


def _decoded(markup: str | bytes) -> str:
    """Markup as text: bytes as their XML declaration says, else as pages are read."""
    if isinstance(markup, str):
        return markup
    declared = _DECLARED.match(markup)
    if declared:
        try:
            return markup.decode(codecs.lookup(declared[1].decode("ascii")).name)
        except (LookupError, UnicodeError):
            pass
    try:
        return decode_html(markup)
    except ArticleError:
        return markup.decode("utf-8", "replace")
