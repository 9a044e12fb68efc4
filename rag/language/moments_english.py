"""English words that tell when, each shape with what it means; see ``moments_french``."""

from __future__ import annotations

import re

from rag.language.calendar_days import (
    DAY,
    WEEK,
    Anchor,
    Days,
    day_of_years,
    month_of,
    nearest,
    one_day,
    week_of,
    weekday_after,
    weekday_before,
    weekend_around,
    year_of,
)
from rag.language.moments_french import Rules

_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS = (
    "january|jan february|feb march april|apr may june july august|aug september|sept|sep "
    "october|oct november|nov december|dec"
).split()
_NUMBER_OF = {name: number for number, one in enumerate(_MONTHS, 1) for name in one.split("|")}
_W = "|".join(one.capitalize() for one in _WEEKDAYS)
_M = (
    "(?:"
    + "|".join(name.capitalize() for name in sorted(_NUMBER_OF, key=len, reverse=True))
    + r")\b"
)
_YEAR = r"(?:1[5-9]|20)\d\d"
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()

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


def _years(anchor: Anchor) -> list[int]:
    return [anchor.day.year + one for one in (-1, 0, 1)]


def _month(match: re.Match[str]) -> int:
    return _NUMBER_OF[match["month"].lower()]


def _day_of_month(match: re.Match[str], anchor: Anchor) -> Days | None:
    parts = match.groupdict()
    years = [int(parts["year"])] if parts.get("year") else _years(anchor)
    weekday = parts.get("weekday")
    number = _WEEKDAYS.index(weekday.lower()) if weekday and not parts.get("year") else None
    return nearest(day_of_years(int(match["day"]), _month(match), years, number), anchor)


def _weekday(match: re.Match[str], anchor: Anchor) -> Days:
    day, weekday = anchor.day, _WEEKDAYS.index(match["weekday"].lower())
    told = (match["told"] or "").lower()
    if told == "last":
        return one_day(weekday_before(day, weekday, strictly=True))
    if told == "next":
        return one_day(weekday_after(day, weekday, strictly=True))
    find = weekday_after if anchor.ahead else weekday_before
    return one_day(find(day, weekday))


_SHIFTS = {"yesterday": -1, "tomorrow": 1}


def _shifted(match: re.Match[str], anchor: Anchor) -> Days:
    away = _SHIFTS.get(match["shift"].lower(), 0)
    return one_day(anchor.day + away * DAY)


def _away(unit: str, away: int, anchor: Anchor) -> Days:
    day, unit = anchor.day, unit.lower()
    if unit.startswith("day"):
        return one_day(day + away * DAY)
    if unit.startswith("week"):
        return week_of(day + away * WEEK)
    if unit.startswith("month"):
        return month_of(day.year, day.month + away)
    return year_of(day.year + away)


def _told_unit(match: re.Match[str], anchor: Anchor) -> Days:
    return _away(match["unit"], {"last": -1, "next": 1}.get(match["told"].lower(), 0), anchor)


def _counted(match: re.Match[str], anchor: Anchor) -> Days | None:
    count = _count(match["count"])
    if count is None or (match["unit"].lower().startswith("year") and count >= anchor.day.year):
        return None
    return _away(match["unit"], -count if match["ago"] else count, anchor)


def _weekend(match: re.Match[str], anchor: Anchor) -> Days:
    told = match["told"].lower()
    if told == "this":
        return weekend_around(anchor)
    if told == "next":
        saturday = weekday_after(anchor.day, 5, strictly=True)
    else:
        over = 2 * DAY if anchor.day.weekday() >= 5 else 0 * DAY
        saturday = weekday_before(anchor.day - over, 5)
    return Days(saturday, saturday + DAY)


def _of_month(match: re.Match[str], anchor: Anchor) -> Days | None:
    month, parts = _month(match), match.groupdict()
    if parts.get("year"):
        return month_of(int(match["year"]), month)
    away = (month - anchor.day.month) % 12 or 12
    told = (parts.get("told") or "").lower()
    if told == "last":
        return month_of(anchor.day.year, anchor.day.month + away - 12)
    if told == "next":
        return month_of(anchor.day.year, anchor.day.month + away)
    return nearest((month_of(year, month) for year in _years(anchor)), anchor)


def _by(match: re.Match[str], anchor: Anchor) -> Days | None:
    last = year_of(int(match["year"])).last
    return Days(anchor.day, last) if anchor.day <= last else None


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
