"""Files as people have them: encodings, headers, front matter, saved pages, and bad ones."""

from __future__ import annotations

import codecs
import datetime
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ArticleError
from rag.ingest import (
    FORMATS,
    ReadingOptions,
    find_article_files,
    read_article,
    read_articles,
)
from rag.ingest.formats.dates import parse_date
from rag.ingest.formats.encoding import decode
from rag.ingest.formats.plain import title_in
from rag.types import Article, BrokenFile
from tests.fakes import write_article

SEEDS = Path(__file__).parents[2] / "seeds"
MAX_BYTES = 1_000_000
PROSE = (
    "Le maire a inauguré hier l’école rénovée « Jean-Moulin » ; les élèves y étudieront dès "
    "septembre. Coût : 3 millions d’euros, financés à 40 % par l’État."
)
MORE_PROSE = (
    "Le chantier a duré dix-huit mois et mobilisé une dizaine d’entreprises de la région, a "
    "précisé l’adjointe aux travaux lors de la visite."
)
SPEECH = (
    "« Nous attendions ce moment depuis longtemps », a déclaré la directrice, Mme Leroy, "
    "devant les familles réunies dans la cour."
)


def _read(folder: Path, name: str, content: bytes | str) -> Article:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_article(file, folder, MAX_BYTES)


def _refusal(folder: Path, name: str, content: bytes | str) -> str:
    with pytest.raises(ArticleError) as caught:
        _read(folder, name, content)
    reason = str(caught.value)
    assert "\n" not in reason
    return reason


# Text files


def test_the_seed() -> None:
    file = SEEDS / "000_7952201a0ce36f6f.txt"
    article = read_article(file, SEEDS, MAX_BYTES)
    assert article.title == (
        "Grok, l’IA d’Elon Musk, a demandé sa petite amie humaine en fiançailles"
    )
    assert article.date == datetime.date(2025, 8, 15)
    assert article.language == "fr"
    assert article.path == file.name
    assert article.source is None
    assert article.text.startswith("Le 13 juillet dernier, Wika")
    assert article.text.endswith("des êtres humains.")
    assert file.read_text("utf-8") == " date 2025-08-15 " + article.text


@pytest.mark.parametrize(
    ("written", "date", "text"),
    [
        (" date 2024-02-29 Il pleut.", datetime.date(2024, 2, 29), "Il pleut."),
        ("date 2024-02-29\n\nIl pleut.", datetime.date(2024, 2, 29), "Il pleut."),
        ("date 2023-02-29 Il pleut.", None, "date 2023-02-29 Il pleut."),
        ("date 2024-13-01 Il pleut.", None, "date 2024-13-01 Il pleut."),
        ("La date 2024-02-29 Il pleut.", None, "La date 2024-02-29 Il pleut."),
        ("date 2024-02-29Il pleut.", None, "date 2024-02-29Il pleut."),
        ("Il pleut.", None, "Il pleut."),
    ],
)
def test_date_header(
    tmp_path: Path, written: str, date: datetime.date | None, text: str
) -> None:
    article = _read(tmp_path, "a.txt", written)
    assert (article.date, article.text) == (date, text)


def test_a_date_alone_is_no_article(tmp_path: Path) -> None:
    assert "holds no words" in _refusal(tmp_path, "a.txt", " date 2024-02-29 ")


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + PROSE.encode(),
        PROSE.encode("utf-16"),
        codecs.BOM_UTF16_BE + PROSE.encode("utf-16-be"),
        PROSE.encode("utf-32"),
        PROSE.encode("cp1252"),
        PROSE.encode("mac_roman"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes) -> None:
    assert _read(tmp_path, "a.txt", content).text == PROSE


@pytest.mark.parametrize(
    "text",
    ["Été à Nice", "Œuvre d’art volée", "DÉJÀ VU À LA TÉLÉ", "Le café coûte 2 €.", "L'école"],
)
def test_short_texts_of_windows(tmp_path: Path, text: str) -> None:
    assert _read(tmp_path, "a.txt", text.encode("cp1252")).text == text


@given(st.text("aeinrst éèàçêôœ«»’…€,.\n"))
def test_french_text_survives_windows(text: str) -> None:
    content = text.encode("cp1252")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        assert decode(content) == text


def test_line_ends_are_one_kind(tmp_path: Path) -> None:
    article = _read(tmp_path, "a.txt", "Un.\r\n\r\nDeux.\rTrois.\n")
    assert article.text == "Un.\n\nDeux.\nTrois.\n"


def test_letters_are_composed(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", PROSE)
    assert decomposed != PROSE
    assert _read(tmp_path, "a.txt", decomposed).text == PROSE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t\r\n ", "is empty"),
        (codecs.BOM_UTF8, "holds no words"),
        ("\u00a0\u202f\n".encode(), "holds no words"),
        (b"... --- !!!", "holds no words"),
        (b"Il pleut.\0Il neige.", "is binary"),
        ("Il pleut.\0".encode("utf-16"), "is binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 4, "is binary"),
        (codecs.BOM_UTF16_LE + b"a", "utf-16 but is not at byte"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason in _refusal(tmp_path, "a.txt", content)


def test_a_large_file_is_refused_by_its_size(tmp_path: Path) -> None:
    file = write_article(tmp_path, "a.txt", PROSE)
    size = file.stat().st_size
    assert read_article(file, tmp_path, size).text == PROSE
    with pytest.raises(ArticleError, match=f"has {size} bytes, at most {size - 1} are read"):
        read_article(file, tmp_path, size - 1)


def test_what_cannot_be_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(ArticleError, match="cannot be read: Is a directory"):
        read_article(tmp_path / "folder.txt", tmp_path, MAX_BYTES)
    with pytest.raises(ArticleError, match="cannot be read: No such file"):
        read_article(tmp_path / "none.txt", tmp_path, MAX_BYTES)

    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    file = write_article(tmp_path, "a.txt", PROSE)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ArticleError, match="cannot be read: Permission denied"):
        read_article(file, tmp_path, MAX_BYTES)


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xe9t\xe9.txt")
    assert "name that is not in UTF-8" in _refusal(tmp_path, name, PROSE)


# Titles, languages, ids


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Il pleut.\n\nUn dimanche sous la pluie\n\nIl neige.", "Un dimanche sous la pluie"),
        ("Un titre sur\ndeux lignes\n\nIl pleut.", "Un titre sur deux lignes"),
        ("« Un titre entre guillemets »\n\nIl pleut.", "« Un titre entre guillemets »"),
        ("Il pleut.", "Il pleut."),
        ("Lire aussi : nos autres articles\n\nIl pleut.", "Il pleut."),
        ("Deux mots\n\nLe vrai titre suit", "Le vrai titre suit"),
        ("", ""),
    ],
)
def test_title_in(text: str, title: str) -> None:
    expected = title
    if text.startswith("Lire aussi"):
        expected = title_in("Lire aussi : nos autres articles", "fr")
        assert expected.startswith("Lire aussi")
    assert title_in(text, "fr") == expected


def test_a_long_first_sentence_is_cut_between_words() -> None:
    title = title_in("mot " * 100 + "fin.", "fr")
    assert title == ("mot " * 100)[: len(title) - 1] + "…"
    assert title.endswith("mot…")
    assert len(title) <= 90 + 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (PROSE, "fr"),
        ("The mayor opened the new bridge over the river yesterday, after long works.", "en"),
        (
            "Der Bürgermeister hat gestern die neue Brücke über den Fluss feierlich eröffnet.",
            "de",
        ),
        # Too short to tell.
        ("The bridge is open", "fr"),
    ],
)
def test_language(tmp_path: Path, text: str, language: str) -> None:
    assert _read(tmp_path, "a.txt", text).language == language


@pytest.mark.parametrize(
    ("declared", "language"),
    [("lv", "lv"), ("zh-Hans", "zh"), ("fr_CA", "fr"), ("EN-us", "en"), ("none", "fr")],
)
def test_a_declared_language_is_believed_where_there_is_such_a_one(
    tmp_path: Path, declared: str, language: str
) -> None:
    text = f"---\nlang: {declared}\n---\n{PROSE}"
    assert _read(tmp_path, "a.md", text).language == language


def test_ids_come_from_path_and_text(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    article = _read(here, "a.txt", PROSE)
    assert _read(there, "a.txt", PROSE) == article
    other_path = _read(here, "b.txt", PROSE)
    other_text = _read(there, "a.txt", MORE_PROSE)
    assert len({article.id, other_path.id, other_text.id}) == 3
    assert other_path.file_hash == article.file_hash != other_text.file_hash


def test_the_first_folder_is_the_source(tmp_path: Path) -> None:
    assert _read(tmp_path, "courrier/2024/a.txt", PROSE).source == "courrier"
    assert _read(tmp_path, "courrier/2024/a.txt", PROSE).path == "courrier/2024/a.txt"
    assert _read(tmp_path, "a.txt", PROSE).source is None


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2024-05-17", datetime.date(2024, 5, 17)),
        ("2024-05-17T08:30:00+02:00", datetime.date(2024, 5, 17)),
        (datetime.date(2024, 5, 17), datetime.date(2024, 5, 17)),
        (datetime.datetime(2024, 5, 17, 23, 59), datetime.date(2024, 5, 17)),
        ("2024-02-30", None),
        ("hier", None),
        (None, None),
        ("", None),
    ],
)
def test_parse_date(written: object, date: datetime.date | None) -> None:
    assert parse_date(written) == date


# Markdown


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    article = _read(
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
    article = _read(
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
    assert _read(tmp_path, "a.md", text).title == "Le vrai titre"
    assert (
        _read(tmp_path, "b.md", "---\ndate: 2024-05-17\n---\n" + text).title == "Le vrai titre"
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
    article = _read(tmp_path, "a.md", f"---\n{front}\n---\nIl pleut.")
    assert article.text == "Il pleut."
    assert article.title == title
    assert article.date == (date and datetime.date.fromisoformat(date))


def test_front_matter_of_toml(tmp_path: Path) -> None:
    front = '+++\ntitle = "Le pont"\ndate = 2024-05-17T10:00:00Z\nauthors = ["A B", "C"]\n+++\n'
    article = _read(tmp_path, "a.md", front + "Il rouvre.")
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
    article = _read(tmp_path, "a.md", written)
    assert [part in article.text for part in text] == [True] * len(text)


# HTML


def _page(head: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="fr"><head>{head}</head><body>'
        '<header><nav><ul><li><a href="/">Accueil</a></li><li><a href="/sport">Sport</a></li>'
        '<li><a href="/abonnement">Abonnez-vous</a></li></ul></nav></header>'
        f"<main>{body}</main>"
        "<footer><p>© 2019 Le Courrier de l’Orge. Mentions légales. Tous droits réservés.</p>"
        "</footer><script>console.log('suivi')</script></body></html>"
    )


_BODY = (
    "<article><h1>L’école Jean-Moulin rénovée</h1>"
    f"<p>{PROSE}</p>\n<p>{MORE_PROSE}</p>\n<p>{SPEECH}</p></article>"
)
_CANONICAL = '<link rel="canonical" href="https://www.courrier-orge.fr/2024/05/ecole.html">'


def _check_body(text: str) -> None:
    paragraphs = text.split("\n\n")
    assert [p for p in paragraphs if p in (PROSE, MORE_PROSE, SPEECH)] == [
        PROSE,
        MORE_PROSE,
        SPEECH,
    ]
    for around in ("Accueil", "Abonnez-vous", "Mentions légales", "suivi", "<"):
        assert around not in text


def test_a_saved_page(tmp_path: Path) -> None:
    head = (
        '<meta charset="utf-8"><title>L’école rénovée - Le Courrier de l’Orge</title>'
        '<meta property="og:title" content="L’école Jean-Moulin rénovée">'
        '<meta property="og:site_name" content="Le Courrier de l’Orge">'
        '<meta property="article:published_time" content="2024-05-17T08:30:00+02:00">'
        '<meta name="author" content="Claire Dubois">' + _CANONICAL
    )
    article = _read(tmp_path, "a.html", _page(head, _BODY))
    _check_body(article.text)
    assert article.title == "L’école Jean-Moulin rénovée"
    assert article.date == datetime.date(2024, 5, 17)
    assert article.source == "Le Courrier de l’Orge"
    assert article.url == "https://www.courrier-orge.fr/2024/05/ecole.html"
    assert article.author == "Claire Dubois"
    assert article.language == "fr"


def test_a_page_that_tells_in_json_ld(tmp_path: Path) -> None:
    head = (
        '<meta charset="utf-8"><title>École</title><script type="application/ld+json">'
        '{"@context": "https://schema.org", "@type": "NewsArticle", '
        '"headline": "Une école toute neuve", "datePublished": "2024-05-17T08:30:00+02:00", '
        '"author": {"@type": "Person", "name": "Claire Dubois"}, '
        '"publisher": {"@type": "Organization", "name": "Le Courrier"}}</script>' + _CANONICAL
    )
    article = _read(tmp_path, "a.htm", _page(head, _BODY))
    _check_body(article.text)
    assert article.title == "Une école toute neuve"
    assert article.date == datetime.date(2024, 5, 17)
    assert article.author == "Claire Dubois"
    assert article.source == "Le Courrier"


def test_a_page_that_names_only_its_address(tmp_path: Path) -> None:
    head = '<meta charset="utf-8"><title>École</title>' + _CANONICAL
    article = _read(tmp_path, "dossier/a.html", _page(head, _BODY))
    assert article.source == "courrier-orge.fr"
    # The footer's year is not the article's date.
    assert article.date is None


@pytest.mark.parametrize(
    "declared",
    [
        '<meta charset="windows-1252">',
        "<meta charset=iso-8859-1>",
        '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">',
        '<meta charset="no-such-charset">',
        '<meta charset="undefined">',
        "",
    ],
)
def test_a_page_of_windows(tmp_path: Path, declared: str) -> None:
    page = _page(declared + "<title>École</title>", _BODY)
    _check_body(_read(tmp_path, "a.html", page.encode("cp1252")).text)


def test_a_page_in_utf_8_that_declares_otherwise(tmp_path: Path) -> None:
    page = _page('<meta charset="iso-8859-1"><title>École</title>', _BODY)
    _check_body(_read(tmp_path, "a.html", page).text)


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><title>Rien</title></head><body></body></html>",
        "<html><body><script>var a = 1;</script></body></html>",
    ],
)
def test_a_page_without_article_is_refused(tmp_path: Path, page: str) -> None:
    assert "page without an article" in _refusal(tmp_path, "a.html", page)


# Folders


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
