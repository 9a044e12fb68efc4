"""``rag digest``: in Markdown, HTML and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import folder, run

__all__ = ["folder"]


def test_it_is_written_in_three_formats(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "build")
    code, out, err = run(capsys, "digest", "--since", "2023-01-01")
    assert (code, err) == (0, "")
    assert out.index("## Le pont de l’Orge") < out.index("## Une rentrée")
    code, out, _ = run(capsys, "digest", "--since", "2024-01-01", "--format", "json")
    found = json.loads(out)
    assert (code, found["articles"], found["since"]) == (0, 1, "2024-01-01")
    (story,) = found["stories"]
    assert story["path"] == "pont.txt"
    out = run(
        capsys, "digest", "--until", "2024-03-02", "--format", "html", "--out", "neuf.html"
    )[1]
    assert out == ""
    page = (folder / "neuf.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert page.count("<section>") == 1
    run(capsys, "digest", "--format", "json", "--out", "neuf.json", "--language", "en")
    assert json.loads((folder / "neuf.json").read_text("utf-8"))["since"] == "2024-02-23"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (("--since", "tantôt"), "--since is 'tantôt'; expected a day"),
        (("--since", "2024-03-02", "--until", "2024-03-01"), "is before --since"),
        (("--out", "nowhere/neuf.md"), "cannot be written"),
    ],
)
def test_wrong_use_is_told_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], complaint: str
) -> None:
    run(capsys, "build")
    code, _, err = run(capsys, "digest", *given)
    assert (code, err.count("\n")) == (2, 1)
    assert complaint in err
