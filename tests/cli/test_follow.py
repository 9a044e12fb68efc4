"""``rag follow``: questions followed in a terminal, and asked after each build."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.answering.test_news import LATE, QUESTION
from tests.cli.test_commands import folder, run, run_json
from tests.fakes import CountingEncoder, write_article

__all__ = ["folder"]


@pytest.fixture(autouse=True)
def _kept_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUILLEMETS_CONVERSATIONS", str(tmp_path / "kept" / "mine.sqlite"))


def test_a_question_is_followed_from_one_build_to_the_next(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "followed" not in run_json(capsys, "build")
    assert run(capsys, "follow", "list")[1].startswith("no question is followed")
    followed = run_json(capsys, "follow", "add", QUESTION)
    assert (followed["number"], followed["question"], followed["waiting"]) == (1, QUESTION, 0)
    assert run(capsys, "follow", "check")[1] == "nothing new\n"
    write_article(folder / "seeds", "retard.txt", LATE)
    code, out, err = run(capsys, "build")
    assert (code, err) == (0, "")
    assert "followed questions: 1 new quote; read with: rag follow check" in out
    assert run(capsys, "follow", "list")[1] == f"1  {QUESTION}  (1 quote to see)\n"
    (kept,) = run_json(capsys, "follow", "check", "--keep")
    (quote,) = kept["quotes"]
    text = (folder / "seeds" / "retard.txt").read_text("utf-8")
    assert text[quote["start"] : quote["end"]] == quote["text"] == LATE
    code, out, _ = run(capsys, "follow", "check")
    assert code == 0
    assert LATE in out
    assert "retard.txt" in out
    # It was seen.
    assert run_json(capsys, "follow", "check") == []


def test_a_check_catches_up_where_a_build_was_killed_before_asking(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rag.config import load_settings
    from rag.library.build import build_folder

    run(capsys, "build")
    run(capsys, "follow", "add", QUESTION, "--source", "La Gazette")
    run(capsys, "follow", "add", QUESTION)
    write_article(folder / "seeds", "retard.txt", LATE)
    build_folder(load_settings(), CountingEncoder())
    (found,) = run_json(capsys, "follow", "check")
    assert (found["number"], [one["text"] for one in found["quotes"]]) == (2, [LATE])
    assert "[La Gazette]" in run(capsys, "follow", "list")[1]


def test_what_is_removed_is_no_longer_listed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "build")
    run(capsys, "follow", "add", QUESTION)
    assert run(capsys, "follow", "remove", "1")[1] == f"no longer followed: {QUESTION}\n"
    assert run_json(capsys, "follow", "list") == []
    code, _, err = run(capsys, "follow", "remove", "1")
    assert (code, err) == (2, "rag: no question 1 is followed; see: rag follow list\n")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (("add", " ?! "), "the question is empty"),
        (("add", QUESTION, "--since", "tantôt"), "--since is 'tantôt'; expected a day"),
        (("remove", "first"), "Invalid value for 'number'"),
    ],
)
def test_wrong_use_is_told_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], complaint: str
) -> None:
    run(capsys, "build")
    code, _, err = run(capsys, "follow", *given)
    assert (code, err.count("\n")) == (2, 1)
    assert complaint in err


def test_nothing_is_followed_where_nothing_is_kept(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUILLEMETS_CONVERSATIONS", "off")
    assert run(capsys, "build")[0] == 0
    code, _, err = run(capsys, "follow", "add", QUESTION)
    assert (code, "'conversations' is 'off'" in err) == (2, True)


def test_a_file_that_cannot_be_read_does_not_fail_the_build(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "kept").mkdir()
    (folder / "kept" / "mine.followed.sqlite").write_bytes(b"no database" * 100)
    code, out, err = run(capsys, "build")
    assert code == 0
    assert "3 added" in out
    assert "followed questions wait for the next build" in err
