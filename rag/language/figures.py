"""Figures with what they count: « 7,9 millions de passagers », « cinq morts ».

Heuristics of ours: a number, a scale, and the noun or sign behind it. What counts nothing,
such as a year, an hour or a day of a month, is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.language.analysis import fold, terms
from rag.language.typography import MONTHS

_SMALL = (
    "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf vingt"
).split()
_SMALL_ENGLISH = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
_ROUND = {"trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100}
_ROUND_ENGLISH = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
_WORDS = {
    **{word: value for value, word in enumerate(_SMALL, 2)},
    **_ROUND,
    **{word: value for value, word in enumerate(_SMALL_ENGLISH, 2)},
    **_ROUND_ENGLISH,
}
_SCALES = {
    "mille": 1e3,
    "thousand": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "milliard": 1e9,
    "milliards": 1e9,
    "billion": 1e9,
}
_SIGNS = {"%": "pourcent", "€": "euros", "$": "dollars", "£": "livres"}
_SPACE = "[ \u00a0\u202f]"
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
# Others do not go on: « sept et huit » are two numbers, « quatre-vingt » is not twenty-four.
_TENS = "|".join(word for word, value in _WORDS.items() if 20 <= value < 100)
_FIGURE = re.compile(
    rf"(?<![\w,.-])(?:(?P<digits>\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:,\d+)?|\d+(?:[,.]\d+)?)"
    rf"|(?P<word>(?:{_TENS})(?:-|{_SPACE}et{_SPACE}|-et-)(?:un|one|{_WORD})|{_WORD})\b(?!-))"
    rf"(?:{_SPACE}+(?P<scale>{'|'.join(_SCALES)})\b)?"
    rf"(?:{_SPACE}*(?P<sign>[%€$£])|{_SPACE}+(?:d['’]|de{_SPACE}+|of{_SPACE}+)?"
    r"(?P<unit>[^\W\d_]{2,})|(?=\W|$))"
)
# They count nothing, or another thing each time.
_NO_UNITS = frozenset(
    fold(word)
    for word in (
        *(month for months in MONTHS.values() for month in months),
        *"h heure heures fois et ou a de des du en dans par pour sur avec sont est ont".split(),
        *"autre autres premier premiere plus moins cent cents".split(),
        *"the and or in on at to of was were is are".split(),
    )
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What is counted from ``start`` to ``end`` of a text.

    ``unit`` is the term of what is counted, so that « morts » and « mort » are one.
    """

    start: int
    end: int
    value: float
    unit: str


def figures_in(text: str) -> list[Figure]:
    """The figures of ``text`` that tell what they count, in order."""
    folded = fold(text)
    if len(folded) != len(text):
        # Offsets would not be those of the text.
        return []
    found = []
    for match in _FIGURE.finditer(folded):
        unit = _unit(_SIGNS.get(match["sign"] or "", match["unit"]))
        if unit:
            found.append(Figure(match.start(), match.end(), _value(match), unit))
    return found


def _unit(word: str | None) -> str:
    if word is None or word in _NO_UNITS:
        return ""
    return next(iter(terms(word)), "")


def _value(match: re.Match[str]) -> float:
    digits, word = match["digits"], match["word"]
    if word:
        # « Vingt et un », « trente-cinq ».
        parts = re.findall(r"[^\W\d_]+", word) if word not in _WORDS else [word]
        value = float(sum(_WORDS.get(part, part in ("un", "one")) for part in parts))
    else:
        value = float(re.sub(_SPACE, "", digits).replace(",", "."))
    return value * _SCALES.get(match["scale"] or "", 1.0)
