"""Text files: an optional date before the text, a title anywhere in it."""

from __future__ import annotations

import datetime
import re

from rag.ingest.formats.member import Draft
from rag.language.sentences import split_sentences
from rag.types.provenance import DateFrom

_DATE_HEADER = re.compile(r"\A\s*date[ \t]+(\d{4}-\d{2}-\d{2})(?:\s+|\Z)")
_PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*")
_LONGEST_TITLE = 150
_FEWEST_TITLE_WORDS = 3
_FINAL_MARKS = ".!?…:;,"
# Short paragraphs that belong to the page around an article.
_NO_TITLE = re.compile(
    r"[-–—•*©]|(?:par|publié|mis à jour|lire aussi|à lire|voir aussi|photo|crédit|source|by"
    r"|published|updated|read (?:also|more))\b",
    re.I,
)
_LONGEST_BEGINNING = 90


def read_plain(text: str) -> Draft:
    """A text file: its first line may begin with `` date 2025-08-15 ``."""
    header = _DATE_HEADER.match(text)
    if header:
        try:
            date = datetime.date.fromisoformat(header[1])
        except ValueError:
            # No such day: then these are words of the text, as far as anyone can tell.
            return Draft(text)
        return Draft(text[header.end() :], date=date, date_from=DateFrom.TEXT_MARK)
    return Draft(text)


def title_in(text: str, language: str) -> str:
    """A title for a text that was not given one.

    The first short paragraph without final punctuation, wherever it stands; without
    one, the beginning of the first sentence.
    """
    for found in _PARAGRAPH.finditer(text):
        paragraph = " ".join(found[0].split())
        if _is_title(paragraph):
            return paragraph
    sentences = split_sentences(text, language)
    first = " ".join(text[sentences[0].start : sentences[0].end].split()) if sentences else ""
    if len(first) <= _LONGEST_BEGINNING:
        return first
    cut = first.rfind(" ", 0, _LONGEST_BEGINNING)
    return first[: cut if cut > 0 else _LONGEST_BEGINNING].rstrip(" ,;:–—-") + "…"


def _is_title(paragraph: str) -> bool:
    unquoted = paragraph.rstrip("»”\"')\u00a0\u202f ")
    return (
        len(paragraph) <= _LONGEST_TITLE
        and len(paragraph.split()) >= _FEWEST_TITLE_WORDS
        and not unquoted.endswith(tuple(_FINAL_MARKS))
        and not _NO_TITLE.match(paragraph)
    )
