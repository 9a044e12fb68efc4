"""How far something long is, told to whoever watches."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Hears how far a build is."""

    def start(self, what: str, total: int) -> None:
        """A step of ``total`` units begins."""

    def advance(self, count: int) -> None:
        """``count`` units are done."""


class Silent:
    """Progress that nobody watches."""

    def start(self, what: str, total: int) -> None:
        """Say nothing."""

    def advance(self, count: int) -> None:
        """Say nothing."""
