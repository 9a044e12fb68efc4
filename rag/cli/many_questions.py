"""Asks a file of questions and writes a row a quote; what was asked is not asked again."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from rag.cli.question_files import FiledQuestion, read_questions
from rag.errors import SettingsError
from rag.files import file_hash, flush
from rag.progress import Progress

COLUMNS = (
    "line", "question", "status", "reason", "quote", "text", "title", "date", "source",
    "path", "article_id", "start", "end", "confidence", "guarded",
)  # fmt: skip
KINDS = (".csv", ".jsonl")

# What a spreadsheet takes for the beginning of a formula:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Row = dict[str, Any]


def ask_file(
    questions: Path,
    out: Path,
    asked_with: dict[str, Any],
    ask: Callable[[str], dict[str, Any]],
    progress: Progress,
) -> Counter[str]:
    """Write to ``out`` what ``ask`` answers to each of ``questions``; return statuses counted.

    ``ask`` gives an answer as JSON values, and ``asked_with`` all that its answers depend
    on. Every answer is added to a file beside ``out`` at once; a run that finds one for the
    same questions and ``asked_with`` goes on from there, and the file comes out the same.
    ``out`` appears whole, at the end. Memory is that of one question. Raises SettingsError
    for files of another kind, or that cannot be read or written.
    """
    if out.suffix.casefold() not in KINDS:
        raise SettingsError(f"'{out}' is no table to write; expected .csv or .jsonl")
    total = sum(1 for _ in read_questions(questions))
    if questions.resolve() == out.resolve():
        raise SettingsError(f"'{out}' holds the questions; give --out another name")
    head = json.dumps({"questions": file_hash(questions), **asked_with}, sort_keys=True)
    journal = out.with_name(out.name + ".part")
    try:
        done = _resume(journal, head)
        progress.start("Asking", total)
        progress.advance(done)
        with journal.open("a", encoding="utf-8", newline="\n") as answers:
            for place, question in enumerate(read_questions(questions)):
                if place >= done:
                    rows = _rows(question, ask)
                    answers.write(json.dumps(rows, ensure_ascii=False) + "\n")
                    answers.flush()
                    progress.advance(1)
        counts = _write(journal, out)
        journal.unlink()
    except OSError as error:
        raise SettingsError(f"cannot write '{out}': {error.strerror}") from error
    return counts


def _resume(journal: Path, head: str) -> int:
    """How many questions ``journal`` has whole; one of another run is begun anew."""
    whole, lines = 0, 0
    if journal.exists():
        with journal.open("rb") as kept:
            for line in kept:
                if not line.endswith(b"\n") or (not lines and line != f"{head}\n".encode()):
                    break
                whole, lines = whole + len(line), lines + 1
    if lines:
        os.truncate(journal, whole)
        return lines - 1
    journal.write_text(head + "\n", encoding="utf-8", newline="\n")
    return 0


def _rows(question: FiledQuestion, ask: Callable[[str], dict[str, Any]]) -> list[Row]:
    row: Row = dict.fromkeys(COLUMNS) | {"line": question.line, "question": question.text}
    if question.broken:
        return [row | {"status": "broken", "reason": question.broken}]
    answer = ask(question.text)
    row["confidence"] = answer["confidence"]
    if not answer["quotes"]:
        reason = answer["abstention"] and answer["abstention"]["message"]
        return [row | {"status": "refused", "reason": reason}]
    row["status"] = "answered"
    return [
        row | {"quote": number} | {name: quote[name] for name in COLUMNS if name in quote}
        for number, quote in enumerate(answer["quotes"], 1)
    ]


def _write(journal: Path, out: Path) -> Counter[str]:
    """Make ``out`` of ``journal`` in one step; count questions by status."""
    counts: Counter[str] = Counter()
    new = out.with_name(out.name + ".new")
    # A mark at the beginning has spreadsheets read UTF-8.
    is_table = out.suffix.casefold() == ".csv"
    encoding = "utf-8-sig" if is_table else "utf-8"
    with new.open("w", encoding=encoding, newline="") as file:
        add = _csv_rows(file) if is_table else _json_rows(file)
        for rows in _journal_rows(journal):
            counts[rows[0]["status"]] += 1
            for row in rows:
                add(row)
    flush(new)
    new.replace(out)
    return counts


def _journal_rows(journal: Path) -> Iterator[list[Row]]:
    with journal.open(encoding="utf-8", newline="\n") as kept:
        next(kept)
        for line in kept:
            yield json.loads(line)


def _csv_rows(file: TextIO) -> Callable[[Row], object]:
    table = csv.DictWriter(file, COLUMNS)
    table.writeheader()
    return lambda row: table.writerow(guarded(row))


def _json_rows(file: TextIO) -> Callable[[Row], object]:
    return lambda row: file.write(
        json.dumps(
            {name: value for name, value in row.items() if name != "guarded"},
            ensure_ascii=False,
        )
        + "\n"
    )


def guarded(row: Row) -> Row:
    """A row that no spreadsheet computes: an apostrophe stands before what it would.

    ``guarded`` names those cells, so that who takes one apostrophe off each of them has the
    words of the article, character by character.
    """
    risky = [
        name
        for name, value in row.items()
        if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA)
    ]
    return row | {name: "'" + row[name] for name in risky} | {"guarded": " ".join(risky)}
