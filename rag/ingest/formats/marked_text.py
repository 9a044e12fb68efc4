"""Paragraphs put together into an article's text, each with its place and its kind."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence

from rag.types.provenance import LeftOut, LeftOutKind, Place, PlaceKind

_BETWEEN = "\n\n"
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


class MarkedText:
    """A text that grows by paragraphs; what a reader gives back as a Draft's text and places.

    Every paragraph is tidied when it is added, so that no offset moves later.
    """

    def __init__(self) -> None:
        self._paragraphs: list[str] = []
        self._places: list[Place] = []
        self._left_out: list[LeftOut] = []
        self._length = 0

    def add(
        self,
        text: str,
        kind: PlaceKind = PlaceKind.PARAGRAPH,
        *,
        page: int | str | None = None,
        row: int | None = None,
        time: str | None = None,
        speaker: str | None = None,
    ) -> Place | None:
        """Add a paragraph, white space around it cut off; its place, None where it is empty.

        Blank lines within it become line ends, so that it stays one paragraph. A place is
        kept where it tells more than that here is a paragraph.
        """
        paragraph = _BLANK_LINES.sub("\n", tidy(text)).strip()
        if not paragraph:
            return None
        start = self._length + (len(_BETWEEN) if self._paragraphs else 0)
        self._length = start + len(paragraph)
        self._paragraphs.append(paragraph)
        place = Place(start, self._length, kind, page, row, time, speaker)
        if place != Place(start, self._length, PlaceKind.PARAGRAPH):
            self._places.append(place)
        return place

    def mark(self, place: Place) -> None:
        """Add a place within a paragraph that was added, such as doubtful words."""
        self._places.append(place)

    def leave_out(self, kind: LeftOutKind, text: str) -> None:
        """Note words that are no words of the article; nothing where there are none."""
        words = " ".join(tidy(text).split())
        if any(character.isalnum() for character in words):
            self._left_out.append(LeftOut.of(kind, words))

    @property
    def text(self) -> str:
        """The paragraphs, a blank line between two."""
        return _BETWEEN.join(self._paragraphs)

    @property
    def places(self) -> tuple[Place, ...]:
        """What is known of the paragraphs, in order."""
        return tuple(sorted(self._places, key=lambda one: (one.start, -one.end)))

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What was left out, in order."""
        return tuple(self._left_out)


def tidy(text: str) -> str:
    """``text`` in Unicode NFC with ``\\n`` line ends and without NUL, which is no sign."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return unicodedata.normalize("NFC", lines)


def tidy_with_places(text: str, places: Sequence[Place]) -> tuple[str, tuple[Place, ...]]:
    """``text`` tidied, and ``places`` with their offsets moved with it.

    A place that begins or ends within what becomes one character takes it whole.
    """
    whole = tidy(text)
    if whole == text:
        return whole, tuple(places)
    moved: dict[int, int] = {}
    done = length = 0
    for offset in sorted({end for one in places for end in (one.start, one.end)}):
        cut = _apart(text, offset)
        length += len(tidy(text[done:cut]))
        done = max(done, cut)
        moved[offset] = length
    return whole, tuple(
        dataclasses.replace(one, start=moved[one.start], end=moved[one.end]) for one in places
    )


def _apart(text: str, offset: int) -> int:
    """The first offset from ``offset`` on whose two sides are tidied apart."""
    while 0 < offset < len(text):
        before, after = text[offset - 1], text[offset]
        if not unicodedata.combining(after) and tidy(before + after) == tidy(before) + tidy(
            after
        ):
            break
        offset += 1
    return offset
