"""Fields of feeds and lists to words, which may be markup, or markup escaped once too often."""

from __future__ import annotations

import html
import re

from rag.ingest.formats.markup import is_markup, paragraphs

_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.I)
# A feed in a feed in a feed: none was seen that goes further.
_MOST_TIMES = 3


def words_of_field(written: str) -> str:
    """The words of a field that is plain text or markup, a blank line between paragraphs.

    « &lt;p&gt;Un mot.&lt;/p&gt; » is a paragraph that was escaped twice; within markup it is
    what an article on markup says.
    """
    text = written
    for _ in range(_MOST_TIMES):
        if is_markup(text):
            return paragraphs(text)
        if not _REFERENCE.search(text):
            break
        text = html.unescape(text)
    return text


def line_of_field(written: str) -> str:
    """The words of a title or the like, on one line."""
    if "<" in written and not is_markup(written):
        # Lone elements such as <br> are none of a title's words.
        written = paragraphs(written)
    return " ".join(words_of_field(written).split())
