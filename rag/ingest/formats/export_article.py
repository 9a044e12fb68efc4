"""An article of an export of a press database, as it is put together from lines of facts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.ingest.formats.office import Block
from rag.language.typography import MONTHS

if TYPE_CHECKING:
    import datetime

COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright\b)", re.I)
BYLINE = re.compile(r"(?:par|by|von)\s*:?\s+", re.I)
_MONTH = "|".join(month for language in ("fr", "en") for month in MONTHS[language])
DAY = re.compile(
    rf"\d{{1,2}}(?:er)?\s+(?:{_MONTH})\s+\d{{4}}|(?:{_MONTH})\s+\d{{1,2}},?\s+\d{{4}}", re.I
)
LONGEST_DATE_LINE = 80
LANGUAGES = {
    **dict.fromkeys(("french", "français", "francais"), "fr"),
    **dict.fromkeys(("english", "anglais"), "en"),
    **dict.fromkeys(("german", "allemand", "deutsch"), "de"),
    **dict.fromkeys(("spanish", "espagnol", "español"), "es"),
    **dict.fromkeys(("italian", "italien", "italiano"), "it"),
    **dict.fromkeys(("dutch", "néerlandais", "nederlands"), "nl"),
    **dict.fromkeys(("portuguese", "portugais", "português"), "pt"),
}


@dataclass(slots=True)
class ExportedArticle:
    """What is known of the article; ``facts`` are lines that are no words of it."""

    title: str = ""
    source: str | None = None
    author: str | None = None
    date: datetime.date | None = None
    language: str | None = None
    page: int | str | None = None
    identifier: str = ""
    body: list[Block] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)


def day_in(line: Block) -> str:
    """The day that a short line names, "" where it is none."""
    found = DAY.search(line.text) if len(line.text) <= LONGEST_DATE_LINE else None
    # A sentence may name a day too.
    return found[0] if found and not line.text.rstrip().endswith(".") else ""


def page_named(written: str) -> int | str:
    """A page as a number, where it is one."""
    return int(written) if written.isdecimal() else written


def author_named(written: str) -> str | None:
    """Who wrote an article, without the word before the name."""
    return BYLINE.sub("", one_line(written), count=1) or None


def looks_like_names(text: str) -> bool:
    """Whether a line is one or more names of people: « Claire Dubois et Marc Petit »."""
    words = text.split()
    return bool(BYLINE.match(text)) or (
        len(words) <= 6
        and all(word[0].isupper() or word in ("de", "et", "and", "du") for word in words)
    )


def one_line(text: str) -> str:
    """Words on one line."""
    return " ".join(text.split())
