"""What is repeated at the upper and lower ends of pages: running headers, footers, numbers."""

from __future__ import annotations

import collections
import itertools
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.ingest.formats.pdf_tables import rows_of
from rag.ingest.formats.pdf_types import Line

# Headers and footers are looked for among so many lines at either end of a page, and
# dropped when so many pages have them: one that counts may be « Article 1 », « Article 2 ».
_EDGE_LINES = 2
_SEVERAL = 3
_SEVERAL_OF_FEW = 2
_FEW = 4
# So many pages before and after count.
_NEAR = 4
# What is not set apart from the text by a gap or its size, in sizes of the type, must be on
# nearly all pages around: of several pages, some begin with the same words.
_APART = 1.75
_OTHER_SIZE = 0.06
_NEARLY_ALL = 0.8
_NUMBER = re.compile(r"\d{1,5}")
# Running lines are set so much smaller than the text; the number of a page, or of an issue,
# and a copyright say what they are.
_SMALL = 0.9
_SAYS_EDGE = re.compile(
    r"[-–—\s]*(?:p(?:age|\.)?\s*)?\d{1,4}[-–—\s]*"
    r"|.{0,60}\bpage\s\d{1,4}(?:.{0,60}[^.\s])?"
    r"|(?:©|\(c\)|copyright\b).{0,120}",
    re.I,
)
_PAGE_NUMBER = re.compile(
    r"[-–—\s]*(?:page\s*)?\d{1,4}(?:\s*(?:/|sur|of|de)\s*\d{1,4})?[-–—\s]*", re.I
)


@dataclass(frozen=True, slots=True)
class Parted:
    """A page without its running lines, and these, with whether they stand at its head."""

    kept: list[Line]
    headers: list[Line]
    footers: list[Line]


def without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without what is repeated at their upper and lower ends."""
    return [page.kept for page in part_running_lines(pages)]


def part_running_lines(pages: Sequence[Sequence[Line]]) -> list[Parted]:
    """The pages, and what is repeated at their upper and lower ends, apart.

    A line goes when it stands at the same height on several pages, with the same words
    and the same numbers but for one that counts the pages, or when it is a page number.
    Of a single page only what is set smaller than the text and says what it is goes.
    """
    whole = [Parted(list(page), [], []) for page in pages]
    if len(pages) < 2:
        return [_alone(page) for page in pages]
    same = _SEVERAL_OF_FEW if len(pages) <= _FEW else _SEVERAL
    found: dict[_Running, list[int]] = collections.defaultdict(list)
    for number, page in enumerate(pages):
        lines = [line for row in _edges(page) for line in row]
        for key in {key for line in lines for key in _running(line, number, len(pages))}:
            found[key].append(number)
    parted = [_part(page, number, len(pages), found, same) for number, page in enumerate(pages)]
    return parted if any(one.kept for one in parted) else whole


def _alone(page: Sequence[Line]) -> Parted:
    """A single page: no other one tells what is repeated."""
    sizes = sorted(line.size for line in page for _ in line.text)
    usual = sizes[len(sizes) // 2] if sizes else 0.0
    running: list[Line] = []
    for row, is_apart in _edges_told_apart(page):
        is_small = all(line.size <= _SMALL * usual for line in row)
        if (
            is_apart
            and is_small
            and any(_SAYS_EDGE.fullmatch(line.text.strip()) for line in row)
        ):
            running.extend(row)
    kept = [line for line in page if line not in running]
    if not kept:
        return Parted(list(page), [], [])
    middle = sum(line.bottom for line in page) / len(page)
    return Parted(
        kept,
        [line for line in running if line.bottom >= middle],
        [line for line in running if line.bottom < middle],
    )


def _part(
    page: Sequence[Line],
    number: int,
    pages: int,
    found: Mapping[_Running, Sequence[int]],
    same: int,
) -> Parted:
    around = min(number + _NEAR, pages - 1) - max(number - _NEAR, 0) + 1

    def is_again(key: _Running, is_apart: bool) -> bool:
        near = sum(abs(other - number) <= _NEAR for other in found[key])
        least = _SEVERAL if key.counts else same
        return near >= (least if is_apart else max(least, _NEARLY_ALL * around))

    running: set[Line] = set()
    for row, is_apart in _edges_told_apart(page):
        again = [
            line
            for line in row
            if any(is_again(key, is_apart) for key in _running(line, number, pages))
        ]
        others = [line for line in row if line not in again]
        # A number beside other words is one of a table.
        if is_apart and len(others) == 1 and _PAGE_NUMBER.fullmatch(others[0].text):
            again.append(others[0])
        running.update(again)
    kept = [line for line in page if line not in running]
    middle = sum(line.bottom for line in page) / max(len(page), 1)
    gone = [line for line in page if line in running]
    return Parted(
        kept,
        [line for line in gone if line.bottom >= middle],
        [line for line in gone if line.bottom < middle],
    )


@dataclass(frozen=True, slots=True)
class _Running:
    """What is the same of a header on every page; whether a number in it counts them."""

    text: str
    height: int
    counts: bool


def _running(line: Line, page: int, pages: int) -> Iterator[_Running]:
    height = round(line.bottom / 3)
    if any(sign.isalpha() for sign in line.text):
        text = line.text.removesuffix(f"{page + 1}/{pages}")
        yield _Running(text, height, counts=False)
        numbers = [found.span() for found in _NUMBER.finditer(line.text)]
        for start, end in {*numbers[:1], *numbers[-1:]}:
            first = int(line.text[start:end]) - page
            yield _Running(f"{line.text[:start]}#{first}{line.text[end:]}", height, counts=True)


def _edges_told_apart(page: Sequence[Line]) -> list[tuple[list[Line], bool]]:
    """The rows at either end, and whether each is set apart from the page's text."""
    rows = rows_of(page)
    usual = statistics.median(line.size for row in rows for line in row) if rows else 0.0
    edges = _edges(page)
    found = []
    for row in edges:
        place = rows.index(row)
        # Inwards: a header's first line is apart where its last one is.
        step = 1 if place < len(rows) / 2 else -1
        inner = rows[place::step][: _EDGE_LINES + 1]
        gaps = (
            abs(one[0].bottom - other[0].bottom) for one, other in itertools.pairwise(inner)
        )
        is_apart = any(gap > _APART * usual for gap in gaps)
        is_other = all(abs(line.size - usual) > _OTHER_SIZE * usual for line in row)
        found.append((row, is_apart or is_other or len(rows) <= _EDGE_LINES))
    return found


def _edges(page: Sequence[Line]) -> list[list[Line]]:
    """The uppermost and lowest rows; PDFium may tell them anywhere in the order."""
    rows = rows_of(page)
    if len(rows) <= 2 * _EDGE_LINES:
        return rows
    return [*rows[:_EDGE_LINES], *rows[-_EDGE_LINES:]]
