"""``rag ask --file``, with what was kept of a run before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.answering.test_assistant import QUESTION
from tests.cli.test_commands import folder, run
from tests.fakes import CountingEncoder, write_article

__all__ = ["folder"]
QUESTIONS = [QUESTION, "Qui a peint la Joconde ?", "Où dort le chat ?"]


def asking(monkeypatch: pytest.MonkeyPatch, stop_at: str = "") -> list[str]:
    """The questions that are asked from now on; at ``stop_at`` somebody presses Ctrl-C."""
    asked: list[str] = []

    class Listening(CountingEncoder):
        def embed_question(self, question: str) -> Any:
            if question == stop_at:
                raise KeyboardInterrupt
            asked.append(question)
            return super().embed_question(question)

    monkeypatch.setattr("rag.answering.assistant.open_encoder", lambda *_: Listening())
    return asked


def lines(file: Path) -> Sequence[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_an_interrupted_run_goes_on_and_one_over_other_articles_begins_again(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("ask", "--file", "questions.txt", "--out", "answers.jsonl")
    (folder / "questions.txt").write_text("\n".join([*QUESTIONS, ""]))
    run(capsys, "build")
    asking(monkeypatch, stop_at=QUESTIONS[2])
    code, _, err = run(capsys, *command)
    assert code == 130
    assert "2 of 3 are answered; the same command goes on" in err
    asked = asking(monkeypatch)
    code, out, err = run(capsys, *command)
    assert (code, asked) == (0, QUESTIONS[2:])
    assert "going on behind question 2 of 3" in err
    rows = lines(folder / "answers.jsonl")
    assert [row["number"] for row in rows if row["citation"] in (None, 1)] == [1, 2, 3]
    answered = {row["number"] for row in rows if row["answered"]}
    assert (
        out
        == f"3 questions, {len(answered)} answered, {3 - len(answered)} not: answers.jsonl\n"
    )
    code, _, err = run(capsys, *command)
    assert (code, "is there already" in err) == (2, True)
    # What was answered before more articles came does not stand beside what they say.
    (folder / "answers.jsonl").unlink()
    asking(monkeypatch, stop_at=QUESTIONS[2])
    assert run(capsys, *command)[0] == 130
    write_article(folder / "seeds", "chat.txt", "Le chat dort dans la grange de Kermor.")
    run(capsys, "build")
    asked = asking(monkeypatch)
    assert run(capsys, *command)[0] == 0
    assert asked == QUESTIONS


@pytest.mark.parametrize(
    "given",
    [
        (),
        ("--file", "questions.txt"),
        ("--out", "answers.csv"),
        ("Qui ?", "--file", "questions.txt", "--out", "answers.csv"),
    ],
)
def test_a_question_or_a_file_of_them(
    folder: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, "ask", *given)
    assert (code, out) == (2, "")
    assert "give a question, or --file QUESTIONS with --out ANSWERS" in err
