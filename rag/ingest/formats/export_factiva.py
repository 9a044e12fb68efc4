"""Exports of Factiva: facts a line each or in two columns, an article, "Document LEMOND0…"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.formats.dates import find_date
from rag.ingest.formats.export_article import (
    COPYRIGHT,
    DAY,
    LANGUAGES,
    LONGEST_DATE_LINE,
    ExportedArticle,
    author_named,
    looks_like_names,
    one_line,
    page_named,
)
from rag.ingest.formats.office import Block
from rag.types.provenance import PlaceKind

_FACTIVA_END = re.compile(r"Document ([A-Za-z]\w{11,39})")
_WORD_COUNT = re.compile(r"\d[\d\s.,]*\s(?:words|mots|wörter|palabras|parole|woorden)", re.I)
_TIME = re.compile(r"\d{1,2}\s?[:h]\s?\d{2}(?:\s?(?:am|pm))?(?:\s?gmt)?", re.I)
_CODE = re.compile(r"[A-Z0-9]{2,8}")
_PAGE = re.compile(r"(?:pg?\.|pages?)\s*([A-Z]?\d+)|([A-Z]?\d{1,3})", re.I)
# What Factiva calls its fields where an export has them in two columns.
_FACTIVA_FIELDS = frozenset(
    "CLM SE HD BY CR WC PD ET SN SC ED PG VOL LA CY LP TD CT RF ART CO IN NS RE IPC IPD PUB"
    " AN".split()
)


def factiva_articles(lines: Sequence[Block]) -> list[ExportedArticle]:
    """The articles of an export of Factiva, none where it is no such export."""
    ends = [n for n, line in enumerate(lines) if _FACTIVA_END.fullmatch(line.text)]
    articles: list[ExportedArticle] = []
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


def _factiva_article(lines: Sequence[Block]) -> ExportedArticle | None:
    """An article whose facts stand a line each: title, words, day, outlet, language."""
    count = next((n for n, line in enumerate(lines) if _WORD_COUNT.fullmatch(line.text)), None)
    if count is None:
        return None
    article = ExportedArticle()
    _read_headline(article, lines[:count])
    number = count + 1
    while number < len(lines):
        text = lines[number].text
        is_last = bool(COPYRIGHT.match(text))
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


def _read_factiva_fact(article: ExportedArticle, text: str) -> bool:
    """Take one line of facts; False where it is the article's first paragraph already."""
    day = DAY.search(text) if len(text) <= LONGEST_DATE_LINE else None
    if article.date is None:
        if day:
            article.date = find_date(day[0])
        return day is not None
    if article.language is not None:
        return False
    if text.lower() in LANGUAGES:
        article.language = LANGUAGES[text.lower()]
    elif _TIME.fullmatch(text):
        pass
    elif article.source is None:
        article.source = one_line(text)
    elif _PAGE.fullmatch(text):
        found = _PAGE.fullmatch(text)
        article.page = page_named((found[1] or found[2]) if found else text)
    elif not _CODE.fullmatch(text) and len(text.split()) > 4:
        return False
    return True


def _read_headline(article: ExportedArticle, lines: Sequence[Block]) -> None:
    """What stands before the count of words: a section, the title, who wrote it."""
    bold = [n for n, line in enumerate(lines) if line.kind is PlaceKind.HEADING]
    if bold:
        first, last = bold[0], bold[-1] + 1
    elif len(lines) >= 3:
        first, last = len(lines) - 2, len(lines) - 1
    elif len(lines) == 2 and not looks_like_names(lines[1].text):
        first, last = 1, 2
    else:
        first, last = 0, 1
    article.title = one_line(" ".join(line.text for line in lines[first:last]))
    if lines[last:]:
        article.author = author_named(" ".join(line.text for line in lines[last:]))
    article.facts.extend(line.text for line in (*lines[:first], *lines[last:]))


def _factiva_fields(lines: Sequence[Block]) -> ExportedArticle | None:
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
        return one_line(" ".join(line.text for line in values.get(name, ())))

    article = ExportedArticle(
        title=said("HD"),
        source=said("SN") or None,
        author=author_named(said("BY")),
        date=find_date(said("PD")),
        language=LANGUAGES.get(said("LA").lower()),
        page=page_named(said("PG")) if said("PG") else None,
        facts=before,
    )
    article.body.append(Block(article.title, PlaceKind.HEADING))
    for name, blocks in values.items():
        if name in ("LP", "TD", "CT", "ART"):
            article.body.extend(Block(one.text) for one in blocks)
        elif name != "HD":
            article.facts.append(f"{name} {said(name)}")
    return article
