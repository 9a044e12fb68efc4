"""French words that tell when, each shape with what it means.

The press counts from its own day: a weekday alone is the last one unless the sentence tells
of what comes, a day of a month that of the year where it is nearest.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.language.calendar_days import (
    DAY,
    WEEK,
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
    weekday_after,
    weekday_before,
    weekday_told,
    weekend_told,
    year_of,
    years_around,
)
from rag.language.number_words import number_of
from rag.language.typography import MONTHS

Rule = Callable[[re.Match[str], Anchor], Days | None]
Rules = tuple[tuple[re.Pattern[str], Rule], ...]

_WEEKDAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
_SHORT = {"janv": 1, "févr": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "déc": 12}
_FULL = {name: number for number, name in enumerate(MONTHS["fr"], 1)} | {
    "fevrier": 2,
    "aout": 8,
    "decembre": 12,
}
_NUMBER_OF = _FULL | _SHORT
_W = "|".join(_WEEKDAYS)
_M = rf"(?:(?:{'|'.join(_FULL)})(?!\w)|(?:{'|'.join(_SHORT)})\.(?= ))"
_YEAR = r"(?:1[5-9]|20)\d\d"
_NUMBER = r"(?:\d{1,3}|[a-zé]+(?:-[a-zé]+)*)"
_SEASONS = {"printemps": 3, "été": 6, "automne": 9, "hiver": 12}
_S = "|".join(_SEASONS)
_UNITS = {"j": Unit.DAY, "s": Unit.WEEK, "m": Unit.MONTH, "a": Unit.YEAR}

# What comes: a future tense, what is planned, what is told of as if it were now, a limit.
AHEAD = re.compile(
    r"\b(?!(?:opéra|caméra|contra|extra|ultra|infra|vrai|environs|front|affront|rez)\b)"
    r"[a-zàâçéèêîôû]\w*(?:ra|ront|rai|rons|rez)\b(?:\s\w+(?:[éiu]|is|it|ert)e?s?\b)?"
    r"|\b(?:va|vont|doi(?:t|vent)|devrai(?:t|ent)|pourrai(?:t|ent))\s(?:\w+\s)?\w+(?:er|ir|re)\b"
    r"|\bdevai(?:t|ent)\s(?:[\w]+['’\s])?\w+(?:er|ir|re)\b(?:\s\w+(?:[éiu]|is|it|ert)e?s?\b)?"
    r"|\b(?:à\spartir|à\scompter)\sd|\bjusqu|\bpour(?=\s$)"
    r"|\b(?:prévue?s?|attendue?s?|programmée?s?|fixée?s?|reportée?s?|convoquée?s?|espérée?s?"
    r"|rendez-vous|prochaine?s?|dès|d['’]ici|avant\sle|au\splus\stard"
    r"|(?:r?ouvre|débute|commence|démarre|reprend|revient|rejoue|a\slieu|aura|se\stient|se\sjoue"
    r"|ferme|entre\sen\svigueur|affronte|reçoit)(?:nt)?)\b"
)
# Nothing else than the past can follow.
SINCE = re.compile(r"\b[Dd]epuis(?:\s(?:le|ce))?\s(?:$|(?=\w+$))")
# What is past: a compound, a simple past or an imperfect tense.
PAST = re.compile(
    r"\b(?:a|ont|avait|avaient|est|sont|était|étaient|fut|furent|ai|avons|avez)"
    r"(?:-(?:t-)?(?:ils?|elles?|on))?\s(?:\w+\s){0,2}?(?:été\s)?"
    r"\w+(?:ée?s?|ie?s?|ue?s?|ise?s?|ite?s?|erte?s?|inte?s?|aite?s?|orte?s?)\b"
    r"|\b\w+(?:èrent|irent|urent)\b"
    r"|\b(?!(?:parfait|souhait|attrait|devait|devaient)\b)\w{2,}[^\Wr](?:ait|aient)\b"
    r"|\b(?:depuis|dernière?s?)\b"
    r"|\b(?!(?:prévu|attendu|programm|fix|report|convoqu|annonc|espér|journée|soirée|année|matinée"
    r"|tournée|musée|marché|degré|été\b|cet?\b))\w+(?:(?:é|(?:ar|nd|rd|tt|en|eç|aï?nc|cl|nn)u)e?s?)"
    r"(?=\s(?:le\s)?$)",
    re.IGNORECASE,
)


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", r"\s"), re.IGNORECASE)


def _month(match: re.Match[str], name: str = "month") -> int:
    return _NUMBER_OF[match[name].rstrip(".").lower()]


def _day(match: re.Match[str], name: str = "day") -> int:
    written = match[name].lower()
    return 1 if written == "premier" else int(written.removesuffix("er"))


def _side(told: str) -> Side:
    """« dernier » and « passé », « prochain », or neither."""
    if "prochain" in told.lower():
        return Side.NEXT
    return Side.LAST if re.search(r"derni|passé", told, re.IGNORECASE) else Side.THIS


def _unit(match: re.Match[str]) -> Unit:
    return _UNITS[match["unit"][0].lower()]


def _told(anchor: Anchor, told: str | None) -> Anchor:
    """« dernier » and « prochain » say themselves on which side they are."""
    return Anchor(anchor.day, _side(told) is Side.NEXT) if told else anchor


def _of_year(match: re.Match[str], anchor: Anchor) -> Days | None:
    """A day of a month, with its year or without, one or the first of several."""
    month = _month(match)
    parts = match.groupdict()
    weekday = parts.get("weekday")
    number = _WEEKDAYS.index(weekday.lower()) if weekday else None
    if parts.get("year"):
        years = [int(match["year"])]
        number = None
    else:
        years = years_around(anchor)
        anchor = _told(anchor, parts.get("told"))
    last = nearest(day_of_years(_day(match), month, years, number), anchor)
    if last is None or not parts.get("from"):
        return last
    of_first = _month(match, "from_month") if parts.get("from_month") else month
    year = last.first.year - (of_first > month)
    first = day_of_years(_day(match, "from"), of_first, [year])
    return Days(first[0].first, last.last) if first and first[0].first <= last.last else None


def _weekday(match: re.Match[str], anchor: Anchor) -> Days:
    weekday, told = _WEEKDAYS.index(match["weekday"].lower()), match["told"]
    if told.lower().startswith("en huit"):
        return one_day(weekday_after(anchor.day, weekday, strictly=True) + WEEK)
    return weekday_told(anchor, weekday, _side(told))


def _night(match: re.Match[str], anchor: Anchor) -> Days | None:
    first, last = (_WEEKDAYS.index(match[one].lower()) for one in ("weekday", "next"))
    if (first + 1) % 7 != last:
        return None
    find = weekday_after if anchor.ahead else weekday_before
    end = find(anchor.day, last)
    return Days(end - DAY, end)


def _numbered_weekday(match: re.Match[str], anchor: Anchor) -> Days | None:
    """« mardi 3 »: the nearest day of that weekday and number."""
    weekday, number = _WEEKDAYS.index(match["weekday"].lower()), _day(match)
    around = (anchor.day + away * DAY for away in range(-45, 46))
    return nearest(
        (one_day(one) for one in around if one.weekday() == weekday and one.day == number),
        anchor,
    )


# Any other word of the day itself.
_SHIFTS = {"avant-hier": -2, "hier": -1, "demain": 1, "après-demain": 2}


def _shifted(match: re.Match[str], anchor: Anchor) -> Days:
    return one_day(anchor.day + _SHIFTS.get(match["shift"].lower(), 0) * DAY)


def _told_unit(match: re.Match[str], anchor: Anchor) -> Days | None:
    """« la semaine dernière », « ce mois-ci », « l’an prochain »."""
    return stretch_away(anchor, _unit(match), _side(match[0]))


def _counted(match: re.Match[str], anchor: Anchor) -> Days | None:
    """« il y a deux ans », « dans trois jours »."""
    count = number_of(match["count"])
    if count is None:
        return None
    ahead = match[0].lower().startswith("dans")
    return stretch_away(anchor, _unit(match), count if ahead else -count)


def _weekend(match: re.Match[str], anchor: Anchor) -> Days:
    return weekend_told(anchor, _side(match[0]))


def _of_month(match: re.Match[str], anchor: Anchor) -> Days | None:
    """« en juin », « fin mai », « juin dernier », « en juin 2024 »."""
    parts = match.groupdict()
    if parts.get("year"):
        return month_of(int(match["year"]), _month(match))
    return month_told(anchor, _month(match), _side(parts.get("told") or ""))


def _months(match: re.Match[str], _: Anchor) -> Days:
    """« de janvier à septembre 2026 »."""
    last = month_of(int(match["year"]), _month(match))
    first = _month(match, "from_month")
    return Days(month_of(last.last.year - (first > _month(match)), first).first, last.last)


def _season(match: re.Match[str], anchor: Anchor) -> Days | None:
    month = _SEASONS[match["season"].lower()]
    # Astronomical, as French calendars have them, to the day or two that the years differ by.
    seasons = [
        Days(
            month_of(year, month).first.replace(day=21),
            month_of(year, month + 3).first.replace(day=20),
        )
        for year in (*years_around(anchor), anchor.day.year - 2)
    ]
    side = _side(match["told"])
    if side is Side.LAST:
        return max((one for one in seasons if one.last < anchor.day), key=lambda one: one.last)
    return nearest(
        seasons, Anchor(anchor.day, True if side is Side.NEXT or anchor.ahead else None)
    )


def _by(match: re.Match[str], anchor: Anchor) -> Days | None:
    """« d’ici à 2030 », « d’ici la fin de l’année »: from the article's day until then."""
    day = anchor.day
    if match["year"]:
        return by_end_of(anchor, _year_alone(match, anchor))
    if match["month"]:
        month = month_of(day.year, day.month + (_month(match) - day.month) % 12)
        return by_end_of(anchor, month)
    return by_end_of(anchor, stretch_away(anchor, _unit(match), 0))


def _year_alone(match: re.Match[str], _: Anchor) -> Days:
    return year_of(int(match["year"]))


_N = r"(?:\d{1,2}(?:er)?|premier)"
_TOLD = r"(?P<told>derni(?:er|ère)|prochaine?|passée?)"
_WITH_YEAR = rf"(?: (?P<year>{_YEAR})\b| {_TOLD}\b|(?!\w)(?! {_YEAR}| de l['’]a))"
# A weekday that is a habit, a feast or a name, or counted from another day.
_BEFORE_HABIT = r"\ble \bun haque \bdu \bau \bles remier ième ernier".split()
_HABIT = "".join(rf"(?<!{one} )" for one in _BEFORE_HABIT)
_NO_DAY = (
    r"(?! (?:saint|gras|noir|de p|du mois|des |suivant|précédent|d['’]après|\d\d?(?!\d|,| ?h)"
    rf"|au (?:{_W})\b))"
)
_AFTER_NUMBER = r"(?=,(?!\d)|[.;)\n]|$| (?:à|au|et|dans|en|pour|lors|devant|sur)\b)"
_UNIT = r"(?P<unit>jours?|semaines?|mois|ans?|années?)"
_NOT_OF = r"(?! d(?:e\b|u\b|['’]))"
RULES: Rules = tuple(
    (_shape(pattern), rule)
    for pattern, rule in (
        # « entre le 3 et le 5 juillet », « du 29 novembre au 2 décembre », « les 3 et 4 juin »
        (
            rf"\b(?:du|les|entre le) (?P<from>{_N})(?: (?P<from_month>{_M}))?"
            rf" (?:au|et|et le|à) (?P<day>{_N}) (?P<month>{_M}){_WITH_YEAR}",
            _of_year,
        ),
        (
            rf"(?:\b(?P<weekday>{_W}) )?(?<!\d)(?<!\d[.,/])\b(?P<day>{_N})[ -](?P<month>{_M})"
            rf"{_WITH_YEAR}",
            _of_year,
        ),
        (rf"\b(?P<weekday>{_W}) (?P<day>{_N})\b{_AFTER_NUMBER}", _numbered_weekday),
        (rf"\bla nuit (?:de|du) (?P<weekday>{_W}) (?:à|au) (?P<next>{_W})\b", _night),
        (
            rf"\b(?P<weekday>{_W}) (?P<told>dernier|prochain|passé|en huit)\b",
            _weekday,
        ),
        (
            rf"{_HABIT}\b(?P<weekday>{_W})(?P<told>)\b{_NO_DAY}"
            r"(?: (?:matin|midi|après-midi|soir)\b)?",
            _weekday,
        ),
        (
            r"(?<!['’])(?<!\bde )(?<!\bdu )\b(?P<shift>avant-hier|hier|après-demain|demain)\b"
            r"(?!-)(?: (?:matin|midi|après-midi|soir)\b)?",
            _shifted,
        ),
        (
            r"\b(?P<shift>ce (?:matin|midi|soir)|cet après-midi|aujourd['’]hui même)\b(?!-là)",
            _shifted,
        ),
        (r"\bla (?P<unit>semaine) (?:dernière|passée|prochaine)\b", _told_unit),
        (r"\bcette (?P<unit>semaine|année)\b(?!-là)", _told_unit),
        (r"\ble (?P<unit>mois) (?:dernier|passé|prochain)\b", _told_unit),
        (r"\bce (?P<unit>mois)-ci\b", _told_unit),
        (r"\bl['’](?P<unit>année|an) (?:derni(?:er|ère)|passée?|prochaine?)\b", _told_unit),
        (r"\b(?:le week-?end (?:dernier|passé|prochain)|ce week-?end)\b(?!-là)", _weekend),
        (rf"\b(?:il y a|voilà|voici) (?P<count>{_NUMBER}) {_UNIT}\b{_NOT_OF}", _counted),
        (rf"\bdans (?P<count>{_NUMBER}) {_UNIT}\b{_NOT_OF}", _counted),
        (
            rf"\bd['’]ici(?: à| au| en)? (?:(?P<year>{_YEAR})\b|(?:la )?fin "
            r"(?:de l['’](?P<unit>année)|(?:du mois )?(?:de |d['’])?"
            rf"(?P<month>{_M})(?! {_YEAR})))",
            _by,
        ),
        (
            rf"\b(?:de |d['’])(?P<from_month>{_M}) à (?P<month>{_M}) (?P<year>{_YEAR})\b",
            _months,
        ),
        (
            rf"\b(?:en|(?:le|au|du) mois d(?:e|['’])|fin|début|mi-|courant|depuis|dès) ?"
            rf"(?P<month>{_M}){_WITH_YEAR}",
            _of_month,
        ),
        (rf"(?<=\bpour )(?P<month>{_M}){_WITH_YEAR}", _of_month),
        (rf"\b(?P<month>{_M}) {_TOLD}\b", _of_month),
        (rf"\b(?P<month>{_M}) (?P<year>{_YEAR})\b", _of_month),
        (
            r"\b(?P<season>printemps|été|automne|hiver) (?P<told>dernier|passé|prochain)\b",
            _season,
        ),
        (r"\bcet? (?P<season>printemps|été|automne|hiver)(?P<told>)\b(?!-là)", _season),
        (
            rf"\b(?:en|depuis|dès|avant|après|fin|début|mi-) ?(?P<year>{_YEAR})\b"
            r"(?! (?:euros|%|personnes))",
            _year_alone,
        ),
    )
)
