"""Exports of Europresse as PDF: one article each, with its outlet, day, author and page.

An article begins on a page of its own: beside it « Nom de la source » and its certificate,
above it the day and a line such as « Le Monde • p. 12 • 843 mots ».
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.ingest.formats.dates import find_date
from rag.ingest.formats.pdf_paragraphs import Paragraph
from rag.language.typography import MONTHS
from rag.types.provenance import PlaceKind

_EXPORT = re.compile(
    r"Documents? sauvegardés?|Certificat émis le|news\s?[·•]\s?\d{8}\s?[·•]|Europresse"
    r"|CEDROM-SNi|Cision Canada",
    re.I,
)
_IDENTIFIER = re.compile(r"\b(?:news|web|rss)\s?[·•]\s?(\d{8})\s?[·•]\s?\w+\s?[·•]\s?\w+")
_LABEL = "Nom de la source"
_LABELS = re.compile(
    r"(?:Nom de la source|Types? de source|Périodicité|Couverture géographique|Provenance"
    r"|Documents? sauvegardés?|Sommaire)\b"
)
_SUMMARY = re.compile(r"Sommaire\b|Documents? sauvegardés?\s*\S?\s*\d+ documents?", re.I)
_WORDS = re.compile(r"\b\d[\d\s\u00a0\u202f]*mots\b", re.I)
_ISSUE = re.compile(r"\b(?:n[o°º]\.?|numéro)\s*\d+", re.I)
_PAGE = re.compile(r"\b(?:p\.|pages?)\s*([A-Z]?\d+)", re.I)
_WEEK = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_DAY = re.compile(
    rf"(?:(?:{_WEEK})\s+)?\d{{1,2}}(?:er)?\s+(?:{'|'.join(MONTHS['fr'])})\s+\d{{4}}", re.I
)
_RIGHTS = re.compile(
    r"©|Tous droits réservés|Le présent document est protégé|Certificat émis|Ce document est"
    r" réservé|Cet article est paru|Date de réception|Numéro de certificat|Service fourni par",
    re.I,
)
_BYLINE = re.compile(r"(?:par|de notre|propos recueillis par)\s+", re.I)
_LONGEST_NAME = 80
_LONGEST_NOTICE = 400
_SMALL = frozenset("de du des la le les l’ l' d’ d' et".split())
# Among how many paragraphs of a page its head stands.
_FIRST = 5
# Where the facts of an article stand: not far from where it begins.
_HEAD_PARAGRAPHS = 25


@dataclass(slots=True)
class Exported:
    """An article of an export. ``facts`` are its words that are none of the article's."""

    title: str | None = None
    author: str | None = None
    source: str | None = None
    date: datetime.date | None = None
    page: int | str | None = None
    identifier: str = ""
    paragraphs: list[Paragraph] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)


def articles_of(made: Sequence[Paragraph], running: Sequence[str]) -> list[Exported]:
    """The articles of an export's paragraphs; none where this is no export.

    ``running`` is what was left out of its pages' heads and feet.
    """
    texts = [*running, *(one.text for one in made)]
    if not any(len(text) <= _LONGEST_NOTICE and _EXPORT.search(text) for text in texts):
        return []
    starts = _starts(made)
    if not starts:
        return []
    before = [one.text for one in made[: starts[0]]]
    found = [
        _article(made[start:end])
        for start, end in zip(starts, [*starts[1:], len(made)], strict=True)
    ]
    found = [one for one in found if one.paragraphs]
    if found:
        found[0].facts[:0] = before
    return found


def _starts(made: Sequence[Paragraph]) -> list[int]:
    """Where articles begin: the first paragraph of a page with an article's head."""
    pages: dict[int, list[int]] = {}
    for number, one in enumerate(made):
        pages.setdefault(one.pages[0][1], []).append(number)
    labelled = [
        numbers[0]
        for numbers in pages.values()
        if any(made[number].text.startswith(_LABEL) for number in numbers)
    ]
    if labelled:
        return labelled
    headed = [
        numbers[0]
        for numbers in pages.values()
        if not any(_SUMMARY.match(made[number].text) for number in numbers)
        and any(_is_head(made[number].text) for number in numbers[:_FIRST])
    ]
    if headed:
        return headed
    # Without heads, what has a certificate ends with it.
    ends = [number for number, one in enumerate(made) if _IDENTIFIER.search(one.text)]
    return [0, *(end + 1 for end in ends[:-1])] if ends else []


def _is_head(text: str) -> bool:
    """Whether this names an outlet with a day or a count of words, and is no sentence."""
    if len(text) > 2 * _LONGEST_NAME or text.rstrip().endswith((".", "!", "?", ":")):
        return False
    if _RIGHTS.search(text):
        return False
    return _WORDS.search(text) is not None or _day_alone(text)


def _day_alone(text: str) -> bool:
    """Whether there is a day with no more than names and pages around it."""
    day = _DAY.search(text)
    if day is None:
        return False
    rest = f"{text[: day.start()]} {text[day.end() :]}"
    words = _PAGE.sub(" ", _ISSUE.sub(" ", rest)).replace("·", " ").replace("•", " ").split()
    return all(not word[0].islower() or word in _SMALL for word in words)


def _article(made: Sequence[Paragraph]) -> Exported:
    article = Exported()
    rest: list[Paragraph] = []
    named = False
    for number, one in enumerate(made):
        text = one.text
        is_early = number < _HEAD_PARAGRAPHS and not any(
            other.kind is PlaceKind.PARAGRAPH and len(other.text) > 3 * _LONGEST_NAME
            for other in rest
        )
        identifier = _IDENTIFIER.search(text)
        if identifier:
            article.identifier = "".join(identifier[0].split())
            article.date = article.date or find_date(_with_dashes(identifier[1]))
        if is_early and _LABELS.match(text):
            _read_label(article, text)
            named = text.strip() == _LABEL
            article.facts.append(text)
        elif named and len(text) <= _LONGEST_NAME:
            article.source, named = text, False
            article.facts.append(text)
        elif identifier or (_RIGHTS.search(text) and _is_notice(text)):
            article.facts.append(text)
        elif is_early and _is_head(text):
            _read_head(article, text)
            article.facts.append(text)
        elif is_early and not rest and len(made) > number + 1 and _is_value(text):
            article.facts.append(text)
        else:
            rest.append(one)
    _read_title(article, rest)
    return article


def _is_notice(text: str) -> bool:
    return _RIGHTS.match(text) is not None or len(text) <= 6 * _LONGEST_NAME


def _is_value(text: str) -> bool:
    """What stands under a label: « Presse • Journaux », « Quotidien », « Paris, France »."""
    return (
        re.fullmatch(
            r"Presse\b.*|Quotidien.*|Hebdomadaire|Mensuel.*|En continu|Nationale?|Régionale?"
            r"|Internationale?|Locale?|.*,\s*(?:France|Belgique|Suisse|Canada|Luxembourg)",
            text,
            re.I,
        )
        is not None
    )


def _read_label(article: Exported, text: str) -> None:
    """A label with its value in one paragraph: « Nom de la source Le Monde »."""
    value = " ".join(text.removeprefix(_LABEL).split())
    if text.startswith(_LABEL) and value:
        article.source = re.split(r"\s*(?:Types? de source|Périodicité)", value)[0] or None


def _read_head(article: Exported, text: str) -> None:
    """The outlet, the day and the page of « Le Monde • jeudi 7 mars 2024 • p. 12 »."""
    day = _DAY.search(text)
    if day:
        written = re.sub(rf"^(?:{_WEEK})\s+", "", day[0], flags=re.I).replace("1er ", "1 ")
        article.date = find_date(written) or article.date
        text = f"{text[: day.start()]}•{text[day.end() :]}"
    page = _PAGE.search(text)
    if page:
        article.page = int(page[1]) if page[1].isdecimal() else page[1]
        text = f"{text[: page.start()]}•{text[page.end() :]}"
    text = _ISSUE.sub("•", _WORDS.sub("•", text))
    names = [part.strip(" -–—") for part in re.split(r"[•·|,]", text)]
    article.source = article.source or next(filter(None, names), None)


def _read_title(article: Exported, rest: Sequence[Paragraph]) -> None:
    """The title is the first heading, or the first paragraph; then may come who wrote it."""
    title = next((n for n, one in enumerate(rest) if one.kind is PlaceKind.HEADING), None)
    if title is None and len(rest) > 1 and len(rest[0].text) <= 3 * _LONGEST_NAME:
        title = 0
    if title is None:
        article.paragraphs = list(rest)
        return
    article.title = rest[title].text
    article.paragraphs = [
        replace(one, kind=PlaceKind.HEADING) if number == title else one
        for number, one in enumerate(rest)
    ]
    after = rest[title + 1 : title + 2]
    if after and _is_name(after[0].text):
        article.author = _BYLINE.sub("", after[0].text, count=1) or None


def _is_name(text: str) -> bool:
    words = _BYLINE.sub("", text, count=1).split()
    if len(text) > _LONGEST_NAME or text.endswith((".", "!", "?", ":")) or not words:
        return False
    return all(
        word[0].isupper() or word in ("de", "du", "et", "d’", "le", "la") for word in words
    )


def _with_dashes(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
