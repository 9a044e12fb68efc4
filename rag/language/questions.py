"""What a question asks for: its language, its words, its dates, the kind of detail.

These are heuristics of ours over closed lists of words; a question they do not
recognise simply asks for no particular detail.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

from rag.language.analysis import OPENING_MARKS, Word, fold, words
from rag.language.calendar_days import month_of
from rag.language.sentences import split_sentences
from rag.language.typography import MONTHS
from rag.language.written_dates import written_dates
from rag.types import Detail

_ENGLISH_WORDS = frozenset(
    """the of is was were are do does did what which who whose where when why how many much
    to his her their in and by for with about has have a an old""".split()
)
_FRENCH_WORDS = frozenset(
    """le la les des du de un une est sont a ont qui que quoi quel quelle quels quelles ou
    quand pourquoi comment combien au aux dans sur par pour avec se sa son ses en et d l qu
    y il elle etait etaient fut""".split()
)
_LETTERS = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b(?!\s*(?:euros?|€|%|habitants|personnes|\d))")
# « Zorro a-t-il … », « Wika aime-t-elle … »: the subject stands first.
_SUBJECT_FIRST = re.compile(r"^\W*([A-ZÀ-Ý][\w’'-]*)\s+[\w’'-]*-(?:il|elle|ils|elles)\b")

_MONTHS = (
    r"janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
)
_NUMBER_WORDS = (
    r"un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze"
    r"|seize|vingt|trente|quarante|cinquante|soixante|cent|cents|mille|million|millions"
    r"|milliard|milliards|dizaine|dizaines|douzaine|vingtaine|trentaine|centaine|centaines"
    r"|milliers|plusieurs|moitie|tiers|quart|double|triple|aucun|aucune"
)
_ASKED: tuple[tuple[Detail, re.Pattern[str]], ...] = (
    (Detail.AGE, re.compile(r"\bquel age\b|\bage (?:a|de|d)\b|\bhow old\b|^age\b")),
    (
        Detail.DATE,
        re.compile(
            r"\bquand\b|\bquel(?:le)? (?:jour|date|annee|mois|siecle)\b|\bquelle epoque\b"
            r"|\bwhen\b|\b(?:what|which) (?:day|date|year|month|century)\b"
        ),
    ),
    (
        Detail.PRICE,
        re.compile(
            r"(?:^|\bquel(?:le)?s? (?:\w+ ){0,2}|\bwhat (?:is|was) (?:\w+ )?)"
            r"(?:prix|cout|tarif|salaire|price|salary|cost)\b"
            r"(?! (?:nobel|goncourt|renaudot|femina|medicis|pulitzer))"
            r"|\bcombien (?:\w+ ){0,3}(?:coute|coutent|coutait|payee?|vaut|valait)\b"
            r"|\bhow much (?:\w+ ){0,4}(?:cost|costs|pay|paid|worth)\b"
        ),
    ),
    (
        Detail.DURATION,
        re.compile(
            r"\bcombien (?:de temps|d annees|d heures|de jours|de mois|de semaines)\b"
            r"|\bduree\b|\bhow long\b|\bduration\b"
        ),
    ),
    (
        Detail.NUMBER,
        re.compile(
            r"\bcombien\b|\bquel(?:le)? (?:\w+ ){0,2}(?:nombre|montant|somme|taille"
            r"|hauteur|superficie|pourcentage|part|population)\b"
            r"|\bhow (?:many|much|tall|far|often)\b"
        ),
    ),
    (
        Detail.PLACE,
        re.compile(
            r"\b(?:dans|de|en|a|sur) quel(?:le)?s? (?:\w+ )?(?:ville|pays|region|rue|quartier"
            r"|continent|village|departement|adresse|etat)\b"
            r"|\bquel(?:le)? (?:est la )?(?:ville|pays|adresse)\b"
            r"|\b(?:what|which) (?:city|country|town|street|place)\b"
        ),
    ),
)
# « Un » and « une » are articles nearly always.
_COUNTS = _NUMBER_WORDS.replace("un|une|", "").replace("|quart|double", "")
_NUMBER = re.compile(rf"\d|\b(?:{_COUNTS})\b")
_UNITS_OF_TIME = (
    r"ans?|annees?|mois|semaines?|jours?|journees?|heures?|minutes?|secondes?|siecles?|nuits?"
    r"|decennies?|years?|months?|weeks?|days?|hours?|seconds?|centur(?:y|ies)|decades?"
)
_HELD: dict[Detail, re.Pattern[str]] = {
    Detail.AGE: re.compile(
        rf"(?:\d{{1,3}}|\b(?:{_NUMBER_WORDS}))\b[\w -]{{0,12}}\bans\b"
        r"|\bage de\b|\bagee? d|\bne(?:e)? (?:en|le)\b"
        r"|\b\d{1,3}[- ]year|\byears old\b|\baged \d|\bborn\b"
    ),
    Detail.DATE: re.compile(
        rf"\b(?:{_MONTHS})\b|\b(?:1\d|20)\d\d\b|\bsiecle\b|\bcentury\b|\bhier\b|\bdemain\b"
        r"|\baujourd|\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b"
        r"|\b(?:annee|an|mois|semaine|siecle|jour|ete|hiver|automne|printemps)s?\b|\bans\b"
        r"|\b\d{1,2}/\d{1,2}\b|\b(?:avant|apres|lors|pendant|depuis|durant|quand|lorsqu)\b"
        r"|\bantiquite\b|\bmoyen age\b|\b\d{3,4}\b"
    ),
    Detail.NUMBER: _NUMBER,
    Detail.PRICE: re.compile(
        r"[€$£¥]|\b(?:euros?|dollars?|francs?|livres?|centimes?|eur|usd|pounds?|cents|yens?|yuans?"
        r"|roubles?|dinars?|dirhams?|roupies?|pesos?)\b"
        r"|\bgratuit|\bfree\b"
    ),
    Detail.DURATION: re.compile(
        rf"(?:\d|\b(?:{_NUMBER_WORDS}|quelques|several|two|three|four|five|six|ten|a|an))"
        rf"(?:[ \u00a0\u202f]|-|demi)*(?:{_UNITS_OF_TIME}|min|h|j|s)\b"
        r"|\b(?:depuis|entre|jusqu|from|since|until)\b[^.]{0,40}\d{4}"
    ),
}
# A place is written like a name; what kind of name it is, spelling does not tell.
_NAME = re.compile(
    r"(?<=[\w,;] )(?:[ldLD]['’])?[A-ZÀ-Ý][\w'’-]+|^(?:L['’]|La |Le |Les )[A-ZÀ-Ý]"
)

# Words that ask, and name nothing that an article would have to hold.
_ASKING = re.compile(
    r"\b(?:s (?:est|etait|etaient) (?:il|elle|ils|elles)? ?(?:passe|produit|deroule)\w*"
    r"|(?:est|etait) il (?:arrive|advenu)|(?:est|a) arrive|s est (?:passe|produit)"
    r"|happen(?:ed|s|ing)?|took place)\b"
)
_ASKING_NOUNS: Mapping[Detail, str] = {
    Detail.AGE: "age",
    Detail.DATE: "date jour annee mois epoque day year month",
    Detail.PRICE: "prix cout price cost",
    Detail.DURATION: "duree temps duration",
    Detail.NUMBER: "nombre number",
    Detail.PLACE: "lieu endroit adresse place",
}
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_MONTH_WORDS = {fold(name): n for names in MONTHS.values() for n, name in enumerate(names, 1)}
_MONTH_ASKED = re.compile(
    rf"\b(?:(\d{{1,2}})(?:er|st|nd|rd|th)? )?(?:(?:de|of) )?({'|'.join(_MONTH_WORDS)})"
    r"(?: (\d{1,2})(?:st|nd|rd|th)?)?(?: ((?:1[5-9]|20)\d\d))?\b"
)
# So many words without any between them are no sentence.
_MOST_KEYWORDS = 3


@dataclass(frozen=True, slots=True)
class AskedDays:
    """The days from ``first`` to ``last`` that a question names, with its words for them."""

    first: datetime.date
    last: datetime.date
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is understood.

    ``words`` carry meaning; ``years`` are the ones it names; ``language`` and ``detail``,
    the kind of answer it asks for, are None when its words do not tell.
    """

    text: str
    language: str | None
    words: tuple[Word, ...]
    years: tuple[str, ...]
    detail: Detail | None

    @property
    def terms(self) -> tuple[str, ...]:
        """The search terms of its words, each once."""
        return tuple(dict.fromkeys(word.term for word in self.words))

    @property
    def names(self) -> tuple[Word, ...]:
        """Its words that are written like names.

        Capitalised, and not because they open a sentence, unless « Zorro a-t-il … » shows
        the first to be a subject. None when everything is in capitals.
        """
        if self.text.isupper():
            return ()
        subject = _SUBJECT_FIRST.match(self.text)
        opening = {
            sentence.end - len(self.text[sentence.start : sentence.end].lstrip(OPENING_MARKS))
            for sentence in split_sentences(self.text, "fr")
        }
        if subject:
            opening.discard(subject.start(1))
        return tuple(w for w in self.words if w.text[0].isupper() and w.start not in opening)

    @property
    def asking(self) -> frozenset[str]:
        """The words that ask, folded: « passé » of « Que s'est-il passé ? », « âge »."""
        found = _ASKING.findall(_spaced(self.text))
        nouns = _ASKING_NOUNS.get(self.detail, "") if self.detail else ""
        return frozenset(" ".join((*found, nouns)).split())

    @property
    def days(self) -> tuple[AskedDays, ...]:
        """The days and the months of a year that it names."""
        spaced = _spaced(self.text)
        found: list[AskedDays] = []
        for match in _MONTH_ASKED.finditer(spaced):
            before, month, after, year = match.groups()
            if year is None:
                continue
            day = before or after
            number = _MONTH_WORDS[month]
            try:
                first = datetime.date(int(year), number, int(day or 1))
            except ValueError:
                continue
            last = first if day else month_of(first.year, first.month).last
            found.append(AskedDays(first, last, frozenset(_PARTS.findall(match[0]))))
        for one in written_dates(self.text, self.language):
            if not any(days.first <= one.day <= days.last for days in found):
                digits = frozenset(re.findall(r"\d+", fold(self.text)[one.start : one.end]))
                found.append(AskedDays(one.day, one.day, digits))
        return tuple(found)

    @property
    def is_keywords(self) -> bool:
        """Whether it is a few words that say what about, as for a search: « Édith Coran »."""
        written = _LETTERS.findall(fold(self.text))
        return (
            0 < len(self.words) <= _MOST_KEYWORDS
            and "?" not in self.text
            and len(written) == len(self.words)
        )

    @property
    def asks_what_happened(self) -> bool:
        """Whether nothing but what there was on its days is asked."""
        if not self.days or not _ASKING.search(_spaced(self.text)):
            return False
        known = self.asking.union(*(days.words for days in self.days))
        return all(fold(word.text) in known for word in self.words)


def _spaced(text: str) -> str:
    return re.sub(r"[^\w]+", " ", fold(text)).strip()


def understand(text: str) -> Question:
    """What a question asks for."""
    folded = fold(text)
    letters = _LETTERS.findall(folded)
    english = sum(word in _ENGLISH_WORDS for word in letters)
    french = sum(word in _FRENCH_WORDS for word in letters)
    spaced = _spaced(text)
    detail = next((kind for kind, asked in _ASKED if asked.search(spaced)), None)
    return Question(
        text,
        None if english == french else "en" if english > french else "fr",
        tuple(words(text)),
        tuple(dict.fromkeys(_YEAR.findall(text))),
        detail,
    )


def holds_detail(text: str, detail: Detail) -> bool:
    """Whether ``text`` has anything of the kind a question asks for."""
    if detail is Detail.PLACE:
        return _NAME.search(text) is not None
    held = _HELD.get(detail)
    return held is None or held.search(fold(text)) is not None
