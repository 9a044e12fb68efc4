"""The order in which a page is read: columns one after the other, tables row by row.

A page is cut at the gutter that most lines stand on both sides of; what crosses it (a title
over the columns) parts what is above from what is below. Each part is cut again until no
gutter is left (after Nagy and Seth's recursive X-Y cut, 1984).
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.ingest.formats.pdf_tables import (
    CELLS_APART,
    REACH,
    SAME_ROW,
    around,
    is_table,
    parts_around,
    rows_of,
    table_rows,
)
from rag.ingest.formats.pdf_types import Line, is_mark
from rag.types.provenance import PlaceKind

# How wide a gutter is at least, in sizes of the type, and how many lines stand beside it.
_GUTTER = 0.75
_BESIDE = 2
# Pieces of one line so far apart are no sentence, in sizes of the type.
_FAR = 2.5
# Gaps of a justified line are alike but for the signs that they stand between.
_ALIKE = 1.4
# Regions within regions, and the lines of one that is looked into.
_DEEPEST = 12
_MOST_LINES = 1_500


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The pieces of a page's lines put together into lines, in the order they are read.

    Every line tells its column; a row of a table is a line of that kind, its cells apart.
    """
    if len(lines) > _MOST_LINES:
        regions = [_Region(tuple(lines), False)]
    else:
        regions = list(_regions(tuple(lines), 0))
    found: list[Line] = []
    for column, region in enumerate(regions):
        made = table_rows(region.lines) if region.is_table else _rows_joined(region.lines)
        found.extend(replace(line, column=column) for line in made)
    return found


@dataclass(frozen=True, slots=True)
class _Region:
    lines: tuple[Line, ...]
    is_table: bool


def _regions(lines: tuple[Line, ...], depth: int) -> Iterator[_Region]:
    lines = _driven_out_joined(lines)
    gutter = _gutter(lines) if depth < _DEEPEST else None
    if gutter is None:
        if lines:
            yield _Region(lines, False)
        return
    for band in _bands(lines, gutter):
        left = tuple(line for line in band if _is_left(line, gutter))
        right = tuple(line for line in band if _is_right(line, gutter))
        if len(left) + len(right) < len(band) or not left or not right:
            yield from _regions(tuple(band), depth + 1)
        elif is_table(band, left, right):
            yield from (_Region(*part) for part in parts_around(band))
        else:
            yield from _regions(left, depth + 1)
            yield from _regions(right, depth + 1)


def _is_left(line: Line, gutter: float) -> bool:
    return line.right <= gutter + REACH * line.size


def _is_right(line: Line, gutter: float) -> bool:
    return line.left >= gutter - REACH * line.size


def _bands(lines: Sequence[Line], gutter: float) -> Iterator[list[Line]]:
    """From top to bottom, what crosses the gutter and what does not, by turns."""
    band: list[Line] = []
    crossed = False
    for line in sorted(lines, key=lambda one: (-one.bottom, one.left)):
        crosses = not _is_left(line, gutter) and not _is_right(line, gutter)
        if band and crosses != crossed:
            yield band
            band = []
        band.append(line)
        crossed = crosses
    if band:
        yield band


def _gutter(lines: Sequence[Line]) -> float | None:
    """The place that parts most lines from others beside them, if there is one."""
    if len(lines) < 2 * _BESIDE:
        return None
    size = statistics.median(line.size for line in lines)
    ordered = sorted(lines, key=lambda one: (-one.bottom, one.left))
    places = {round(line.left / size * 2): line.left for line in lines}
    best, found = 0, None
    leftmost = min(line.left for line in lines)
    for left in sorted(places.values()):
        if left - leftmost < size:
            continue
        gutter = left - _GUTTER * size / 2
        score = _score(ordered, gutter)
        if score > best:
            best, found = score, gutter
    return found if best >= _BESIDE else None


def _score(ordered: Sequence[Line], gutter: float) -> int:
    """How many rows stand on either side of ``gutter``, in bands without one across."""
    score = 0
    left, right = _Side(), _Side()
    for line in ordered:
        if _is_left(line, gutter):
            left.take(line)
        elif _is_right(line, gutter):
            right.take(line)
        else:
            score += _beside(left, right)
            left, right = _Side(), _Side()
    return score + _beside(left, right)


@dataclass(slots=True)
class _Side:
    """What stands on one side of a gutter, between two lines that cross it."""

    rows: int = 0
    size: float = 1.0
    left: float = float("inf")
    right: float = float("-inf")
    highest: float = float("-inf")
    lowest: float = float("inf")

    def take(self, line: Line) -> None:
        """Add a line, which stands no higher than the one before."""
        if self.lowest - line.bottom > SAME_ROW * line.size:
            self.rows += 1
            self.lowest = line.bottom
        self.size = max(self.size, line.size)
        self.left, self.right = min(self.left, line.left), max(self.right, line.right)
        self.highest = max(self.highest, line.bottom)


def _beside(left: _Side, right: _Side) -> int:
    """How many rows of two sides stand beside each other, 0 where they are too few."""
    rows = min(left.rows, right.rows)
    is_wide = right.left - left.right >= _GUTTER * max(left.size, right.size)
    # A heading set in over a column is not beside it.
    is_beside = min(left.highest, right.highest) >= max(left.lowest, right.lowest)
    return rows if rows >= _BESIDE and is_wide and is_beside else 0


def _rows_joined(lines: Sequence[Line]) -> list[Line]:
    """The pieces of each line put together; those far apart stay so, as a row of cells."""
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    found: list[Line] = []
    for row in rows_of(lines):
        if len(row) == 1:
            found.append(row[0])
            continue
        far = _is_far(row) and not _is_justified(row, left, right)
        text = row[0].text
        for first, second in itertools.pairwise(row):
            close = second.left - first.right < 0.12 * max(first.size, second.size)
            apart = far and not is_mark(first.text)
            text += ("" if close else CELLS_APART if apart else " ") + second.text
        kind = PlaceKind.TABLE if far else PlaceKind.PARAGRAPH
        found.append(replace(around(row), text=text, kind=kind))
    return found


def _driven_out_joined(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Pieces of lines that were driven out to both edges, put together again.

    Beside such a line there is one without a gap that reaches both edges: so it is told from
    the row of a table, and from two columns side by side.
    """
    rows = rows_of(lines)
    if len(rows) == len(lines):
        return lines
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    for order in (range(len(rows)), range(len(rows) - 1, -1, -1)):
        before: list[Line] = []
        for number in order:
            row = rows[number]
            if (
                len(row) > 1
                and len(before) == 1
                and _is_driven_out(row, before[0], left, right)
            ):
                text = " ".join(line.text for line in row)
                rows[number] = row = [replace(around(row), text=text)]
            before = row
    return tuple(line for row in rows for line in row)


def _is_driven_out(row: Sequence[Line], beside: Line, left: float, right: float) -> bool:
    size = beside.size
    is_full = beside.right > right - 0.5 * size and beside.left < left + 3 * size
    if not is_full or abs(beside.bottom - row[0].bottom) > 2 * size:
        return False
    words = [line.text for line in row]
    numbers = sum(not any(sign.isalpha() for sign in word) for word in words)
    single = sum(" " not in word for word in words)
    return (
        single >= len(words) - 1
        and numbers <= len(words) / 2
        and _is_justified(row, left, right)
    )


def _is_far(row: Sequence[Line]) -> bool:
    return any(
        second.left - first.right > _FAR * max(first.size, second.size)
        for first, second in itertools.pairwise(row)
        if not is_mark(first.text)
    )


def _is_justified(row: Sequence[Line], left: float, right: float) -> bool:
    """Whether a line of few words was driven out to both edges: its gaps are alike."""
    size = row[0].size
    if row[-1].right < right - 0.5 * size or row[0].left > left + 3 * size:
        return False
    gaps = [second.left - first.right for first, second in itertools.pairwise(row)]
    if len(gaps) == 1:
        return all(" " not in line.text for line in row)
    return max(gaps) <= _ALIKE * min(gaps)
