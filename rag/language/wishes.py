"""What a request wants: an answer, the sentences that carry an article, or a list.

Heuristics of ours over closed lists of words, French and English.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from rag.language.analysis import fold
from rag.language.moments import days_said
from rag.language.questions import understand
from rag.types import Wish

_ONE_ARTICLE = r"(?:l |le |cet |ce |the |this )(?:article|texte|document|text)\b"
_SUMMARY = re.compile(
    r"^(?:peux[- ]tu |pouvez[- ]vous |please |can you )?(?:me )?"
    r"(?:resume(?:r|s|z)?(?:[- ]moi)?\b|summari[sz]e\b|sum up (?:the|this|it)\b)"
    r"(?! (?:est|sont|de|du|des)\b)"
    rf"|^(?:un |le |a |the )?(?:resume|summary)(?: (?:de |of ){_ONE_ARTICLE}|$)"
    r"|\b(?:fais|faire|donne|donner)(?:[- ]moi)? (?:un|le) resume\b"
    rf"|^de quoi (?:parle|traite|est[- ]il question dans|s agit[- ]il dans) {_ONE_ARTICLE}"
    r"|^what is (?:the|this) (?:article|text) about\b"
)
_SURVEY = re.compile(
    r"^de quoi (?:parlent|traitent|est[- ]il question dans) (?:les|ces|mes|vos) articles\b"
    r"|^quels sont les (?:sujets|themes)(?: des articles)?$|^quoi de neuf$|^what (?:is|s) new$"
    r"|^(?:resume\w*|summari[sz]e)[- ](?:(?:moi|tous|all|the|les|ces|mes|my) )*articles\b"
    r"|^what are (?:the|these|my) articles about\b"
)
_NEWS_SINCE = re.compile(
    r"^(?:quoi de neuf|qu y a[- ]t[- ]il de (?:neuf|nouveau)|what (?:is|s) new)"
    r" (?:depuis|since)\b"
)
_SINCE_WORDS = re.compile(r"\b((?:depuis|since)\s.+?)\W*$", re.IGNORECASE)
# On the words as they are written, since what follows is the subject.
_LIST = re.compile(
    r"^\W*(?:quels?|liste(?:z|r)?|which|what|list|show)\s+(?:\w+\s+){0,2}"
    r"(?:articles|article(?=\s+(?:parle|traite|évoque|mentionne|cite|mentions|talks)\b))\s+"
    r"(?:(?:parle(?:nt)?|traitent?|évoquent?|mentionnent?|citent?|sur|qui|mentions?|talks?"
    r"|speak|are|about|that|on)\b\s*)+"
    r"(?:(?:de\s+la|de\s+l['’]|du|des|de|d['’]|of)(?:\b|(?<=['’])))?\s*",
    re.I,
)
# With something behind it to make a timeline of.
_TIMELINE = re.compile(
    r"^\W*(?:(?:peux[- ]tu\s+|pouvez[- ]vous\s+)?(?:me\s+)?(?:fai(?:re|s|tes)"
    r"|donne[rz]?|dresse[rz]?|retrace[rz]?|show|give|make)(?:[- ](?:moi|me))?\s+)?"
    r"(?:(?:la|une|the|a)\s+)?(?:chronologie|frise\s+chronologique|timeline|chronology)\s+"
    r"(?:de\s+la|de\s+l['’]|des\s+événements\s+(?:de|à)|du|des|de|d['’]|of\s+the|of|about)"
    r"(?:\s+|(?<=['’]))(?=\w)",
    re.I,
)
_SUBJECT_OF_SUMMARY = re.compile(
    r"\b(?:articles?|textes?|documents?)\s+(?:sur|qui\s+parle\s+d[e’']|à\s+propos\s+d[e’']"
    r"|about|on)\s*(.+)$",
    re.I,
)


def wish_of(request: str) -> Wish:
    """What ``request`` wants; an answer unless its words tell otherwise."""
    spaced = _spaced(request)
    if _SURVEY.search(spaced) or news_since(request) is not None:
        return Wish.SURVEY
    if _SUMMARY.search(spaced):
        return Wish.SUMMARY
    if _TIMELINE.match(request):
        return Wish.TIMELINE
    return Wish.LIST if _LIST.match(request) else Wish.ANSWER


def news_since(
    request: str, today: Callable[[], datetime.date] = datetime.date.today
) -> datetime.date | None:
    """The first day that « Quoi de neuf depuis … ? » asks for; None for another request.

    « lundi » and « la semaine dernière » are counted from ``today``.
    """
    if not _NEWS_SINCE.match(_spaced(request)):
        return None
    named = next((days.first for days in understand(request).days), None)
    words = _SINCE_WORDS.search(request)
    if named is not None or words is None:
        return named
    said = days_said(words[1], today())
    return said.first if said else None


def _spaced(request: str) -> str:
    return re.sub(r"[^\w-]+", " ", fold(request)).strip()


def subject_of_list(request: str) -> str:
    """What « Quels articles parlent de … » asks for, without the asking."""
    return _LIST.sub("", request) or request


def subject_of_timeline(request: str) -> str:
    """What « Chronologie de … » is a timeline of."""
    return _TIMELINE.sub("", request) or request


def subject_of_summary(request: str) -> str | None:
    """What « Résume l’article sur … » names; None for « Résume l’article »."""
    found = _SUBJECT_OF_SUMMARY.search(request)
    return found[1] if found else None
