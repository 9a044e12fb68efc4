"""Feeds as people have them: escaped twice, in another encoding than they declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.case_files import one_in, read_file, read_one
from tests.ingest.format_files import PROSE, rss
from tests.ingest.reading_files import write_file


def test_a_feed_that_was_escaped_twice() -> None:
    article = read_one("03-rss-double-escaped", "double.rss")
    assert article.title == "Le moulin d'Arvin"
    assert article.text == (
        "Le moulin d'Arvin a brûlé dans la nuit.\n\nLe meunier Gaspard Lunel est indemne."
    )


def test_a_feed_with_a_stray_byte_is_no_mojibake(tmp_path: Path) -> None:
    feed = rss([{"title": f"L’été {n}", "description": "Nîmes a brûlé."} for n in range(9)])
    content = feed.encode().replace(b"Courrier", b"Cour\xe9rier", 1)
    articles, _ = read_file(write_file(tmp_path, "a.rss", content))
    assert {one.text for one in articles} == {"Nîmes a brûlé."}
    assert articles[0].source == "Le Courérier"


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "utf-8"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_feed_that_declares_what_it_is_not(
    tmp_path: Path, declared: str, encoding: str
) -> None:
    feed = rss([{"title": "Été", "description": "L’œuvre coûte 12 €."}])
    content = feed.replace('encoding="utf-8"', f'encoding="{declared}"').encode(encoding)
    assert one_in(tmp_path, "a.rss", content).text == "L’œuvre coûte 12 €."


def test_the_summary_beside_a_text_is_left_out_and_told(tmp_path: Path) -> None:
    entry = {"title": "Un", "description": "Un résumé.", "content:encoded": f"<p>{PROSE}</p>"}
    article = one_in(tmp_path, "a.rss", rss([entry]))
    assert [one.text for one in article.left_out] == ["Un résumé."]
