"""Exports of press databases, Europresse and Factiva: one page, many articles."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.ingest.formats.dates import find_date
from rag.ingest.formats.export_article import (
    COPYRIGHT,
    LANGUAGES,
    author_named,
    looks_like_names,
    one_line,
    page_named,
)
from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.member import Draft, Member
from rag.ingest.formats.member_keys import Keys
from rag.ingest.formats.page_blocks import Block, page_blocks
from rag.types.provenance import LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DAY = re.compile(
    r"\b\d{1,2}(?:er|st|nd|rd|th)?\s+[^\W\d_]{3,10}\.?,?\s+(?:19|20)\d\d\b"
    r"|\b[^\W\d_]{3,10}\.?\s+\d{1,2},?\s+(?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d-\d\d-\d\d\b|\b\d\d/\d\d/(?:19|20)\d\d\b"
)
_PAGE = re.compile(r"\b(?:p|pp|page|pages)\.?\s*([A-Z]{0,5}[- ]?\d{1,4}[A-Z]?)\b", re.I)
_WORD_COUNT = re.compile(r"^[\d\s.,\u00a0\u202f]+\s*(?:words?|mots?|wörter|palabras)$", re.I)
_DOCUMENT = re.compile(r"^Document\s+([A-Za-z0-9]{12,40})$")
_EUROPRESSE_NUMBER = re.compile(r"\b(?:news|biz|web)[·:;.-]\d{8}[·:;.-][\w·:;.-]{2,60}")
# Above what Europresse puts at the end of a text.
_LABEL = re.compile(r"(notes?|illustrations?|encadrés?|légendes?)(?:\(s\))?\s*:", re.I)
_LABELLED = {
    **dict.fromkeys(("note", "notes"), PlaceKind.NOTE),
    **dict.fromkeys(
        ("illustration", "illustrations", "légende", "légendes"), PlaceKind.CAPTION
    ),
    **dict.fromkeys(("encadré", "encadrés"), PlaceKind.BOX),
}
_APPEARED = re.compile(r"cet article est (?:paru|apparu) dans .{2,60}$", re.I)
# Factiva's own names of the parts of an article.
_FACTIVA_CODES = frozenset(
    "SE HD BY WC PD ET SN SC ED PG VOL LA CY LP TD CT ART CO IN NS RE IPD IPC PUB AN CR"
    " CLM".split()
)


@dataclass(slots=True)
class _Record:
    """One article of an export as it is put together."""

    marked: MarkedText = field(default_factory=MarkedText)
    title: str = ""
    source: str | None = None
    day: datetime.date | None = None
    page: int | str | None = None
    author: str | None = None
    language: str | None = None
    number: str | None = None
    # What of a kind of its own stands at the end of the text, once it has begun.
    appended: PlaceKind | None = None

    def add(self, text: str, kind: PlaceKind, row: int | None = None) -> None:
        self.marked.add(text, kind, page=self.page, row=row)

    def leave_out(self, text: str, kind: LeftOutKind = LeftOutKind.HEADER) -> None:
        self.marked.leave_out(kind, text)

    def draft(self) -> Draft:
        return Draft(
            self.marked.text,
            title=self.title or None,
            date=self.day,
            source=self.source,
            author=self.author,
            language=self.language,
            places=self.marked.places,
            left_out=self.marked.left_out,
        )


def exported_articles(root: HtmlElement) -> list[Member]:
    """The articles of an export in its order; none when ``root`` is no such page.

    The key of an article is its number in the database, else its title.
    """
    records = [_europresse(one) for one in _europresse_elements(root)]
    records = records or [_factiva(one) for one in _factiva_elements(root)]
    keys = Keys()
    return [
        Member(one.draft(), key=keys.of(one.number, None, one.title, one.marked.text))
        for one in records
        if one.marked.text
    ]


def _with_class(root: HtmlElement, *names: str) -> list[HtmlElement]:
    """The elements under ``root`` that have one of ``names``, in small letters, in a class."""
    return [
        one
        for one in root.iter()
        if isinstance(one.tag, str)
        and any(name in (one.get("class") or "").lower() for name in names)
    ]


# Europresse


def _europresse_elements(root: HtmlElement) -> list[HtmlElement]:
    found: dict[HtmlElement, None] = {}
    texts = _with_class(root, "doctext")
    if not texts or not _with_class(root, "docpublicationname", "docheader"):
        return []
    for text in texts:
        around = next(text.iterancestors("article"), None)
        if around is None:
            around = next(
                (one for one in text.iterancestors() if _with_class(one, "docpublicationname")),
                None,
            )
        if around is not None:
            found[around] = None
    return list(found)


def _europresse(article: HtmlElement) -> _Record:
    record = _Record()
    blocks = page_blocks(article)
    inside = [(block, _classes(block.element, article)) for block in blocks]
    names = _with_class(article, "docpublicationname")
    record.source = _words(names[0]) if names else None
    headers = _with_class(article, "docheader")
    about = " ".join(_words(one) for one in (*names[:1], *headers))
    for one in headers:
        _europresse_header(record, _words(one))
    titles = [
        *_with_class(article, "titrearticlevisu", "articletitle"),
        *article.iter("h1"),
        *_with_class(article, "titrearticle"),
    ]
    title = next((one for one in titles if _words(one)), None)
    record.title = _words(title) if title is not None else ""
    authors = _with_class(article, "docauthor", "sm-margin-bottomnews")
    if authors:
        record.author = author_named(_words(authors[0]))
    for block, classes in inside:
        _add_europresse(record, block, classes, about)
    number = _EUROPRESSE_NUMBER.search(" ".join(article.itertext()))
    record.number = number[0] if number else None
    return record


def _add_europresse(record: _Record, block: Block, classes: str, about: str) -> None:
    text = " ".join(block.text.split())
    if block.left_out is not None:
        record.leave_out(text, block.left_out)
    elif "doctext" in classes:
        if _EUROPRESSE_NUMBER.fullmatch(text) or _APPEARED.match(text):
            record.leave_out(text, LeftOutKind.FOOTER)
        else:
            label = _LABEL.fullmatch(text)
            record.appended = _LABELLED[label[1].lower()] if label else record.appended
            record.add(block.text, record.appended or block.kind, block.row)
    elif text == record.title:
        record.add(text, PlaceKind.HEADING)
    elif text in about:
        record.leave_out(text)
    elif any(name in classes for name in ("subtitle", "soustitre", "chapo", "doclead")):
        record.add(text, PlaceKind.STANDFIRST)
    elif any(name in classes for name in ("docpublicationname", "docheader", "docauthor")):
        record.leave_out(text)
    elif any(name in classes for name in ("titrearticle", "articletitle")):
        record.add(text, PlaceKind.HEADING)
    else:
        kind = LeftOutKind.FOOTER if record.marked.text else LeftOutKind.HEADER
        record.leave_out(text, kind)


def _europresse_header(record: _Record, words: str) -> None:
    """What « Économie, jeudi 12 mars 2025, p. 14 » tells."""
    day = _DAY.search(words)
    if day and record.day is None:
        record.day = find_date(day[0])
    page = _PAGE.search(words)
    if page and record.page is None:
        record.page = page_named(page[1])


def _classes(element: HtmlElement, article: HtmlElement) -> str:
    """The classes of an element and of what it stands in, within its article."""
    found = []
    for one in (element, *element.iterancestors()):
        if one is article:
            break
        found.append((one.get("class") or "").lower())
    return " ".join(found)


# Factiva


def _factiva_elements(root: HtmlElement) -> list[HtmlElement]:
    found = []
    for one in root.iter("div"):
        classes = (one.get("class") or "").lower().split()
        is_article = "article" in classes and any(name.endswith("article") for name in classes)
        if is_article and (
            _with_class(one, "articleparagraph", "headline")
            or next(_coded_rows(one), None) is not None
        ):
            found.append(one)
    return found


def _factiva(article: HtmlElement) -> _Record:
    if next(_coded_rows(article), None) is not None:
        return _factiva_coded(article)
    record = _Record()
    headlines = _with_class(article, "headline")
    record.title = _words(headlines[0]) if headlines else ""
    authors = _with_class(article, "author", "byline")
    if authors:
        record.author = author_named(_words(authors[0]))
    has_begun = False
    header: list[str] = []
    blocks = page_blocks(article)
    for block in blocks:
        text = " ".join(block.text.split())
        classes = _classes(block.element, article)
        document = _DOCUMENT.match(text)
        if block.left_out is not None:
            record.leave_out(text, block.left_out)
        elif document:
            record.number = document[1]
            record.leave_out(text, LeftOutKind.FOOTER)
        elif "articleparagraph" in classes or (has_begun and not COPYRIGHT.match(text)):
            if not has_begun:
                _factiva_header(record, header)
            has_begun = True
            record.add(block.text, block.kind, block.row)
        elif COPYRIGHT.match(text):
            record.leave_out(text, LeftOutKind.FOOTER)
        else:
            header.append(text)
    if not has_begun:
        _factiva_header(record, header)
    return record


def _factiva_header(record: _Record, lines: Sequence[str]) -> None:
    """What the lines between the title and the text tell, by their order."""
    dated = False
    for line in lines:
        if line == record.title:
            continue
        record.leave_out(line)
        day = _DAY.fullmatch(line)
        page = _PAGE.fullmatch(line)
        if _WORD_COUNT.match(line) or re.fullmatch(r"\d{1,2}:\d\d(?: [AP]M)?", line):
            continue
        if day and not dated:
            record.day, dated = find_date(line), True
        elif line.lower() in LANGUAGES:
            record.language = LANGUAGES[line.lower()]
        elif page or (dated and record.source and re.fullmatch(r"[A-Z]{0,3}\d{1,4}", line)):
            record.page = page_named(page[1] if page else line)
        elif dated and record.source is None:
            record.source = line
        elif not dated and record.author is None and looks_like_names(line):
            record.author = author_named(line)
    # Above the text: its page is known by now.
    if record.title in lines:
        record.add(record.title, PlaceKind.HEADING)


def _coded_rows(article: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    """The rows of a table whose first cells are Factiva's names: HD, BY, PD."""
    for row in article.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        code = _words(cells[0]) if len(cells) == 2 else ""
        if code in _FACTIVA_CODES:
            yield code, cells[1]


def _factiva_coded(article: HtmlElement) -> _Record:
    record = _Record()
    rows = list(_coded_rows(article))
    told = {code: _words(cell) for code, cell in rows}
    record.title = told.get("HD", "")
    record.source = told.get("SN")
    record.day = find_date(told.get("PD"))
    record.page = page_named(told["PG"]) if told.get("PG") else None
    record.author = author_named(told.get("BY", ""))
    record.language = LANGUAGES.get(told.get("LA", "").lower())
    record.number = re.sub(r"^Document\s+", "", told.get("AN", "")) or None
    for code, cell in rows:
        if code == "HD":
            record.add(record.title, PlaceKind.HEADING)
        elif code in ("LP", "TD"):
            for block in page_blocks(cell):
                record.add(block.text, block.kind, block.row)
        else:
            kind = LeftOutKind.FOOTER if code in ("CY", "AN", "PUB") else LeftOutKind.HEADER
            record.leave_out(f"{code} {told[code]}", kind)
    return record


def _words(element: HtmlElement) -> str:
    return one_line(" ".join(element.itertext()))
