"""Tables of printed pages: told from columns of prose, read row by row."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.ingest.formats.pdf_types import Line
from rag.types.provenance import PlaceKind

CELLS_APART = " · "
# How far lines may reach over by their rounding, in sizes of the type.
REACH = 0.25
# Lines of one row stand so close; in sizes of the type.
SAME_ROW = 0.35
# A column of a table: its cells have so few words, and so many of them a neighbour.
_WORDS_OF_CELL = 2
_ROWS_BESIDE = 0.7
# Of a column of prose, which has so many lines, so many begin with a small letter.
_ENOUGH = 3
_SMALL = 0.4


def rows_of(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines that stand on one foot, from top to bottom and from left to right."""
    rows: list[list[Line]] = []
    foot = size = 0.0
    for line in sorted(lines, key=lambda one: -one.bottom):
        if rows and foot - line.bottom <= SAME_ROW * max(size, line.size):
            rows[-1].append(line)
        else:
            rows.append([line])
            foot, size = line.bottom, line.size
    return [sorted(row, key=lambda one: one.left) for row in rows]


def is_table(band: Sequence[Line], left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Whether rows go across the gutter: most lines have one beside them, and few words."""
    fewer, more = (left, right) if len(left) <= len(right) else (right, left)
    feet = [line.bottom for line in more]
    beside = sum(
        any(abs(foot - line.bottom) <= SAME_ROW * line.size for foot in feet) for line in fewer
    )
    if beside < _ROWS_BESIDE * len(fewer) or _is_prose(left) or _is_prose(right):
        return False
    return any(
        statistics.median(len(line.text.split()) for line in column) <= _WORDS_OF_CELL
        for column in _cell_columns(band)
    )


def _is_prose(lines: Sequence[Line]) -> bool:
    """Whether these are a column's lines: they begin in the middle of sentences."""
    if len(lines) < _ENOUGH or len(_cell_columns(lines)) > 1:
        return False
    words = statistics.median(len(line.text.split()) for line in lines)
    small = sum(line.text[:1].islower() for line in lines)
    return words > _WORDS_OF_CELL and small >= _SMALL * len(lines)


def parts_around(band: Sequence[Line]) -> Iterator[tuple[tuple[Line, ...], bool]]:
    """A table apart from the lines that stand alone above and below it; which one it is."""
    rows = rows_of(band)
    first, end = 0, len(rows)
    while first < end and len(rows[first]) == 1:
        first += 1
    # What begins with a small letter goes on with a cell.
    while end > first and len(rows[end - 1]) == 1 and not rows[end - 1][0].text[:1].islower():
        end -= 1
    for part, whole in ((rows[:first], False), (rows[first:end], True), (rows[end:], False)):
        if part:
            yield tuple(line for row in part for line in row), whole


def _cell_columns(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines that stand over one another, from left to right."""
    columns: list[list[Line]] = []
    edge = float("-inf")
    for line in sorted(lines, key=lambda one: one.left):
        if line.left >= edge - REACH * line.size or not columns:
            columns.append([])
        columns[-1].append(line)
        edge = max(edge, line.right)
    return columns


def table_rows(lines: Sequence[Line]) -> list[Line]:
    """A table's rows; what a cell goes on with in a row below is put to it."""
    columns = _cell_columns(lines)
    of_line = {id(line): number for number, column in enumerate(columns) for line in column}
    rows: list[dict[int, str]] = []
    places: list[Line] = []
    for row in rows_of(lines):
        cells: dict[int, str] = {}
        for line in row:
            number = of_line[id(line)]
            cells[number] = f"{cells[number]} {line.text}" if number in cells else line.text
        goes_on = (
            rows
            and 0 not in cells
            and all(one in rows[-1] for one in cells)
            and len(cells) < len(rows[-1])
            and places[-1].bottom - row[0].bottom < 1.8 * row[0].size
        ) or (rows and len(cells) == 1 and len(rows[-1]) > 1 and row[0].text[:1].islower())
        if goes_on:
            for number, text in cells.items():
                before = rows[-1].get(number)
                rows[-1][number] = f"{before} {text}" if before else text
            places[-1] = replace(places[-1], bottom=row[0].bottom)
        else:
            rows.append(cells)
            places.append(around(row))
    return [
        replace(
            place,
            text=CELLS_APART.join(text for _, text in sorted(cells.items())),
            kind=PlaceKind.TABLE,
            row=number,
        )
        for number, (cells, place) in enumerate(zip(rows, places, strict=True), 1)
    ]


def around(row: Sequence[Line]) -> Line:
    """The longest piece of a row, as wide as all of it."""
    longest = max(row, key=lambda line: len(line.text))
    left, right = min(line.left for line in row), max(line.right for line in row)
    return replace(longest, left=left, right=right)
