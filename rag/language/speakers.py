"""Who speaks in a text, by the verbs that stand beside a name: « explique Marlène Potage »."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = r"[A-ZÀ-ÖØ-Þ][\w’'-]*\w"
# « La France » is no person, nor is what opens a sentence.
_NAME = rf"(?!(?:Les?|La|Une?|Des|Aux?|Du|Selon) ){_WORD}(?: {_WORD}){{1,2}}"
_SAYS = (
    r"(?:dit|déclare|explique|raconte|affirme|assure|estime|précise|annonce|confie|résume"
    r"|souligne|ajoute|répond|regrette|reconnaît|rappelle|prévient|témoigne|tranche"
    r"|a (?:dit|déclaré|expliqué|raconté|affirmé|assuré|estimé|précisé|annoncé|confié|résumé"
    r"|souligné|ajouté|répondu|regretté|reconnu|rappelé|prévenu|témoigné|tranché))"
)
_ROLE = r"(?:(?:le |la |l[’'])[\w-]+,? )?"
_SPEAKING = re.compile(
    rf"\b{_SAYS} {_ROLE}({_NAME})|(?<!\w)({_NAME})(?:,[^,.\n]{{3,60}},)? {_SAYS}\b"
)


def speakers(texts: Iterable[str], count: int) -> tuple[str, ...]:
    """The ``count`` people whom French ``texts`` let speak most, most often first.

    A name is two or three capitalised words: one alone is as often a place or an outlet.
    """
    found: Counter[str] = Counter()
    for text in texts:
        found.update(one[1] or one[2] for one in _SPEAKING.finditer(text))
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(name for name, _ in ranked[:count])
