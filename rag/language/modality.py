"""How sure a sentence is of what it tells: told as a rumour, denied, or negated.

French has a conditional for what is said and not yet sure (« aurait touché »), which the
press lives by; what depends on a condition, a wish, or speech between guillemets has
another sense and is left alone.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass


class Modality(enum.Enum):
    """What the words say of the sentence."""

    CONDITIONAL = "conditional"
    DENIED = "denied"
    NEGATED = "negated"


@dataclass(frozen=True, slots=True)
class Mark:
    """``text[start:end]`` are the words that say ``modality``."""

    start: int
    end: int
    modality: Modality


# « aurait touché », « serait partie », « se marierait », « s’élèverait à ».
_BETWEEN = r"pas|plus|jamais|déjà|aussi|ainsi|même|encore|donc|toutefois|bien|tous|\w+ment"
_SUBJECT = r"(?:-(?:t-)?(?:ils?|elles?|on))?"
# Wishes and what is planned; and imperfects that end like a conditional.
_NO_RUMOUR = (
    r"devr|pourr|voudr|faudr|aimer|souhaiter|préférer|saur|dir|expir|tir|respir|admir|retir|attir"
    r"|inspir|vir|aspir|soupir|étir|encadr|engendr|effondr|err|serr|enterr|verr|ferr|barr|bourr"
)
_FRENCH_CONDITIONAL = re.compile(
    rf"\b(?:aurai(?:t|ent)|serai(?:t|ent)){_SUBJECT}(?:\s(?:{_BETWEEN})){{0,2}}"
    r"\s(?!dû|pu|voulu|fallu|suffi|préféré|aimé|mieux|plus)(?:été\s|(?:en|à|de|dans|sur|au)\s)?\w+",
    re.IGNORECASE,
)
# Others are as often a projection: they are a rumour where the sentence tells whose.
_ATTRIBUTED = re.compile(
    r"\b(?:selon|d['’]après|à en croire|croit savoir|croient savoir|rumeurs?|dit-on|paraît-il"
    r"|le bruit|sources?|aurai(?:t|ent)|serai(?:t|ent))\b",
    re.IGNORECASE,
)
_FRENCH_SIMPLE_CONDITIONAL = re.compile(
    rf"\b(?!(?:{_NO_RUMOUR})ai(?:t|ent)\b)\w*"
    rf"(?:[^\Wr]er|[^\Wa]ir|[ei]ndr|udr|mettr|aîtr|battr|cevr)ai(?:t|ent)\b{_SUBJECT}",
    re.IGNORECASE,
)
# What makes a conditional depend on something, or a wish.
_DEPENDS = re.compile(
    r"\bs(?:i|['’]ils?)\b|\bsinon\b|\bsans\b|\bautrement\b|\bà défaut\b|\bcas\b|\bfaute d"
    r"|\bidéal|\bpeut-être\b|\bquand\b|\bcomme si\b|\bmieux\b|\bon dirait\b|\bau-delà\b"
    r"|\baucune?\b|\brien\b|\bpersonne\b|\bà condition\b|\bà ce rythme\b|\bpour que\b"
    r"|\b(?:ce|cela|ça|c['’]eût|on|nous|vous|je|j['’]|tu)\s?(?:\w+\s)?$",
    re.IGNORECASE,
)
# What was to come, seen from then.
_TOLD_THEN = re.compile(
    r"\b(?:dit|annoncé|assuré|promis|expliqué|précisé|affirmé|indiqué|déclaré|répondu|prévenu|su"
    r"|pensait|croyait|espérait|savait|disait|assurait|promettait|jurait?|juré|craignai\w+|décidé"
    r"|convenu|estimé|estimait|confirmé|ajouté|écrit|rappelé|prévu|imaginait|savoir|demandé)"
    r"(?:e?s?)\s(?:\w+\s){0,4}?(?:qu(?:e\b|['’])|s(?:i|['’]ils?)\b)",
    re.IGNORECASE,
)
_FRENCH_DENIED = re.compile(
    r"\b(?:dément(?:i|ie|is|ies|ent|ait|aient|it|irent)?|démentir|nie|nient|niait|niaient|nié"
    r"|conteste(?:nt)?|contestait|contesté|réfute(?:nt)?|réfutait|réfuté|récuse(?:nt)?|récusé)\b",
    re.IGNORECASE,
)
_FRENCH_NEGATED = re.compile(
    r"\b(?:ne\s|n['’])(?:(?:[lm]['’]|[lmts]e\s|les?\s|la\s|y\s|en\s|nous\s|vous\s|lui\s|leur\s)*)"
    r"[\w’'-]+(?:\s[\w’'-]+){0,3}?\s(?:pas|plus|jamais|rien|personne|guère|aucune?|nulle?|ni)\b"
    r"(?!\sseulement\b|\sque\s(?:des?|les?)\b)"
    r"|\b(?:aucune?|nulle?|personne|rien|jamais|ni)\b[^.;:!?«»]{0,60}?\b(?:ne\s|n['’])\w+"
    r"|\bne\s(?:pas|plus|jamais|rien)\s\w+",
    re.IGNORECASE,
)
_ENGLISH_CONDITIONAL = re.compile(
    r"\b(?:reportedly|allegedly|supposedly|is said to|are said to|is alleged to"
    r"|is believed to|are believed to|rumou?red)\b",
    re.IGNORECASE,
)
_ENGLISH_DENIED = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|refut(?:es?|ed)|disput(?:es?|ed)|reject(?:s|ed) (?:the )?"
    r"(?:claim|accusation|allegation)s?)\b",
    re.IGNORECASE,
)
_ENGLISH_NEGATED = re.compile(
    r"\b(?:(?:do|does|did|is|are|was|were|has|have|had|will|would|can|could|should|must|may|might)"
    r"(?:\snot\b(?! only)|n['’]t\b)|cannot|never|no longer|no one|nobody|nothing|neither"
    r"|none of)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"«[^»]*»?|“[^”]*”?")


def marks(text: str, start: int, end: int, language: str) -> list[Mark]:
    """What ``text[start:end]`` says of how sure it is, in order; nothing in other languages."""
    find = {"fr": _french, "en": _english}.get(language)
    if find is None:
        return []
    found = sorted(find(text, start, end), key=lambda one: (one.start, -one.end))
    # A mark a modality: the first tells it.
    return list({one.modality: one for one in reversed(found)}.values())[::-1]


def _french(text: str, start: int, end: int) -> Iterator[Mark]:
    spoken = [one.span() for one in _SPOKEN.finditer(text, start, end)]
    rumours = [*_FRENCH_CONDITIONAL.finditer(text, start, end)]
    if _ATTRIBUTED.search(text, start, end):
        rumours += _FRENCH_SIMPLE_CONDITIONAL.finditer(text, start, end)
    for one in rumours:
        before = text[max(start, one.start() - 120) : one.start()]
        said = any(first <= one.start() < last for first, last in spoken)
        if not (said or _depends(before, text[one.end() : end])):
            yield Mark(one.start(), one.end(), Modality.CONDITIONAL)
    negated = [one.span() for one in _FRENCH_NEGATED.finditer(text, start, end)]
    for first, last in negated:
        yield Mark(first, last, Modality.NEGATED)
    for one in _FRENCH_DENIED.finditer(text, start, end):
        # « n’a pas démenti » tells of no denial.
        if not any(first <= one.start() <= last + 1 for first, last in negated):
            yield Mark(one.start(), one.end(), Modality.DENIED)


def _depends(before: str, after: str) -> bool:
    clause = re.split(r"[.!?;:]", before)[-1]
    told = _TOLD_THEN.search(clause) or _DEPENDS.search(clause)
    return bool(told or re.match(r"[^.;:!?]{0,60}\bs(?:i|['’]ils?)\b", after))


def _english(text: str, start: int, end: int) -> Iterator[Mark]:
    for shape, modality in (
        (_ENGLISH_CONDITIONAL, Modality.CONDITIONAL),
        (_ENGLISH_DENIED, Modality.DENIED),
        (_ENGLISH_NEGATED, Modality.NEGATED),
    ):
        for one in shape.finditer(text, start, end):
            yield Mark(one.start(), one.end(), modality)
