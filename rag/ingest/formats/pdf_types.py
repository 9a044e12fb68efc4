"""The nouns of printed pages: lines, boxes, pages. Places are in points from the lower left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.types.provenance import PlaceKind


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, or a piece of one.

    ``bottom`` is where its letters stand, ``size`` that of its type. A hyphen at its end
    that may only part a word is U+00AD. ``column`` tells the lines of a page that stand one
    under the other; ``row`` counts a table's rows. ``doubtful`` are the places in ``text`` of
    words that were recognised in a picture with little confidence.
    """

    text: str
    left: float
    right: float
    bottom: float
    size: float
    column: int = 0
    kind: PlaceKind = PlaceKind.PARAGRAPH
    row: int | None = None
    doubtful: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def area(self) -> float:
        """In square points."""
        return max(self.right - self.left, 0.0) * max(self.top - self.bottom, 0.0)


@dataclass(frozen=True, slots=True)
class Page:
    """What is on a page, which is counted from 1.

    ``aside`` is what runs in another direction than most of it; ``is_picture`` tells that
    there is a picture where words should be.
    """

    number: int
    lines: Sequence[Line]
    aside: Sequence[Line]
    pictures: Sequence[Box]
    is_picture: bool


def is_mark(text: str) -> bool:
    """Whether a piece of a line is what a list's item begins with."""
    plain = text.strip(" .)(°")
    return len(text) <= 4 and (
        not any(sign.isalnum() for sign in plain)
        or (plain != text and (plain.isdigit() or len(plain) == 1))
    )
