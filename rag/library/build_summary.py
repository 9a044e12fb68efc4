"""What a build did, for whoever asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import BrokenFile


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build did. Counts of articles, of passages, and seconds.

    ``written`` is False when nothing had changed and no generation was made.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    broken: tuple[BrokenFile, ...]
    articles: int
    passages: int
    passages_embedded: int
    passages_reused: int
    texts_embedded: int
    generation: str
    written: bool
    seconds: float
