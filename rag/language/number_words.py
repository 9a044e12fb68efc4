"""French numbers as they are written: « 22 », « vingt-deux », « quatre-vingt-huit »."""

from __future__ import annotations

_UNITS = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize"
).split()
_TENS = {
    "vingt": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "quatre-vingt": 80,
}


def number_of(written: str) -> int | None:
    """The number up to ninety-nine, or any in figures, that is written; None if it is none."""
    written = written.lower().replace("une", "un")
    if written.isdecimal():
        return int(written)
    if written in _UNITS:
        return _UNITS.index(written)
    for tens in sorted(_TENS, key=len, reverse=True):
        rest = written.removeprefix(tens)
        if rest != written:
            rest = rest.removeprefix("s").removeprefix("-").removeprefix("et-")
            if not rest:
                return _TENS[tens]
            more = number_of(rest)
            return None if more is None or more > 19 else _TENS[tens] + more
    if written.startswith("dix-"):
        more = number_of(written.removeprefix("dix-"))
        return None if more is None else 10 + more
    return None
