"""Foreign texts to HTML that is safe wherever the page puts it."""

from __future__ import annotations

import string

# Markdown gives a meaning to ASCII punctuation, tabs and line ends, and JavaScript's
# "^" also matches after the last two.
_ESCAPES = {
    ord(character): f"&#{ord(character)};"
    for character in string.punctuation + "\t\n\r\v\f\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}"
}


def escape(text: str) -> str:
    """``text`` as character references that neither HTML nor Markdown interprets."""
    return text.translate(_ESCAPES)
