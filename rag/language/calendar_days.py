"""Days and stretches of days counted from a day, as the words of an article mean them."""

from __future__ import annotations

import calendar
import datetime
import enum
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


class Unit(enum.Enum):
    """What a stretch is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Side(enum.IntEnum):
    """Which of the stretches that recur is told: the last, this one, or the next."""

    LAST = -1
    THIS = 0
    NEXT = 1


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


def weekday_told(anchor: Anchor, weekday: int, side: Side) -> Days:
    """The weekday, Monday being 0, that is told; this one is the last unless it is ahead."""
    if side is Side.LAST:
        return one_day(weekday_before(anchor.day, weekday, strictly=True))
    if side is Side.NEXT:
        return one_day(weekday_after(anchor.day, weekday, strictly=True))
    find = weekday_after if anchor.ahead else weekday_before
    return one_day(find(anchor.day, weekday))


def weekend_told(anchor: Anchor, side: Side) -> Days:
    """The weekend that is told; on a weekend the last one is the one before."""
    if side is Side.THIS:
        return weekend_around(anchor)
    last = week_of(anchor.day).first - 2 * DAY
    saturday = last if side is Side.LAST else weekday_after(anchor.day, 5, strictly=True)
    return Days(saturday, saturday + DAY)


def month_told(anchor: Anchor, month: int, side: Side) -> Days | None:
    """The month of that number that is told, never the one of the day for the last or next."""
    day = anchor.day
    if side is Side.THIS:
        return nearest((month_of(year, month) for year in years_around(anchor)), anchor)
    ahead = (month - day.month) % 12 or 12
    return month_of(day.year, day.month + ahead - (12 if side is Side.LAST else 0))


def stretch_away(anchor: Anchor, unit: Unit, count: int) -> Days | None:
    """The day, week, month or year so many away, back where negative; None before any year."""
    day = anchor.day
    match unit:
        case Unit.DAY:
            return one_day(day + count * DAY)
        case Unit.WEEK:
            return week_of(day + count * WEEK)
        case Unit.MONTH:
            return month_of(day.year, day.month + count)
        case Unit.YEAR:
            return year_of(day.year + count) if day.year + count > 0 else None


def by_end_of(anchor: Anchor, stretch: Days | None) -> Days | None:
    """From the article's day to the end of ``stretch``, None where that is past."""
    if stretch is None or stretch.last < anchor.day:
        return None
    return Days(anchor.day, stretch.last)


def years_around(anchor: Anchor) -> list[int]:
    """The article's year between its neighbours, among which a day without a year is."""
    return [anchor.day.year + away for away in (-1, 0, 1)]


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
