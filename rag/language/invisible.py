"""Marks that are kept in a text and seen by nobody: they are no letters and no spaces."""

from __future__ import annotations

# Soft hyphen, zero-width space, non-joiner and joiner, the marks of writing from left to right
# and from right to left, word joiner, zero-width no-break space. As they stand they may be put
# into a class of a regular expression.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_NOTHING = dict.fromkeys(map(ord, INVISIBLE))


def without_invisible(text: str) -> str:
    """``text`` as it is seen."""
    return text if text.isascii() else text.translate(_NOTHING)
