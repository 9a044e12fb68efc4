"""Text files to articles: encodings, titles, languages, dates, ids, and what is refused."""

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
from rag.ingest import read_article
from rag.ingest.formats.dates import parse_date
from rag.ingest.formats.encoding import decode
from rag.ingest.formats.plain import title_in
from tests.fakes import write_article
from tests.ingest.reading_one import read_one, refusal

MAX_BYTES = 1_000_000
PROSE = (
    "Le maire a inauguré hier l’école rénovée « Jean-Moulin » ; les élèves y étudieront dès "
    "septembre. Coût : 3 millions d’euros, financés à 40 % par l’État."
)
MORE_PROSE = (
    "Le chantier a duré dix-huit mois et mobilisé une dizaine d’entreprises de la région, a "
    "précisé l’adjointe aux travaux lors de la visite."
)
SEEDS = Path(__file__).parents[2] / "seeds"


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
    article = read_one(tmp_path, "a.txt", written)
    assert (article.date, article.text) == (date, text)


def test_a_date_alone_is_no_article(tmp_path: Path) -> None:
    assert "holds no words" in refusal(tmp_path, "a.txt", " date 2024-02-29 ")


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
    assert read_one(tmp_path, "a.txt", content).text == PROSE


@pytest.mark.parametrize(
    "text",
    ["Été à Nice", "Œuvre d’art volée", "DÉJÀ VU À LA TÉLÉ", "Le café coûte 2 €.", "L'école"],
)
def test_short_texts_of_windows(tmp_path: Path, text: str) -> None:
    assert read_one(tmp_path, "a.txt", text.encode("cp1252")).text == text


@given(st.text("aeinrst éèàçêôœ«»’…€,.\n"))
def test_french_text_survives_windows(text: str) -> None:
    content = text.encode("cp1252")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        assert decode(content) == text


def test_line_ends_are_one_kind(tmp_path: Path) -> None:
    article = read_one(tmp_path, "a.txt", "Un.\r\n\r\nDeux.\rTrois.\n")
    assert article.text == "Un.\n\nDeux.\nTrois.\n"


def test_letters_are_composed(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", PROSE)
    assert decomposed != PROSE
    assert read_one(tmp_path, "a.txt", decomposed).text == PROSE


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
    assert reason in refusal(tmp_path, "a.txt", content)


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
    assert "name that is not in UTF-8" in refusal(tmp_path, name, PROSE)


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
    assert read_one(tmp_path, "a.txt", text).language == language


@pytest.mark.parametrize(
    ("declared", "language"),
    [("lv", "lv"), ("zh-Hans", "zh"), ("fr_CA", "fr"), ("EN-us", "en"), ("none", "fr")],
)
def test_a_declared_language_is_believed_where_there_is_such_a_one(
    tmp_path: Path, declared: str, language: str
) -> None:
    text = f"---\nlang: {declared}\n---\n{PROSE}"
    assert read_one(tmp_path, "a.md", text).language == language


def test_ids_come_from_path_and_text(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    article = read_one(here, "a.txt", PROSE)
    assert read_one(there, "a.txt", PROSE) == article
    other_path = read_one(here, "b.txt", PROSE)
    other_text = read_one(there, "a.txt", MORE_PROSE)
    assert len({article.id, other_path.id, other_text.id}) == 3
    assert other_path.file_hash == article.file_hash != other_text.file_hash


def test_the_first_folder_is_the_source(tmp_path: Path) -> None:
    assert read_one(tmp_path, "courrier/2024/a.txt", PROSE).source == "courrier"
    assert read_one(tmp_path, "courrier/2024/a.txt", PROSE).path == "courrier/2024/a.txt"
    assert read_one(tmp_path, "a.txt", PROSE).source is None


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
