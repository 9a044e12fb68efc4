"""The day of an article: what a field, a name or a line of the text says of it, and where."""

from __future__ import annotations

import datetime
import functools
import re
import zoneinfo
from dataclasses import dataclass

from rag.language.written_dates import Said, WrittenDate, article_date, written_dates
from rag.types.provenance import DateFrom

_LONGEST = 200
_TIMESTAMP = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
# 20240517 and 20240517T103000Z, which are the whole of a value.
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z?))?")
_CENTURIES = (1500, 2100)
# At the start or the end of a name, or between other signs than letters and digits.
_IN_NAME = re.compile(
    r"(?<![^\W_])(?:(\d{4})([-_.])(\d{2})\2(\d{2})|((?:19|20)\d{2})(\d{2})(\d{2}))(?![^\W_])"
)
_PDF = re.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?(Z|[+-]00))?")

AUTO = "auto"
# Where what is written in a language, in a country, is published. The language alone counts
# where it is at home in one country; English is not.
_ZONES = {
    "fr": "Europe/Paris",
    "de": "Europe/Berlin",
    "es": "Europe/Madrid",
    "it": "Europe/Rome",
    "nl": "Europe/Amsterdam",
    "pt": "Europe/Lisbon",
    "fr-ca": "America/Toronto",
    "fr-be": "Europe/Brussels",
    "fr-ch": "Europe/Zurich",
    "fr-lu": "Europe/Luxembourg",
    "en-gb": "Europe/London",
    "en-ie": "Europe/Dublin",
    "pt-br": "America/Sao_Paulo",
}
_ELSEWHERE = "UTC"


@dataclass(frozen=True, slots=True)
class Dated:
    """A day, or an instant in UTC, and why it is taken."""

    day: datetime.date
    why: DateFrom


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


def find_date(written: object, language: str | None = None) -> datetime.date | None:
    """The day that a field's value names, where it stands as written; None for none.

    As ``find_dated``, without the reason.
    """
    found = find_dated(written, language)
    return found.day if found else None


def find_dated(written: object, language: str | None = None) -> Dated | None:
    """The day that a field's value names, and whether it is of a publication or an update.

    ISO 8601, RFC 2822, seconds or milliseconds since 1970, and dates in words or figures
    (« Publié le 15 août 2025 à 8 h 30 », 15/08/2025), in the order of ``language``. An
    instant in UTC is a datetime, as its day depends on the place: see ``day_in_place``. A
    relative one such as « hier » is none.
    """
    if isinstance(written, datetime.datetime):
        return Dated(_of_datetime(written), DateFrom.PUBLISHED)
    if isinstance(written, datetime.date):
        return Dated(written, DateFrom.PUBLISHED)
    text = str(written).strip() if written is not None else ""
    if not text or len(text) > _LONGEST:
        return None
    day = _of_program(text)
    if day is not None:
        return Dated(day, DateFrom.PUBLISHED)
    return why_dated(article_date(written_dates(text, language)), DateFrom.PUBLISHED)


def why_dated(found: WrittenDate | None, why: DateFrom) -> Dated | None:
    """A date that was found among words, taken because of ``why`` unless it is an update."""
    if found is None:
        return None
    return Dated(found.day, DateFrom.UPDATED if found.said is Said.UPDATED else why)


def day_in_place(
    day: datetime.date | None, language: str, timezone: str = AUTO
) -> datetime.date | None:
    """The day in the article's place: of an instant in UTC the one in ``timezone``.

    ``timezone`` is a name of the IANA database, or "auto": where ``language``, a tag such as
    ``fr`` or ``fr-CA``, is at home.
    """
    if not isinstance(day, datetime.datetime):
        return day
    if day.tzinfo is None:
        return day.date()
    try:
        return day.astimezone(_zone(language, timezone)).date()
    except OverflowError:
        return day.date()


@functools.lru_cache(maxsize=256)
def _zone(language: str, timezone: str) -> zoneinfo.ZoneInfo:
    tag = language.strip().lower().replace("_", "-")
    name = timezone
    if timezone == AUTO:
        name = _ZONES.get(tag) or _ZONES.get(tag.partition("-")[0]) or _ELSEWHERE
    return zoneinfo.ZoneInfo(name)


def _of_datetime(written: datetime.datetime) -> datetime.date:
    """The instant, if it is told in UTC; another place tells its own day."""
    in_utc = written.tzinfo is not None and written.utcoffset() == datetime.timedelta(0)
    if not in_utc or written.time() == datetime.time(0):
        return written.date()
    return written.astimezone(datetime.UTC)


def _of_program(text: str) -> datetime.date | None:
    """The day or the instant of a number that is the whole of a value."""
    if _TIMESTAMP.fullmatch(text):
        seconds = float(text) / (1000 if len(text.partition(".")[0]) == 13 else 1)
        return _of_datetime(datetime.datetime.fromtimestamp(seconds, datetime.UTC))
    compact = _COMPACT.fullmatch(text)
    return _of_parts(compact, is_utc=bool(compact[7])) if compact else None


def _of_parts(found: re.Match[str], *, is_utc: bool) -> datetime.date | None:
    """Year, month, day, hour, minute and second, of which the last three may be missing."""
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        whole = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)
    except ValueError:
        return None
    if not _CENTURIES[0] <= year < _CENTURIES[1]:
        return None
    return _of_datetime(whole) if is_utc else whole.date()


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
    """The day of a date as PDF files write it, ``D:20250815…`` (ISO 32000-1, 7.9.4).

    Told in UTC it is an instant, as for ``find_dated``.
    """
    found = _PDF.match(written)
    return _of_parts(found, is_utc=bool(found[7])) if found else None
