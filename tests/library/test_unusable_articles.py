"""Files and folders that cannot be used cost a line each and nothing else."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import SENTENCES, ArticleError, Code, IndexWriteError, Problem
from rag.index import Index
from rag.index.left_out import LEFT_OUT
from rag.ingest.folder import folder_sources, reading_options
from rag.library.build import build, build_folder
from rag.types import Article, BrokenFile
from tests.fakes import ARTICLES, CountingEncoder, settings_for, write_article, write_articles
from tests.library.built_folder import build_again, changes_of, paths_in

NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Settings whose folder holds the small articles."""
    write_articles(tmp_path / "seeds")
    return settings_for(tmp_path)


def test_broken_files_are_told_and_the_rest_goes_on(chosen: Settings) -> None:
    write_article(chosen.articles, "vide.txt", "")
    (chosen.articles / "image.txt").write_bytes(b"\0\1\2")
    (chosen.articles / "lien.txt").symlink_to(chosen.articles / "nulle-part")
    summary, _ = build_again(chosen)
    assert [file.path for file in summary.broken] == ["image.txt", "lien.txt", "vide.txt"]
    reasons = {file.path: file.reason for file in summary.broken}
    assert "is binary" in reasons["image.txt"]
    assert "cannot be read: No such file" in reasons["lien.txt"]
    assert "is empty" in reasons["vide.txt"]
    assert paths_in(chosen) == sorted(ARTICLES)

    index = Index.open_current(chosen.index)
    assert index.articles.overview().broken == summary.broken
    index.close()
    again, embedded = build_again(chosen)
    assert (again.written, again.broken, embedded) == (False, summary.broken, [])

    write_article(chosen.articles, "vide.txt", NEW)
    mended, _ = build_again(chosen)
    assert [file.path for file in mended.broken] == ["image.txt", "lien.txt"]
    assert changes_of(mended) == (1, 0, 0, len(ARTICLES))


def test_an_index_from_before_there_were_codes_is_taken_over(chosen: Settings) -> None:
    write_article(chosen.articles, "vide.txt", "")
    before = BrokenFile("vide.txt", Problem.other(SENTENCES["en"][Code.EMPTY]))
    sources, _ = folder_sources(chosen.articles, reading_options(chosen))
    of_then = [
        dataclasses.replace(one, read=lambda: [before]) if one.path == "vide.txt" else one
        for one in sources
    ]
    first = build(of_then, chosen, CountingEncoder())
    (kept,) = json.loads((chosen.index / first.generation / LEFT_OUT).read_bytes())
    assert kept["reason"] == "is empty; delete it, or save the article again"
    index = Index.open_current(chosen.index)
    assert index.articles.overview().broken == (before,)
    index.close()

    summary, embedded = build_again(chosen)
    assert (summary.written, embedded) == (False, [])
    assert summary.broken == (BrokenFile("vide.txt", Problem.of(Code.EMPTY)),)


def test_an_article_that_breaks_stays_as_it_was(chosen: Settings) -> None:
    build_again(chosen)
    write_article(chosen.articles, "pont.txt", "")
    summary, _ = build_again(chosen)
    assert changes_of(summary) == (0, 0, 0, len(ARTICLES))
    assert [file.path for file in summary.broken] == ["pont.txt"]


def test_a_file_too_large_is_read_once_the_setting_allows_it(chosen: Settings) -> None:
    write_article(chosen.articles, "long.txt", NEW + " " * 2_000)
    small = chosen.model_copy(update={"max_file_bytes": 1_500})
    summary, _ = build_again(small)
    assert [file.path for file in summary.broken] == ["long.txt"]
    summary, _ = build_again(chosen)
    assert summary.broken == ()
    assert "long.txt" in paths_in(chosen)


def test_names_that_are_not_utf_8_are_told_apart(chosen: Settings) -> None:
    for name in (b"\xe9.txt", b"\xe8.txt"):
        write_article(chosen.articles, os.fsdecode(name), NEW)
    summary, _ = build_again(chosen)
    assert [file.path for file in summary.broken] == [r"\udce8.txt", r"\udce9.txt"]
    assert all("not in UTF-8" in file.reason for file in summary.broken)


def test_no_folder_of_articles(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="there is no folder"):
        build_folder(settings_for(tmp_path), CountingEncoder())


def test_an_empty_folder_makes_an_empty_index(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    chosen.articles.mkdir()
    summary, _ = build_again(chosen)
    assert (summary.articles, summary.passages, summary.written) == (0, 0, True)
    index = Index.open_current(chosen.index)
    assert index.search.nearest(CountingEncoder().embed_question("pont"), 10, None) == []
    assert index.search.matching(["pont"], 10, None) == []
    assert index.articles.overview().first_date is None
    index.search.warm_up()
    index.close()
    assert not build_again(chosen)[0].written


def test_a_folder_that_cannot_be_written(chosen: Settings) -> None:
    chosen.index.write_text("a file where the folder should be")
    with pytest.raises(IndexWriteError, match="cannot be written"):
        build_again(chosen)


def test_a_file_that_breaks_a_library_costs_one_line(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)

    def failing() -> Iterator[Article | BrokenFile]:
        raise RecursionError("too deep")

    sources, _ = folder_sources(chosen.articles, reading_options(chosen))
    sources = [
        dataclasses.replace(one, read=failing) if one.path == "pont.txt" else one
        for one in sources
    ]
    summary = build(sources, chosen, CountingEncoder())
    assert summary.articles == 2
    assert [file.path for file in summary.broken] == ["pont.txt"]
    assert "RecursionError" in summary.broken[0].reason


def test_a_pipe_is_no_article(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)
    os.mkfifo(chosen.articles / "pipe.txt")
    summary = build_folder(chosen, CountingEncoder())
    assert [file.path for file in summary.broken] == ["pipe.txt"]


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings_for(tmp_path)
    write_articles(chosen.articles)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.index.NewGeneration.finish", full)
    with pytest.raises(IndexWriteError, match="No space left"):
        build_folder(chosen, CountingEncoder())
    monkeypatch.undo()
    encoder = CountingEncoder()
    assert build_folder(chosen, encoder).articles == 3
    assert encoder.passages == []
