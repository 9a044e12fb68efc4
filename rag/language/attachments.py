"""What belongs to whom, as texts say it: « le club d'échecs de Varne » is not that of Lens."""

from __future__ import annotations

import re

from rag.language.analysis import fold, terms
from rag.language.spelling import near_spelling

# « tournoi de Varne », « club d'échecs de Varne »: up to two nouns, then a name.
_OF_NAME = re.compile(
    r"\b(?P<nouns>[^\W\d_]{3,}(?:[ \u00a0](?:de |du |des |d['’])?[^\W\d_]{3,})?)[ \u00a0]"
    r"(?:de[ \u00a0](?:la[ \u00a0]|l['’])?|du[ \u00a0]|d['’])"
    r"(?P<name>[A-ZÀ-Ý][\w’'-]*[a-zà-ÿ][\w-]*)"
)
# Written like names, they tell no place or person from another.
_NO_NAMES = frozenset(
    """republique etat assemblee nation nations conseil union europe france senat premier
    ministre parti ligue federation gouvernement janvier fevrier mars avril mai juin juillet
    aout septembre octobre novembre decembre""".split()
)
_CENTURY = re.compile(r"[IVXL]+(?:e|è|ème|eme|er|th|st)")


def belongings(text: str) -> frozenset[tuple[str, str]]:
    """The pairs of a thing and a name it is of, both as terms: ("tournoi", "lens")."""
    found: set[tuple[str, str]] = set()
    for match in _OF_NAME.finditer(text):
        named = terms(match["name"])
        if (
            not named
            or _CENTURY.fullmatch(match["name"])
            or fold(match["name"]) in _NO_NAMES
            or match["nouns"][0].isupper()
        ):
            continue
        found.update((thing, named[0]) for thing in terms(match["nouns"]))
    return frozenset(found)


def belongs_to_another(asked: frozenset[tuple[str, str]], text: str) -> bool:
    """Whether ``text`` speaks of a thing that is ``asked`` for, but of another's.

    Not when it names whose is asked, anywhere, or nearly so: a misspelt name is no other.
    """
    if not asked:
        return False
    said = belongings(text)
    present = set(terms(text))
    return any(
        thing == other and name not in present and near_spelling(name, (owner,)) is None
        for thing, name in asked
        for other, owner in said
    )
