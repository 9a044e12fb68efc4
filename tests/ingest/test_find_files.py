"""The files of a folder that hold articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest import FORMATS, find_article_files
from tests.fakes import write_article

PROSE = (
    "Le maire a inauguré hier l’école rénovée « Jean-Moulin » ; les élèves y étudieront dès "
    "septembre. Coût : 3 millions d’euros, financés à 40 % par l’État."
)


def test_files_are_found_by_format_and_sorted(tmp_path: Path) -> None:
    for name in ("b.txt", "a.MD", "sub/c.html", "sub/d.xyz", "e", ".hidden.txt", ".git/f.txt"):
        write_article(tmp_path, name, PROSE)
    found = [file.relative_to(tmp_path).as_posix() for file in find_article_files(tmp_path)]
    assert found == ["a.MD", "b.txt", "sub/c.html"]
    assert {".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".zip"} <= set(FORMATS)


@pytest.mark.parametrize("target", [".", "sub"])
def test_a_folder_that_links_back_is_entered_once(tmp_path: Path, target: str) -> None:
    write_article(tmp_path, "sub/a.txt", PROSE)
    (tmp_path / "sub" / "back").symlink_to(tmp_path / target, target_is_directory=True)
    assert find_article_files(tmp_path) == [tmp_path / "sub" / "a.txt"]


def test_a_linked_folder_outside_is_read(tmp_path: Path) -> None:
    write_article(tmp_path / "outside", "a.txt", PROSE)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "z").symlink_to(tmp_path / "outside", target_is_directory=True)
    (inside / "b").symlink_to(tmp_path / "outside", target_is_directory=True)
    # Of two ways to a folder, the first by name.
    assert find_article_files(inside) == [inside / "b" / "a.txt"]


def test_a_folder_named_like_an_article_is_a_folder(tmp_path: Path) -> None:
    write_article(tmp_path, "x.txt/a.txt", PROSE)
    assert find_article_files(tmp_path) == [tmp_path / "x.txt" / "a.txt"]
