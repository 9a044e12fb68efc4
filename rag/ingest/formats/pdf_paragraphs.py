"""Printed lines to paragraphs: lines joined, words made whole, notes out of sentences' way."""

from __future__ import annotations

import itertools
import re
import statistics
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.ingest.formats.line_ends import Words, ended
from rag.ingest.formats.pdf_kinds import starts_note, usual_size
from rag.ingest.formats.pdf_types import Line
from rag.types.provenance import PlaceKind

# A gap of more than so many usual distances between two lines parts two paragraphs.
_GAP = 1.3
# That distance in sizes of the type, where there are too few lines to tell.
_PITCH = 1.3
_ENOUGH = 4
# An indent and a short last line, in sizes of the type.
_INDENT = 0.7
_SHORT = 3.0
# The width of a letter, in sizes of the type, as text faces have it.
_LETTER = 0.5
# How many lines on either side show a column's edges.
_NEAR = 8
_OTHER_SIZE = 1.12
# Columns whose widths differ by more do not go on in each other in the middle of a page.
_OTHER_WIDTH = 1.25
_FINAL = re.compile(r"[.!?…:]\s*[»”\"')\]]*[⁰¹²³⁴⁵⁶⁷⁸⁹]*$")
_BULLET = re.compile(r"[•●◦▪■□‣➢✓◆]\s")
_LONGEST_HEADING = 200


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words that belong together, and where: ``pages`` are (offset, number of the page)."""

    text: str
    kind: PlaceKind
    pages: tuple[tuple[int, int], ...]
    row: int | None = None
    # Places in the text of words that were recognised with little confidence.
    doubtful: tuple[tuple[int, int], ...] = ()


def paragraphs_of(pages: Sequence[Sequence[Line]]) -> list[str]:
    """The texts of ``paragraphs``."""
    return [one.text for one in paragraphs(pages, range(1, len(pages) + 1))]


def paragraphs(pages: Sequence[Sequence[Line]], numbers: Sequence[int]) -> list[Paragraph]:
    """The lines of pages put together, with words parted at line ends made whole.

    Tables, notes and captions are set after the paragraph that they stand in.
    """
    lines = [line for page in pages for line in page]
    if not lines:
        return []
    usual = usual_size(line for line in lines if line.kind is PlaceKind.PARAGRAPH)
    makes = _Makes(Words.of([line.text for line in lines]), usual)
    found: list[Paragraph] = []
    for group in _groups(list(_places(pages, numbers)), _usual_pitch(pages)):
        found.append(makes.paragraph(group, is_first=not _has_text(found)))
    return found


def _has_text(found: Sequence[Paragraph]) -> bool:
    return any(one.kind in (PlaceKind.PARAGRAPH, PlaceKind.STANDFIRST) for one in found)


@dataclass(frozen=True, slots=True)
class _Place:
    """A line with what is around it: its column's edges and whether it begins one."""

    line: Line
    page: int
    left: float
    right: float
    begins_column: bool
    # Without another line that would show how wide its column is.
    alone: bool

    @property
    def indent(self) -> float:
        """How far the line is set in, in sizes of its type."""
        return (self.line.left - self.left) / self.line.size

    @property
    def rest(self) -> float:
        """How much room is left at the line's end, in sizes of its type."""
        return (self.right - self.line.right) / self.line.size

    @property
    def width(self) -> float:
        """That of its column."""
        return self.right - self.left


def _places(pages: Sequence[Sequence[Line]], numbers: Sequence[int]) -> Iterator[_Place]:
    for number, page in zip(numbers, pages, strict=True):
        column: list[Line] = []
        for line in page:
            if column and _begins_column(column[-1], line):
                yield from _column(column, number)
                column = []
            column.append(line)
        yield from _column(column, number)


def _begins_column(before: Line, line: Line) -> bool:
    is_above = line.bottom - before.bottom > line.size or line.left > before.right
    return line.column != before.column or is_above


def _column(lines: Sequence[Line], page: int) -> Iterator[_Place]:
    for number, line in enumerate(lines):
        # A title may be wider than the text under it: only what is near counts.
        near = [
            one
            for one in lines[max(0, number - _NEAR) : number + _NEAR + 1]
            if one.kind is line.kind
            and max(one.size, line.size) <= _OTHER_SIZE * min(one.size, line.size)
        ]
        edges = min(one.left for one in near), max(one.right for one in near)
        yield _Place(line, page, *edges, number == 0, len(near) == 1)


def _usual_pitch(pages: Sequence[Sequence[Line]]) -> float:
    """The distance between lines of a paragraph, in sizes of their type."""
    distances = [
        (before.bottom - line.bottom) / line.size
        for page in pages
        for before, line in itertools.pairwise(page)
        if 0 < before.bottom - line.bottom < 3 * line.size and before.column == line.column
    ]
    return statistics.median(distances) if len(distances) >= _ENOUGH else _PITCH


def _groups(places: Sequence[_Place], pitch: float) -> Iterator[list[_Place]]:
    """The lines of each paragraph; what stands in its middle comes after it."""
    text: list[_Place] = []
    beside: list[list[_Place]] = []
    here_beside: list[_Place] = []
    is_over = False
    for here in places:
        if here.line.kind is not PlaceKind.PARAGRAPH:
            if here_beside and _goes_on_beside(here_beside[-1], here, pitch):
                here_beside.append(here)
            else:
                here_beside = [here]
                beside.append(here_beside)
            is_over = True
            continue
        if text and (
            _parts_over(text[-1], here, beside, pitch)
            if is_over
            else _parts(text[-1], here, pitch)
        ):
            yield text
            yield from beside
            text, beside = [], []
        if not text:
            yield from beside
            beside = []
        text.append(here)
        here_beside, is_over = [], False
    if text:
        yield text
    yield from beside


def _goes_on_beside(before: _Place, here: _Place, pitch: float) -> bool:
    """Whether a caption or a note has another line here."""
    if here.line.kind is not before.line.kind or here.line.kind is PlaceKind.TABLE:
        return False
    if here.line.kind is PlaceKind.NOTE and starts_note(here.line.text):
        return False
    if here.begins_column or here.page != before.page:
        return False
    return before.line.bottom - here.line.bottom <= _GAP * max(pitch, _PITCH) * here.line.size


def _parts_over(
    before: _Place, here: _Place, beside: Sequence[list[_Place]], pitch: float
) -> bool:
    """Whether a paragraph ends before what stands between two of its lines."""
    if before.line.text.endswith("\u00ad"):
        return False
    if before.page != here.page or all(
        group[0].line.kind is PlaceKind.NOTE for group in beside
    ):
        return _parts(before, here, pitch)
    if _is_other_size(before.line, here.line) or _is_end(before.line):
        return True
    # A row by itself may be a line of the paragraph that was set wide.
    if any(
        one.line.kind is PlaceKind.TABLE and one.line.row is None
        for group in beside
        for one in group
    ):
        return True
    return not _goes_on(here.line.text) and before.rest > _SHORT


def _is_other_size(upper: Line, lower: Line) -> bool:
    return max(upper.size, lower.size) > _OTHER_SIZE * min(upper.size, lower.size)


def _parts(before: _Place, here: _Place, pitch: float) -> bool:
    """Whether a paragraph ends between two lines."""
    upper, lower = before.line, here.line
    if _BULLET.match(lower.text):
        return True
    if upper.text.endswith("\u00ad"):
        return False
    if _is_other_size(upper, lower):
        return True
    gap = (upper.bottom - lower.bottom) / lower.size
    if not here.begins_column and gap > _GAP * pitch:
        return True
    if here.begins_column and not _goes_on(lower.text):
        widths = sorted((before.width, here.width))
        is_other = before.page == here.page and widths[1] > _OTHER_WIDTH * widths[0]
        if is_other or before.alone or here.alone:
            return True
    # A line that had room for the next word was ended on purpose.
    word = lower.text.split(" ", 1)[0]
    is_short = before.rest > max(_SHORT, _LETTER * (len(word) + 1))
    if here.indent > _INDENT:
        # A list's second line is set in too, but its first is no end of a sentence.
        starts = here.begins_column and before.indent <= _INDENT
        return starts or is_short or _is_end(upper)
    return is_short and _is_end(upper)


def _goes_on(text: str) -> bool:
    """Whether a line begins as no sentence does."""
    return text[:1].islower() or text[:1].isdigit()


def _is_end(line: Line) -> bool:
    return _FINAL.search(line.text) is not None


@dataclass(frozen=True, slots=True)
class _Makes:
    """What a document's words and its usual size tell of each of its paragraphs."""

    words: Words
    usual: float

    def paragraph(self, group: Sequence[_Place], is_first: bool) -> Paragraph:
        """The lines of ``group`` as one; ``is_first`` where no text came before it."""
        line = group[0].line
        text = line.text
        pages = [(0, group[0].page)]
        doubtful = list(line.doubtful)
        for place in group[1:]:
            text = self.words.joined(text, place.line.text)
            start = len(text) - len(place.line.text)
            doubtful.extend((start + one, start + end) for one, end in place.line.doubtful)
            if place.page != pages[-1][1]:
                # A word that is parted by the page's end is of the page where it begins.
                while start < len(text) and not text[start - 1].isspace():
                    start += 1
                if start < len(text):
                    pages.append((start, place.page))
        text = unicodedata.normalize("NFC", ended(text))
        kind = self._kind(group, text, is_first)
        return Paragraph(text, kind, tuple(pages), line.row, tuple(doubtful))

    def _kind(self, group: Sequence[_Place], text: str, is_first: bool) -> PlaceKind:
        kind = group[0].line.kind
        if kind is not PlaceKind.PARAGRAPH:
            return kind
        if _BULLET.match(text):
            return PlaceKind.LIST
        if min(place.line.size for place in group) >= _OTHER_SIZE * self.usual:
            if len(text) <= _LONGEST_HEADING and not text.endswith((".", ",", ";")):
                return PlaceKind.HEADING
            if is_first:
                return PlaceKind.STANDFIRST
        return kind
