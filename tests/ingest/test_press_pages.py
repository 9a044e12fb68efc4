"""Exports of press databases, and pages as browsers save them."""

from __future__ import annotations

import datetime
import plistlib
from pathlib import Path

import pytest

from rag.ingest import find_article_files
from rag.types import Article
from rag.types.provenance import PlaceKind
from tests.ingest.case_files import check_places, read_case, read_file, read_one

_EXPECTED = [
    ("Le pont de Varne fermé", "Le Courrier", datetime.date(2025, 3, 12)),
    ("Une chorale au sommet", "L’Écho des Monts", datetime.date(2025, 3, 14)),
    ("Le stade rénové", "La Dépêche du Val", datetime.date(2025, 3, 15)),
]


@pytest.mark.parametrize(
    ("case", "file"),
    [
        ("05-html-europresse", "09-europresse.html"),
        ("05-html-factiva", "10-factiva.html"),
    ],
)
def test_case_exports(case: str, file: str) -> None:
    articles, said = read_case(case, file)
    assert said == []
    assert [(one.title, one.source, one.date) for one in articles] == _EXPECTED
    for article, (title, _, _) in zip(articles, _EXPECTED, strict=True):
        check_places(article)
        paragraphs = article.text.split("\n\n")
        assert paragraphs[0] == title
        assert len(paragraphs) == 3
    assert len({one.path for one in articles}) == 3


def _written(tmp_path: Path, page: str, name: str = "export.html") -> list[Article]:
    file = tmp_path / name
    file.write_text(f'<html><head><meta charset="utf-8"></head><body>{page}</body></html>')
    articles, said = read_file(file)
    assert said == []
    for article in articles:
        check_places(article)
    return articles


_EUROPRESSE = """
<article><header><div class="rdp__DocPublicationName"><span class="DocPublicationName">
Le Courrier <span class="DocTypeTitle">(site web)</span></span></div>
<span class="DocHeader">Économie, mercredi 12 mars 2025 - p. A14</span>
<div class="titreArticle"><p class="sm-margin-TopNews titreArticleVisu rdp__articletitle">Le
pont ferme</p><p class="rdp__subtitle">Les routiers sont furieux de la décision.</p></div>
<div class="docAuthors"><p class="sm-margin-bottomNews">Par Claire Dubois</p></div></header>
<section><div class="DocText clearfix"><div class="docOcurrContainer"><p>Le pont de Varne
est fermé depuis <mark>lundi</mark> aux camions.</p><h3>Un détour</h3><p>Il faut passer
par Lisle.</p>
</div></div></section><footer><div class="apd-block"><small>© 2025 Le Courrier. Tous droits
réservés.</small></div><div class="publiC-lblNodoc">news·20250312·LC·1401</div></footer>
</article>
"""


def test_an_export_of_europresse(tmp_path: Path) -> None:
    (article,) = _written(tmp_path, _EUROPRESSE)
    assert article.path == "export.html#news·20250312·LC·1401"
    assert article.title == "Le pont ferme"
    assert article.source == "Le Courrier (site web)"
    assert article.author == "Claire Dubois"
    assert article.date == datetime.date(2025, 3, 12)
    assert article.text.split("\n\n") == [
        "Le pont ferme",
        "Les routiers sont furieux de la décision.",
        "Le pont de Varne est fermé depuis lundi aux camions.",
        "Un détour",
        "Il faut passer par Lisle.",
    ]
    assert {one.page for one in article.places} == {"A14"}


def _factiva(rows: str) -> str:
    return f'<div class="article frArticle"><table>{rows}</table></div>'


def test_an_export_of_factiva_by_its_codes(tmp_path: Path) -> None:
    rows = "".join(
        f"<tr><td><b>{code}</b></td><td>{words}</td></tr>"
        for code, words in (
            ("HD", "Le pont ferme"),
            ("BY", "Par Claire Dubois"),
            ("WC", "240 mots"),
            ("PD", "12 mars 2025"),
            ("SN", "Le Courrier"),
            ("PG", "14"),
            ("LA", "Français"),
            ("CY", "Copyright 2025 Le Courrier"),
            ("LP", "<p>Le pont de Varne est fermé depuis lundi aux camions.</p>"),
            ("TD", "<p>Il faudra passer par Lisle.</p><p>Un détour de 40 km.</p>"),
            ("AN", "Document LECOU00020250312el3c00000"),
        )
    )
    (article,) = _written(tmp_path, _factiva(rows))
    assert article.path.endswith("#LECOU00020250312el3c00000")
    assert (article.title, article.source, article.author) == (
        *("Le pont ferme", "Le Courrier"),
        "Claire Dubois",
    )
    assert (article.date, article.language) == (datetime.date(2025, 3, 12), "fr")
    assert article.text.count("\n\n") == 3
    assert {one.page for one in article.places} == {14}


def test_a_factiva_article_with_author_and_page(tmp_path: Path) -> None:
    (article,) = _written(
        tmp_path,
        '<div class="article enArticle"><div id="hd"><span class="enHeadline">Le pont ferme'
        '</span></div><div class="author">Claire Dubois</div><div>1 240 mots</div><div>12 mars '
        "2025</div><div>08:30</div><div>Le Courrier</div><div>LECOU</div><div>14</div><div>"
        'Français</div><div>© 2025 Le Courrier</div><p class="articleParagraph '
        'enarticleParagraph">Le pont de Varne est fermé depuis lundi.</p><p>Document '
        "LECOU00020250312el3c00000</p></div>",
    )
    assert (article.source, article.author) == ("Le Courrier", "Claire Dubois")
    assert article.text == "Le pont ferme\n\nLe pont de Varne est fermé depuis lundi."
    assert [one.page for one in article.places] == [14, 14]


def test_names_above_a_factiva_article(tmp_path: Path) -> None:
    (article,) = _written(
        tmp_path,
        '<div class="article frArticle"><div id="hd"><span class="frHeadline">Le pont ferme'
        "</span></div><div>Claire Dubois et Marc Petit</div><div>240 mots</div><div>12 mars "
        "2025</div><div>Le Courrier</div><div>LECOU</div><div>Français</div>"
        '<p class="articleParagraph frarticleParagraph">Le pont de Varne est fermé.</p></div>',
    )
    assert (article.source, article.author) == ("Le Courrier", "Claire Dubois et Marc Petit")


def test_what_europresse_puts_at_the_end_of_a_text(tmp_path: Path) -> None:
    more = (
        "<p>Note(s) :<br/><br/>claire@courrier.invalid</p><p>Illustration(s) :<br/><br/>Le "
        "pont, mardi.</p><p>Cet article est paru dans Le Courrier (site web)</p></div></div>"
        "</section>"
    )
    page = _EUROPRESSE.replace("</div></div></section>", more, 1)
    (article,) = _written(tmp_path, page)
    kinds = {article.text[one.start : one.end]: one.kind for one in article.places}
    assert kinds["claire@courrier.invalid"] is PlaceKind.NOTE
    assert kinds["Le pont, mardi."] is PlaceKind.CAPTION
    assert kinds["Il faut passer par Lisle."] is PlaceKind.PARAGRAPH
    assert "Cet article" not in article.text


# Pages as browsers save them

_PAGE = (
    "<html><body><article><h1>Le pont ferme</h1><p>Le pont de Varne est fermé depuis lundi aux "
    "camions, a décidé la préfecture.</p></article></body></html>"
)


def test_case_mhtml() -> None:
    article = read_one("05-mhtml", "17.mhtml")
    assert article.text == (
        "La coop\n\nLa coopérative a vendu 1510 tonnes de tomme en 2024, un record."
    )
    assert (article.title, article.url) == ("La coop", "https://x.invalid/a")


def test_a_page_that_safari_saved(tmp_path: Path) -> None:
    main = {
        "WebResourceData": _PAGE.encode("cp1252"),
        "WebResourceTextEncodingName": "windows-1252",
        "WebResourceURL": "https://courrier.example/pont",
        "WebResourceMIMEType": "text/html",
    }
    for fmt in (plistlib.FMT_BINARY, plistlib.FMT_XML):
        file = tmp_path / "pont.webarchive"
        file.write_bytes(plistlib.dumps({"WebMainResource": main}, fmt=fmt))
        (article,), said = read_file(file)
        assert said == []
        assert article.title == "Le pont ferme"
        assert article.url == "https://courrier.example/pont"
        assert "a décidé la préfecture." in article.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.webarchive", b"rien"),
        ("a.webarchive", b"bplist00" + b"\xff" * 40),
        ("a.webarchive", plistlib.dumps({"WebMainResource": {"WebResourceData": "texte"}})),
        ("a.webarchive", plistlib.dumps(["une liste"])),
        ("a.mhtml", b"Subject: rien\r\n\r\nDu texte sans page."),
        ("a.mht", b"\x00\x01\x02"),
    ],
)
def test_what_is_no_saved_page_says_so(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    articles, said = read_file(tmp_path / name)
    assert articles == []
    assert "no saved page" in said[0].reason


def test_of_a_page_and_its_folder_the_page_is_an_article(tmp_path: Path) -> None:
    for name in (
        *("Le pont.html", "Le pont_files/saved_resource.html", "Le pont_files/a/b.html"),
        *("Un lac.htm", "Un lac_fichiers/cadre.html", "rapports_files/c.html"),
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_PAGE)
    found = [file.relative_to(tmp_path).as_posix() for file in find_article_files(tmp_path)]
    assert found == ["Le pont.html", "Un lac.htm", "rapports_files/c.html"]
