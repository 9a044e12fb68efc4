"""Questions in a file: a line or a row each, read one at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SettingsError

NAMES = ("question", "questions")
_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class FiledQuestion:
    """A question as its file has it: the line it ends on, and what is wrong with it."""

    line: int
    text: str
    broken: str = ""


def read_questions(path: Path) -> Iterator[FiledQuestion]:
    """The questions of a ``.csv`` or ``.txt`` file, in order; empty lines are passed over.

    Of a table, the column is the one called ``question``, or the first of a table without
    such a name, whose first row is then a question too. Raises SettingsError for a file of
    another kind, or one that cannot be read.
    """
    kind = path.suffix.casefold()
    if kind not in (".csv", ".txt"):
        raise SettingsError(f"'{path}' is no file of questions; expected .csv or .txt")
    encoding = _encoding(path)
    if kind == ".csv":
        yield from _rows(path, encoding)
        return
    with path.open(encoding=encoding) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield FiledQuestion(number, line.strip())


def _encoding(path: Path) -> str:
    """UTF-8, or the encoding in which spreadsheets of Western Windows save a table."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for _ in lines:
                pass
    except UnicodeDecodeError:
        return "latin-1"
    except OSError as error:
        raise SettingsError(f"cannot read '{path}': {error.strerror}") from error
    return "utf-8-sig"


def _rows(path: Path, encoding: str) -> Iterator[FiledQuestion]:
    with path.open(encoding=encoding, newline="") as file:
        first_line = file.readline()
        file.seek(0)
        separator = max(_SEPARATORS, key=first_line.count)
        rows = csv.reader(file, delimiter=separator)
        column, is_first = 0, True
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield FiledQuestion(rows.line_num, "", f"not a row of a table: {error}")
                continue
            if is_first:
                is_first = False
                names = [cell.strip().casefold() for cell in row]
                known = [place for place, name in enumerate(names) if name in NAMES]
                if known:
                    column = known[0]
                    continue
            if not any(cell.strip() for cell in row):
                continue
            text = row[column].strip() if column < len(row) else ""
            yield FiledQuestion(rows.line_num, text, "" if text else "no question in this row")
