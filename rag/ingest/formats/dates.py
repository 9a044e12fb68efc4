"""Dates as people and programs write them."""

from __future__ import annotations

import datetime
import email.utils
import re

_LONGEST = 60
_TIMESTAMP = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
# At the start or the end of a name, or between other signs than letters and digits.
_IN_NAME = re.compile(
    r"(?<![^\W_])(?:(\d{4})([-_.])(\d{2})\2(\d{2})|((?:19|20)\d{2})(\d{2})(\d{2}))(?![^\W_])"
)
_PDF = re.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})")


def parse_date(written: object) -> datetime.date | None:
    """The day of an ISO 8601 date or of a value that already is one, else None."""
    if isinstance(written, datetime.datetime):
        return written.date()
    if isinstance(written, datetime.date):
        return written
    try:
        return datetime.date.fromisoformat(str(written).strip()[:10])
    except ValueError:
        return None


def find_date(written: object) -> datetime.date | None:
    """The day that ``written`` names, where it stands as written; None when it names none.

    ISO 8601, RFC 2822, seconds or milliseconds since 1970, and French or English dates
    (« 15 août 2025 », 15/08/2025, day first). A relative one such as « hier » is none.
    """
    found = parse_date(written)
    text = str(written).strip() if written is not None else ""
    if found is not None or not text or len(text) > _LONGEST:
        return found
    if _TIMESTAMP.fullmatch(text):
        seconds = float(text) / (1000 if len(text.partition(".")[0]) == 13 else 1)
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
    if text.isdecimal():
        return None
    try:
        return email.utils.parsedate_to_datetime(text).date()
    except ValueError:
        return _in_words(text)


def _in_words(text: str) -> datetime.date | None:
    import dateparser

    found = dateparser.parse(
        text,
        languages=["fr", "en"],
        settings={
            "DATE_ORDER": "DMY",
            "PARSERS": ["absolute-time"],
            "REQUIRE_PARTS": ["day", "month", "year"],
        },
    )
    return found.date() if found else None


def date_in_name(name: str) -> datetime.date | None:
    """The day in a file's name, such as 2025-08-15-titre.txt or une_20250815.pdf."""
    for found in _IN_NAME.finditer(name):
        year, month, day = (
            int(part)
            for part in (found[1] or found[5], found[3] or found[6], found[4] or found[7])
        )
        try:
            return datetime.date(year, month, day)
        except ValueError:
            continue
    return None


def pdf_date(written: str) -> datetime.date | None:
    """The day of a date as PDF files write it, ``D:20250815…`` (ISO 32000-1, 7.9.4)."""
    found = _PDF.match(written)
    try:
        return datetime.date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None
