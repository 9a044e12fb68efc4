"""PDF pages as papers set them: nothing lost, nothing put together that stood apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from rag.ingest.formats.line_ends import Words
from rag.types import Article
from rag.types.provenance import PlaceKind
from tests.ingest.case_files import check_places, read_file, read_one
from tests.ingest.pdf_pages import (
    Paper,
    broken,
    lost_of,
    needs_pdftotext,
    seen_by_pdftotext,
    sentences,
)

TITLE = "Le pont de Varne rouvre enfin aux camions"


def _read(paper: Paper, folder: Path) -> Article:
    """The article of a file that holds one."""
    articles, said = read_file(paper.save(folder / "a.pdf"))
    assert [one.reason for one in said] == []
    (article,) = articles
    check_places(article)
    return article


def _of_kind(article: Article, kind: PlaceKind) -> list[str]:
    return [article.text[one.start : one.end] for one in article.places if one.kind is kind]


def _left_out(article: Article) -> list[tuple[str, str]]:
    return [(one.kind.value, one.text) for one in article.left_out]


def _missing(article: Article, expected: list[str]) -> list[str]:
    """The sentences that are not in the article, whole and in order."""
    missing, place = [], 0
    for sentence in expected:
        found = article.text.find(sentence, place)
        if found < 0:
            missing.append(sentence)
        else:
            place = found
    return missing


# The cases


def test_columns_are_read_one_after_the_other() -> None:
    article = read_one("06-pdf-columns-rowwise", "02b-columns-rowwise.pdf")
    assert (
        "vidé en octobre, a annoncé mardi la préfète Aude Sorval. Les pêcheurs" in article.text
    )
    assert "exploite l’ouvrage depuis 1961. Une première vidange" in article.text


def test_a_drop_cap_begins_its_word() -> None:
    article = read_one("06-pdf-dropcap", "03-dropcap.pdf")
    assert article.text.startswith("Le phare de Kermor a été rallumé jeudi par son gardien")


def test_hyphens_of_words_stay() -> None:
    text = read_one("06-pdf-real-hyphens", "01-hyphens.pdf").text
    for word in (
        "sous-préfet vice-président contre-exemple grand-père savoir-faire porte-monnaie"
        " centre-ville non-lieu mi-temps ex-ministre chef-lieu timbre-poste barrage habitants"
        " Saint-Étienne c’est-à-dire dit-il"
    ).split():
        assert re.search(rf"\b{word}\b", text), word


def test_rows_of_a_table_stand_apart() -> None:
    article = read_one("06-pdf-table", "06-table.pdf")
    assert _of_kind(article, PlaceKind.TABLE) == [
        "Année · Tonnes · Euros",
        "2022 · 1 020 · 6,9 M€",
        "2023 · 1 240 · 8,4 M€",
        "2024 · 1 510 · 10,2 M€",
    ]
    assert article.title == "Les ventes de la coopérative ont progressé en 2024."
    assert [one.row for one in article.places if one.kind is PlaceKind.TABLE] == [1, 2, 3, 4]


FRENCH = ["Le conseil de la ville et le maire ont voté une motion du comité"]
ENGLISH = ["The council of the town is to vote that motion in the hall with care"]


@pytest.mark.parametrize(
    ("lines", "before", "after", "joined"),
    [
        (FRENCH, "le sous-", "préfet viendra", "le sous-préfet viendra"),
        (FRENCH, "la com-", "munication", "la communication"),
        (FRENCH, "l’anti-", "constitutionnalité", "l’anticonstitutionnalité"),
        (FRENCH, "dit Mitter-", "rand hier", "dit Mitterrand hier"),
        (FRENCH, "le chef-", "lieu", "le chef-lieu"),
        (FRENCH, "LA COMMU-", "NICATION", "LA COMMUNICATION"),
        (FRENCH, "dans le Val-", "de-Marne", "dans le Val-de-Marne"),
        (ENGLISH, "the govern-", "ment said", "the government said"),
        (ENGLISH, "a well-", "known man", "a well-known man"),
    ],
)
def test_hyphens_by_the_words_of_the_language(
    lines: list[str], before: str, after: str, joined: str
) -> None:
    assert Words.of(lines).joined(before, after) == joined


# Columns


def _newspaper(columns: int, text: str) -> Paper:
    """Pages of columns under running heads and over notes, the first with a title across."""
    paper, rest, page = Paper(), text, 0
    while rest:
        page += 1
        if page > 1:
            paper.add_page()
        paper.words(50, 40, "Le Courrier du Val", 8)
        paper.words(500, 40, f"Page {page}", 8)
        top = 80.0
        if page == 1:
            paper.words(50, 90, TITLE, 24)
            paper.column(50, 130, 495, "La préfecture autorise de nouveau le passage.", 13)
            top = 180
        width = (495 - 15 * (columns - 1)) / columns
        for column in range(columns):
            if rest:
                left = 50 + column * (width + 15)
                rest = paper.column(left, top, width, rest, 10, 740)
        paper.words(50, 770, f"{page}. Rapport de la chambre des comptes, page {page * 7}.", 8)
    return paper


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_pages_of_columns(columns: int, tmp_path: Path) -> None:
    expected = sentences(150, columns)
    paragraphs = [" ".join(expected[n : n + 5]) for n in range(0, len(expected), 5)]
    article = _read(_newspaper(columns, "\n\n".join(paragraphs)), tmp_path)
    assert article.title == TITLE
    assert _missing(article, expected) == []
    # Where a full line ends a column, nothing tells that it ends a paragraph too.
    whole = [one for one in paragraphs if one in article.text.split("\n\n")]
    assert len(whole) >= 0.85 * len(paragraphs)
    notes = _of_kind(article, PlaceKind.NOTE)
    assert notes[0] == "1. Rapport de la chambre des comptes, page 7."
    pages = {one.page for one in article.places}
    assert pages == set(range(1, len(notes) + 1))
    assert _left_out(article)[:2] == [("header", "Le Courrier du Val"), ("header", "Page 1")]


def test_every_paragraph_knows_its_page_also_over_two_pages(tmp_path: Path) -> None:
    paper = Paper()
    text = " ".join(sentences(12))
    rest = paper.column(60, 700, 470, text, bottom=760)
    paper.words(60, 790, "1 Voir le compte rendu du conseil.", 7)
    paper.add_page()
    assert paper.column(60, 80, 470, rest) == ""
    article = _read(paper, tmp_path)
    assert article.text == f"{text}\n\n1 Voir le compte rendu du conseil."
    first, second, note = article.places
    assert (first.page, second.page, note.page) == (1, 2, 1)
    assert note.kind is PlaceKind.NOTE
    assert first.end + 1 == second.start
    assert second.end == len(text)


def test_a_number_that_is_raised_stays_one(tmp_path: Path) -> None:
    paper = Paper()
    paper.words(60, 100, "Le lac contient 10")
    paper.words(60 + paper.get_string_width("Le lac contient 10") + 0.1, 96, "3", 6)
    paper.words(160, 100, "litres.")
    assert "10³ litres" in _read(paper, tmp_path).text


def test_running_heads_are_of_pages_side_by_side(tmp_path: Path) -> None:
    paper = Paper()
    for page in range(30):
        if page:
            paper.add_page()
        others = " ".join(sentences(1, page)[0].split()[:5])
        words = "Le phare de Kermor est rallumé" if page % 10 == 0 else others
        paper.words(60, 60, words)
        paper.column(60, 75, 470, " ".join(sentences(3, page)))
        paper.words(290, 800, str(page + 1), 8)
    article = _read(paper, tmp_path)
    assert article.text.count("Le phare de Kermor est rallumé") == 3
    assert _left_out(article) == [("footer", str(page + 1)) for page in range(30)]


# Tables, initials, pictures


_ROWS = [("Année", "Tonnes", "Euros"), ("2022", "1 020", "6,9"), ("2023", "1 240", "8,4")]


def _table(paper: Paper, left: float, top: float, rows: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            paper.words(left + 90 * column, top + 13 * number, cell, 9)


def test_a_table_does_not_cut_a_sentence(tmp_path: Path) -> None:
    paper = Paper()
    paper.column(50, 100, 240, "Les ventes ont atteint un niveau que personne", justified=False)
    _table(paper, 50, 150, [*_ROWS, ("2024 (sans les", "1 510", "10,2"), ("exports)", "", "")])
    paper.column(50, 230, 240, "n'attendait dans la vallée.", justified=False)
    paper.column(310, 100, 240, " ".join(sentences(12)))
    article = _read(paper, tmp_path)
    assert "un niveau que personne n'attendait dans la vallée." in article.text
    rows = _of_kind(article, PlaceKind.TABLE)
    assert rows[0] == "Année · Tonnes · Euros"
    assert rows[-1] == "2024 (sans les exports) · 1 510 · 10,2"
    assert _missing(article, sentences(12)) == []


@pytest.mark.parametrize(
    ("cap", "rest"),
    [
        ("L", "e phare de Kermor est rallumé."),
        ("À", "la mairie de Lisle, on a voté."),
        ("L'", "usine de Varne a fermé."),
        ("A", "près la tempête, on nettoie."),
        ("A", "Kermor, le phare est rallumé."),
        ("U", "n phare et trois tempêtes."),
    ],
)
def test_drop_caps(cap: str, rest: str, tmp_path: Path) -> None:
    expected = sentences(6)
    paper = Paper()
    paper.words(50, 128, cap, 38)
    width = paper.get_string_width(cap) + 3
    paper.set_font("Helvetica", size=10)
    text = f"{rest} {' '.join(expected)}"
    beside = broken(text, paper, 240 - width)[:3]
    for number, line in enumerate(beside):
        paper.words(50 + width, 100 + 13 * number, line.replace("\0", ""))
    done = "".join(one.removesuffix("-\0") if "\0" in one else f"{one} " for one in beside)
    paper.column(50, 139, 240, text[len(done) :])
    article = _read(paper, tmp_path)
    space = " " if rest.startswith(("la", "Kermor")) else ""
    assert article.text == f"{cap}{space}{text}"


def test_a_caption_stays_beside_the_text(tmp_path: Path) -> None:
    picture = Image.effect_noise((90, 60), 80)
    paper = Paper()
    text = " ".join(sentences(20))
    rest = paper.column(50, 100, 240, text, bottom=250)
    paper.image(picture, 50, 265, 200, 130)
    paper.words(50, 405, "Le pont de Varne, hier matin.", 8)
    rest = paper.column(50, 430, 240, rest, bottom=500)
    paper.column(310, 100, 240, rest)
    article = _read(paper, tmp_path)
    assert article.text == f"{text}\n\nLe pont de Varne, hier matin."
    assert _of_kind(article, PlaceKind.CAPTION) == ["Le pont de Varne, hier matin."]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_pages(degrees: int, tmp_path: Path) -> None:
    expected = sentences(24)
    paper = Paper()
    paper.words(50, 60, TITLE, 20)
    paper.column(50, 100, 240, " ".join(expected[:12]))
    paper.column(310, 100, 240, " ".join(expected[12:]))
    paper.turned(degrees)
    article = _read(paper, tmp_path)
    assert article.title == TITLE
    assert _missing(article, expected) == []


def test_words_that_run_upwards_are_set_apart(tmp_path: Path) -> None:
    paper = Paper()
    paper.column(50, 100, 240, " ".join(sentences(6)))
    with paper.rotation(90, 40, 400):
        paper.words(40, 400, "Photo Claire Dubois", 7)
    article = _read(paper, tmp_path)
    assert article.text == f"{' '.join(sentences(6))}\n\nPhoto Claire Dubois"
    assert _of_kind(article, PlaceKind.CAPTION) == ["Photo Claire Dubois"]


# Passwords


def test_an_owners_password_does_not_hinder(tmp_path: Path) -> None:
    paper = Paper()
    paper.set_encryption(owner_password="secret")
    paper.column(50, 100, 400, " ".join(sentences(3)))
    assert _read(paper, tmp_path).text == " ".join(sentences(3))


def test_a_users_password_is_one_line(tmp_path: Path) -> None:
    paper = Paper()
    paper.set_encryption(owner_password="secret", user_password="sesame")
    paper.words(50, 100, "Un mot.")
    articles, said = read_file(paper.save(tmp_path / "a.pdf"))
    assert articles == []
    assert [one.reason for one in said] == ["is encrypted; save it again without a password"]


# What pdftotext sees


@needs_pdftotext
def test_every_sentence_that_pdftotext_sees_is_accounted_for(tmp_path: Path) -> None:
    paper = Paper()
    for page in range(4):
        if page:
            paper.add_page()
        paper.words(60, 40, "Le Courrier du Val", 8)
        for paragraph in range(5):
            # Narrow enough for what the tool sets side by side, and without hyphens.
            for line, one in enumerate(sentences(7, 5 * page + paragraph)):
                top = 90 + 110 * paragraph + 13 * line
                paper.words(60, top, one.replace("-", " "), 9)
        _table(paper, 60, 680, _ROWS)
        paper.words(60, 760, f"{page + 1}. Rapport de la chambre régionale.", 7)
        paper.words(290, 810, f"Page {page + 1}", 8)
    file = paper.save(tmp_path / "a.pdf")
    articles, _ = read_file(file)
    assert lost_of(file, articles, "-layout") == []


@needs_pdftotext
@pytest.mark.parametrize("columns", [2, 3])
def test_every_word_that_pdftotext_sees_is_accounted_for(columns: int, tmp_path: Path) -> None:
    paper = _newspaper(columns, " ".join(sentences(120, columns)))
    file = paper.save(tmp_path / "a.pdf")
    (article,), _ = read_file(file)
    read = " ".join([article.text, *(one.text for one in article.left_out)])
    letters = "".join(re.findall(r"\w", read))
    # Words at line ends are parted: their parts are looked for in the letters.
    words = re.findall(r"\w+", seen_by_pdftotext(file, "-layout"))
    assert len(words) > 1000
    assert [word for word in words if word not in letters] == []
    seen = sum(len(word) for word in words)
    assert len(letters) == seen


# Exports of Europresse

_EXPORTED = [
    ("Le Monde", "Jeudi 7 mars 2024", "p. 12", "Le pont de Varne fermé", "Claire Dubois", "LM"),
    ("L'Écho des Monts", "Vendredi 8 mars 2024", "p. A4", "Une chorale au sommet", "", "EM"),
    ("La Dépêche du Val", "Samedi 9 mars 2024", "", "Le stade rouvre", "Paul Martin", "DV"),
]


def _europresse() -> Paper:
    """A summary, then each article on pages of its own with its facts beside it."""
    paper = Paper()
    paper.words(50, 60, "Documents sauvegardés", 20)
    paper.words(50, 90, "Sommaire", 14)
    for number, (_, day, _, title, _, _) in enumerate(_EXPORTED):
        paper.words(50, 150 + 30 * number, f"{day} {title}")
    for number, (source, day, page, title, author, code) in enumerate(_EXPORTED):
        paper.add_page()
        _export_frame(paper)
        facts = ("Nom de la source", source, "Type de source", "Presse - Journaux")
        for place, line in enumerate(facts):
            paper.words(40, 80 + 11 * place, line, 7)
        paper.words(40, 150, f"© 2024 {source}. Tous droits réservés.", 6)
        paper.words(40, 170, f"news·2024030{7 + number}·{code}·{number}", 6)
        paper.words(190, 70, day, 9)
        paper.words(190, 84, " · ".join(filter(None, (source, page, "843 mots"))), 9)
        paper.words(190, 120, title, 18)
        if author:
            paper.words(190, 140, author, 9)
        rest = paper.column(190, 170, 350, " ".join(sentences(20, number)), bottom=300)
        paper.add_page()
        _export_frame(paper)
        paper.column(190, 80, 350, rest)
    return paper


def _export_frame(paper: Paper) -> None:
    paper.words(50, 30, "Documents sauvegardés", 8)
    paper.words(50, 820, "Ce document est réservé à l'usage exclusif de l'utilisateur", 6)


def test_an_export_of_europresse_is_an_article_each(tmp_path: Path) -> None:
    file = _europresse().save(tmp_path / "export.pdf")
    articles, said = read_file(file)
    assert said == []
    for number, (article, one) in enumerate(zip(articles, _EXPORTED, strict=True)):
        source, _, _, title, author, code = one
        assert article.path == f"export.pdf#news·2024030{7 + number}·{code}·{number}"
        assert (article.source, article.title, article.author) == (
            source,
            title,
            author or None,
        )
        assert str(article.date) == f"2024-03-0{7 + number}"
    assert [one.places[0].page for one in articles] == [12, "A4", 6]
    for number, article in enumerate(articles):
        check_places(article)
        assert article.text.endswith(" ".join(sentences(20, number)))
        assert "Nom de la source" not in article.text
        assert any("Tous droits réservés" in text for _, text in _left_out(article))


def test_the_edges_of_a_single_page_that_say_what_they_are(tmp_path: Path) -> None:
    expected = sentences(14)
    paper = Paper()
    paper.words(40, 30, "LE COURRIER - 12 mars 2025", 7)
    paper.words(500, 30, "Page 4", 7)
    paper.column(60, 90, 225, " ".join(expected[:6]), 10)
    paper.column(310, 90, 225, " ".join(expected[6:12]), 10)
    paper.words(60, 800, "1 Selon la page 4 du rapport, qui est publié.", 7)
    paper.words(60, 820, "© Le Courrier", 7)
    (article,), _ = read_file(paper.save(tmp_path / "a.pdf"))
    assert [one for one in expected[:12] if one not in article.text] == []
    assert {one.text for one in article.left_out} == {
        *("LE COURRIER - 12 mars 2025", "Page 4"),
        "© Le Courrier",
    }
    assert "Selon la page 4 du rapport" in article.text


def test_the_rest_of_a_parted_word_is_no_word() -> None:
    lines = ["le plan d'inter-", "communalité est une chose", "que la communauté vote"]
    found = Words.of(lines)
    assert "communalité" not in found.words
    assert found.joined("le plan d'inter-", "communalité est") == (
        "le plan d'intercommunalité est"
    )
    assert found.joined("la Ligue anti-", "inflammatoire") == "la Ligue anti-inflammatoire"
