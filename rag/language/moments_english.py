"""English words that tell when, each shape with what it means; see ``moments_french``."""

from __future__ import annotations

import re

from rag.language.calendar_days import (
    DAY,
    Anchor,
    Days,
    Side,
    Unit,
    by_end_of,
    day_of_years,
    month_of,
    month_told,
    nearest,
    one_day,
    stretch_away,
    weekday_told,
    weekend_told,
    year_of,
    years_around,
)
from rag.language.moments_french import Rules
from rag.language.typography import MONTHS

_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_NUMBER_OF = {
    **{name: number for number, name in enumerate(MONTHS["en"], 1)},
    "Jan": 1,
    "Feb": 2,
    "Apr": 4,
    "Aug": 8,
    "Sept": 9,
    "Sep": 9,
    "Oct": 10,
    "Nov": 11,
    "Dec": 12,
}
_W = "|".join(one.capitalize() for one in _WEEKDAYS)
_M = rf"(?:{'|'.join(sorted(_NUMBER_OF, key=len, reverse=True))})\b"
_YEAR = r"(?:1[5-9]|20)\d\d"
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_SIDES = {"last": Side.LAST, "next": Side.NEXT}

AHEAD = re.compile(
    r"\b(?:will|shall|[’']ll|to be|due|expected|scheduled|planned|set to|by|until|from"
    r"|starts?|opens?|begins?|going to|next|upcoming|must|should)\b",
    re.IGNORECASE,
)
SINCE = re.compile(r"\b[Ss]ince\s(?:$|(?=\w+$))")
PAST = re.compile(
    r"\b(?:was|were|had|did|has|have|said|told|came|went|took|made|won|lost|fell|rose|died|held"
    r"|\w{3,}ed)\b|\bsince\b",
    re.IGNORECASE,
)


def _count(written: str) -> int | None:
    written = written.lower()
    if written.isdecimal():
        return int(written)
    if written in ("a", "an"):
        return 1
    return _NUMBERS.index(written) if written in _NUMBERS else None


def _side(match: re.Match[str]) -> Side:
    return _SIDES.get((match.groupdict().get("told") or "").lower(), Side.THIS)


def _unit(match: re.Match[str]) -> Unit:
    return Unit(match["unit"].removesuffix("s"))


def _month(match: re.Match[str]) -> int:
    return _NUMBER_OF[match["month"]]


def _day_of_month(match: re.Match[str], anchor: Anchor) -> Days | None:
    parts = match.groupdict()
    years = [int(parts["year"])] if parts.get("year") else years_around(anchor)
    weekday = parts.get("weekday")
    number = _WEEKDAYS.index(weekday.lower()) if weekday and not parts.get("year") else None
    return nearest(day_of_years(int(match["day"]), _month(match), years, number), anchor)


def _weekday(match: re.Match[str], anchor: Anchor) -> Days:
    return weekday_told(anchor, _WEEKDAYS.index(match["weekday"].lower()), _side(match))


_SHIFTS = {"yesterday": -1, "tomorrow": 1}


def _shifted(match: re.Match[str], anchor: Anchor) -> Days:
    return one_day(anchor.day + _SHIFTS.get(match["shift"].lower(), 0) * DAY)


def _told_unit(match: re.Match[str], anchor: Anchor) -> Days | None:
    return stretch_away(anchor, _unit(match), _side(match))


def _counted(match: re.Match[str], anchor: Anchor) -> Days | None:
    count = _count(match["count"])
    if count is None:
        return None
    return stretch_away(anchor, _unit(match), -count if match["ago"] else count)


def _weekend(match: re.Match[str], anchor: Anchor) -> Days:
    return weekend_told(anchor, _side(match))


def _of_month(match: re.Match[str], anchor: Anchor) -> Days | None:
    year = match.groupdict().get("year")
    if year:
        return month_of(int(year), _month(match))
    return month_told(anchor, _month(match), _side(match))


def _by(match: re.Match[str], anchor: Anchor) -> Days | None:
    return by_end_of(anchor, _year(match, anchor))


def _year(match: re.Match[str], _: Anchor) -> Days:
    return year_of(int(match["year"]))


_D = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NO_DAY = "".join(rf"(?<!\b{one} )" for one in "every each a Black Good Easter".split())
_UNIT = r"(?P<unit>days?|weeks?|months?|years?)"
_COUNT = r"(?P<count>\d{1,3}|an?|" + "|".join(_NUMBERS[1:]) + ")"
RULES: Rules = tuple(
    (re.compile(pattern.replace(" ", r"\s")), rule)
    for pattern, rule in (
        (
            rf"(?:\b(?P<weekday>{_W}),? )?\b(?P<month>{_M})\.? {_D}\b"
            rf"(?:,? (?P<year>{_YEAR})\b|(?!,? \d))",
            _day_of_month,
        ),
        (
            rf"(?:\b(?P<weekday>{_W}),? )?(?<!\d)\b{_D} (?P<month>{_M})"
            rf"(?: (?P<year>{_YEAR})\b|(?! \d))",
            _day_of_month,
        ),
        (
            rf"{_NO_DAY}(?:\b(?P<told>[Ll]ast|[Nn]ext|[Tt]his) )?"
            rf"\b(?P<weekday>{_W})\b",
            _weekday,
        ),
        (
            r"\b(?P<shift>[Yy]esterday|[Tt]omorrow|[Tt]onight"
            r"|[Tt]his (?:morning|afternoon|evening))\b(?!['’]s)",
            _shifted,
        ),
        (r"\b(?P<told>[Ll]ast|[Nn]ext|[Tt]his) (?P<unit>week|month|year)\b", _told_unit),
        (r"\b(?P<told>[Ll]ast|[Nn]ext|[Tt]his) weekend\b", _weekend),
        (rf"\b{_COUNT} {_UNIT} (?P<ago>ago)\b", _counted),
        (rf"\b[Ii]n {_COUNT} {_UNIT}(?P<ago>)(?: time|[’'] time)\b", _counted),
        (rf"\b[Bb]y (?P<year>{_YEAR})\b", _by),
        (rf"\b(?P<told>[Ll]ast|[Nn]ext) (?P<month>{_M})", _of_month),
        (
            rf"\b(?:in|since|until|late|early|mid-|by) ?(?P<month>{_M})"
            rf"(?: (?P<year>{_YEAR})\b|(?! \d))",
            _of_month,
        ),
        (rf"\b(?P<month>{_M}) (?P<year>{_YEAR})\b", _of_month),
        (rf"\b(?:in|since|until|late|early|mid-) ?(?P<year>{_YEAR})\b", _year),
    )
)
