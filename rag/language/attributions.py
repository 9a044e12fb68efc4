"""Whose words a sentence tells, where the text names who says them.

Heuristics of ours: an inverted verb of saying (« …, explique Maude Lachance »), a subject
before the colon (« Maude Lachance explique : « … »), *selon*, and an interview whose answers
begin with a name. A pronoun names nobody, and neither does the text then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

# Fewer words between guillemets are a title, or a word held at arm's length.
_FEWEST_WORDS = 3
# How many paragraphs begin with a name before it is one who answers.
_ANSWERS = 2

_WORD = r"[A-ZÀ-ÖØ-Þ][\w’'-]*\w"
_TITLE = r"(?:M\.|Mme|Mlle|Me|Dr|Pr|Mr\.?|Mrs\.?|Ms\.?)\s"
_NAME = (
    rf"(?:{_TITLE})?{_WORD}"
    rf"(?:\s(?:(?:de|du|des|van|von|el|ben)\s)?(?:(?:la|le)\s)?{_WORD}){{0,3}}"
)
_FULL_NAME = rf"{_WORD}(?:\s(?:(?:de|du|van|von)\s)?{_WORD}){{1,3}}"
_PRESENT = (
    r"dit|déclare|explique|raconte|affirme|assure|estime|précise|annonce|confie|résume|souligne"
    r"|ajoute|répond|regrette|reconnaît|rappelle|prévient|témoigne|tranche|indique|insiste"
    r"|commente|se souvient|se réjouit|se félicite|s[’']inquiète|s[’']indigne|s[’']étonne|lance"
    r"|glisse|poursuit|conclut|note|observe|constate|détaille|plaide|dénonce|soupire|sourit"
    r"|admet|martèle|justifie|analyse|argumente|avance|nuance|réagit|soutient|craint|déplore"
    r"|s[’']exclame|juge|avoue|plaisante|reprend|se défend|promet|jure|avertit|écrit|tempère"
    r"|décrit|renchérit|s[’']agace|rétorque|relate|murmure|grince|peste|ironise|s[’']amuse"
)
_PAST = (
    r"dit|déclaré|expliqué|raconté|affirmé|assuré|estimé|précisé|annoncé|confié|résumé|souligné"
    r"|ajouté|répondu|regretté|reconnu|rappelé|prévenu|témoigné|tranché|indiqué|insisté"
    r"|commenté|lancé|glissé|poursuivi|conclu|noté|observé|constaté|détaillé|plaidé|dénoncé"
    r"|admis|martelé|justifié|réagi|soutenu|déploré|jugé|avoué|plaisanté|promis|averti|écrit"
)
_SAYS = rf"(?:{_PRESENT}|(?:a|avait)\s(?:\w+ment\s)?(?:{_PAST}))"
_FRENCH_ROLE_STOP = (
    r"(?=\s*[,.;:!?»«(\n]|\s(?:en|dans|qui|lors|avant|après|devant|mais|et|au|à|pour|sur|avec"
    r"|dont|ce|cette|hier|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b|\s*$)"
)
# After a comma, one word that ends like a verb is one of saying: « grogne Anne-Lise Thirion ».
_FRENCH_ANY = (
    r"(?<=,\s)(?!(?:comme|contre|entre|outre|que|est|avant|soit|notre|votre|porte|sorte|titre|livre"
    r"|pendant|durant|suivant|devant|notamment|et|dont|quoique|lorsque|puisque)\b)"
    r"(?:[a-zà-ÿ]{2,}(?:e|[^ns]t)|(?:a|avait)\s(?:\w+ment\s)?[a-zà-ÿ]{2,}(?:é|i|u|it))"
)
_FRENCH_ROLE = (
    r"(?:(?:le|la|les|un|une|sa|son|leur)\s|l[’'])[a-zà-ÿ][\w’'-]*(?:\s[\w’'-]+){0,7}?"
)
# « la gérante Fabienne Roy »: words in small letters, and the name is none of what they rule.
_PLAIN_ROLE = (
    r"(?:(?:le|la|les|un|une|sa|son|leur|the|an?|its|their|his|her)\s|l[’'])?"
    r"[a-zà-ÿ][a-zà-ÿ-]+(?:\s(?!(?:et|en|dans)\b)[a-zà-ÿ’'-]+){0,4}"
    r"(?<!\sde)(?<!\sdu)(?<!\sdes)(?<!\sà)(?<!\sof)(?<!\sfor)(?<!\sfrom)"
)
_APPOSITION = (
    r"(?:(?:,\s\d+\sans)?,\s(?P<apposition>(?!(?:dans|en|qui|lors|au|à|de|du|et|mais|avant|après|pour|sur|who|in|on"
    r"|at|and|but|before|after|as|with)\s)[a-zà-ÿ][^,.;:!?«»“”\n]{2,70})(?=[,.;]|\s*$))?"
)
_ENGLISH_SAYS = (
    r"(?:said|says|told\s\w+|tells\s\w+|explained|explains|added|adds|recalled|recalls|warned"
    r"|warns|argued|argues|insisted|insists|wrote|writes|noted|notes|admitted|admits|joked)"
)
_ENGLISH_ROLE = r"(?:the|a|an|its|their|his|her)\s[a-z][\w’'-]*(?:\s[\w’'-]+){0,6}?"
_ENGLISH_ROLE_STOP = (
    r"(?=\s*[,.;:!?”“\"(\n]|\s(?:in|on|at|who|after|before|when|as|during|but|and|with|of)\b"
    r"|\s*$)"
)
# « un habitant » is somebody whom the text does not name; these are somebody.
_OFFICES = (
    r"maire|mairie|ministre|ministère|présidente?|directeur|directrice|porte-parole|procureure?"
    r"|préfète?|préfecture|police|gendarmerie|parquet|syndicat|avocate?|municipalité|ville|région"
    r"|département|gouvernement|entreprise|direction|groupe|association|agence|institut|autorités"
    r"|pompiers|gestionnaire|organisateurs|secouristes|enquêteurs"
)
_SPOKEN = MappingProxyType(
    {"fr": re.compile(r"«[^«»]*»|“[^“”]*”"), "en": re.compile(r"“[^“”]*”|\"[^\"\n]*\"")}
)
_NO_NAME = re.compile(
    r"(?:Les?|La|L[’']\w+|Une?|Des|Aux?|Du|Selon|Ils?|Elles?|On|Je|Nous|Ce|Cela|Mais|Et|Dans|En"
    r"|Pour|Puis|He|She|It|They|We|The|That|This|But|And|What|Who|Lui|Celui|Celle|Il)$"
)


def _after(says: str, role: str, stop: str, apposition: str = _APPOSITION) -> re.Pattern[str]:
    """What follows the words that were said: a verb, a function, a name, a function."""
    return re.compile(
        rf"\s*,?\s*(?:{says})(?:\s(?:alors|aussi|encore|ainsi|également))?"
        rf"(?:,\s[^,«»]{{3,30}},)?\s"
        rf"(?:(?P<role>{role}),\s(?P<named>{_NAME})(?=[,.;]|\s*$)"
        rf"|(?:(?P<beside>{_PLAIN_ROLE})\s)?(?P<name>{_NAME}){apposition}"
        rf"|(?P<office>{role}){stop})"
    )


def _before(says: str) -> re.Pattern[str]:
    """What stands before the words: a function, a name, a function, a verb."""
    subject = (
        r"(?:^|(?<=[.!?»\n,;]\s)|(?<=\n)|(?<=mais\s))"
        rf"(?:(?P<role>(?:Le|La|Son|Sa|Leur|The|Its|His|Her)\s[a-zà-ÿ][^,.;:!?«»\n]{{2,60}}),\s)?"
        rf"(?P<name>{_NAME})(?:,\s(?P<apposition>[^,.;:!?«»\n]{{3,80}}))?,?\s"
    )
    return re.compile(rf"{subject}(?:{says})\b[^.!?;«»“”\n]{{0,80}}[:,\s]\s*$")


_AFTER = {
    "fr": _after(rf"{_SAYS}|{_FRENCH_ANY}|selon", _FRENCH_ROLE, _FRENCH_ROLE_STOP),
    "en": _after(_ENGLISH_SAYS, _ENGLISH_ROLE, _ENGLISH_ROLE_STOP),
}
# Within the words, what follows the name may be how the speech goes on.
_WITHIN = {
    "fr": _after(_SAYS, _FRENCH_ROLE, _FRENCH_ROLE_STOP, ""),
    "en": _after(_ENGLISH_SAYS, _ENGLISH_ROLE, _ENGLISH_ROLE_STOP, ""),
}
_AFTER_NAME = re.compile(rf"\s*,?\s*(?P<name>{_NAME})\s{_ENGLISH_SAYS}\b")
_BEFORE = {"fr": _before(rf"{_SAYS}|évoque|parle|invite|tient"), "en": _before(_ENGLISH_SAYS)}
_INSIDE = re.compile(rf"(?<=,)\s(?={_SAYS}\s)")
_ACCORDING = {
    "fr": re.compile(
        r"\b(?:[Ss]elon|[Dd][’']après)\s"
        rf"(?:(?:(?P<role>{_FRENCH_ROLE})\s)?(?P<name>{_TITLE}{_NAME}|{_FULL_NAME}){_APPOSITION}"
        r"|(?P<acronym>(?:(?:le|la|les)\s|l[’'])[A-Z]{2,})\b"
        rf"|(?P<office>(?:(?:le|la|les)\s|l[’'])(?:{_OFFICES})\b"
        rf"(?:\s[a-zà-ÿ]+(?:ale?|aire|ique|elle))?(?:\s(?:de|du|des|d[’'])\s?[\w’'-]+)?))"
    ),
    "en": re.compile(
        rf"\b[Aa]ccording to\s(?:(?P<role>{_ENGLISH_ROLE})\s)?(?P<name>{_FULL_NAME})"
        rf"{_APPOSITION}"
    ),
}
_ANSWERING = re.compile(rf"^(?P<name>{_FULL_NAME})\s?(?::|\.\s?[–—-])\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Attribution:
    """``text[start:end]`` names who says it: a name, else a function as it is written.

    ``role`` is the place of the function that stands beside a name, where one does.
    """

    start: int
    end: int
    role: tuple[int, int] | None = None


def attributions(text: str, start: int, end: int, language: str) -> list[Attribution]:
    """Who says what ``text[start:end]`` tells, in order, each once.

    Nothing where the text does not tell, and in languages without rules. No more than its
    paragraph is read, and the beginnings of all of them for an interview.
    """
    if language not in _SPOKEN:
        return []
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    found = sorted(_found(text, (start, end), (first, last), language), key=_place)
    return list({text[one.start : one.end]: one for one in reversed(found)}.values())[::-1]


def _place(one: Attribution) -> int:
    return one.start


def _found(
    text: str, quote: tuple[int, int], paragraph: tuple[int, int], language: str
) -> Iterator[Attribution]:
    start, end = quote
    first, last = paragraph
    said = False
    for spoken in _SPOKEN[language].finditer(text, first, last):
        if spoken.end() <= start or spoken.start() >= end:
            continue
        if len(spoken[0].split()) < _FEWEST_WORDS:
            continue
        said = True
        match = _of_spoken(text, spoken.span(), paragraph, language)
        if match is not None:
            yield from _attribution(match)
    if said:
        return
    for match in _ACCORDING[language].finditer(text, start, end):
        yield from _attribution(match)
    answering = _ANSWERING.match(text, first)
    if answering is not None:
        names = [one["name"] for one in _ANSWERING.finditer(text)]
        if names.count(answering["name"]) >= _ANSWERS:
            yield from _attribution(answering)


def _of_spoken(
    text: str, spoken: tuple[int, int], paragraph: tuple[int, int], language: str
) -> re.Match[str] | None:
    """Where the one is named who says ``text[slice(*spoken)]``, else None."""
    start, end = spoken
    after = _AFTER[language].match(text, end, paragraph[1])
    if after is None and language == "en":
        after = _AFTER_NAME.match(text, end, paragraph[1])
    if after is not None:
        return after
    for one in _INSIDE.finditer(text, start, end):
        inside = _WITHIN[language].match(text, one.start(), end)
        # Its comma tells that the speech goes on behind.
        if inside is not None and text[inside.end() : inside.end() + 1] in ",.":
            return inside
    return _BEFORE[language].search(text, paragraph[0], start)


def _attribution(match: re.Match[str]) -> Iterator[Attribution]:
    parts = match.groupdict()
    whole = next((one for one in ("office", "acronym") if parts.get(one)), None)
    if whole is not None:
        yield Attribution(*match.span(whole))
        return
    name = "named" if parts.get("named") else "name"
    if not _NO_NAME.match(parts[name].split()[0]):
        roles = ("apposition", "role", "beside")
        role = next((one for one in roles if parts.get(one)), None)
        yield Attribution(*match.span(name), match.span(role) if role else None)
