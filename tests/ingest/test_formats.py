"""Each file of the cases alone, and a folder of all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.index import Index
from rag.ingest import FORMATS, find_article_files
from rag.library.build import build_folder
from rag.library.verify_index import verify
from tests.fakes import CountingEncoder, settings_for
from tests.ingest.format_cases import CASES
from tests.ingest.format_cases.case import Case
from tests.ingest.reading_files import read_written, write_file


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_file(tmp_path: Path, case: Case) -> None:
    articles, reasons = read_written(write_file(tmp_path, case.name, case.content), tmp_path)
    assert [article.path for article in articles] == list(case.articles)
    for article in articles:
        expected = case.articles[article.path]
        assert {name: getattr(article, name) for name in expected} == dict(expected)
        assert article.file_hash == "hash"
    assert reasons.keys() == case.reasons.keys()
    for path, reason in reasons.items():
        assert reason.startswith(case.reasons[path])
        assert "\n" not in reason


def test_a_folder_of_all_of_them(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    assert len(CASES) >= 30
    assert {Path(case.name).suffix for case in CASES} | {".markdown"} == FORMATS.keys()
    for case in CASES:
        write_file(chosen.articles, case.name, case.content)
    summary = build_folder(chosen, CountingEncoder())
    index = Index.open_current(chosen.index)
    found = [article.path for article in index.articles.every()]
    assert sorted(found) == sorted(path for case in CASES for path in case.articles)
    assert summary.added == summary.articles == len(found)
    broken = sorted(path for case in CASES for path in case.reasons)
    assert [file.path for file in summary.broken] == broken
    assert verify(index, chosen, CountingEncoder()).problems == ()
    index.close()

    again = build_folder(chosen, CountingEncoder())
    assert (again.written, again.unchanged, again.broken) == (False, len(found), summary.broken)


def test_every_format_is_found_in_a_folder(tmp_path: Path) -> None:
    for suffix in FORMATS:
        write_file(tmp_path, f"A{suffix.upper()}", "")
    write_file(tmp_path, "a.gif", "")
    assert len(find_article_files(tmp_path)) == len(FORMATS)
