"""Markup to paragraphs, all of it: for feeds, mails and chapters, which are all article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HTMLParser

_PARAGRAPH_ELEMENTS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main menu nav ol p pre"
    " section summary table tbody td tfoot th thead tr ul".split()
)
_UNSEEN_ELEMENTS = frozenset("head noscript script style svg template title".split())
# No-break spaces are French typography and stay.
_SPACES = re.compile(r"[ \t\r\n\f]+")
_IS_MARKUP = re.compile(r"</[a-zA-Z][a-zA-Z0-9]*\s*>|<(?:br|p|img|hr)\b[^<>]*>", re.I)


def is_markup(text: str) -> bool:
    """Whether ``text`` holds HTML elements."""
    return _IS_MARKUP.search(text) is not None


def paragraphs(markup: str | bytes) -> str:
    """The words of HTML or XHTML, a blank line between paragraphs; "" when there are none."""
    from lxml import etree, html

    content = markup.encode("utf-8", "replace") if isinstance(markup, str) else markup
    try:
        root = html.document_fromstring(content, parser=_parser(isinstance(markup, str)))
    except etree.ParserError:
        return ""
    parts: list[str] = []
    unseen = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            unseen += name in _UNSEEN_ELEMENTS
            if name in _PARAGRAPH_ELEMENTS:
                parts.append("\n\n")
            elif name == "br":
                parts.append("\n")
            if not unseen:
                parts.append(_SPACES.sub(" ", element.text or ""))
            continue
        unseen -= event == "end" and name in _UNSEEN_ELEMENTS
        if name in _PARAGRAPH_ELEMENTS:
            parts.append("\n\n")
        if not unseen:
            parts.append(_SPACES.sub(" ", element.tail or ""))
    lines = (line.strip(" ") for line in "".join(parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def heading(markup: bytes, *, is_utf_8: bool = False) -> str | None:
    """The first heading of a chapter, else its title."""
    from lxml import etree, html

    try:
        root = html.document_fromstring(markup, parser=_parser(is_utf_8))
    except etree.ParserError:
        return None
    for path in ("//h1", "//h2", "//h3", "//title"):
        for element in root.xpath(path):
            words = " ".join(element.text_content().split())
            if words:
                return words
    return None


def _parser(is_utf_8: bool) -> HTMLParser:
    from lxml import html

    return html.HTMLParser(
        encoding="utf-8" if is_utf_8 else None, remove_comments=True, remove_pis=True
    )
