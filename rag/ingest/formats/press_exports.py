"""Exports of press databases, in any office format: a block of facts, an article, the next.

LexisNexis tells an article's end ("End of Document") or its beginning ("2 of 50 DOCUMENTS"),
Factiva its end ("Document LEMOND0020250905el95000c1").
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.ingest.formats.dates import find_date
from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.member import Draft, Member
from rag.ingest.formats.member_keys import Keys
from rag.ingest.formats.office import Block, Document, draft_of
from rag.language.typography import MONTHS
from rag.provenance import DateFrom, LeftOutKind, PlaceKind

if TYPE_CHECKING:
    import datetime

_LEXIS_END = re.compile(r"(?:end of document|fin d[ue] document)", re.I)
_LEXIS_START = re.compile(r"(?:document\s+)?\d+ (?:of|de|sur) \d+(?: documents?)?", re.I)
_FACTIVA_END = re.compile(r"Document ([A-Za-z]\w{11,39})")
_LEXIS_BODY = re.compile(r"(?:body|corps|text|texte|texte intégral|full text)", re.I)
_LEXIS_FIELD = re.compile(
    r"(length|longueur|byline|auteur|author|signataire|section|rubrique|dateline|highlight"
    r"|chapeau|headline|titre|copyright|edition|édition)\s*:\s*(.*)",
    re.I | re.S,
)
_LEXIS_GRAPHIC = re.compile(
    r"(?:graphics?|graphique|illustration)s?(?:\s*:\s*(.*))?", re.I | re.S
)
_LEXIS_REST = re.compile(
    r"(?:classification|load-date|date de chargement|language|langue|publication-type"
    r"|type de publication|journal code|subject|sujet)(?:\s*:.*)?",
    re.I | re.S,
)
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright\b)", re.I)
_RIGHTS = re.compile(r"(?:all rights reserved|tous droits réservés)\.?", re.I)
_WORD_COUNT = re.compile(r"\d[\d\s.,]*\s(?:words|mots|wörter|palabras|parole|woorden)", re.I)
_TIME = re.compile(r"\d{1,2}\s?[:h]\s?\d{2}(?:\s?(?:am|pm))?(?:\s?gmt)?", re.I)
_CODE = re.compile(r"[A-Z0-9]{2,8}")
_PAGE = re.compile(r"(?:pg?\.|pages?)\s*([A-Z]?\d+)|([A-Z]?\d{1,3})", re.I)
_BYLINE = re.compile(r"(?:par|by|von)\s*:?\s+", re.I)
_MONTH = "|".join(month for language in ("fr", "en") for month in MONTHS[language])
_DAY = re.compile(
    rf"\d{{1,2}}(?:er)?\s+(?:{_MONTH})\s+\d{{4}}|(?:{_MONTH})\s+\d{{1,2}},?\s+\d{{4}}", re.I
)
_LONGEST_DATE_LINE = 80
_LANGUAGES = {
    **dict.fromkeys(("french", "français", "francais"), "fr"),
    **dict.fromkeys(("english", "anglais"), "en"),
    **dict.fromkeys(("german", "allemand", "deutsch"), "de"),
    **dict.fromkeys(("spanish", "espagnol", "español"), "es"),
    **dict.fromkeys(("italian", "italien", "italiano"), "it"),
    **dict.fromkeys(("dutch", "néerlandais", "nederlands"), "nl"),
    **dict.fromkeys(("portuguese", "portugais", "português"), "pt"),
}
# What Factiva calls its fields where an export has them in two columns.
_FACTIVA_FIELDS = frozenset(
    "CLM SE HD BY CR WC PD ET SN SC ED PG VOL LA CY LP TD CT RF ART CO IN NS RE IPC IPD PUB"
    " AN".split()
)


@dataclass(slots=True)
class _Article:
    """An article of an export, as it is put together."""

    title: str = ""
    source: str | None = None
    author: str | None = None
    date: datetime.date | None = None
    language: str | None = None
    page: int | str | None = None
    identifier: str = ""
    body: list[Block] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)


def members_of(document: Document) -> Iterator[Member]:
    """The article of a document, or the articles where it is an export of the press."""
    lines = list(_lines(document.blocks))
    articles = [one for one in _lexis(lines) or _factiva(lines) if one.body]
    if not articles:
        yield Member(draft_of(document))
        return
    keys = Keys()
    for number, article in enumerate(articles):
        draft = _draft(article, document if number == 0 else None)
        key = keys.of(article.identifier, None, draft.title, draft.text)
        yield Member(draft, key=key if len(articles) > 1 else "")


def _lines(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, a row of a table as the lines of its cells."""
    for block in blocks:
        if block.cells:
            yield from (Block(cell, block.kind, block.row) for cell in block.cells)
        else:
            yield block


def _draft(article: _Article, document: Document | None) -> Draft:
    """The draft of ``article``; what ``document`` leaves out is told with the first one."""
    marked = MarkedText()
    for block in article.body:
        marked.add(block.text, block.kind, page=article.page, row=block.row)
    for facts in article.facts:
        marked.leave_out(LeftOutKind.NOTICE, facts)
    for kind, text in document.left_out if document else ():
        marked.leave_out(kind, text)
    return Draft(
        marked.text,
        title=article.title or None,
        date=article.date,
        date_from=DateFrom.PUBLISHED if article.date else None,
        source=article.source,
        author=article.author,
        language=article.language,
        places=marked.places,
        left_out=marked.left_out,
    )


def _lexis(lines: Sequence[Block]) -> list[_Article]:
    """The articles of an export of LexisNexis, none where it is no such export."""
    if any(_LEXIS_END.fullmatch(line.text) for line in lines):
        parts = _parts(lines, _LEXIS_END)
        return [_lexis_article(part) for part in parts if _has_facts(part)]
    starts = [n for n, line in enumerate(lines) if _LEXIS_START.fullmatch(line.text)]
    bounds = itertools.pairwise([*starts, len(lines)])
    parts = [list(lines[start + 1 : end]) for start, end in bounds]
    return [_lexis_article(part) for part in parts if _has_facts(part)]


def _parts(lines: Sequence[Block], end: re.Pattern[str]) -> list[list[Block]]:
    """The lines up to each that is an ``end``, without it, and those after the last."""
    parts: list[list[Block]] = [[]]
    for line in lines:
        if end.fullmatch(line.text):
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _has_facts(lines: Sequence[Block]) -> bool:
    return any(_LEXIS_FIELD.match(line.text) for line in lines) and any(map(_day, lines))


def _lexis_article(lines: Sequence[Block]) -> _Article:
    article = _Article()
    begin = _begin_of_body(lines)
    head, rest = lines[:begin], lines[begin:]
    _read_lexis_head(article, head)
    kind: PlaceKind | None = None
    is_over = False
    for line in rest:
        graphic = _LEXIS_GRAPHIC.fullmatch(line.text)
        if is_over or _LEXIS_REST.fullmatch(line.text):
            is_over = True
            article.facts.append(line.text)
            _read_language(article, line.text)
        elif graphic and (graphic[1] or len(line.text) < 20):
            kind = PlaceKind.CAPTION
            if graphic[1]:
                article.body.append(Block(graphic[1], kind))
        elif not _LEXIS_BODY.fullmatch(line.text):
            article.body.append(Block(line.text, kind, line.row) if kind else line)
    return article


def _begin_of_body(lines: Sequence[Block]) -> int:
    """Where the words of the article begin: after "Body", else after the last fact."""
    for number, line in enumerate(lines):
        if _LEXIS_BODY.fullmatch(line.text):
            return number
    facts = [n for n, line in enumerate(lines) if _LEXIS_FIELD.match(line.text)]
    return (facts[-1] + 1) if facts else 0


def _read_lexis_head(article: _Article, lines: Sequence[Block]) -> None:
    """The facts before an article: its title, its outlet, its day, then fields."""
    days = [n for n, line in enumerate(lines) if _day(line) and not _COPYRIGHT.match(line.text)]
    day = days[-1] if days else None
    told: set[int] = set()
    if day is not None:
        article.date = find_date(_day(lines[day]))
        told.add(day)
        if day >= 1:
            article.source = _line(lines[day - 1].text)
            told.add(day - 1)
        if day >= 2 and not _is_fact(lines[day - 2].text):
            article.title = _line(lines[day - 2].text)
            told.add(day - 2)
    for number, line in enumerate(lines):
        found = _LEXIS_FIELD.fullmatch(line.text)
        if found:
            _read_lexis_field(article, found[1].lower(), found[2].strip())
        elif day is not None and number > day and not article.title and not _is_fact(line.text):
            # Older exports have the title after the day.
            article.title = _line(line.text)
            told.add(number)
    if article.title:
        article.body.insert(0, Block(article.title, PlaceKind.HEADING))
    article.facts.extend(line.text for number, line in enumerate(lines) if number not in told)


def _read_lexis_field(article: _Article, name: str, value: str) -> None:
    if name in ("byline", "auteur", "author", "signataire"):
        article.author = _author(value)
    elif name in ("headline", "titre"):
        article.title = _line(value)
    elif name in ("highlight", "chapeau") and value:
        article.body.append(Block(value, PlaceKind.STANDFIRST))
    elif name in ("section", "rubrique"):
        page = re.search(r"\b(?:pg?\.|pages?)\s*([A-Z]?\d+)", value, re.I)
        if page:
            article.page = _page(page[1])


def _is_fact(text: str) -> bool:
    return bool(_LEXIS_FIELD.match(text) or _COPYRIGHT.match(text) or _RIGHTS.fullmatch(text))


def _read_language(article: _Article, text: str) -> None:
    found = re.match(r"(?:language|langue)\s*:\s*(\w+)", text, re.I)
    if found:
        article.language = _LANGUAGES.get(found[1].lower())


def _factiva(lines: Sequence[Block]) -> list[_Article]:
    """The articles of an export of Factiva, none where it is no such export."""
    ends = [n for n, line in enumerate(lines) if _FACTIVA_END.fullmatch(line.text)]
    articles: list[_Article] = []
    start = 0
    for end in ends:
        part = lines[start:end]
        start = end + 1
        article = _factiva_fields(part) or _factiva_article(part)
        if article is not None:
            found = _FACTIVA_END.fullmatch(lines[end].text)
            article.identifier = found[1] if found else ""
            article.facts.append(lines[end].text)
            articles.append(article)
    return articles


def _factiva_article(lines: Sequence[Block]) -> _Article | None:
    """An article whose facts stand a line each: title, words, day, outlet, language."""
    count = next((n for n, line in enumerate(lines) if _WORD_COUNT.fullmatch(line.text)), None)
    if count is None:
        return None
    article = _Article()
    _read_headline(article, lines[:count])
    number = count + 1
    while number < len(lines):
        text = lines[number].text
        is_last = bool(_COPYRIGHT.match(text))
        if not is_last and not _read_factiva_fact(article, text):
            break
        article.facts.append(text)
        number += 1
        if is_last:
            break
    article.facts.insert(0, lines[count].text)
    if article.title:
        article.body.append(Block(article.title, PlaceKind.HEADING))
    article.body.extend(lines[number:])
    return article


def _read_factiva_fact(article: _Article, text: str) -> bool:
    """Take one line of facts; False where it is the article's first paragraph already."""
    day = _DAY.search(text) if len(text) <= _LONGEST_DATE_LINE else None
    if article.date is None:
        if day:
            article.date = find_date(day[0])
        return day is not None
    if article.language is not None:
        return False
    if text.lower() in _LANGUAGES:
        article.language = _LANGUAGES[text.lower()]
    elif _TIME.fullmatch(text):
        pass
    elif article.source is None:
        article.source = _line(text)
    elif _PAGE.fullmatch(text):
        found = _PAGE.fullmatch(text)
        article.page = _page((found[1] or found[2]) if found else text)
    elif not _CODE.fullmatch(text) and len(text.split()) > 4:
        return False
    return True


def _read_headline(article: _Article, lines: Sequence[Block]) -> None:
    """What stands before the count of words: a section, the title, who wrote it."""
    bold = [n for n, line in enumerate(lines) if line.kind is PlaceKind.HEADING]
    if bold:
        first, last = bold[0], bold[-1] + 1
    elif len(lines) >= 3:
        first, last = len(lines) - 2, len(lines) - 1
    elif len(lines) == 2 and not _looks_like_names(lines[1].text):
        first, last = 1, 2
    else:
        first, last = 0, 1
    article.title = _line(" ".join(line.text for line in lines[first:last]))
    if lines[last:]:
        article.author = _author(" ".join(line.text for line in lines[last:]))
    article.facts.extend(line.text for line in lines[:first])


def _looks_like_names(text: str) -> bool:
    words = text.split()
    return bool(_BYLINE.match(text)) or (
        len(words) <= 6
        and all(word[0].isupper() or word in ("de", "et", "and", "du") for word in words)
    )


def _factiva_fields(lines: Sequence[Block]) -> _Article | None:
    """An article whose facts stand in two columns, the first with codes of two letters."""
    values: dict[str, list[Block]] = {}
    current: list[Block] | None = None
    before: list[str] = []
    for line in lines:
        if line.text in _FACTIVA_FIELDS and line.row is not None and line.text not in values:
            current = values[line.text] = []
        elif current is None:
            before.append(line.text)
        else:
            current.append(line)
    if "HD" not in values or not {"LP", "TD"} & values.keys():
        return None

    def said(name: str) -> str:
        return _line(" ".join(line.text for line in values.get(name, ())))

    article = _Article(
        title=said("HD"),
        source=said("SN") or None,
        author=_author(said("BY")),
        date=find_date(said("PD")),
        language=_LANGUAGES.get(said("LA").lower()),
        page=_page(said("PG")) if said("PG") else None,
        facts=before,
    )
    article.body.append(Block(article.title, PlaceKind.HEADING))
    for name, blocks in values.items():
        if name in ("LP", "TD", "CT", "ART"):
            article.body.extend(Block(one.text) for one in blocks)
        elif name not in ("HD", "BY", "SN"):
            article.facts.append(f"{name} {said(name)}")
    return article


def _day(line: Block) -> str:
    """The day that a short line names, "" where it is none."""
    found = _DAY.search(line.text) if len(line.text) <= _LONGEST_DATE_LINE else None
    # A sentence may name a day too.
    return found[0] if found and not line.text.rstrip().endswith(".") else ""


def _page(written: str) -> int | str:
    return int(written) if written.isdecimal() else written


def _author(written: str) -> str | None:
    return _BYLINE.sub("", _line(written), count=1) or None


def _line(text: str) -> str:
    return " ".join(text.split())
