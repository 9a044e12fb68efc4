"""A text that says how many."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """A text that says how many: none, one or ``many``, which has a ``{count}``."""

    none: str
    one: str
    many: str

    def __call__(self, count: int) -> str:
        form = self.none if count == 0 else self.one if count == 1 else self.many
        return form.format(count=count)
