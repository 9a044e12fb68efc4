"""Quotation marks inside a quote: shown nested, while the words stay as they are written.

A reader sees “ ” inside « », and ‘ ’ inside those; what is copied, exported and linked is
what the article says. So the marks are not changed but told apart, for the style sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_MARK = re.compile(r"«[ \u00a0\u202f]*|[ \u00a0\u202f]*»")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a quote; ``nested`` names what kind of quotation mark they are, if any.

    Joined, the words of all pieces are the quote's. ``missing`` stands for a mark that the
    quote leaves out, which is shown and is no word.
    """

    words: str
    is_marked: bool = False
    nested: str = ""
    missing: bool = False


def nest(parts: Iterable[tuple[str, bool]]) -> tuple[Piece, ...]:
    """Tell the quotation marks of a quote from its words.

    ``parts`` are its words in order, each with whether it is marked. A quote that begins
    or ends within a quotation gets the mark that it leaves out, so that they are balanced.
    """
    pieces: list[Piece] = []
    depth, unopened = 0, 0
    for words, is_marked in parts:
        at = 0
        for found in _MARK.finditer(words):
            if at < found.start():
                pieces.append(Piece(words[at : found.start()], is_marked))
            if found[0].startswith("«"):
                depth += 1
                pieces.append(Piece(found[0], is_marked, _kind("open", depth)))
            else:
                pieces.append(Piece(found[0], is_marked, _kind("close", depth)))
                unopened += depth == 0
                depth = max(0, depth - 1)
            at = found.end()
        if at < len(words):
            pieces.append(Piece(words[at:], is_marked))
    before = [Piece("", nested=_kind("open", 1), missing=True)] * min(unopened, 1)
    after = [Piece("", nested=_kind("close", one), missing=True) for one in range(depth, 0, -1)]
    return (*before, *pieces, *after)


def _kind(side: str, depth: int) -> str:
    return f"{side} deeper" if depth > 1 else side
