"""A file of questions: one a line, or the column of a table that is called so."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ArticleError, QuestionFileError
from rag.ingest.formats.csv_rows import Rows
from rag.ingest.formats.encoding import decode

_COLUMN = frozenset({"question", "questions"})
_DELIMITERS = ";\t,"
_LONGEST_ROW = 1 << 20


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """Its questions in order, how many rows hold none, and what divides the columns."""

    questions: tuple[str, ...]
    without: int = 0
    delimiter: str = ","


def read_questions(file: Path) -> QuestionFile:
    """The questions of a text, a line each, or of a table with a column « question ».

    Held in memory whole. Raises QuestionFileError when it cannot be read or holds none.
    """
    try:
        text = decode(file.read_bytes())
    except OSError as error:
        raise QuestionFileError(
            f"the questions in {file} cannot be read ({error.strerror}); name a file with one "
            "question a line, or a CSV file with a column 'question'"
        ) from error
    except ArticleError as error:
        raise QuestionFileError(
            f"the questions in {file} are no text: it {error}; save them as CSV, or as a text "
            "with one a line"
        ) from error
    found = _of_table(text, file) or _of_lines(text)
    if not found.questions:
        raise QuestionFileError(f"{file} holds no question; write one a line")
    return found


def _of_lines(text: str) -> QuestionFile:
    lines = [line.strip().strip('"').strip() for line in text.splitlines()]
    if lines and lines[0].lower() in _COLUMN:
        lines = lines[1:]
    questions = tuple(line for line in lines if line)
    return QuestionFile(questions, len(lines) - len(questions))


def _of_table(text: str, file: Path) -> QuestionFile | None:
    """The column of questions; None of a text that is no table."""
    head = text.lstrip("\ufeff\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    if delimiter not in head:
        return None
    rows = iter(Rows(io.StringIO(text), delimiter, _LONGEST_ROW))
    names = [name.strip().lower() for name in next(rows).fields]
    places = [place for place, name in enumerate(names) if name in _COLUMN]
    if not places:
        if file.suffix.lower() not in (".csv", ".tsv"):
            return None
        raise QuestionFileError(
            f"the first line of {file} names no column 'question' (it has: "
            f"{', '.join(names)}); call the column of the questions so"
        )
    fields = [row.fields[places[0]] if len(row.fields) > places[0] else "" for row in rows]
    questions = tuple(field.strip() for field in fields if field.strip())
    return QuestionFile(questions, len(fields) - len(questions), delimiter)
