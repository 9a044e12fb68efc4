"""Lines that tell an article's day or seem to, and what is read of each by us and others."""

from __future__ import annotations

import datetime
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rag.ingest import read_articles
from rag.ingest.formats.dates import day_in_place, find_date
from rag.ingest.formats.limits import ReadingOptions
from rag.types import Article

LINES = Path(__file__).parent / "data" / "dates.tsv"
TITLE = "Une médiathèque pour Villars"
BODY = (
    "La commune de Villars-sur-Orne a inauguré samedi sa nouvelle médiathèque, un bâtiment de "
    "bois et de verre de 900 mètres carrés voulu par la maire Édith Coran. Les travaux ont "
    "duré deux ans et coûté 4,1 millions d’euros, dont une moitié payée par la région.",
    "Les lecteurs pourront emprunter dix livres pour un mois, et une salle de musique "
    "accueillera les élèves du collège Jules-Renart chaque mercredi après-midi.",
)


@dataclass(frozen=True)
class Line:
    """What is written in a field, above a text, or in a part of a page, and its day."""

    expected: datetime.date | None
    language: str
    kind: str
    written: str


def lines() -> list[Line]:
    """The lines of the file beside this one."""
    found: list[Line] = []
    for row in LINES.read_text("utf-8").splitlines()[1:]:
        expected, language, kind, written = row.split("\t")
        day = None if expected == "-" else datetime.date.fromisoformat(expected)
        found.append(Line(day, language, kind, written))
    return found


def page(line: Line) -> str:
    """A page of an article with the line at its place."""
    head = line.written if line.kind == "head" else ""
    above = line.written if line.kind in ("above", "field", "line") else ""
    if line.kind in ("field", "line"):
        above = f"<p>{above}</p>"
    below = line.written if line.kind == "below" else ""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in BODY)
    return (
        f'<!DOCTYPE html><html lang="{line.language}"><head><meta charset="utf-8">'
        f"<title>{TITLE}</title>{head}</head><body><main><article><h1>{TITLE}</h1>"
        f"{above}{body}{below}</article></main></body></html>"
    )


def ours(line: Line) -> datetime.date | None:
    """The day that is read here."""
    if line.kind == "field":
        return day_in_place(find_date(line.written, line.language), line.language)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(page(line), "utf-8")
        return read_day(file)


def read_day(file: Path) -> datetime.date | None:
    """The day of the only article of ``file``."""
    (article,) = read_articles(file, file.parent, ReadingOptions(), "0" * 64)
    assert isinstance(article, Article)
    return article.date


def by_htmldate(line: Line) -> datetime.date | None:
    """The day that htmldate finds in the page, the original one as asked for."""
    import htmldate

    found = htmldate.find_date(page(line), original_date=True)
    return datetime.date.fromisoformat(found) if found else None


def by_dateparser(line: Line) -> datetime.date | None:
    """The day that dateparser finds in the words: a field's whole, else the first there is."""
    import dateparser
    import dateparser.search
    from lxml import html

    order = "MDY" if line.language == "en-US" else "DMY"
    settings = {
        "DATE_ORDER": order,
        "PARSERS": ["absolute-time", "timestamp"],
        "REQUIRE_PARTS": ["day", "month", "year"],
        "TO_TIMEZONE": "Europe/Paris",
    }
    languages = [line.language.partition("-")[0]]
    if line.kind == "field":
        found = dateparser.parse(line.written, languages=languages, settings=settings)
        return found.date() if found else None
    words = html.document_fromstring(page(line)).text_content()
    if line.kind == "line":
        words = line.written
    dates = dateparser.search.search_dates(words, languages=languages, settings=settings)
    return dates[0][1].date() if dates else None
