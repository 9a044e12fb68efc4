"""What a page's lines are: its notes, the captions of its pictures, or words of the article."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.ingest.formats.pdf_types import Box, Line
from rag.types.provenance import PlaceKind

# Notes and captions are set so much smaller than the text.
_SMALLER = 0.94
# A caption stands so near its picture, in sizes of its type, in so many lines.
_NEAR_PICTURE = 2.0
_CAPTION_LINES = 6
_LINE = 1.6
# Smaller pictures are signs and ornaments; in square points.
_PICTURE = 2_000.0
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_NOTE = re.compile(
    rf"(?:[{_SUPERSCRIPTS}]{{1,3}}|[(\[]?\d{{1,3}}[)\].]?(?=\s)|[*†‡]{{1,3}}|[a-z]\)(?=\s)|N\.?B\.?)"
    r"\s*\S"
)
_RAISED_NOTE = re.compile(rf"[{_SUPERSCRIPTS}]{{1,3}}\s*[^\W\d]")
_CREDIT = re.compile(
    r"(?:©|\(?(?:crédits?|photos?|photographies?|légende|infographie|illustration)\b"
    r"(?:\s+[^\W\d_][\w.’'-]*){0,4}\s*[:/©(]|(?:figure|fig\.|photo)\s*\d+\s*[.:–—-])",
    re.I,
)
_LONGEST_CREDIT = 220


def usual_size(lines: Iterable[Line]) -> float:
    """The size in which most letters are set; 0 where there are no lines."""
    sizes = [line.size for line in lines for _ in line.text]
    return statistics.median(sizes) if sizes else 0.0


def with_kinds(lines: Sequence[Line], pictures: Sequence[Box], usual: float) -> list[Line]:
    """The lines of a page in their order, its notes and captions told from the others."""
    notes = _notes(lines, usual)
    captions = _captions([line for line in lines if line not in notes], pictures, usual)
    return [
        replace(line, kind=PlaceKind.NOTE)
        if line in notes
        else replace(line, kind=PlaceKind.CAPTION)
        if line in captions
        else line
        for line in lines
    ]


def starts_note(text: str) -> bool:
    """Whether a line begins as a note does."""
    return _NOTE.match(text) is not None


def _notes(lines: Sequence[Line], usual: float) -> set[Line]:
    """Lines at the foot of a column, smaller than the text, from one with a note's mark on."""
    columns: dict[int, list[Line]] = {}
    for line in lines:
        columns.setdefault(line.column, []).append(line)
    found: set[Line] = set()
    for column in columns.values():
        first = _first_of_notes(column, usual)
        notes = column[first:]
        if notes and not _text_below(notes, lines, usual):
            found.update(notes)
    return found


def _first_of_notes(column: Sequence[Line], usual: float) -> int:
    first = len(column)
    for number in range(len(column) - 1, -1, -1):
        line = column[number]
        is_small = line.size <= _SMALLER * usual
        if line.kind is not PlaceKind.PARAGRAPH:
            break
        # A mark that is raised needs no small type.
        if _RAISED_NOTE.match(line.text) or (is_small and _NOTE.match(line.text)):
            first = number
        elif not is_small and number < first - 3:
            break
    return first if all(_may_be_note(line, usual) for line in column[first:]) else len(column)


def _may_be_note(line: Line, usual: float) -> bool:
    return line.size <= 1.02 * usual


def _text_below(notes: Sequence[Line], lines: Sequence[Line], usual: float) -> bool:
    lowest = min(line.bottom for line in notes)
    left, right = min(one.left for one in notes), max(one.right for one in notes)
    return any(
        line.bottom < lowest
        and line.size > _SMALLER * usual
        and line.left < right
        and left < line.right
        for line in lines
    )


def _captions(lines: Sequence[Line], pictures: Sequence[Box], usual: float) -> set[Line]:
    found = {
        line
        for line in lines
        if len(line.text) <= _LONGEST_CREDIT
        and line.kind is PlaceKind.PARAGRAPH
        and _CREDIT.match(line.text)
    }
    for picture in pictures:
        if picture.area < _PICTURE:
            continue
        small = [
            line
            for line in lines
            if line.size <= _SMALLER * usual
            and line.kind is PlaceKind.PARAGRAPH
            and line.left < picture.right
            and picture.left < line.right
        ]
        edge, count = picture.bottom, 0
        for line in sorted(small, key=lambda one: -one.bottom):
            near = _NEAR_PICTURE if count == 0 else _LINE
            if 0 <= edge - line.bottom <= near * line.size + 2 and count < _CAPTION_LINES:
                found.add(line)
                edge, count = line.bottom, count + 1
    return found
