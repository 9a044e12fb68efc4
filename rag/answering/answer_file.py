"""Rows of answers to a file, kept question by question until all are there.

What is answered lies beside the file, in one of the same name with ``.part`` behind it: a line
of JSON a question. A run that was killed goes on behind the last whole line.
"""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from rag.answering.answer_rows import COLUMNS, AnswerRow
from rag.errors import QuestionFileError
from rag.files import flush

# A table opened in a spreadsheet computes what begins so; the apostrophe makes it a text.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_767


class Answered:
    """What is answered so far of a file of questions; use it with ``with``.

    ``asked`` tells apart what is asked and of what: what was kept for another is given up.
    """

    def __init__(self, out: Path, asked: str) -> None:
        """Answers that go to ``out``; QuestionFileError when it is there or cannot be."""
        if out.suffix.lower() not in FORMATS:
            raise QuestionFileError(
                f"--out is {out}; expected a name that ends in {', '.join(FORMATS)}"
            )
        if out.exists():
            raise QuestionFileError(f"{out} is there already; move it, or name another --out")
        self._out = out
        self._asked = asked
        self._part = out.with_name(out.name + ".part")
        self._lock = FileLock(f"{self._part}.lock")
        self.done = 0

    def __enter__(self) -> Self:
        """Take up what was kept."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise QuestionFileError(
                f"{self._out} is being written by another run; wait for it, or name another"
            ) from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            self.done = self._take_up()
            self._file = self._part.open("a", encoding="utf-8")
        except OSError as error:
            self._lock.release()
            raise self._unwritable(error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep what is answered."""
        self._file.close()
        self._lock.release()
        if not self._part.exists():
            Path(self._lock.lock_file).unlink(missing_ok=True)

    def add(self, rows: Iterable[AnswerRow]) -> None:
        """Keep the rows of the next question."""
        line = json.dumps([dataclasses.asdict(row) for row in rows], ensure_ascii=False)
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error
        self.done += 1

    def finish(self, delimiter: str) -> int:
        """Write everything into the file, a row at a time; return how many are answered."""
        self._file.close()
        answered: set[int] = set()

        def counted() -> Iterator[AnswerRow]:
            for row in self._rows():
                if row.answered:
                    answered.add(row.number)
                yield row

        draft = self._out.with_name(f".{self._out.name}.draft")
        try:
            FORMATS[self._out.suffix.lower()](draft, counted(), delimiter)
            flush(draft)
            draft.replace(self._out)
            self._part.unlink()
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            draft.unlink(missing_ok=True)
        return len(answered)

    def _rows(self) -> Iterator[AnswerRow]:
        with self._part.open(encoding="utf-8") as lines:
            next(lines)
            for line in lines:
                yield from (AnswerRow(**row) for row in json.loads(line))

    def _take_up(self) -> int:
        """How many questions were answered; what is not of this run is given up."""
        head = json.dumps({"asked": self._asked}).encode() + b"\n"
        whole = 0
        with contextlib.suppress(FileNotFoundError), self._part.open("rb+") as kept:
            if kept.readline() == head:
                end = kept.tell()
                for line in kept:
                    if not line.endswith(b"\n"):
                        break
                    end += len(line)
                    whole += 1
                kept.truncate(end)
                return whole
        self._part.write_bytes(head)
        return 0

    def _unwritable(self, error: OSError) -> QuestionFileError:
        return QuestionFileError(
            f"{self._out} cannot be written ({error.strerror or error}); name another --out, "
            "or make room"
        )


def _write_csv(file: Path, rows: Iterable[AnswerRow], delimiter: str) -> None:
    # The mark tells spreadsheets that it is UTF-8.
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened, delimiter=delimiter)
        writer.writerow(COLUMNS)
        writer.writerows(map(_guarded, rows))


def _guarded(row: AnswerRow) -> Sequence[object]:
    values = dataclasses.astuple(row)
    return [
        f"'{one}" if isinstance(one, str) and one.startswith(_FORMULAS) else one
        for one in values
    ]


def _write_lines(file: Path, rows: Iterable[AnswerRow], _: str) -> None:
    with file.open("w", encoding="utf-8") as opened:
        for row in rows:
            opened.write(json.dumps(dataclasses.asdict(row), ensure_ascii=False) + "\n")


def _write_workbook(file: Path, rows: Iterable[AnswerRow], _: str) -> None:
    import xlsxwriter

    # A row is written and forgotten; every text is a text, none a formula or a link.
    book = xlsxwriter.Workbook(str(file), {"constant_memory": True})
    sheet = book.add_worksheet("Guillemets")
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name, bold)
    for place, row in enumerate(rows, 1):
        for column, value in enumerate(dataclasses.astuple(row)):
            if isinstance(value, str):
                sheet.write_string(place, column, value[:_LONGEST_CELL])
            elif isinstance(value, bool):
                sheet.write_boolean(place, column, value)
            elif value is not None:
                sheet.write_number(place, column, value)
    book.close()


FORMATS: dict[str, Callable[[Path, Iterable[AnswerRow], str], None]] = {
    ".csv": _write_csv,
    ".jsonl": _write_lines,
    ".xlsx": _write_workbook,
}
