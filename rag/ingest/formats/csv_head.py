"""Where a table's columns are named, and what parts them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TextIO

from rag.ingest.formats.record_words import plain_name

_DELIMITERS = ",;\t|"
_LONGEST_LINE = 1_000_000
# As Excel begins a file to tell its delimiter.
_SEPARATOR = re.compile(r"\s*sep=(.)\s*\Z")
# So many lines may tell above the columns what was exported, by whom and when.
_MOST_ABOVE = 20


@dataclass(frozen=True, slots=True)
class Head:
    """The ``delimiter``, how many lines stand above the columns' names, and their row.

    A spreadsheet counts rows from 1; Excel's own line, which tells the delimiter, is none.
    """

    delimiter: str
    lines_above: int = 0
    row: int = 1


def head_of(
    text: TextIO, known: Callable[[Sequence[str]], int], wanted: Collection[str]
) -> Head:
    """The head of a table; its first line where no other one names the ``wanted`` column.

    ``known`` tells how many names it recognises.
    """
    first = text.readline(_LONGEST_LINE)
    told = _SEPARATOR.match(first)
    if told:
        return Head(told[1], 1)

    def delimiter_of(line: str) -> str:
        return max(_DELIMITERS, key=lambda sign: known(_names(line, sign)))

    delimiter = delimiter_of(first)
    if known(_names(first, delimiter)):
        return Head(delimiter)
    for above in range(1, _MOST_ABOVE + 1):
        line = text.readline(_LONGEST_LINE)
        sign = delimiter_of(line)
        names = _names(line, sign)
        is_head = known(names) > 1 and set(map(plain_name, names)) & set(wanted)
        if is_head:
            return Head(sign, above, above + 1)
    return Head(delimiter)


def _names(line: str, delimiter: str) -> list[str]:
    return [part.strip(' "\r\n') for part in line.split(delimiter)]
