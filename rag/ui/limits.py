"""How much is taken from readers at once, so that a crowd waits and none of them loses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Questions that are answered at a time, questions that wait for it, files that arrive.

    A file is in memory until it is stored.
    """

    questions: int = 4
    waiting: int = 64
    files: int = 8


LIMITS = Limits()
