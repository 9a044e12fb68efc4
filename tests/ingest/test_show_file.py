"""An article's file read again, to tell what of it is not in the article."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from rag.ingest.folder import folder_sources, reading_options
from rag.ingest.show_file import read_again
from rag.types import Article
from tests.fakes import settings_for
from tests.ingest.format_files import PROSE, packed

PAGE = (
    "<html><body><nav><a href='/'>Accueil</a></nav>"
    f"<article><p>{PROSE}</p></article></body></html>"
)


def articles_of(folder: Path) -> dict[str, Article]:
    options = reading_options(settings_for(folder))
    sources, broken = folder_sources(settings_for(folder).articles, options, ())
    assert not broken
    found = [one for source in sources for one in source.read()]
    return {one.path: one for one in found if isinstance(one, Article)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    articles = settings_for(tmp_path).articles
    (articles / "a#b.html").mkdir(parents=True)
    (articles / "a#b.html" / "page.html").write_text(PAGE)
    records = [{"titre": "Un / deux", "texte": PROSE, "rubrique": "Vie de la cité"}]
    (articles / "liste.json").write_text(json.dumps(records))
    (articles / "lot.zip").write_bytes(packed({"sous/page.html": PAGE}))
    return tmp_path


def test_it_says_again_what_was_left_out(folder: Path) -> None:
    found = articles_of(folder)
    assert sorted(found) == [
        "a#b.html/page.html",
        "liste.json#Un / deux",
        "lot.zip/sous/page.html",
    ]
    for path, article in found.items():
        kept = dataclasses.replace(article, left_out=())
        again = read_again(kept, settings_for(folder))
        assert again == article
        assert again is not None
        assert again.left_out == article.left_out
        assert [one.text for one in again.left_out] == [
            "Vie de la cité" if path.startswith("liste") else "Accueil"
        ]


def test_what_is_gone_or_says_something_else_is_none(folder: Path) -> None:
    found = articles_of(folder)
    settings = settings_for(folder)
    page = found["a#b.html/page.html"]
    assert read_again(dataclasses.replace(page, text="Autre."), settings) is None
    assert read_again(dataclasses.replace(page, path="liste.json#Trois"), settings) is None
    outside = folder / "secret.html"
    outside.write_text(PAGE)
    for path in ("../secret.html", str(outside), "", "a#b.html", "\0.html"):
        assert read_again(dataclasses.replace(page, path=path), settings) is None
    (settings.articles / "liste.json").write_text("{")
    assert read_again(found["liste.json#Un / deux"], settings) is None
    (settings.articles / "a#b.html" / "page.html").unlink()
    assert read_again(page, settings) is None
