"""Tables to rows: as people and programs write them, not only as RFC 4180 wants them.

A quotation mark that is never closed would make one field of all that follows, and commas
without quotation marks more fields than there are columns. Neither may cost a row.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from rag.ingest.formats.encoding import mended

_REFERENCE_BEGUN = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8})\Z")
# After so many quotation marks that were never closed none is looked for in other lines.
_MOST_OPEN = 50


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of a row, and the line that it begins in, from 1.

    ``is_open`` when a quotation mark in it is never closed: it is a letter then. ``stray``
    counts bytes that had to be mended.
    """

    fields: tuple[str, ...]
    line: int
    is_open: bool = False
    stray: int = 0


class Rows:
    """The rows of ``text``, one at a time; no more than ``most`` characters are held.

    The first ``above`` lines are none.

    A quoted field ends at a quotation mark with a delimiter or the end of a line behind;
    others in it, doubled or not, are its own. It was left open when none does, or when a
    field begins with one in a later line before that.
    """

    def __init__(self, text: TextIO, delimiter: str, most: int, above: int = 0) -> None:
        self._text = text
        self._delimiter = delimiter
        self._most = most
        self._lines: deque[tuple[str, int]] = deque()
        self._line = above
        for _ in range(above):
            text.readline()
        self._open = 0
        self._columns = 0
        self._is_odd = False
        sign = re.escape(delimiter)
        blanks = " *+" if delimiter == "\t" else "[ \t]*+"
        self._quote = re.compile(rf'{blanks}"')
        self._opening = re.compile(rf'(?:^|{sign}){blanks}"(?!"|{sign}|\s*$)')
        self._ends = re.compile(rf"{blanks}(?={sign}|[\r\n]|\Z)")
        self._unquoted = re.compile(rf"[^{sign}]*")

    def __iter__(self) -> Iterator[Row]:
        while (first := self._next_line()) is not None:
            row = self._row(*first)
            # The first row, which names the columns.
            self._columns = self._columns or len(row.fields)
            yield row

    def _row(self, line: str, number: int) -> Row:
        taken = [line]
        self._is_odd = False
        fields = self._fields(line, taken)
        if fields is not None and len(taken) > 1 and self._closed_by_others(fields, taken):
            fields = None
        is_open = fields is None
        if fields is None:
            self._open += 1
            for later, text in enumerate(reversed(taken[1:])):
                self._lines.appendleft((text, number + len(taken) - 1 - later))
            fields = self._alone(line)
        found = [mended(field) for field in fields]
        texts = tuple(one.text.replace("\0", "") for one in found)
        return Row(texts, number, is_open, sum(one.stray for one in found))

    def _closed_by_others(self, fields: Sequence[str], taken: Sequence[str]) -> bool:
        """Whether a field of several lines closed only where those of a later row do."""
        if len(fields) != self._columns:
            return len(self._alone(taken[0])) == self._columns
        # Then it has a quotation mark that is neither doubled nor its last, and every line
        # is a row by itself.
        return self._is_odd and all(len(self._alone(one)) == self._columns for one in taken)

    def _fields(self, line: str, taken: list[str]) -> list[str] | None:
        """The fields of the row that begins with ``line``; None where one is left open.

        Lines that it goes on with are added to ``taken``.
        """
        fields: list[str] = []
        place = 0
        while True:
            opening = self._quote.match(line, place)
            if opening:
                quoted = self._quoted(line, opening.end(), taken)
                if quoted is None:
                    return None
                field, line, place = quoted
            else:
                found = self._unquoted.match(line, place)
                assert found is not None
                field, place = found[0].rstrip("\r\n"), found.end()
            fields.append(field)
            if line[place : place + 1] != self._delimiter:
                return fields
            place += 1

    def _quoted(self, line: str, place: int, taken: list[str]) -> tuple[str, str, int] | None:
        """The rest of a quoted field, the line it ends in, and where; None if it does not."""
        parts: list[str] = []
        held = len(line)
        while True:
            closing = self._closing(line, place, parts)
            if closing is not None:
                return "".join(parts), line, closing
            more = None if self._open >= _MOST_OPEN or held > self._most else self._next_line()
            if more is None:
                return None
            line, place = more[0], 0
            taken.append(line)
            held += len(line)
            if self._opens_before_closing(line):
                return None

    def _closing(self, line: str, place: int, parts: list[str]) -> int | None:
        """Where the field ends in ``line``; what of it is before that is added to ``parts``."""
        while (quote := line.find('"', place)) >= 0:
            after = line[quote + 1 : quote + 2]
            end = self._ends.match(line, quote + 1)
            if line[quote - 1 : quote] == "\\" and quote > place:
                # As MySQL writes it.
                parts += (line[place : quote - 1], '"')
                place = quote + 1
            elif after == '"':
                parts += (line[place:quote], '"')
                place = quote + 2
            elif end:
                parts.append(line[place:quote])
                return end.end()
            else:
                parts.append(line[place : quote + 1])
                place = quote + 1
                self._is_odd = True
        parts.append(line[place:])
        return None

    def _opens_before_closing(self, line: str) -> bool:
        """Whether a field begins with a quotation mark before the one left open could end."""
        opening = self._opening.search(line)
        if opening is None:
            return False
        closing = self._closing(line[: opening.end() - 1], 0, [])
        return closing is None

    def _alone(self, line: str) -> list[str]:
        """The fields of one line, each with its quotation marks unless they close in it."""
        line = line.rstrip("\r\n")
        fields: list[str] = []
        place = 0
        may_close = True
        while True:
            closing = None
            parts: list[str] = []
            if may_close and line[place : place + 1] == '"':
                closing = self._closing(line, place + 1, parts)
                # Where one does not close, hardly any behind it does.
                may_close = closing is not None
            if closing is None:
                found = self._unquoted.match(line, place)
                assert found is not None
                fields.append(found[0])
                place = found.end()
            else:
                fields.append("".join(parts))
                place = closing
            if line[place : place + 1] != self._delimiter:
                return fields
            place += 1

    def _next_line(self) -> tuple[str, int] | None:
        if self._lines:
            return self._lines.popleft()
        # Longer ones come in pieces.
        line = self._text.readline(self._most)
        if not line:
            return None
        self._line += 1
        return line, self._line


def fit(fields: Sequence[str], columns: int, delimiter: str, wide: Sequence[int]) -> list[str]:
    """``fields`` as ``columns`` fields; those that are too many belong to one column.

    ``wide`` are the columns that may hold delimiters, the likeliest first.
    """
    fitted = list(fields)
    while len(fitted) > columns and not fitted[-1].strip():
        fitted.pop()
    if delimiter == ";" and len(fitted) > columns:
        fitted = _references_joined(fitted)
    more = len(fitted) - columns
    if more <= 0 or not wide:
        return fitted
    first = wide[0]
    joined = delimiter.join(fitted[first : first + more + 1])
    return [*fitted[:first], joined, *fitted[first + more + 1 :]]


def _references_joined(fields: Sequence[str]) -> list[str]:
    """``fields`` that were not parted within « &amp; » and the like."""
    joined: list[str] = []
    for field in fields:
        if joined and _REFERENCE_BEGUN.search(joined[-1]):
            joined[-1] += f";{field}"
        else:
            joined.append(field)
    return joined
