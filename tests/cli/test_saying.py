"""Days as people write them after an option."""

from __future__ import annotations

import datetime

import pytest

from rag.cli.saying import read_day
from rag.errors import SettingsError


def _today() -> datetime.date:
    return datetime.date(2025, 8, 15)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2025-03-01", "2025-03-01", "2025-03-01"),
        ("hier", "2025-08-14", "2025-08-14"),
        ("depuis mars", "2025-03-01", "2025-03-31"),
        ("la semaine dernière", "2025-08-04", "2025-08-10"),
        ("last month", "2025-07-01", "2025-07-31"),
    ],
)
def test_words_for_days_are_counted_from_today(written: str, first: str, last: str) -> None:
    since = read_day("--since", written, today=_today)
    until = read_day("--until", written, is_last=True, today=_today)
    assert (str(since), str(until)) == (first, last)


def test_what_is_no_day_is_refused() -> None:
    with pytest.raises(SettingsError, match="--since is 'tantôt'; expected a day"):
        read_day("--since", "tantôt", today=_today)
