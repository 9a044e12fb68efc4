"""Words that tell when, and the days that they mean in an article of a known day.

What gives no days, or gives those that other words are counted from (« le lendemain »), is
left alone, and so are habits (« le dimanche », « du mardi au samedi »).
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from rag.language import moments_english, moments_french
from rag.language.calendar_days import Anchor

# What tells of the past or of what comes is looked for so far around, in characters.
_NEAR = 90
# What stands behind the words tells less of them than what stands before.
_NEAR_BEHIND, _BEHIND = 45, 15
_OF_LANGUAGE = {"fr": moments_french, "en": moments_english}
# What may stand before the words of a moment that is all that is said.
_BESIDE = re.compile(r"\s*(?:(?:depuis|since|from|le|la|les|en|the|on|in)\s+|l['’])*", re.I)
_ENDS = re.compile(r"[.!?;:\n]")


@dataclass(frozen=True, slots=True)
class Moment:
    """``text[start:end]`` means the days from ``first`` to ``last``, both included.

    ``is_whole`` says that the words tell the year themselves, and no more is to be told.
    """

    start: int
    end: int
    first: datetime.date
    last: datetime.date
    is_whole: bool


def moments(
    text: str, start: int, end: int, day: datetime.date | None, language: str
) -> list[Moment]:
    """What ``text[start:end]``, of an article of ``day``, tells of days, in order.

    Nothing for an undated article or in a language without rules.
    """
    rules = _OF_LANGUAGE.get(language)
    if rules is None or day is None:
        return []
    found: list[Moment] = []
    candidates = sorted(
        _matches(rules.RULES, text, start, end), key=lambda one: (one[0].start(), -one[0].end())
    )
    at = start
    for match, rule in candidates:
        if match.start() < at:
            continue
        days = rule(match, _anchor(text, match, day, rules))
        if days is not None:
            at = match.end()
            whole = bool(re.search(r"\b(?:1[5-9]|20)\d\d\b", match[0]))
            found.append(Moment(match.start(), match.end(), days.first, days.last, whole))
    return found


def days_said(words: str, today: datetime.date) -> Moment | None:
    """The one moment that ``words`` are, said ``today`` in French or English; else None.

    « la semaine dernière », « depuis mars », "last week".
    """
    for language in _OF_LANGUAGE:
        found = moments(words, 0, len(words), today, language)
        if len(found) == 1:
            (one,) = found
            if _BESIDE.fullmatch(words[: one.start]) and not words[one.end :].strip():
                return one
    return None


def _matches(
    rules: moments_french.Rules, text: str, start: int, end: int
) -> Iterator[tuple[re.Match[str], moments_french.Rule]]:
    for shape, rule in rules:
        for match in shape.finditer(text, start, end):
            yield match, rule


def _anchor(text: str, match: re.Match[str], day: datetime.date, rules: ModuleType) -> Anchor:
    """Whether the sentence around ``match`` tells of what comes, or of the past.

    What stands nearest to the words decides.
    """
    before = _ENDS.split(text[max(0, match.start() - _NEAR) : match.start()])[-1]
    # What a sentence begins with is told by its verb, however far that is.
    behind = _NEAR_BEHIND if before.strip() else _NEAR
    after = _ENDS.split(text[match.end() : match.end() + behind])[0]
    if rules.SINCE.search(before) or rules.SINCE.match(match[0]):
        return Anchor(day, False, is_certain=True)
    told = [
        (distance, not is_ahead)
        for is_ahead, cue in ((True, rules.AHEAD), (False, rules.PAST))
        for distance in itertools.chain(
            (len(before) - one.end() for one in cue.finditer(before)),
            (_BEHIND + one.start() for one in cue.finditer(after)),
        )
    ]
    return Anchor(day, not min(told)[1] if told else None)
