"""Days and stretches of days counted from a day, as the words of an article mean them."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass

DAY = datetime.timedelta(days=1)
WEEK = 7 * DAY
# How much nearer, in days, what is on the other side than told must be.
_OTHER_SIDE = 150
_EVER = 10_000


@dataclass(frozen=True, slots=True)
class Days:
    """The days from ``first`` to ``last``, both included."""

    first: datetime.date
    last: datetime.date


@dataclass(frozen=True, slots=True)
class Anchor:
    """From where words are understood.

    ``day`` is the article's; ``ahead`` whether what they tell is still to come, None where
    that is not told; ``is_certain`` where nothing else can be meant (« depuis mai »).
    """

    day: datetime.date
    ahead: bool | None
    is_certain: bool = False


def one_day(day: datetime.date) -> Days:
    """A single day."""
    return Days(day, day)


def week_of(day: datetime.date) -> Days:
    """The week of ``day``, from Monday to Sunday."""
    monday = day - day.weekday() * DAY
    return Days(monday, monday + 6 * DAY)


def month_of(year: int, month: int) -> Days:
    """A whole month; beyond 1 to 12 it is one of the years before or after."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return Days(
        datetime.date(year, month, 1),
        datetime.date(year, month, calendar.monthrange(year, month)[1]),
    )


def year_of(year: int) -> Days:
    """A whole year."""
    return Days(datetime.date(year, 1, 1), datetime.date(year, 12, 31))


def weekday_before(
    day: datetime.date, weekday: int, *, strictly: bool = False
) -> datetime.date:
    """The last such weekday, Monday being 0, on ``day`` or before it."""
    back = (day.weekday() - weekday) % 7
    return day - (7 if strictly and not back else back) * DAY


def weekday_after(day: datetime.date, weekday: int, *, strictly: bool = False) -> datetime.date:
    """The first such weekday, Monday being 0, on ``day`` or after it."""
    ahead = (weekday - day.weekday()) % 7
    return day + (7 if strictly and not ahead else ahead) * DAY


def weekend_around(anchor: Anchor) -> Days:
    """The weekend that is near: this one, the one just past until Wednesday, or the next."""
    saturday = weekday_before(anchor.day, 5)
    gone = anchor.day.weekday() < 5
    if gone and (anchor.ahead or (anchor.ahead is None and anchor.day.weekday() > 2)):
        saturday += WEEK
    return Days(saturday, saturday + DAY)


def nearest(choices: Iterable[Days], anchor: Anchor) -> Days | None:
    """Of stretches that recur every year the one that is meant: near, on the side told.

    Who goes further back or ahead than two thirds of a year writes the year.
    """

    def far(one: Days) -> int:
        distance = _distance(one, anchor.day)
        is_past = one.last < anchor.day
        if not distance or anchor.ahead is None or anchor.ahead is not is_past:
            return distance
        return distance + (_EVER if anchor.is_certain else _OTHER_SIDE)

    return min(choices, key=far, default=None)


def day_of_years(
    day: int, month: int, years: Iterable[int], weekday: int | None = None
) -> list[Days]:
    """That day of each year that has it, on ``weekday`` where one is told."""
    found = []
    for year in years:
        try:
            one = datetime.date(year, month, day)
        except ValueError:
            continue
        if weekday is None or one.weekday() == weekday:
            found.append(one_day(one))
    return found


def _distance(days: Days, day: datetime.date) -> int:
    if days.first <= day <= days.last:
        return 0
    return min(abs((days.first - day).days), abs((days.last - day).days))
