"""Exports of LexisNexis: facts, "Body", an article, what it is about, "End of Document".

Older ones begin each article with "2 of 50 DOCUMENTS". The facts are in French or English.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from rag.ingest.formats.dates import find_date
from rag.ingest.formats.export_article import (
    COPYRIGHT,
    LANGUAGES,
    ExportedArticle,
    author_named,
    day_in,
    one_line,
    page_named,
)
from rag.ingest.formats.office import Block
from rag.types.provenance import PlaceKind

_LEXIS_END = re.compile(r"(?:end of document|fin d[ue] document)", re.I)
_LEXIS_START = re.compile(r"(?:document\s+)?\d+ (?:of|de|sur) \d+(?: documents?)?", re.I)
_LEXIS_BODY = re.compile(r"(?:body|corps|text|texte|texte intégral|full text)", re.I)
_LEXIS_FIELD = re.compile(
    r"(length|longueur|byline|auteur|author|signataire|section|rubrique|dateline|highlight"
    r"|chapeau|encart|headline|titre|copyright|edition|édition)\s*:\s*(.*)",
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
_RIGHTS = re.compile(r"(?:all rights reserved|tous droits réservés)\.?", re.I)


def lexis_articles(lines: Sequence[Block]) -> list[ExportedArticle]:
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
    return any(_LEXIS_FIELD.match(line.text) for line in lines) and any(map(day_in, lines))


def _lexis_article(lines: Sequence[Block]) -> ExportedArticle:
    article = ExportedArticle()
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
        elif graphic:
            kind = PlaceKind.CAPTION
            if graphic[1]:
                article.body.append(Block(graphic[1], kind))
            else:
                article.facts.append(line.text)
        elif _LEXIS_BODY.fullmatch(line.text):
            article.facts.append(line.text)
        else:
            article.body.append(Block(line.text, kind, line.row) if kind else line)
    return article


def _begin_of_body(lines: Sequence[Block]) -> int:
    """Where the words of the article begin: after "Body", else after the last fact."""
    for number, line in enumerate(lines):
        if _LEXIS_BODY.fullmatch(line.text):
            return number
    facts = [n for n, line in enumerate(lines) if _LEXIS_FIELD.match(line.text)]
    return (facts[-1] + 1) if facts else 0


def _read_lexis_head(article: ExportedArticle, lines: Sequence[Block]) -> None:
    """The facts before an article: its title, its outlet, its day, then fields."""
    days = [
        n for n, line in enumerate(lines) if day_in(line) and not COPYRIGHT.match(line.text)
    ]
    day = days[-1] if days else None
    titled: int | None = None
    if day is not None:
        article.date = find_date(day_in(lines[day]))
        if day >= 1:
            article.source = one_line(lines[day - 1].text)
        if day >= 2 and not _is_fact(lines[day - 2].text):
            article.title = one_line(lines[day - 2].text)
            titled = day - 2
    for number, line in enumerate(lines):
        found = _LEXIS_FIELD.fullmatch(line.text)
        if found:
            _read_lexis_field(article, found[1].lower(), found[2].strip())
        elif day is not None and number > day and not article.title and not _is_fact(line.text):
            # Older exports have the title after the day.
            article.title = one_line(line.text)
            titled = number
    if article.title:
        article.body.insert(0, Block(article.title, PlaceKind.HEADING))
    article.facts.extend(line.text for number, line in enumerate(lines) if number != titled)


def _read_lexis_field(article: ExportedArticle, name: str, value: str) -> None:
    if name in ("byline", "auteur", "author", "signataire"):
        article.author = author_named(value)
    elif name in ("headline", "titre"):
        article.title = one_line(value)
    elif name in ("highlight", "chapeau", "encart") and value:
        article.body.append(Block(value, PlaceKind.STANDFIRST))
    elif name in ("section", "rubrique"):
        page = re.search(r"\b(?:pg?\.|pages?)\s*([A-Z]?\d+)", value, re.I)
        if page:
            article.page = page_named(page[1])


def _is_fact(text: str) -> bool:
    return bool(_LEXIS_FIELD.match(text) or COPYRIGHT.match(text) or _RIGHTS.fullmatch(text))


def _read_language(article: ExportedArticle, text: str) -> None:
    found = re.match(r"(?:language|langue)\s*:\s*(\w+)", text, re.I)
    if found:
        article.language = LANGUAGES.get(found[1].lower())
