"""Markdown: its front matter and its headings."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from rag.ingest import ReadingOptions, read_articles
from rag.types import Article, BrokenFile
from tests.fakes import write_article
from tests.ingest.reading_one import read_one


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    article = read_one(
        tmp_path,
        "a.md",
        "---\n"
        "title: L’école rénovée\n"
        "date: 2024-05-17\n"
        "source: Le Courrier de l’Orge\n"
        "author: [Claire Dubois, Jean Petit]\n"
        "url: https://courrier.example/ecole\n"
        "lang: fr-FR\n"
        "---\n\n"
        "# Un autre titre\n\n"
        "Le *maire* a **inauguré** l’[école](https://example.org).\n"
        "Il pleuvait.\n\n"
        "- du pain\n- du `vin`\n\n"
        "> « Enfin ! »\n\n"
        "![une photo](photo.jpg)\n",
    )
    assert article.text == (
        "Un autre titre\n\nLe maire a inauguré l’école.\nIl pleuvait.\n\n"
        "du pain\n\ndu vin\n\n« Enfin ! »"
    )
    assert article.title == "L’école rénovée"
    assert article.date == datetime.date(2024, 5, 17)
    assert article.source == "Le Courrier de l’Orge"
    assert article.author == "Claire Dubois, Jean Petit"
    assert article.url == "https://courrier.example/ecole"
    assert article.language == "fr"


def test_front_matter_in_french(tmp_path: Path) -> None:
    article = read_one(
        tmp_path,
        "dossier/a.markdown",
        "---\r\ntitre: Le pont\r\nauteur: Claire Dubois\r\njournal: L’Orge libre\r\n"
        "lien: https://orge.example/pont\r\nlangue: en\r\ndate: '2024-05-17'\r\n---\r\n"
        "Il rouvre.",
    )
    assert (article.title, article.author) == ("Le pont", "Claire Dubois")
    assert (article.source, article.url) == ("L’Orge libre", "https://orge.example/pont")
    assert (article.language, article.date) == ("en", datetime.date(2024, 5, 17))
    assert article.text == "Il rouvre."


def test_the_first_heading_is_the_title_where_none_is_named(tmp_path: Path) -> None:
    text = "## Un chapitre\n\nIl pleut.\n\n# Le vrai *titre*\n\nIl neige."
    assert read_one(tmp_path, "a.md", text).title == "Le vrai titre"
    assert (
        read_one(tmp_path, "b.md", "---\ndate: 2024-05-17\n---\n" + text).title
        == "Le vrai titre"
    )


@pytest.mark.parametrize(
    ("front", "title", "date"),
    [
        ('title: "pas fini', '"pas fini', None),
        ("title: [un, deux", "[un, deux", None),
        ("a: b: c", "Il pleut.", None),
        ("date: 2025-02-30", "Il pleut.", None),
        ("titre: Crue : le point\ndate: 2024-05-17", "Crue : le point", "2024-05-17"),
        ("title: Non", "Non", None),
        ("title: 1984", "1984", None),
        ("title: # 3 du classement", "# 3 du classement", None),
        ("title: 'L''école'\nauteurs:\n  - Nora\n  - Hugo", "L'école", None),
        ("titre: >\n  Un titre\n  plié\ntags: [un, deux]", "Un titre plié", None),
    ],
)
def test_front_matter_is_read_as_it_stands(
    tmp_path: Path, front: str, title: str, date: str | None
) -> None:
    article = read_one(tmp_path, "a.md", f"---\n{front}\n---\nIl pleut.")
    assert article.text == "Il pleut."
    assert article.title == title
    assert article.date == (date and datetime.date.fromisoformat(date))


def test_front_matter_of_toml(tmp_path: Path) -> None:
    front = '+++\ntitle = "Le pont"\ndate = 2024-05-17T10:00:00Z\nauthors = ["A B", "C"]\n+++\n'
    article = read_one(tmp_path, "a.md", front + "Il rouvre.")
    assert (article.title, article.author, article.text) == ("Le pont", "A B, C", "Il rouvre.")
    assert article.date == datetime.date(2024, 5, 17)


def test_front_matter_that_cannot_be_read_is_text_and_said(tmp_path: Path) -> None:
    file = write_article(tmp_path, "a.md", "---\ntitle: [a\nune ligne libre\n---\n\nIl pleut.")
    article, said = read_articles(file, tmp_path, ReadingOptions(), "hash")
    assert isinstance(article, Article)
    assert "une ligne libre" in article.text
    assert isinstance(said, BrokenFile)
    assert said.reason.startswith("has front matter that is not YAML (title: [a)")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("---\nIl pleut entre deux filets.\n\n---\nIl neige.", ("Il pleut", "Il neige")),
        ("---\nIl pleut sous un filet.", ("Il pleut",)),
        ("---\n---\nIl neige.", ("Il neige",)),
        ("{\nIl pleut\n}\nIl neige.", ("Il pleut", "Il neige")),
    ],
)
def test_what_is_no_front_matter_is_text(
    tmp_path: Path, written: str, text: tuple[str, ...]
) -> None:
    article = read_one(tmp_path, "a.md", written)
    assert [part in article.text for part in text] == [True] * len(text)
