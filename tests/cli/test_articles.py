"""``rag articles show``: a file read now, without index or model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag.cli.commands import main
from tests.ingest.format_files import PROSE


def _shown(capsys: pytest.CaptureFixture[str], file: Path) -> list[dict[str, Any]]:
    assert main(["articles", "show", "--json", str(file)]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_an_article_as_it_would_be_indexed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "2024-03-01-lac.txt"
    file.write_text("Le lac est gelé")
    (found,) = _shown(capsys, file)
    assert found == {
        "path": "2024-03-01-lac.txt",
        "title": "Le lac est gelé",
        "date": "2024-03-01",
        "date_from": "file_name",
        "source": None,
        "author": None,
        "language": "fr",
        "url": None,
        "text": "Le lac est gelé",
        "places": [],
        "left_out": [],
        "problems": [],
    }
    assert main(["articles", "show", str(file)]) == 0
    assert "date: 2024-03-01 (file_name)" in capsys.readouterr().out


def test_every_article_of_a_file_and_what_is_wrong_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "liste.jsonl"
    lines = [{"titre": "Un", "texte": PROSE}, {"titre": "Deux", "texte": PROSE}]
    file.write_text("".join(json.dumps(one) + "\n" for one in lines) + "{\n")
    first, second = _shown(capsys, file)
    assert (first["title"], second["title"]) == ("Un", "Deux")
    assert [one["code"] for one in first["problems"]] == ["line_not_json"]
    assert second["problems"] == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("vieux.xyz", b"...", "no_format"),
        ("vide.txt", b"", "empty"),
        ("casse.docx", b"PK non", "archive_damaged"),
    ],
)
def test_a_broken_file_is_a_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, code: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    (found,) = _shown(capsys, file)
    assert (found["path"], found["text"], found["title"]) == (name, "", None)
    assert [one["code"] for one in found["problems"]] == [code]
    assert main(["articles", "show", str(file)]) == 0
    assert "problem: " in capsys.readouterr().out


def test_no_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["articles", "show", str(tmp_path / "rien.txt")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
