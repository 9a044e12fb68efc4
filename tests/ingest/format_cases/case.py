"""A file with what is expected of it, and the words that such files are made of."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.ingest.format_files import (
    MORE_PROSE,
    PROSE,
)

DAY = datetime.date(2024, 5, 17)

BOTH = f"{PROSE}\n\n{MORE_PROSE}"

HTML = f"<p>{PROSE}</p><p>{MORE_PROSE}</p>"


@dataclass(frozen=True)
class Case:
    """A file, the articles expected of it by path, and the reasons for what is left out.

    Of an article, what is given is compared; a reason is compared by how it begins.
    """

    name: str
    content: bytes | str
    articles: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def good(name: str, content: bytes | str, **expected: object) -> Case:
    return Case(name, content, {name: expected})


def bad(name: str, content: bytes | str, reason: str) -> Case:
    return Case(name, content, reasons={name: reason})


PAGE = "<html lang='fr-FR'><head>{}</head><body><article><h1>Un titre de page</h1>{}</article>"

RECORD = {
    "titre": "L’école rouvre",
    "texte": PROSE,
    "date_publication": "17 mai 2024",
    "auteur": "Claire Dubois",
    "journal": "Le Courrier",
    "lien": "https://c.example/a",
    "langue": "fr",
}

READ_RECORD = {
    "title": "L’école rouvre",
    "text": PROSE,
    "date": DAY,
    "author": "Claire Dubois",
    "source": "Le Courrier",
    "url": "https://c.example/a",
    "language": "fr",
}

ENTRY = {
    "guid": "courrier-41",
    "title": "L’école &amp; la mairie",
    "link": "https://c.example/41",
    "pubDate": "Fri, 17 May 2024 00:30:00 +0200",
    "dc:creator": "Claire Dubois",
    "description": "Un résumé.",
    "content:encoded": HTML,
}

READ_ENTRY = {
    "title": "L’école & la mairie",
    "text": BOTH,
    "date": DAY,
    "author": "Claire Dubois",
    "source": "Le Courrier",
    "url": "https://c.example/41",
    "language": "fr",
}
