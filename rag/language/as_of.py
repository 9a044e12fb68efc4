"""« Que savait-on le 3 mars 2025 de … ? »: a question of what was published by a day.

Heuristics of ours over the ways in which French and English ask so; what names no whole day
or month asks of today.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from rag.language.questions import understand

_DAY = (
    r"(?P<day>\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}|(?:\d{1,2}(?:er|st|nd|rd|th)?\s+)?"
    r"(?:of\s+)?[^\W\d_]{3,9}\s+\d{4}|[^\W\d_]{3,9}\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4})\b"
)
_THEN = (
    r"(?:(?:déjà\s+)?(?:à\s+la\s+date\s+du|le|au|en|fin|début|à\s+la\s+fin\s+de|on|by|as\s+of"
    r"|at\s+the\s+end\s+of|in))"
)
_KNEW_FRENCH = (
    r"(?:que\s+savai(?:t[- ]on|ent[- ]ils)|que\s+savions[- ]nous"
    r"|qu['’]est[- ]ce\s+qu(?:['’]|e\s+l['’])on\s+savait|que\s+disaient\s+les\s+articles"
    r"|qu['’]avait[- ]on\s+appris)"
)
_KNEW_ENGLISH = r"(?:what\s+(?:was|had\s+been)\s+(?:known|published)|what\s+did\s+we\s+know)"
_KNEW = rf"^\W*(?:(?P<french>{_KNEW_FRENCH})|{_KNEW_ENGLISH})"
_SHAPES = tuple(
    re.compile(shape, re.I)
    for shape in (
        rf"{_KNEW}\s+{_THEN}\s+{_DAY}(?P<rest>.*)$",
        rf"{_KNEW}(?P<rest>\s.+?)\s+{_THEN}\s+{_DAY}\W*$",
    )
)
_ASKED_THEN = re.compile(
    rf"^\W*(?:à\s+la\s+date\s+du|en\s+date\s+du|as\s+of)\s+{_DAY}\s*[,:]\s*(?P<rest>\S.*)$",
    re.I,
)
_QUESTION_FOLLOWS = re.compile(r"\s*[:,]\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class AskedAsOf:
    """A question as it would be asked on ``day``, the last whose articles count."""

    question: str
    day: datetime.date


def read_as_of(question: str) -> AskedAsOf | None:
    """What is asked as of a day, which is taken off the question; None for another one.

    A month counts to its end. Where nothing else is asked, it is what was new.
    """
    asked = _ASKED_THEN.match(question)
    if asked is not None:
        day = _last_day(asked["day"])
        return AskedAsOf(asked["rest"], day) if day else None
    for shape in _SHAPES:
        found = shape.match(question)
        day = _last_day(found["day"]) if found else None
        if found is not None and day is not None:
            return AskedAsOf(_asked(found["rest"], bool(found["french"])), day)
    return None


def _asked(rest: str, is_french: bool) -> str:
    """The question in the present: « Que sait-on de … ? », or the one that follows a colon."""
    follows = _QUESTION_FOLLOWS.match(rest)
    if follows is not None:
        return rest[follows.end() :]
    if not any(map(str.isalnum, rest)):
        return "Quoi de neuf\u202f?" if is_french else "What is new?"
    return f"{'Que sait-on' if is_french else 'What is known'} {rest.strip()}"


def _last_day(written: str) -> datetime.date | None:
    return next((days.last for days in understand(written).days), None)
