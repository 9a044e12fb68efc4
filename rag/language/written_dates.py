"""Days as people and programs write them among other words, and what is said of each.

A date is a day, a month and a year; what lacks one of them is none, nor is « hier ». Months
are known in the languages that articles are told apart in.
"""

from __future__ import annotations

import datetime
import enum
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.language.analysis import fold

_MONTHS = (
    "janvier janv jan january januar januari januar enero ene gennaio gen janeiro",
    "fevrier fevr fev february feb februar februari febrero febbraio fevereiro",
    "mars mar march marz maerz maart mrt marzo marco",
    "avril avr april apr abril abr aprile",
    "mai may mayo maggio mag mei maio",
    "juin june jun juni junio giugno giu junho",
    "juillet juil jul july juli julio luglio lug julho",
    "aout aou august aug augustus agosto ago",
    "septembre sept sep september septiembre setiembre settembre setembro",
    "octobre oct october oktober okt octubre ottobre ott outubro",
    "novembre nov november noviembre novembro",
    "decembre dec december dezember dez diciembre dic dicembre dezembro",
)
_NUMBER_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_MONTH = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))
_YEAR = r"(?:1[5-9]|20)\d\d"
_OFFSET = r"[+-]\d\d(?::?\d\d)?"
# What may follow a day: 22:30, 8 h 30, 10:30 PM, and where on earth it is that late.
_TIME = (
    r"(?:(?:[\s,|·–—-]|\b(?:a|at|um|kl|om|alle)\b|(?<=\d)t(?=\d)){1,4}"
    r"(?P<hour>[0-2]?\d)\s?(?:[:h]\s?(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?"
    r"|h\b)\s?(?P<half>[ap]\.?m\.?)?"
    rf"\s?(?P<zone>(?:utc|gmt)\s?[+-]\d\d?(?::?\d\d)?|z\b|utc\b|gmt\b|{_OFFSET}(?!\d))?)?"
)
_SHAPES = tuple(
    re.compile(shape + _TIME)
    for shape in (
        rf"(?<![\d/.-])(?P<year>{_YEAR})(?P<sign>[-/.])(?P<month>\d\d?)(?P=sign)(?P<day>\d\d?)"
        r"(?![\d/-])",
        # « 1er mars 2024 », « 5 sept. 2025 », "5th of September 2025", "05-Sep-2025".
        r"(?<![\d/.,-])(?P<day>\d{1,2}|premier)(?:er|re|st|nd|rd|th|[.oº])?"
        rf"(?:\s?[\s.-]\s?|\s(?:de|of)\s)(?P<month>{_MONTH})\b\.?,?(?:\s?[\s-]\s?|\sdel?\s)"
        rf"(?P<year>{_YEAR})(?!\d)",
        rf"\b(?P<month>{_MONTH})\b\.?\s?(?P<day>\d\d?)(?:er|st|nd|rd|th)?,?\s(?P<year>{_YEAR})"
        r"(?!\d)",
        rf"(?<![\d/.,-])(?P<first>\d\d?)\s?(?P<sign>[-/.])\s?(?P<second_number>\d\d?)\s?(?P=sign)"
        rf"\s?(?P<year>{_YEAR}|\d\d)(?![\d/-]|[.,]\d)",
    )
)
_EARLIEST_OF_THIS_CENTURY = 70
# Where the day of the month comes after it, by the tag of a language.
_MONTH_FIRST = frozenset({"en", "en-us", "en-ca", "en-ph"})

_PUBLISHED = (
    r"publi(?:e|es|ee|ees|cation)\b|\bparu(?:e|s|es|tion)?\b|\bmise?s? en ligne\b|\bposte\b"
    r"|\bdiffuse[es]?\b|\bredige\b|\bedition du\b|\bpublished\b|\bposted\b|\bfirst published\b"
    r"|\bissued\b|\breleased\b|\bveroffentlicht\b|\bpublicado\b|\bpubblicat\w+|\bgepubliceerd\b"
)
_UPDATED = (
    r"\bmise?s? a jour\b|\bm\.?a\.?j\b|\bactualise[es]?\b|\bmodifie[es]?\b|\bmodification\b"
    r"|\brevise[es]?\b|\bcorrige[es]?\b|\bupdated?\b|\bmodified\b|\brevised\b|\bcorrected\b"
    r"|\bedited\b|\blast changed?\b|\baktualisiert\b|\bactualizado\b"
    r"|\baggiornat\w+|\bbijgewerkt\b"
)
_OTHER = (
    r"\bjusqu|\bau\s*$|\b(?:until|through|till|bis)\b|\bcree[es]?\b|\bcopyright\b|©|\(c\)"
    r"|\bconsulte[es]?\b|\baccessed\b|\bretrieved\b|\bimprime[es]?\b|\bprinted\b|\bexpire"
    r"|\bevenement|\bevent\b|\bquand\b|\brendez|\baura lieu\b|\baudience\b|\bdepuis\b|\bsince\b"
    r"|\bnee? (?:le|en)\b|\bborn\b|\bdecedee?\b|\bmort\w*\b|\bvalable\b|\ba partir du\b"
    r"|\benregistree?\b|\btournee?\b|\bdebut\w*\b|\bfin\b|\barchive[es]?\b|\bavant le\b"
    r"|\bdes le\b"
)
_SAID = re.compile(f"(?P<published>{_PUBLISHED})|(?P<updated>{_UPDATED})|(?P<other>{_OTHER})")
# « 20/09/2025 (mis à jour) »
_SAID_AFTER = re.compile(
    rf"\s*[(\[:,–-]?\s*(?:(?P<updated>{_UPDATED})|(?P<published>{_PUBLISHED}))\s*[)\].]?\s*"
    r"(?=$|[|·;\n])"
)
_FARTHEST = 60


class Said(enum.Enum):
    """What the words beside a date say of it."""

    NOTHING = "nothing"
    PUBLISHED = "published"
    UPDATED = "updated"
    # It is the day of something else: an event, a copyright, an end.
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date at ``start`` to ``end`` of the folded text.

    ``day`` is the day as it is written. Where an hour is given in UTC, it is that instant,
    a datetime: its day depends on the place.
    """

    start: int
    end: int
    day: datetime.date
    said: Said


def written_dates(text: str, language: str | None = None) -> list[WrittenDate]:
    """The dates in ``text``, in order, as offsets of ``fold(text)``.

    ``language``, a tag such as ``en-US``, tells whether 05/09/2025 begins with the month.
    """
    folded = fold(text)
    found: list[WrittenDate] = []
    before = 0
    for match, day in _matches(folded, is_month_first(language)):
        said = said_before(folded[before : match.start()])
        if said is Said.NOTHING:
            after = _SAID_AFTER.match(folded, match.end())
            said = Said(after.lastgroup) if after and after.lastgroup else said
        found.append(WrittenDate(match.start(), match.end(), day, said))
        before = match.end()
    return found


def said_before(words: str) -> Said:
    """What the last telling one of the folded ``words`` before a date says of it."""
    said = Said.NOTHING
    # A line says what it says of itself.
    line = words[-_FARTHEST:].rpartition("\n")[2]
    for found in _SAID.finditer(line):
        said = Said(found.lastgroup)
    return said


def said_in(words: str) -> tuple[Said, str, str]:
    """What folded ``words`` first say of a date, and what stands before and after that."""
    found = _SAID.search(words)
    if found is None:
        return Said.NOTHING, "", words
    rest = _SAID.sub(" ", words[found.end() :])
    return Said(found.lastgroup), words[: found.start()], rest


def is_month_first(language: str | None) -> bool:
    """Whether people write the month before the day in ``language``, in figures."""
    return (language or "").strip().lower().replace("_", "-") in _MONTH_FIRST


def article_date(dates: list[WrittenDate]) -> WrittenDate | None:
    """Which of ``dates`` is the article's: a publication, else what is not said to be other.

    An update goes for want of anything else.
    """
    for wanted in (Said.PUBLISHED, Said.NOTHING, Said.UPDATED):
        for one in dates:
            if one.said is wanted:
                return one
    return None


def _matches(folded: str, month_first: bool) -> Iterator[tuple[re.Match[str], datetime.date]]:
    """Dates that do not overlap, in order; of two that do the first and the longest."""
    candidates = sorted(
        (match for shape in _SHAPES for match in shape.finditer(folded)),
        key=lambda match: (match.start(), -match.end()),
    )
    end = 0
    for match in candidates:
        if match.start() < end:
            continue
        day = _day(match, month_first)
        if day is not None:
            end = match.end()
            yield match, day


def _day(match: re.Match[str], month_first: bool) -> datetime.date | None:
    parts = match.groupdict()
    if "first" in parts:
        first, second = int(parts["first"]), int(parts["second_number"])
        day, month = (second, first) if month_first else (first, second)
        if month > 12 >= day:
            day, month = month, day
    else:
        day = 1 if parts["day"] == "premier" else int(parts["day"])
        written = parts["month"]
        month = int(written) if written.isdecimal() else _NUMBER_OF[written]
    year = int(parts["year"])
    if year < 100:
        year += 1900 if year >= _EARLIEST_OF_THIS_CENTURY else 2000
    try:
        found = datetime.date(year, month, day)
    except ValueError:
        return None
    return _instant(found, parts) or found


def _instant(day: datetime.date, parts: dict[str, str | None]) -> datetime.datetime | None:
    """The instant, if the hour is given in UTC; any other place tells its own day.

    At midnight in UTC there is most often no hour but a program that has to write one.
    """
    if parts["hour"] is None or not _is_utc(parts["zone"]):
        return None
    hour, minute = int(parts["hour"]), int(parts["minute"] or 0)
    if parts["half"]:
        hour = hour % 12 + 12 * parts["half"].startswith("p")
    second = int(parts["second"] or 0)
    if hour > 23 or hour == minute == second == 0:
        return None
    return datetime.datetime(
        day.year, day.month, day.day, hour, minute, second, tzinfo=datetime.UTC
    )


@functools.lru_cache(maxsize=64)
def _is_utc(zone: str | None) -> bool:
    if zone is None:
        return False
    offset = re.search(r"[+-].*", zone)
    return offset is None or not offset[0].strip("+-:0")
