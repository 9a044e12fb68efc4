"""Articles, questions and filters that every engine must do alike with."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.index import Index
from rag.index.engines.milvus_server import MilvusServer
from rag.index.generations import EngineName
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.library.build_summary import BuildSummary
from rag.types import Article, Filters
from tests.fakes import CountingEncoder, make_article, settings_for

QUOTING = 'L\'Est « libre » "100 %" \\ & fils'
LONG = "Agence " + "très " * 100 + "longue"
STORY = (
    "Le pont de l’Orge rouvrira le 3 juin 2024. Les travaux ont coûté 20 000 euros à la "
    "commune. « Nous attendions ce moment », a déclaré le maire, M. Dupont. Les cyclistes "
    "disposent désormais d’une voie séparée de trois mètres, et les piétons d’un trottoir."
)


def _day(month: int, day: int) -> datetime.date:
    return datetime.date(2024, month, day)


ARTICLES = [
    make_article(STORY, "a.txt", title="Le pont rouvre", date=_day(3, 1), source="courrier"),
    make_article(
        f"Reprise. {STORY}", "b.txt", title="Pont : c’est fini", date=_day(3, 2), source=QUOTING
    ),
    make_article(
        "L’école Jean-Moulin accueille cent vingt élèves à la rentrée. La directrice, Mme "
        "Leroy, salue dix-huit mois de chantier. La cantine servira des légumes d’été. Les "
        "familles ont visité les classes samedi. Aujourd’hui, qu’en pensent-elles ? Elles "
        "s’en félicitent. Le budget atteint 3,5 millions d’euros. L’œuvre du sculpteur "
        "Noël Çelik orne l’entrée. On y a planté vingt-deux tilleuls et un hêtre.",
        "école.txt",
        title="Une rentrée dans des murs neufs",
        date=_day(9, 4),
        source=LONG,
    ),
    make_article(
        "Le club de Nantes a remporté la finale régionale de handball. Claire Morel a "
        "marqué neuf buts. L’équipe retrouvera Brest en octobre. Brest jouera sans Le Goff.",
        "sport/finale.txt",
        title="Handball : Nantes en finale",
        source="sport",
    ),
    make_article(
        "The mayor opened the bridge in June. It was raining. Ελλάδα and Москва sent flags.",
        "bridge.txt",
        title="The bridge",
        date=_day(12, 31),
        language="en",
    ),
    make_article("À Évry, l’été fut sec. L’eau manque.", "eau.txt", title="L’eau d’Évry"),
]
QUESTIONS = [
    "Combien ont coûté les travaux du pont de l’Orge ?",
    "Quand rouvrira le pont ?",
    "Qui a marqué neuf buts ?",
    "Qu’est-ce que la cantine servira ?",
    "Combien coute l'ecole ?",
    "Who opened the bridge?",
    "Où l'eau manque-t-elle ?",
    "Qui est Vercingétorix ?",
    "Que s’est-il passé en 1789 ?",
    "Résume l’article sur la rentrée",
    "De quoi parlent les articles ?",
    "Quels articles parlent de Brest ?",
    "Москва",
    "œuvre de Noël Çelik",
    "?",
]
FILTERS = [
    Filters(),
    Filters(since=_day(3, 2)),
    Filters(until=_day(9, 4)),
    Filters(since=_day(3, 1), until=_day(3, 2), sources=frozenset({"courrier"})),
    Filters(sources=frozenset({QUOTING, LONG})),
    Filters(sources=frozenset({'" or number >= 0 or source == "'})),
    Filters(articles=frozenset({ARTICLES[3].id})),
    Filters(excluded_articles=frozenset({ARTICLES[0].id, ARTICLES[2].id})),
]


def engine_settings(engine: str, request: pytest.FixtureRequest, folder: Path) -> Settings:
    """Settings of an engine; a server is started where it is the first to need one."""
    needs_server = engine == EngineName.MILVUS
    uri = request.getfixturevalue("milvus").uri if needs_server else ""
    return settings_for(folder, uri=uri)


def build_articles(
    chosen: Settings, articles: list[Article], encoder: CountingEncoder | None = None
) -> BuildSummary:
    return build(article_sources(articles), chosen, encoder or CountingEncoder())


def open_index(chosen: Settings) -> Index:
    return Index.open_current(chosen.index, "counting@1", warm=True, uri=chosen.uri)


def ask_server(server: str, what: Callable[[Any], Any]) -> Any:
    return MilvusServer(server, 10).ask(what)


def collections_of(chosen: Settings) -> set[str]:
    return set(ask_server(chosen.uri, lambda client: client.list_collections()))
