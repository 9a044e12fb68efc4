"""How dates and quoted words are written in French and in English.

French: ``\\u202f`` (narrow no-break space) inside « ».
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

FRENCH = "fr"
MONTHS: Mapping[str, Sequence[str]] = {
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    ).split(),
    "en": (
        "January February March April May June July August September October November December"
    ).split(),
}


def format_date(date: datetime.date, language: str) -> str:
    """A day in words: « 1er mars 2024 », "1 March 2024"."""
    day = "1er" if language == FRENCH and date.day == 1 else str(date.day)
    return f"{day} {MONTHS[language][date.month - 1]} {date.year}"


def quoted(words: str, language: str) -> str:
    """``words`` between the quotation marks of ``language``."""
    return f"«\u202f{words}\u202f»" if language == FRENCH else f"“{words}”"
