"""The day of an article: which of the days in a file is taken, in which place, and why."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.errors import SettingsError
from rag.ingest import read_articles
from rag.ingest.folder import reading_options
from rag.ingest.formats.dates import date_in_name, day_in_place, find_date, find_dated
from rag.language.analysis import fold
from rag.language.written_dates import written_dates
from rag.types import Article
from rag.types.provenance import DateFrom
from tests.ingest.case_files import read_one
from tests.ingest.format_cases.case import DAY
from tests.ingest.written_dates import BODY, Line, by_dateparser, by_htmldate, lines, ours, page

LINES = lines()
RIGHT_AT_LEAST = 0.97


@pytest.mark.slow
def test_nearly_every_line_is_read_right_and_no_fewer_than_by_others() -> None:
    def right(read: Callable[[Line], datetime.date | None]) -> int:
        return sum(read(line) == line.expected for line in LINES)

    here = right(ours)
    assert len(LINES) >= 60
    assert here >= RIGHT_AT_LEAST * len(LINES)
    assert here >= right(by_htmldate)
    assert here >= right(by_dateparser)


@pytest.mark.parametrize(
    ("case", "file", "date", "why"),
    [
        ("04-date-1er-sept", "03-premier.html", "2024-03-01", DateFrom.TEXT),
        ("04-date-1er-sept", "16-abbr.html", "2025-09-05", DateFrom.TEXT),
        ("04-date-field-publie-le", "24-md.md", "2025-09-05", DateFrom.PUBLISHED),
        ("04-date-field-publie-le", "26-md.md", "2025-09-05", DateFrom.PUBLISHED),
        ("04-date-footer", "19-copyright.html", None, None),
        ("04-date-updated-first", "04-maj-publie.html", "2025-09-05", DateFrom.TEXT),
        ("04-date-updated-first", "13-modified-only.html", "2025-09-05", DateFrom.TEXT),
        ("04-date-utc", "01-utc-meta.html", "2025-08-16", DateFrom.PUBLISHED),
        ("04-date-utc", "07-ld-utc.html", "2025-08-16", DateFrom.PUBLISHED),
        ("04-date-utc", "11-time-tag.html", "2025-09-06", DateFrom.TEXT),
        ("04-date-utc", "double.rss", "2025-08-16", DateFrom.PUBLISHED),
        ("04-time-element-vanishes", "12-time-tag-maj.html", "2025-09-05", DateFrom.PUBLISHED),
    ],
)
def test_cases(case: str, file: str, date: str | None, why: DateFrom | None) -> None:
    article = read_one(case, file)
    assert (article.date and article.date.isoformat(), article.date_from) == (date, why)


def _read(folder: Path, name: str, content: str, chosen: Settings | None = None) -> Article:
    file = folder / name
    file.write_text(content, "utf-8")
    options = reading_options(chosen or Settings())
    (article,) = read_articles(file, folder, options, "0" * 64)
    assert isinstance(article, Article)
    return article


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "a.csv",
            "titre,texte,date\nMédiathèque,Elle ouvre jeudi.,Publié le 05/09/2025 à 08h30\n",
        ),
        (
            "a.json",
            '[{"titre": "M", "texte": "Elle ouvre.", "date": "Publié le 5 sept. 2025"}]',
        ),
        (
            "a.jsonl",
            '{"titre": "M", "texte": "Elle ouvre.", "publishedAt": "2025-09-04T22:30:00Z"}\n',
        ),
        ("a.md", "---\ndate: Vendredi 5 septembre 2025, 8 h 30\n---\nElle ouvre.\n"),
    ],
)
def test_a_field_may_say_more_than_the_day(tmp_path: Path, name: str, content: str) -> None:
    article = _read(tmp_path, name, content)
    assert article.date == datetime.date(2025, 9, 5)
    assert article.date_from is DateFrom.PUBLISHED


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "texte,date\nElle ouvre jeudi.,Mis à jour le 20/09/2025\n"),
        ("a.json", '[{"texte": "Elle ouvre.", "updated_at": "2025-09-19T23:30:00Z"}]'),
        ("a.md", "---\nlastmod: 2025-09-20\n---\nElle ouvre.\n"),
        ("a.txt", f"Villars\n\nMis à jour le 20 sept. 2025 à 10 h\n\n{BODY[0]}"),
    ],
)
def test_an_update_goes_for_want_of_a_publication(
    tmp_path: Path, name: str, content: str
) -> None:
    article = _read(tmp_path, name, content)
    assert article.date == datetime.date(2025, 9, 20)
    assert article.date_from is DateFrom.UPDATED


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (f"Une médiathèque\n\nPublié le 5 sept. 2025 à 8 h 30\n\n{BODY[0]}", "2025-09-05"),
        (f"Une médiathèque\n5 septembre 2025\n\n{BODY[0]}", "2025-09-05"),
        (
            f"Une médiathèque\n\n{BODY[0]}\n\n{BODY[1]}\n\nPublié le 1er mars 2024.",
            "2024-03-01",
        ),
        # What a sentence, an agenda or a footer tells is not the article's day.
        (f"Un décret publié le 5 septembre 2025\n\n{BODY[0]}", None),
        (f"{BODY[0]} Elle a été publiée le 5 septembre 2025.", None),
        (f"Agenda\n\nSamedi 12 octobre 2025\n\n{BODY[0]}", None),
        (f"Une médiathèque\n\n{BODY[0]}\n\n© Le Courrier, 3 janvier 2019", None),
    ],
)
def test_a_line_of_a_text_may_tell(tmp_path: Path, text: str, date: str | None) -> None:
    article = _read(tmp_path, "a.txt", text)
    assert article.date == (date and datetime.date.fromisoformat(date))
    assert article.date_from is (DateFrom.TEXT if date else None)
    assert article.text == text


def test_what_a_line_says_goes_before_the_name_of_the_file(tmp_path: Path) -> None:
    text = f"Titre\n\nPublié le 5 septembre 2025\n\n{BODY[0]}"
    assert _read(tmp_path, "2025-10-01.txt", text).date == datetime.date(2025, 9, 5)
    updated = f"Titre\n\nMis à jour le 20 septembre 2025\n\n{BODY[0]}"
    named = _read(tmp_path, "2025-09-05.txt", updated)
    assert (named.date, named.date_from) == (datetime.date(2025, 9, 5), DateFrom.FILE_NAME)


def test_the_address_of_a_page_goes_before_its_update(tmp_path: Path) -> None:
    line = next(one for one in LINES if "canonical" in one.written)
    article = _read(tmp_path, "a.html", page(line))
    assert (article.date, article.date_from) == (datetime.date(2025, 9, 5), DateFrom.ADDRESS)


@pytest.mark.parametrize(
    ("timezone", "date"),
    [
        ("auto", "2025-08-16"),
        ("Europe/Paris", "2025-08-16"),
        ("America/Montreal", "2025-08-15"),
        ("UTC", "2025-08-15"),
    ],
)
def test_an_instant_is_of_the_day_in_the_article_s_place(
    tmp_path: Path, timezone: str, date: str
) -> None:
    line = Line(None, "fr", "head", '<meta name="date" content="2025-08-15T22:30:00Z">')
    article = _read(tmp_path, "a.html", page(line), Settings(timezone=timezone))
    assert article.date == datetime.date.fromisoformat(date)
    assert type(article.date) is datetime.date


def test_a_place_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="no timezone; expected"):
        Settings(timezone="Paris/Europe")
    with pytest.raises(SettingsError, match="no timezone; expected"):
        Settings(timezone="../etc")


def test_only_what_is_told_in_utc_depends_on_the_place() -> None:
    far = find_date("2025-08-15T22:30:00-04:00")
    assert far == datetime.date(2025, 8, 15)
    assert day_in_place(far, "fr") == far
    assert day_in_place(None, "fr") is None
    assert day_in_place(find_date("2025-08-15T22:30:00Z"), "fr-BE") == datetime.date(
        2025, 8, 16
    )
    assert day_in_place(find_date("2025-08-15T22:30:00Z"), "en") == datetime.date(2025, 8, 15)


def test_dates_are_where_they_are_said_to_be() -> None:
    text = "Créé le 3 janvier 2019. Publié le 1er mars 2024, modifié le 5 SEPT. 2025 à 8 h 30."
    folded = fold(text)
    found = written_dates(text)
    assert [folded[one.start : one.end] for one in found] == [
        "3 janvier 2019",
        "1er mars 2024",
        "5 sept. 2025 a 8 h 30",
    ]
    assert find_dated(text) is not None


@pytest.mark.parametrize(
    "written", ["9" * 30, "٣٠/٠٩/٢٠٢٥", "0/0/2025", "2025-02-30", "\0", "1e5"]
)
def test_what_is_no_date_is_none(written: str) -> None:
    assert find_date(written) is None


@pytest.mark.parametrize(
    ("written", "date"),
    [
        (
            "2024-05-17T23:30:00Z",
            datetime.datetime(2024, 5, 17, 23, 30, tzinfo=datetime.UTC),
        ),
        ("Fri, 17 May 2024 00:30:00 +0200", DAY),
        ("17 mai 2024", DAY),
        ("vendredi 17 mai 2024", DAY),
        ("17/05/2024", DAY),
        ("05/06/2024", datetime.date(2024, 6, 5)),
        ("May 17, 2024", DAY),
        ("20240517", DAY),
        (1715904000, DAY),
        ("1715904000000", DAY),
        ("mai 2024", None),
        ("hier", None),
        ("il y a deux jours", None),
        ("2024", None),
        ("12345", None),
        ("9" * 50, None),
        (None, None),
        ("", None),
        (True, None),
    ],
)
def test_find_date(written: object, date: datetime.date | None) -> None:
    assert find_date(written) == date


@settings(deadline=None)
@given(st.text(max_size=80) | st.integers() | st.floats() | st.none())
def test_anything_may_be_asked_for_its_date(written: object) -> None:
    found = find_date(written)
    assert found is None or isinstance(found, datetime.date)


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2024-05-17-titre.txt", DAY),
        ("titre_2024_05_17.txt", DAY),
        ("une-20240517.pdf", DAY),
        ("20240517T1030.txt", None),
        ("000_7952201a0ce36f6f.txt", None),
        ("12345678.txt", None),
        ("2024-13-01 puis 2024-05-17.txt", DAY),
        ("2024-05.txt", None),
    ],
)
def test_date_in_name(name: str, date: datetime.date | None) -> None:
    assert date_in_name(name) == date
