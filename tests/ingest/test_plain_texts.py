"""Plain texts, Markdown and books: encodings, stray bytes, endings; nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.ingest import FORMATS, find_article_files
from rag.ingest.formats.encoding import decode_mending
from rag.language.sentences import split_sentences
from rag.library.build import build_folder
from tests.fakes import CountingEncoder
from tests.ingest.case_files import CASES, one_in, read_case, read_file, read_one
from tests.ingest.every_word import lost_sentences
from tests.ingest.format_files import PROSE, docx, epub, mail, packed, pdf, rss
from tests.ingest.reading_files import write_file


def test_a_text_with_a_stray_byte() -> None:
    (article,), (said,) = read_case("07-text-stray-byte", "14-stray.txt")
    assert "dit l’élu Rémi Cassel. L’œuvre plaît — « beaucoup »." in article.text
    assert said.reason.startswith("is not in UTF-8 everywhere: 2 bytes, the first in line 3")


@pytest.mark.parametrize("file", ["1-rien.epub", "3-meta.epub", "5-xml-latin.epub"])
def test_chapters_in_what_they_declare(file: str) -> None:
    article = read_one("14-epub-no-xml-declaration", file)
    assert article.title == "L’été à Nîmes"
    assert "La préfète Hélène Crémieux a été élue ; l’œuvre coûte 12 €." in article.text


def test_front_matter_of_the_cases() -> None:
    read = [read_one("14-md-front-matter", f"{name}.md") for name in "abcd"]
    assert [one.title for one in read] == [
        "Crue en Brenne : le point sur les dégâts",
        "« Nous avons tout perdu », dit Clara",
        "[Vidéo] La crue",
        "*La crue* de Brenne",
    ]
    assert all(one.text.startswith("Le fleuve a monté de") for one in read)


def test_stray_bytes_cost_only_themselves() -> None:
    text = "L’été à Nîmes.\n" * 5
    content = text.encode()
    broken = content[:20] + b"\x81\xe9" + content[20:]
    found = decode_mending(broken)
    assert (found.stray, found.line) == (2, 1)
    assert found.text.replace("\N{REPLACEMENT CHARACTER}é", "") == text
    assert decode_mending(content) == decode_mending(b"\xef\xbb\xbf" + content)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "cp1252", "utf-8"])
def test_words_come_through_without_a_mark(tmp_path: Path, encoding: str) -> None:
    text = "L’été à Nîmes fut chaud : 42 degrés."
    assert one_in(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_a_nul_that_strayed_in_is_said(tmp_path: Path) -> None:
    articles, said = read_file(
        write_file(tmp_path, "a.txt", f"{PROSE}\n" * 5 + "Un mot\0 de plus.")
    )
    assert "Un mot de plus." in articles[0].text
    assert said[0].reason.startswith("is not in UTF-8 everywhere: 1 bytes, the first in line 6")


@given(st.text(min_size=1), st.integers(0, 255), st.integers(0, 1000))
@settings(deadline=None)
def test_any_byte_in_any_text_leaves_the_rest(text: str, byte: int, place: int) -> None:
    content = ("Été à Nîmes. " + text.replace("\0", "")).encode("utf-8", "replace")
    place %= len(content) + 1
    # A NUL is text only in long ones.
    byte = byte or 1
    found = decode_mending(content[:place] + bytes([byte]) + content[place:])
    assert len(found.text) >= len(content.decode()) - 3


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        (
            "page.txt",
            "<!DOCTYPE html><html><body><article><h1>Un titre</h1>"
            f"<p>{PROSE}</p><p>{PROSE}</p></article></body></html>",
            PROSE,
        ),
        ("lettre.doc", docx([PROSE]), PROSE),
        ("lettre.zip", docx([PROSE]), PROSE),
        ("lettre.txt", docx([PROSE]), PROSE),
        ("lettre", docx([PROSE]), PROSE),
        ("archive.docx", packed({"a.txt": PROSE}), PROSE),
        (
            "imprimé.docx",
            pdf([[(60, 700, 11, "Un mot de la mairie.")]]),
            "Un mot de la mairie.",
        ),
        ("livre.zip", epub({"a.xhtml": f"<html><body><p>{PROSE}</p></body></html>"}), PROSE),
        ("flux.html", rss([{"title": "A", "description": PROSE}]), PROSE),
        ("liste.txt", json.dumps([{"titre": "A", "texte": PROSE}]), PROSE),
        (
            "lignes.txt",
            '{"titre": "A", "texte": "Un."}\n{"titre": "B", "texte": "Un."}\n',
            "Un.",
        ),
        ("courriel.txt", mail(PROSE, Message_ID="<1@x>"), PROSE),
        ("texte.html", PROSE, PROSE),
        ("sous-titres.txt", "1\n00:00:01,000 --> 00:00:02,000\nUn mot.\n", "Un mot."),
        ("lettre.doc", "{\\rtf1\\ansi Un mot de la mairie.}", "Un mot de la mairie."),
    ],
)
def test_what_a_file_is_is_told_by_what_it_holds(
    tmp_path: Path, name: str, content: bytes | str, text: str
) -> None:
    file = write_file(tmp_path, name, content)
    assert find_article_files(tmp_path) == [file]
    articles, said = read_file(file)
    assert [one.reason for one in said] == []
    assert articles
    assert all(text in article.text for article in articles)


@pytest.mark.parametrize(
    "text",
    [
        "[Vidéo] La crue en Brenne.",
        "{Un mot} entre accolades.",
        "From: des nouvelles de la mairie\n\nIl pleut.",
        "< 3 % des voix, dit-il.",
        "De : moi\nÀ : toi\n\nIl pleut.",
        "1\n2\n3 -->",
    ],
)
def test_plain_text_is_plain_text(tmp_path: Path, text: str) -> None:
    assert one_in(tmp_path, "a.txt", text).text == text


def test_endings_that_are_not_read_are_told_in_one_line(chosen: Settings) -> None:
    for name in (
        "a.txt",
        "page.html",
        "vieux.doc",
        "plus vieux.doc",
        "t.text",
        "sans",
        "photo.webm",
    ):
        (chosen.articles / name).write_text(PROSE, "utf-8")
    (chosen.articles / ".cache").write_text("x", "utf-8")
    (chosen.articles / "page_files").mkdir()
    (chosen.articles / "page_files" / "a.js").write_text("x", "utf-8")
    summary = build_folder(chosen, CountingEncoder())
    (line,) = summary.broken
    assert summary.articles == 2
    assert line.reason.startswith(
        "holds 5 files in no format that is read: .doc (2), .text, .webm, sans; "
    )
    again = build_folder(chosen, CountingEncoder())
    assert (again.written, again.broken) == (False, summary.broken)


def test_soft_hyphens_are_kept_and_are_no_letters() -> None:
    article = read_one("07-text-soft-hyphen", "06-soft.txt")
    sentences = split_sentences(article.text, "fr")
    assert len(sentences) == 3
    assert "Ro\u00adsa\u00adlie Quint" in article.text


def test_every_sentence_of_a_markdown_file_is_accounted_for(tmp_path: Path) -> None:
    written = (
        "---\ntitre: Le pont\nrésumé: Un résumé à part.\n---\n\n"
        "# Le pont\n\nUn **mot** gras.\n\n"
        "| Ville | Voix |\n|---|---|\n| Lisle | 12 |\n| Varne | 14 |\n\n"
        "- pain\n- vin\n\n> « Enfin ! »\n\n<div>Un bloc à part.</div>\n\n"
        "![Une légende](a.png)\n\n"
        "Un mot<br>et un autre &amp; la suite \\*.\n\n    du code\n"
    )
    article = one_in(tmp_path, "a.md", written)
    seen = (
        "Le pont\n\nUn mot gras.\n\nVille Voix\n\nLisle 12\n\nVarne 14\n\npain\n\nvin\n\n"
        "« Enfin ! »\n\nUn bloc à part.\n\nUne légende\n\nUn mot et un autre & la suite *."
        "\n\ndu code\n\nUn résumé à part."
    )
    assert lost_sentences(seen, [article]) == []


def test_the_folder_of_cases_has_only_what_is_told() -> None:
    assert {file.suffix for file in CASES.rglob("*.*")} & set(FORMATS)


def test_authors_in_brackets_beside_a_title_that_is_no_yaml(tmp_path: Path) -> None:
    front = '---\ntitle: Crue : le point\nauthors: [Nora Vidal, "Hugo Pré"]\n---\n'
    article = one_in(tmp_path, "a.md", f"{front}\n{PROSE}\n")
    assert (article.title, article.author) == ("Crue : le point", "Nora Vidal, Hugo Pré")
