"""Near spellings: which of the words that there are was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

from rag.language.analysis import fold

_FEWEST_LETTERS = 4
# From so many letters on, two may be wrong.
_LONG = 8


def near_spelling(word: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that differs least from ``word``; None when none is near.

    Case and accents do not count. A letter too much, too few, another, or two that changed
    places are one error (the restricted distance of Damerau and Levenshtein); of a word of
    eight letters two may be wrong, of one of less than four none.
    """
    written = fold(word)
    if len(written) < _FEWEST_LETTERS or not written.isalpha():
        return None
    most = 1 if len(written) < _LONG else 2
    best: tuple[int, bool, str] | None = None
    for one in known:
        folded = fold(one)
        if abs(len(folded) - len(written)) > most or not folded.isalpha() or folded == written:
            continue
        errors = _errors(written, folded)
        # « Kesler » is rather « Kessler » than « Keller ».
        candidate = errors, _undoubled(folded) != _undoubled(written), one
        if errors <= most and (best is None or candidate < best):
            best = candidate
    return best[2] if best else None


def _undoubled(word: str) -> str:
    return "".join(letter for n, letter in enumerate(word) if not n or letter != word[n - 1])


def _errors(one: str, other: str) -> int:
    """How many errors make ``other`` of ``one``."""
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != wanted))
            swapped = (
                row > 1
                and column > 1
                and letter == other[column - 2]
                and one[row - 2] == wanted
            )
            if swapped:
                cost = min(cost, before_last[column - 2] + 1)
            now.append(cost)
        before_last, last = last, now
    return last[-1]
