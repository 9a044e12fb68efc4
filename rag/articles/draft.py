"""What a format's reader found in a file, before it becomes an Article."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """A file's text and what the file says about itself; None where it says nothing."""

    text: str
    title: str | None = None
    date: datetime.date | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    language: str | None = None


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
