"""Printed lines to paragraphs: running headers dropped, lines joined, words made whole."""

from __future__ import annotations

import collections
import itertools
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Headers and footers are looked for among so many lines at either end of a page, and
# dropped when so many pages have them: one that counts may be « Article 1 », « Article 2 ».
_EDGE_LINES = 2
_SEVERAL = 3
_SEVERAL_OF_FEW = 2
_FEW = 4
_NUMBER = re.compile(r"\d{1,5}")
_PAGE_NUMBER = re.compile(
    r"[-–—\s]*(?:page\s*)?\d{1,4}(?:\s*(?:/|sur|of)\s*\d{1,4})?[-–—\s]*", re.I
)
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
_FINAL = re.compile(r"[.!?…:]\s*[»”\"')\]]*$")

_HYPHENS = "-\u2010\u00ad"
_HEAD = re.compile(rf"([^\W\d_][\w’'{_HYPHENS}]*)[{_HYPHENS}]$")
_TAIL = re.compile(r"([^\W\d_]+)")
_COMPOUND = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)+")
_WORD = re.compile(r"[^\W\d_]+")
# What French hangs on a word with a hyphen, where no other word ends like this: not
# « leur » (valeur), « lui » (celui), « là » (voilà).
_HUNG_ON = frozenset(
    "il ils elle elles on je nous vous moi toi même mêmes uns unes delà dessus dessous".split()
)
# What stands before a hyphen of the word and opens no other: not « ex » (explique).
_OPENING = frozenset(
    "peut rendez après avant celui celle ceux celles demi week nord sud outre est dix vingt"
    " trente quarante cinquante soixante quatre".split()
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, with its place and type size in points from the lower left.

    A hyphen at its end that may only part a word is U+00AD.
    """

    text: str
    left: float
    right: float
    bottom: float
    size: float


def without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without what is repeated at their upper and lower ends.

    A line goes when it stands at the same height on several pages, with the same words
    and the same numbers but for one that counts the pages, or when it is a page number;
    a single page is left whole.
    """
    if len(pages) < 2:
        return [list(page) for page in pages]
    same = _SEVERAL_OF_FEW if len(pages) <= _FEW else _SEVERAL
    counts = collections.Counter(
        key
        for number, page in enumerate(pages)
        for key in {key for line in _edges(page) for key in _running(line, number, len(pages))}
    )
    kept: list[list[Line]] = []
    for number, page in enumerate(pages):
        running = {
            line
            for line in _edges(page)
            if _PAGE_NUMBER.fullmatch(line.text)
            or any(
                counts[key] >= (_SEVERAL if key.counts else same)
                for key in _running(line, number, len(pages))
            )
        }
        kept.append([line for line in page if line not in running])
    return kept if any(kept) else [list(page) for page in pages]


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


def _edges(page: Sequence[Line]) -> list[Line]:
    """The uppermost and lowest lines; PDFium may tell them anywhere in the order."""
    by_height = sorted(page, key=lambda line: -line.bottom)
    return [*by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:]]


def paragraphs_of(pages: Sequence[Sequence[Line]]) -> list[str]:
    """The lines put together into paragraphs, with words parted at line ends made whole."""
    lines = [line for page in pages for line in page]
    if not lines:
        return []
    known = _Words.of(lines)
    places = list(_places(pages))
    groups: list[list[Line]] = [[lines[0]]]
    pitch = _usual_pitch(pages)
    for before, here in itertools.pairwise(places):
        if _parts(before, here, pitch):
            groups.append([])
        groups[-1].append(here.line)
    return [_joined(group, known) for group in groups]


@dataclass(frozen=True, slots=True)
class _Place:
    """A line with what is around it: its column's edges and whether it begins one."""

    line: Line
    left: float
    right: float
    begins_column: bool

    @property
    def indent(self) -> float:
        """How far the line is set in, in sizes of its type."""
        return (self.line.left - self.left) / self.line.size

    @property
    def rest(self) -> float:
        """How much room is left at the line's end, in sizes of its type."""
        return (self.right - self.line.right) / self.line.size


def _places(pages: Sequence[Sequence[Line]]) -> Iterator[_Place]:
    for page in pages:
        column: list[Line] = []
        for line in page:
            if column and _begins_column(column[-1], line):
                yield from _column(column)
                column = []
            column.append(line)
        yield from _column(column)


def _begins_column(before: Line, line: Line) -> bool:
    return line.bottom - before.bottom > line.size or line.left > before.right


def _column(lines: Sequence[Line]) -> Iterator[_Place]:
    for number, line in enumerate(lines):
        # A title may be wider than the text under it: only what is near counts.
        near = [
            one
            for one in lines[max(0, number - _NEAR) : number + _NEAR + 1]
            if max(one.size, line.size) <= _OTHER_SIZE * min(one.size, line.size)
        ]
        edges = min(one.left for one in near), max(one.right for one in near)
        yield _Place(line, *edges, number == 0)


def _usual_pitch(pages: Sequence[Sequence[Line]]) -> float:
    """The distance between lines of a paragraph, in sizes of their type."""
    distances = [
        (before.bottom - line.bottom) / line.size
        for page in pages
        for before, line in itertools.pairwise(page)
        if 0 < before.bottom - line.bottom < 3 * line.size
    ]
    return statistics.median(distances) if len(distances) >= _ENOUGH else _PITCH


def _parts(before: _Place, here: _Place, pitch: float) -> bool:
    """Whether a paragraph ends between two lines."""
    upper, lower = before.line, here.line
    if upper.text.endswith("\u00ad"):
        return False
    if max(upper.size, lower.size) > _OTHER_SIZE * min(upper.size, lower.size):
        return True
    gap = (upper.bottom - lower.bottom) / lower.size
    if not here.begins_column and gap > _GAP * pitch:
        return True
    # A line that had room for the next word was ended on purpose.
    word = lower.text.split(" ", 1)[0]
    is_short = before.rest > max(_SHORT, _LETTER * (len(word) + 1))
    if here.indent > _INDENT:
        # A list's second line is set in too, but its first is no end of a sentence.
        starts = here.begins_column and before.indent <= _INDENT
        return starts or is_short or _is_end(upper)
    return is_short and _is_end(upper)


def _is_end(line: Line) -> bool:
    return _FINAL.search(line.text) is not None


@dataclass(frozen=True, slots=True)
class _Words:
    """Words and compounds that a document holds inside its lines."""

    words: frozenset[str]
    compounds: frozenset[str]

    @classmethod
    def of(cls, lines: Sequence[Line]) -> _Words:
        inside = [re.sub(rf"\S+[{_HYPHENS}]$", "", line.text).lower() for line in lines]
        return cls(
            frozenset(word for text in inside for word in _WORD.findall(text)),
            frozenset(
                word.replace("\u2010", "-")
                for text in inside
                for word in _COMPOUND.findall(text)
            ),
        )


def _joined(lines: Sequence[Line], known: _Words) -> str:
    text = lines[0].text
    for line in lines[1:]:
        text = join(text, line.text, known.words, known.compounds)
    return _ended(text)


def _ended(text: str) -> str:
    """A text whose last sign is a hyphen that parts nothing after all."""
    return text[:-1] + "-" if text.endswith("\u00ad") else text


def join(before: str, after: str, words: frozenset[str], compounds: frozenset[str]) -> str:
    """Two lines as one: a hyphen between them goes when it only parted a word.

    It stays before a capital (« Jean-Moulin »), in a compound that the document writes
    with it elsewhere, and in what French always writes with it (« rendez-vous »,
    « dit-il »).
    """
    head, tail = _HEAD.search(before), _TAIL.match(after)
    if head is None or tail is None:
        return f"{_ended(before)} {after}"
    if _keeps_hyphen(head[1].lower(), tail[1], words, compounds):
        return f"{before[:-1]}-{after}"
    return before[:-1] + after


def _keeps_hyphen(
    head: str, tail: str, words: frozenset[str], compounds: frozenset[str]
) -> bool:
    if tail[0].isupper():
        return True
    last = _WORD.findall(head)[-1]
    if f"{last}-{tail}" in compounds:
        return True
    if last + tail in words:
        return False
    return tail in _HUNG_ON or last in _OPENING or any(sign in head for sign in _HYPHENS)
