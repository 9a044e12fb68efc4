from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.library.bring_files
from rag.config import Settings
from rag.errors import ArticleError, Code, Problem
from rag.ingest import find_article_files
from rag.ingest.folder import folder_sources, reading_options
from rag.library.bring_files import (
    TRASH,
    Brought,
    Clash,
    Outcome,
    bring,
    checked_name,
    remove,
    restore,
)
from tests.fakes import write_article
from tests.ingest.format_files import packed

WORDS = b"Le pont rouvrira le 3 juin."
OTHER = "L’école accueille cent vingt élèves.".encode()
MOST = 1_000


def settings_of(folder: Path) -> Settings:
    return Settings(articles=folder, max_file_bytes=MOST)


def brought(
    folder: Path, name: str, content: bytes = WORDS, clash: Clash = Clash.ASK
) -> tuple[str, Outcome]:
    found = bring(settings_of(folder), name, content, clash)
    assert (found.problem is not None) == (found.outcome is Outcome.REFUSED)
    return found.name, found.outcome


def everything(folder: Path) -> dict[str, bytes]:
    """Every file under ``folder``, hidden ones included."""
    files = (one for one in folder.rglob("*") if one.is_file())
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in files}


def test_a_file_is_stored_as_it_is_and_leaves_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "made" / "yet"
    assert brought(folder, "pont.txt") == ("pont.txt", Outcome.BROUGHT)
    assert everything(folder) == {"pont.txt": WORDS}
    assert [one.name for one in folder.iterdir()] == ["pont.txt"]


def test_a_file_that_is_there_is_not_stored_twice(tmp_path: Path) -> None:
    brought(tmp_path, "pont.txt")
    for clash in Clash:
        found = brought(tmp_path, "pont.txt", clash=clash)
        assert found == ("pont.txt", Outcome.ALREADY_THERE)
    assert everything(tmp_path) == {"pont.txt": WORDS}


def test_another_file_of_that_name_is_not_overwritten_unasked(tmp_path: Path) -> None:
    brought(tmp_path, "pont.txt")
    assert brought(tmp_path, "pont.txt", OTHER) == ("pont.txt", Outcome.CLASHES)
    assert everything(tmp_path) == {"pont.txt": WORDS}


def test_both_are_kept_with_a_number_and_not_twice(tmp_path: Path) -> None:
    contents = [WORDS, OTHER, b"Un troisieme texte."]
    names = ["pont.txt", "pont (2).txt", "pont (3).txt"]
    for name, content in zip(names, contents, strict=True):
        found = brought(tmp_path, "pont.txt", content, Clash.KEEP_BOTH)
        assert found[0] == name
    assert everything(tmp_path) == dict(zip(names, contents, strict=True))
    again = brought(tmp_path, "pont.txt", OTHER, Clash.KEEP_BOTH)
    assert again == ("pont (2).txt", Outcome.ALREADY_THERE)


def test_what_is_replaced_goes_to_the_trash(tmp_path: Path) -> None:
    brought(tmp_path, "pont.txt")
    assert brought(tmp_path, "pont.txt", OTHER, Clash.REPLACE)[1] is Outcome.REPLACED
    found = everything(tmp_path)
    assert found.pop("pont.txt") == OTHER
    ((kept, content),) = found.items()
    assert kept.startswith(f"{TRASH}/")
    assert kept.endswith("/pont.txt")
    assert content == WORDS
    assert find_article_files(tmp_path) == [tmp_path / "pont.txt"]


def test_without_links_nothing_is_overwritten_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    assert brought(tmp_path, "pont.txt")[1] is Outcome.BROUGHT
    assert brought(tmp_path, "pont.txt", OTHER)[1] is Outcome.CLASHES
    assert everything(tmp_path) == {"pont.txt": WORDS}


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        "../pont.txt",
        "/etc/pont.txt",
        "sous/pont.txt",
        "..\\pont.txt",
        "C:\\pont.txt",
        ".pont.txt",
        ".trash",
        "pont\0.txt",
        "pont\n.txt",
        "pont\x1b[31m.txt",
        "pont\u2028.txt",
        "pont\udcff.txt",
        "é" * 200 + ".txt",
        "pont",
        "pont.exe",
        "pont.txt.exe",
        "txt",
    ],
)
def test_a_hostile_name_is_refused_and_stores_nothing(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "seeds"
    assert bring(settings_of(folder), name, WORDS).outcome is Outcome.REFUSED
    assert everything(tmp_path) == {}


@given(st.text(max_size=60))
def test_a_name_that_passes_names_a_file_of_the_folder(name: str) -> None:
    try:
        checked = checked_name(name)
    except ArticleError:
        return
    folder = Path("/articles")
    assert Path(os.path.normpath(folder / checked)).parent == folder
    assert not checked.startswith(".")
    assert unicodedata.is_normalized("NFC", checked)
    assert len(checked.encode()) <= 240


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("vide.txt", b""),
        ("vide.md", b" \n "),
        ("signes.txt", b"... !!! ..."),
        ("image.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("long.txt", b"mot " * MOST),
        ("page.html", b"<html><body></body></html>"),
        ("coupe.txt", b"\xff\xfeL\x00e"),
    ],
)
def test_what_the_build_refuses_is_refused_for_the_same_reason(
    tmp_path: Path, name: str, content: bytes
) -> None:
    found = bring(settings_of(tmp_path / "seeds"), name, content)
    file = write_article(tmp_path / "by_hand", name, "")
    file.write_bytes(content)
    options = reading_options(settings_of(tmp_path / "by_hand"))
    (source,), _ = folder_sources(tmp_path / "by_hand", options)
    with pytest.raises(ArticleError) as caught:
        list(source.read())
    assert found == Brought(name, Outcome.REFUSED, caught.value.problem)
    assert everything(tmp_path / "seeds") == {}


def test_a_file_of_several_needs_one_that_can_be_read(tmp_path: Path) -> None:
    some = packed({"vide.txt": "", "pont.txt": WORDS})
    assert bring(settings_of(tmp_path), "a.zip", some).outcome is Outcome.BROUGHT
    none = bring(settings_of(tmp_path), "b.zip", packed({"vide.txt": ""}))
    assert (none.outcome, none.problem) == (Outcome.REFUSED, Problem.of(Code.EMPTY))
    for part in ("a.zip/pont.txt", "a.zip/flux.rss#un#deux"):
        with pytest.raises(ArticleError, match=r"is a part of a\.zip"):
            remove(tmp_path, part)


def test_a_library_that_fails_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        path = "pont.txt"

        def read(self) -> None:
            raise RecursionError

    monkeypatch.setattr(rag.library.bring_files, "folder_sources", lambda *_: ([Failing()], []))
    found = bring(settings_of(tmp_path), "pont.txt", WORDS)
    assert found.outcome is Outcome.REFUSED
    assert found.problem == Problem.of(Code.READER_FAILED, kind="RecursionError")
    assert everything(tmp_path) == {}


def test_a_folder_that_cannot_be_written_is_told_so(tmp_path: Path) -> None:
    file = write_article(tmp_path, "seeds", "no folder")
    found = bring(settings_of(file), "pont.txt", WORDS)
    assert found.outcome is Outcome.REFUSED
    assert found.problem is not None
    assert found.problem.code is Code.NOT_STORED


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, make: object) -> None:
    make(tmp_path / "pont.txt")  # type: ignore[operator]
    assert brought(tmp_path, "pont.txt")[1] is Outcome.CLASHES
    assert brought(tmp_path, "pont.txt", clash=Clash.REPLACE)[1] is Outcome.REFUSED
    assert not (tmp_path / "pont.txt").is_file()
    assert brought(tmp_path, "pont.txt", clash=Clash.KEEP_BOTH)[0] == "pont (2).txt"


def test_a_link_that_leads_out_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = write_article(tmp_path, "outside.txt", "Dehors.")
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "pont.txt").symlink_to(outside)
    assert brought(folder, "pont.txt", clash=Clash.REPLACE)[1] is Outcome.REPLACED
    assert outside.read_text("utf-8") == "Dehors."
    assert (folder / "pont.txt").read_bytes() == WORDS


@pytest.mark.parametrize("path", ["pont.txt", "2024/mars/été d’or.txt"])
def test_a_removal_is_undone(tmp_path: Path, path: str) -> None:
    write_article(tmp_path, path, "Le pont.")
    before = everything(tmp_path)
    removal = remove(tmp_path, path)
    assert removal.path == path
    assert find_article_files(tmp_path) == []
    assert list(everything(tmp_path)) == [f"{TRASH}/{removal.token}/{path}"]
    assert restore(tmp_path, removal.token) == path
    assert everything(tmp_path) == before
    with pytest.raises(ArticleError, match="no longer in the trash"):
        restore(tmp_path, removal.token)


def test_an_undo_overwrites_nothing_and_loses_nothing(tmp_path: Path) -> None:
    write_article(tmp_path, "pont.txt", "Le pont.")
    removal = remove(tmp_path, "pont.txt")
    write_article(tmp_path, "pont.txt", "Un autre pont.")
    before = everything(tmp_path)
    with pytest.raises(ArticleError, match="another file is in its place"):
        restore(tmp_path, removal.token)
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "path", ["", "/etc/hostname", "../outside.txt", "a/../../outside.txt", "a\0", "none.txt"]
)
def test_only_a_file_of_the_folder_is_removed(tmp_path: Path, path: str) -> None:
    outside = write_article(tmp_path, "outside.txt", "Dehors.")
    folder = tmp_path / "seeds"
    folder.mkdir()
    with pytest.raises(ArticleError, match="no longer in the folder"):
        remove(folder, path)
    assert outside.is_file()
    assert everything(folder) == {}


@pytest.mark.parametrize(
    ("held_by", "path"),
    [("archive.zip", "archive.zip/inner.txt"), ("a/flux#1.rss", "a/flux#1.rss#3")],
)
def test_a_part_of_a_file_is_not_removed_alone(tmp_path: Path, held_by: str, path: str) -> None:
    write_article(tmp_path, held_by, "…")
    with pytest.raises(ArticleError, match=f"part of {held_by} "):
        remove(tmp_path, path)
    assert list(everything(tmp_path)) == [held_by]


@pytest.mark.parametrize("token", ["", ".", "..", "../..", "20240101T000000-abcdef", "*"])
def test_a_foreign_token_restores_nothing(tmp_path: Path, token: str) -> None:
    write_article(tmp_path, "pont.txt", "Le pont.")
    remove(tmp_path, "pont.txt")
    before = everything(tmp_path)
    with pytest.raises(ArticleError, match="no longer in the trash"):
        restore(tmp_path, token)
    assert everything(tmp_path) == before
