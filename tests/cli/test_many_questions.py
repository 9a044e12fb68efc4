from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from rag.cli.many_questions import ask_file, guarded
from rag.cli.question_files import read_questions
from rag.errors import SettingsError
from rag.progress import Silent


class Asked:
    """Answers every question with itself, and is killed after some."""

    def __init__(self, most: int = 99) -> None:
        self.asked: list[str] = []
        self.most = most

    def __call__(self, question: str) -> dict[str, Any]:
        if len(self.asked) == self.most:
            raise KeyboardInterrupt
        self.asked.append(question)
        if question == "rien":
            return {"quotes": [], "abstention": {"message": "Non."}, "confidence": 0.1}
        quote = {"text": f"=dit {question}", "title": "T", "start": 0, "end": 5}
        return {"quotes": [quote, quote], "abstention": None, "confidence": 0.9}


def write(folder: Path) -> Path:
    path = folder / "q.csv"
    path.write_text("id;Question\n1;un\n2;\n3;rien\n4;deux\n", encoding="utf-8")
    return path


def test_column_is_found_by_name_and_broken_rows_are_named(tmp_path: Path) -> None:
    read = list(read_questions(write(tmp_path)))
    assert [(one.line, one.text) for one in read] == [
        (2, "un"),
        (3, ""),
        (4, "rien"),
        (5, "deux"),
    ]
    assert [bool(one.broken) for one in read] == [False, True, False, False]


def test_first_column_of_a_table_without_names_and_lines_of_a_text(tmp_path: Path) -> None:
    table, text = tmp_path / "a.csv", tmp_path / "a.txt"
    table.write_text("Qui ?,x\nQuand ?,y\n", encoding="utf-8")
    text.write_bytes("Où ?\n\nL’été ?\n".replace("’", "'").encode("latin-1"))
    assert [one.text for one in read_questions(table)] == ["Qui ?", "Quand ?"]
    assert [one.text for one in read_questions(text)] == ["Où ?", "L'été ?"]


def test_a_run_cut_off_goes_on_without_asking_twice(tmp_path: Path) -> None:
    questions = write(tmp_path)
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    counts = ask_file(questions, whole, {}, Asked(), Silent())
    assert counts == {"answered": 2, "refused": 1, "broken": 1}
    first, second = Asked(most=1), Asked()
    with pytest.raises(KeyboardInterrupt):
        ask_file(questions, cut, {}, first, Silent())
    assert not cut.exists()
    with (tmp_path / "cut.csv.part").open("ab") as journal:
        journal.write(b'[{"half')
    ask_file(questions, cut, {}, second, Silent())
    assert first.asked + second.asked == ["un", "rien", "deux"]
    assert cut.read_bytes() == whole.read_bytes()
    assert not (tmp_path / "cut.csv.part").exists()


def test_other_articles_are_asked_anew(tmp_path: Path) -> None:
    questions, out = write(tmp_path), tmp_path / "a.jsonl"
    with pytest.raises(KeyboardInterrupt):
        ask_file(questions, out, {"generation": "a"}, Asked(most=1), Silent())
    again = Asked()
    ask_file(questions, out, {"generation": "b"}, again, Silent())
    assert again.asked == ["un", "rien", "deux"]
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["status"] for row in rows] == [
        *["answered"] * 2, "broken", "refused", *["answered"] * 2,
    ]  # fmt: skip
    assert rows[0]["text"] == "=dit un"


def test_no_cell_is_a_formula_and_words_come_back(tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    ask_file(write(tmp_path), out, {}, Asked(), Silent())
    with out.open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["text"], row["guarded"]) == ("'=dit un", "text")
    assert guarded({"text": "Oui"}) == {"text": "Oui", "guarded": ""}


def test_questions_are_not_written_over(tmp_path: Path) -> None:
    questions = write(tmp_path)
    with pytest.raises(SettingsError, match="another name"):
        ask_file(questions, questions, {}, Asked(), Silent())
