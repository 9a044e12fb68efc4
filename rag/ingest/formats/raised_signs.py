"""Words above and below the line, as plain text that means the same: 10³, CO₂, 1er."""

from __future__ import annotations

import re

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_CAN_BE_RAISED = re.compile(r"[0-9+\-−=()ni]+")
_CAN_BE_LOWERED = re.compile(r"[0-9+\-−=()]+")


def raised(text: str, before: str) -> str:
    """Words of a sup element after the character ``before``: 10³, 1er, n°."""
    words = text.strip()
    if _CAN_BE_RAISED.fullmatch(words) and words not in ("i", "ni", "in"):
        return text.translate(_RAISED)
    if before in ("n", "N") and words in ("o", "os"):
        return text.replace("o", "°", 1)
    if before.isdigit() and words[:1].isdigit():
        return f"^{text}"
    return text


def lowered(text: str) -> str:
    """Words of a sub element: CO₂."""
    return text.translate(_LOWERED) if _CAN_BE_LOWERED.fullmatch(text.strip()) else text
