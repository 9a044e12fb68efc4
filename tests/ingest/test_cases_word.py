"""Word, OpenDocument and RTF: what their pages show is in the article, the rest is told."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from pathlib import Path

import pytest

from rag.types import Article, BrokenFile
from rag.types.provenance import DateFrom, LeftOutKind, PlaceKind, left_out_words
from tests.ingest.case_files import check_places, read_file, read_one
from tests.ingest.every_word import lost_sentences
from tests.ingest.word_files import (
    FACTIVA,
    LEXIS,
    field,
    odt,
    paragraph,
    rtf,
    rtf_paragraphs,
    table,
    text_box,
    word,
    words,
)

PANDOC = shutil.which("pandoc")


def _kinds(article: Article) -> list[tuple[PlaceKind, str]]:
    return [(one.kind, article.text[one.start : one.end]) for one in article.places]


def _left_out(article: Article) -> list[tuple[LeftOutKind, str]]:
    return [(one.kind, one.text) for one in article.left_out]


def _read(
    folder: Path, content: bytes, name: str = "a.docx"
) -> tuple[list[Article], list[BrokenFile]]:
    file = folder / name
    file.write_bytes(content)
    articles, said = read_file(file)
    for article in articles:
        check_places(article)
    return articles, said


def _one(folder: Path, content: bytes, name: str = "a.docx") -> Article:
    articles, said = _read(folder, content, name)
    assert said == []
    (article,) = articles
    return article


# The cases.


def test_tracked_changes() -> None:
    article = read_one("01-word-tracked", "tracked.docx")
    for sentence in (
        "Le phare de Kermor a coûté 12 millions d’euros à la commune.",
        "Le maire ne regrette pas la dépense.",
        "Le gardien Yvon Tardec est parti en 1998.",
    ):
        assert article.text.count(sentence) == 1
    assert _left_out(article)[:2] == [
        (LeftOutKind.DELETED, "3 millions"),
        (LeftOutKind.DELETED, "se réjouit"),
    ]


def test_content_controls() -> None:
    article = read_one("01-word-content-control", "sdt.docx")
    assert "Le marché de Plouvec a lieu le samedi 14 juin devant la mairie." in article.text
    assert "La présidente Odile Ferrac a vendu 45 paniers." in article.text


def test_fields_and_hidden_text() -> None:
    article = read_one("01-word-fields-hidden", "club.docx")
    assert "Le tarif est de 35 euros par an." in article.text
    assert "Le bateau Sirius IV part lundi." in article.text
    assert "\n\nTexte visible du club." in article.text
    assert (LeftOutKind.HIDDEN, "Texte caché à ne pas montrer.") in _left_out(article)
    assert (PlaceKind.TABLE, "2023 · 180 · 12 000 €") in _kinds(article)


def test_footnotes_and_boxes() -> None:
    noted = read_one("01-word-footnote", "footnote.docx")
    assert _kinds(noted) == [(PlaceKind.NOTE, "Selon la gendarmerie, dont 3 mortels.")]
    boxed = read_one("01-word-textbox", "textbox.docx")
    assert _kinds(boxed) == [(PlaceKind.BOX, "Encadré : le lac mesure 340 hectares.")]


def test_the_words_tell_the_language() -> None:
    assert read_one("01-word-language", "sdt.docx").language == "fr"


# Their kinds.


def test_fields_of_every_shape(tmp_path: Path) -> None:
    code = "<w:r><w:instrText>HYPERLINK x</w:instrText></w:r>"
    body = paragraph(
        "Le lac mesure ",
        *(field("begin"), code, field("separate"), "340", field("end")),
        " hectares, a dit ",
        # A field in the order of another.
        *(field("begin"), code, field("begin"), field("separate"), "jamais", field("end")),
        *(field("separate"), "Odile Ferrac", field("end")),
        ", ",
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
        '<w:listEntry w:val="hier"/><w:listEntry w:val="lundi"/></w:ddList></w:ffData>'
        "</w:fldChar></w:r>",
        field("end"),
        ".",
    )
    article = _one(tmp_path, word(body))
    assert article.text == "Le lac mesure 340 hectares, a dit Odile Ferrac, lundi."


def test_a_paragraph_whose_mark_was_deleted_goes_on(tmp_path: Path) -> None:
    body = (
        paragraph("Le pont est ", properties="<w:rPr><w:del/></w:rPr>")
        + paragraph("fermé.")
        + paragraph("L", properties='<w:framePr w:dropCap="drop"/>')
        + paragraph("e phare luit.")
        + "<w:moveFrom><w:p><w:r><w:t>Parti.</w:t></w:r></w:p></w:moveFrom>"
    )
    article = _one(tmp_path, word(body, strict=True))
    assert article.text == "Le pont est fermé.\n\nLe phare luit."
    assert _left_out(article) == [(LeftOutKind.DELETED, "Parti.")]


def test_tables_within_tables_and_cells_of_prose(tmp_path: Path) -> None:
    inner = table(("Nord", "12"), ("Sud", "14"))
    body = (
        table(
            ("Année", "Tonnes"),
            ("2024", "1 510"),
            ("Par région", f"{paragraph('Deux régions.')}{inner}"),
        )
        + table((paragraph("Un encadré.") + paragraph("Sa suite."),))
        + "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>"
        + paragraph("Effacé")
        + f"</w:tc><w:tc>{paragraph('aussi')}</w:tc></w:tr></w:tbl>"
    )
    article = _one(tmp_path, word(body))
    assert _kinds(article) == [
        (PlaceKind.TABLE, "Année · Tonnes"),
        (PlaceKind.TABLE, "2024 · 1 510"),
        (PlaceKind.TABLE, "Par région"),
        (PlaceKind.TABLE, "Deux régions."),
        (PlaceKind.TABLE, "Nord · 12"),
        (PlaceKind.TABLE, "Sud · 14"),
        (PlaceKind.BOX, "Un encadré."),
        (PlaceKind.BOX, "Sa suite."),
    ]
    assert [one.row for one in article.places] == [1, 2, 3, 3, 1, 2, None, None]
    assert _left_out(article) == [(LeftOutKind.DELETED, "Effacé aussi")]


def test_what_is_hidden_by_a_style_and_what_it_shows_again(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="C"><w:name w:val="Cache"/><w:rPr><w:vanish/>'
        '</w:rPr></w:style><w:style w:type="paragraph" w:styleId="D"><w:name w:val="Sien"/>'
        '<w:basedOn w:val="C"/></w:style><w:style w:type="paragraph" w:styleId="T"><w:name '
        'w:val="toc 1"/></w:style><w:style w:type="paragraph" w:styleId="Titre1"><w:name '
        'w:val="heading 1"/></w:style>'
    )
    body = (
        paragraph("Sommaire 3", properties='<w:pStyle w:val="T"/>')
        + paragraph("Le lac gelé", properties='<w:pStyle w:val="Titre1"/>')
        + paragraph(
            "Caché. ",
            words("Montré.", '<w:vanish w:val="0"/>'),
            properties='<w:pStyle w:val="D"/>',
        )
        + paragraph("10", words("3", '<w:vertAlign w:val="superscript"/>'), " m le 1")
        + "<w:p><m:oMath><m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t>"
        "</m:r></m:sup></m:sSup></m:oMath></w:p>"
    )
    article = _one(tmp_path, word(body, {"styles": styles}))
    assert article.title == "Le lac gelé"
    assert article.text == "Le lac gelé\n\nMontré.\n\n10³ m le 1\n\nc²"
    assert _left_out(article) == [
        (LeftOutKind.NAVIGATION, "Sommaire 3"),
        (LeftOutKind.HIDDEN, "Caché."),
    ]


def test_notes_boxes_and_what_is_around(tmp_path: Path) -> None:
    notes = '<w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>' + "".join(
        f'<w:footnote w:id="{number}">{paragraph(f"Note {number}.")}</w:footnote>'
        for number in (1, 2, 3)
    )
    body = paragraph(
        "Le lac",
        '<w:r><w:footnoteReference w:id="2"/></w:r>',
        " gèle",
        '<w:r><w:endnoteReference w:id="5"/><w:footnoteReference w:id="1"/></w:r>',
        ".",
        text_box(paragraph("Une boîte.") + paragraph("Dans ", text_box(paragraph("Elle.")))),
    ) + paragraph("Suite.")
    parts = {
        "footnotes": notes,
        "endnotes": f'<w:endnote w:id="5">{paragraph("Note de fin.")}</w:endnote>',
        "comments": f"<w:comment>{paragraph('À revoir')}</w:comment>",
        "header": paragraph("En-tête"),
        "footer": paragraph("Pied"),
    }
    article = _one(tmp_path, word(body, parts))
    assert article.text.split("\n\n") == [
        *("Le lac gèle.", "Une boîte.", "Dans", "Elle.", "Suite."),
        *("Note 2.", "Note 1.", "Note de fin."),
    ]
    assert left_out_words(article.left_out) == {
        LeftOutKind.FOOTER: 1,
        LeftOutKind.NOTE: 2,
        LeftOutKind.HEADER: 1,
        LeftOutKind.HIDDEN: 2,
    }


def test_words_that_only_stand_for_some_to_come(tmp_path: Path) -> None:
    body = paragraph(
        "Le lac ",
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
        f"{words('Cliquez ici')}</w:sdtContent></w:sdt>",
        "gèle.",
    )
    article = _one(tmp_path, word(body))
    assert article.text == "Le lac gèle."
    assert _left_out(article) == [(LeftOutKind.OTHER, "Cliquez ici")]


def test_a_program_s_own_language_and_name_are_not_believed(tmp_path: Path) -> None:
    core = (
        '<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:language>{}</dc:language>'
        "<dc:creator>{}</dc:creator></cp:coreProperties>"
    )
    text = "Le maire a inauguré hier l’école rénovée, et les élèves y étudieront dès septembre."
    for language, author, expected in (
        ("en-US", "python-docx", ("fr", None)),
        ("en", "Claire Dubois", ("en", "Claire Dubois")),
        ("pl-PL", "Utilisateur", ("pl", None)),
    ):
        content = word(
            paragraph(text), extra={"docProps/core.xml": core.format(language, author)}
        )
        article = _one(tmp_path, content)
        assert (article.language, article.author) == expected


# Exports of the press.


def _check_lexis(articles: list[Article]) -> None:
    first, second = articles
    assert (first.title, first.source, first.date, first.date_from, first.author) == (
        "Le pont de Varne fermé",
        "Le Courrier (France)",
        datetime.date(2025, 3, 12),
        DateFrom.PUBLISHED,
        "Claire Dubois",
    )
    assert first.language == "fr"
    assert first.text.split("\n\n") == [
        *("Le pont de Varne fermé", "Un détour de 40 kilomètres."),
        "Le pont de Varne est fermé depuis lundi aux camions de plus de 20 tonnes.",
        "Les routiers devront passer par Lisle pendant six semaines.",
        "Le pont, mardi. Photo Jean Petit",
    ]
    kinds = [one.kind for one in first.places]
    assert kinds[:2] == [PlaceKind.HEADING, PlaceKind.STANDFIRST]
    assert kinds[-1] is PlaceKind.CAPTION
    assert {one.page for one in first.places} == {12}
    assert (second.title, second.source, second.date) == (
        "Une chorale au sommet",
        "L’Écho des Monts",
        datetime.date(2025, 3, 14),
    )
    assert second.text.endswith("\n\nLa chorale a chanté samedi à 2 400 mètres d’altitude.")
    assert lost_sentences("\n".join(LEXIS), articles, ["End of Document"], by_line=True) == []


def test_an_export_of_lexisnexis(tmp_path: Path) -> None:
    articles, said = _read(tmp_path, word("".join(map(paragraph, LEXIS))))
    assert said == []
    assert len({article.path for article in articles}) == 2
    _check_lexis(articles)
    articles, _ = _read(tmp_path, rtf_paragraphs(LEXIS), "a.rtf")
    _check_lexis(articles)


def test_an_export_of_one_article_is_the_file(tmp_path: Path) -> None:
    article = _one(tmp_path, word("".join(map(paragraph, LEXIS[6:24]))))
    assert (article.path, article.author) == ("a.docx", "Claire Dubois")


def test_an_older_export_of_lexisnexis(tmp_path: Path) -> None:
    lines = (
        *("1 of 2 DOCUMENTS", "Le Courrier", "12 mars 2025 mercredi", "Le pont de Varne fermé"),
        *("BYLINE: Claire Dubois", "LENGTH: 240 mots", "Le pont est fermé depuis lundi."),
        *("LOAD-DATE: March 13, 2025", "LANGUAGE: FRENCH", "Copyright 2025 Le Courrier"),
        *("2 of 2 DOCUMENTS", "L’Écho", "14 mars 2025", "Une chorale", "LENGTH: 12 mots"),
        "La chorale a chanté samedi.",
    )
    (first, second), _ = _read(tmp_path, word("".join(map(paragraph, lines))))
    assert (first.source, first.title, first.author) == (
        "Le Courrier",
        "Le pont de Varne fermé",
        "Claire Dubois",
    )
    assert first.text == "Le pont de Varne fermé\n\nLe pont est fermé depuis lundi."
    assert (second.title, second.date) == ("Une chorale", datetime.date(2025, 3, 14))


def test_a_box_above_an_article_of_lexisnexis_is_its_standfirst(tmp_path: Path) -> None:
    lines = (
        *("Le pont ferme", "Le Courrier", "mercredi 12 mars 2025", "Longueur: 240 mots"),
        *("Auteur: Claire Dubois", "Encart: Les routiers sont furieux.", "Corps"),
        *("Le pont est fermé depuis lundi.", "Fin du document"),
    )
    article = _one(tmp_path, word("".join(map(paragraph, lines))))
    standfirst = [one for one in article.places if one.kind is PlaceKind.STANDFIRST]
    assert [article.text[one.start : one.end] for one in standfirst] == [
        "Les routiers sont furieux."
    ]


def test_an_export_of_factiva(tmp_path: Path) -> None:
    (first, second), said = _read(tmp_path, rtf_paragraphs(FACTIVA), "a.rtf")
    assert said == []
    assert (first.title, first.source, first.date, first.author, first.language) == (
        "Le pont de Varne fermé",
        "Le Courrier",
        datetime.date(2025, 3, 12),
        "Claire Dubois",
        "fr",
    )
    assert first.path == "a.rtf#LECOU00020250312el3c00000"
    assert first.text.split("\n\n") == [
        "Le pont de Varne fermé",
        "Le pont de Varne est fermé depuis lundi aux camions de plus de 20 tonnes.",
        "Les routiers devront passer par Lisle.",
    ]
    assert {one.page for one in first.places} == {12}
    assert (second.title, second.source, second.date, second.author) == (
        "Une chorale au sommet",
        "L’Écho des Monts",
        datetime.date(2025, 3, 14),
        None,
    )
    seen = "\n".join(FACTIVA).replace("\\b ", "")
    assert lost_sentences(seen, [first, second], by_line=True) == []


def test_an_export_of_factiva_in_two_columns(tmp_path: Path) -> None:
    fields = {
        "SE": "Économie",
        "HD": "Le pont de Varne fermé",
        "BY": "Par Claire Dubois",
        "WC": "240 mots",
        "PD": "12 mars 2025",
        "SN": "Le Courrier",
        "PG": "12",
        "LA": "Français",
        "LP": "Le pont de Varne est fermé depuis lundi.",
        "TD": "Les routiers devront passer par Lisle, " + "un long détour, " * 10 + "dit-on.",
        "AN": "Document LECOU00020250312el3c00000",
    }
    rows = "".join(
        f"\\trowd\\cellx900\\cellx9000\\pard\\intbl {code}\\cell {words}\\cell\\row\n"
        for code, words in fields.items()
    )
    article = _one(tmp_path, rtf(rows + "\\pard\\par"), "a.rtf")
    assert (article.title, article.source, article.author, article.date) == (
        "Le pont de Varne fermé",
        "Le Courrier",
        "Claire Dubois",
        datetime.date(2025, 3, 12),
    )
    assert article.text.split("\n\n") == [fields["HD"], fields["LP"], fields["TD"]]


# RTF.


def test_rtf_of_every_shape(tmp_path: Path) -> None:
    content = (
        r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}}"
        r"{\stylesheet{\s0 Normal;}{\s1 heading 1;}}"
        r"{\info{\title Ete}{\author Claire}{\creatim\yr2025\mo9\dy5\hr8}{\doccomm non}}"
        r"{\header\pard Entete\par}"
        r"\pard\s1 Le lac gel\'e9\par"
        r"\pard L\rquote hiver{\footnote\pard\plain\chftn Une note.} {\v cach\'e9 }"
        r"{\deleted ancien }\u8211\'96 {\f1\'cc\'e8\'f0} \u-10179?\u-8704? "
        r"10{\super 3} {\field{\*\fldinst HYPERLINK x}{\fldrslt page}}.\par"
        r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt\pard Une bo\'eete.\par}}"
        r"{\shprslt\pard Une bo\'eete.\par}}\pard Suite{\*\inconnu non}.\par"
        r"{\upr{Ann?e}{\*\ud{Ann\u233?e}}}\par{\pict\bin3 {}}}"
        r"\pard{\listtext\'b7\tab}\ls1 Un point\par"
        r"\trowd\cellx1\cellx2\pard\intbl A\cell B\cell\row"
        r"\trowd\pard\intbl\itap1 C\cell\pard\intbl\itap2 D\nestcell E\nestcell"
        r"{\*\nesttableprops\trowd\nestrow}\pard\intbl\itap1\cell\row\pard Fin\par"
    )
    article = _one(tmp_path, rtf(content), "a.rtf")
    assert article.text.split("\n\n") == [
        *("Le lac gelé", "L’hiver – Мир 😀 10³ page.", "Suite.", "Une boîte.", "Année"),
        *("Un point", "A · B", "C", "D · E", "Fin", "Une note."),
    ]
    assert (article.title, article.author, article.date) == (
        "Ete",
        "Claire",
        datetime.date(2025, 9, 5),
    )
    assert _left_out(article) == [
        (LeftOutKind.HEADER, "Entete"),
        (LeftOutKind.HIDDEN, "caché"),
        (LeftOutKind.DELETED, "ancien"),
    ]


def test_rtf_that_is_cut_or_none(tmp_path: Path) -> None:
    (article,), (said,) = _read(tmp_path, b"{\\rtf1 Le lac g\\'e8le{\\b tr", "a.rtf")
    assert article.text == "Le lac gèletr"
    assert said.reason.startswith("ends before it should")
    articles, (said,) = _read(tmp_path, "Le lac gèle.".encode(), "b.rtf")
    assert articles == []
    assert said.reason.startswith("is damaged or no RTF file")


# OpenDocument.


def test_odt_of_every_shape(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>ancien mot</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        "<text:p>Le lac<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        '<text:p>Une note.</text:p></text:note-body></text:note> a<text:s text:c="2"/>'
        "<text:hidden-text>caché</text:hidden-text>gelé<office:annotation><dc:creator>Moi"
        "</dc:creator><text:p>À revoir</text:p></office:annotation><draw:frame><draw:text-box>"
        "<text:p>Une boîte.</text:p><text:p><draw:frame><draw:text-box><text:p>Elle.</text:p>"
        "</draw:text-box></draw:frame></text:p></draw:text-box></draw:frame>, "
        "<text:a>dit-on</text:a>.<text:line-break/>Fin.</text:p>"
        "<text:section><text:list><text:list-item><text:p>Un point</text:p></text:list-item>"
        "</text:list></text:section><text:table-of-content><text:index-body><text:p>Sommaire 3"
        "</text:p></text:index-body></text:table-of-content>"
        "<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>An"
        "</text:p></table:table-cell><table:table-cell><text:p>Prix</text:p></table:table-cell>"
        "</table:table-row></table:table-header-rows><table:table-row><table:table-cell>"
        "<text:p>2024</text:p></table:table-cell><table:covered-table-cell><text:p>couvert"
        "</text:p></table:covered-table-cell></table:table-row></table:table>"
    )
    article = _one(tmp_path, odt(body), "a.odt")
    assert article.text.split("\n\n") == [
        *("Le lac a  gelé, dit-on.\nFin.", "Une boîte.", "Elle.", "Un point"),
        *("An · Prix", "2024", "Une note."),
    ]
    assert [one.kind for one in article.places] == [
        *(PlaceKind.BOX, PlaceKind.BOX, PlaceKind.LIST),
        *(PlaceKind.TABLE, PlaceKind.TABLE, PlaceKind.NOTE),
    ]
    assert _left_out(article) == [
        (LeftOutKind.DELETED, "ancien mot"),
        (LeftOutKind.HIDDEN, "caché"),
        (LeftOutKind.NOTE, "À revoir"),
        (LeftOutKind.NAVIGATION, "Sommaire 3"),
        (LeftOutKind.HIDDEN, "couvert"),
    ]


# Against another tool.

_MARKDOWN = """---
title: Le pont de Varne
lang: fr
---

# Le pont de Varne fermé

Le pont de Varne[^1] est fermé depuis *lundi* ; l’été à Nîmes coûte 12 €. Voir
[la page](https://a.example).

## Les chiffres

- Premier point de la liste
- Second point de la liste

| Année | Membres |
|-------|---------|
| 2023  | 180     |
| 2024  | 200     |

> Une citation du maire.

Fin du texte.

[^1]: Une note de bas de page, selon la gendarmerie.
"""


@pytest.mark.skipif(PANDOC is None, reason="needs pandoc")
@pytest.mark.parametrize("suffix", ["docx", "odt", "rtf"])
def test_every_word_that_pandoc_sees(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "a.md").write_text(_MARKDOWN)
    for made in ("a.docx", f"a.{suffix}"):
        subprocess.run([str(PANDOC), "-s", "a.md", "-o", made], cwd=tmp_path, check=True)
    # What it reads of RTF has holes, so that is held against the same text in Word.
    read = "docx" if suffix == "rtf" else suffix
    seen = subprocess.run(
        [str(PANDOC), "-t", "plain", "--wrap=none", f"a.{read}"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # The signs of notes are numbers of the program's own.
    seen = seen.replace("[1]", "")
    articles, said = read_file(tmp_path / f"a.{suffix}")
    assert said == []
    assert "Une note de bas de page" in seen
    assert lost_sentences(seen, articles) == []
