"""Builds that take effect in the middle of an answer, and articles that tell them apart."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from rag.config import Settings
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.models.encoder import Vectors
from rag.types import Article
from tests.fakes import CountingEncoder, make_article

QUESTION = "Quand rouvrira le pont de l’Orge ?"


class SwitchingEncoder(CountingEncoder):
    """Has ``switch`` called in the middle of an answer, where its question is embedded."""

    def __init__(self, switch: Callable[[], object]) -> None:
        super().__init__()
        self._switch = switch

    def embed_question(self, question: str) -> Vectors:
        self._switch()
        return super().embed_question(question)


class Editions:
    """Builds the first edition, and the next whenever it is called."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.number = -1
        self()

    def __call__(self) -> None:
        self.number += 1
        build(article_sources(edition(self.number)), self._settings, CountingEncoder())


def source_of(number: int) -> str:
    """The source of every article of an edition."""
    return f"Le Courrier {number}"


def edition(number: int) -> list[Article]:
    """The articles of one generation, of which no other has any."""
    bridge = f"Le pont de l’Orge rouvrira le 3 juin {number}. Claire Morel l’a vu à Nantes."
    song = f"Claire Morel chante à Nantes. Elle a chanté {number} fois sur le pont de l’Orge."
    return [
        make_article(
            text,
            f"{number}/{name}.txt",
            title=f"{name}, édition {number}",
            date=datetime.date(2000 + number, 1, 1),
            source=source_of(number),
        )
        for name, text in (("pont", bridge), ("chant", song))
    ]
