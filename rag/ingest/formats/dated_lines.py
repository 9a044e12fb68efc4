"""Lines that say when an article was published, told from sentences that only name a day."""

from __future__ import annotations

import re

from rag.ingest.formats.dates import Dated, why_dated
from rag.language.analysis import fold
from rag.language.written_dates import Said, article_date, said_in, written_dates
from rag.types.provenance import DateFrom

LONGEST_LINE = 160
# So many lines are looked at before a text begins in earnest, and so many at its end.
_AT_THE_TOP = 12
_BARE_AT_THE_TOP = 5
_AT_THE_END = 4
_BEGUN = 200
# What may stand beside a date without saying more than when.
_BESIDE = frozenset(
    """le la a les ce h on at the of um am den date du de en ligne et and first last derniere
    dernier premiere initialement article articles paru pm temps lecture read reading time min
    minutes mn paris heure heures cest cet gmt utc est edt bst afp version mise jour mis maj
    lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs
    fri sat sun montag dienstag mittwoch donnerstag freitag samstag sonntag""".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_APART = re.compile(r"[|·•–—,;:()\[\]/\n]|\s-\s")
_BYLINE = re.compile(r"^\s*(?:par|by|von|por|de|d['’]apres|propos recueillis par)\b")
_LONGEST_BYLINE = 9
_MORE_WORDS = 5
# An agenda's days are those of what it announces.
_AGENDA = re.compile(
    r"\b(?:agenda|programme|calendrier|sorties?|rendez-vous|evenements?|events?|schedule"
    r"|concerts?|spectacles?|festival|billetterie|entree libre|inscriptions?)\b"
)


def dated_line(line: str, language: str | None, *, bare: bool = True) -> Dated | None:
    """The day of publication, else of an update, that ``line`` tells; None for none.

    It says so (« Publié le 5 septembre 2025 à 8 h 30 par Claire Dubois ») or, with ``bare``,
    holds nothing but a date and a byline. A sentence that names a day is no such line.
    """
    words = " ".join(line.split())
    if not words or len(words) > LONGEST_LINE:
        return None
    dates = written_dates(words, language)
    found = article_date(dates)
    if found is None:
        return None
    folded = fold(words)
    for one in reversed(dates):
        folded = folded[: one.start] + " 0 " + folded[one.end :]
    segments = [segment for segment in _APART.split(folded) if segment.strip()]
    more = 0
    for segment in segments:
        if _BYLINE.match(segment) and len(segment.split()) <= _LONGEST_BYLINE:
            continue
        said, before, after = said_in(segment)
        if said is Said.OTHER:
            if "0" in segment:
                return None
            continue
        if said is not Said.NOTHING and _words_in(before):
            # « Un décret publié le 5 septembre 2025 »
            return None
        more += _words_in(after)
    if found.said is Said.NOTHING and (more or not bare):
        return None
    return why_dated(found, DateFrom.TEXT) if more <= _MORE_WORDS else None


def date_in_text(text: str, language: str | None) -> Dated | None:
    """The day that a line above the text tells, else one that says so at its end."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    head = lines[:_AT_THE_TOP]
    begun = next((n for n, line in enumerate(head) if len(line) >= _BEGUN), len(head))
    is_agenda = any(_AGENDA.search(fold(line)) for line in head[:_BARE_AT_THE_TOP])
    looked_at = [
        (line, number < min(begun, _BARE_AT_THE_TOP) and len(lines) > 1 and not is_agenda)
        for number, line in enumerate(head)
    ]
    looked_at += [(line, False) for line in lines[_AT_THE_TOP:][-_AT_THE_END:]]
    updated: Dated | None = None
    for line, bare in looked_at:
        found = dated_line(line, language, bare=bare)
        if found is not None and found.why is not DateFrom.UPDATED:
            return found
        updated = updated or found
    return updated


def _words_in(words: str) -> int:
    """How many words there are that do not go with a date."""
    return sum(len(word) > 1 and word not in _BESIDE for word in _WORD.findall(words))
