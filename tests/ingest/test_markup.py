"""Fragments of HTML in feeds and lists: their paragraphs, and what is no markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest.formats.markup import is_markup, paragraphs
from tests.ingest.format_cases.case import RECORD
from tests.ingest.format_files import (
    json_lines,
)
from tests.ingest.reading_files import read_written, write_file


def test_an_address_of_a_script_is_none(tmp_path: Path) -> None:
    record = {**RECORD, "lien": "javascript:alert(1)"}
    (article,), _ = read_written(
        write_file(tmp_path, "a.jsonl", json_lines([record])), tmp_path
    )
    assert article.url is None


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Un <b>mot</b>\n gras.</p><p>Deux.</p>", "Un mot gras.\n\nDeux."),
        ("Un<br>deux<br/><br/>trois", "Un\ndeux\n\ntrois"),
        ("<ul><li>pain</li><li>vin</li></ul>", "pain\n\nvin"),
        ("<div><div><p>Un</p></div></div>Deux", "Un\n\nDeux"),
        ("<script>a()</script>Un<!-- deux --><style>b</style>.", "Un."),
        ("L&rsquo;école : 40&nbsp;%", "L’école : 40\u00a0%"),
        ("Un mot", "Un mot"),
        ("", ""),
        ("<!-- rien -->", ""),
    ],
)
def test_markup_to_paragraphs(markup: str, text: str) -> None:
    assert paragraphs(markup) == text


def test_what_is_markup() -> None:
    assert is_markup("Un <em>mot</em>")
    assert is_markup("Un<br>mot")
    assert not is_markup("Si a < b et c > d, alors <voir plus bas>")
