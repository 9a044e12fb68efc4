"""What a Milvus server holds of an index, and what becomes of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import EngineError
from rag.index import Index
from rag.index.engines.milvus_rows import collection_schema, rows_of
from rag.index.engines.milvus_server import count_held
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.library.rollback import roll_back
from tests.fakes import DIMENSION, CountingEncoder, make_article, settings_for
from tests.index.engine_corpus import (
    ARTICLES,
    QUOTING,
    ask_server,
    build_articles,
    collections_of,
    open_index,
)
from tests.index.held_rows import passage_rows
from tests.index.milvus_server import LiteServer

NEW = make_article(
    f"Une crue menace la vallée. « {QUOTING} », dit-on.", "crue.txt", title="Crue"
)


@pytest.fixture
def served(milvus: LiteServer, tmp_path: Path) -> Settings:
    chosen = settings_for(tmp_path, uri=milvus.uri)
    build_articles(chosen, ARTICLES)
    return chosen


def _collection(chosen: Settings) -> str:
    """The collection of the first segment."""
    index = Index.open_current(chosen.index)
    index.close()
    return index.segments[0].manifest.collection


def _held(chosen: Settings) -> dict[str, int]:
    """How many passages each collection of an index holds."""
    index = Index.open_current(chosen.index)
    index.close()
    names = [one.manifest.collection for one in index.segments]

    def counted(client: Any) -> dict[str, int]:
        return {name: count_held(client, name) for name in names}

    found: dict[str, int] = ask_server(chosen.uri, counted)
    return found


def test_a_new_article_is_inserted_alone_and_a_removed_one_stays_for_going_back(
    served: Settings,
) -> None:
    before = _held(served)
    build_articles(served, [*ARTICLES, NEW])
    grown = _held(served)
    ((name, count),) = grown.items() - before.items()
    index = open_index(served)
    assert count == len(index.passages.of_article(NEW.id))
    index.close()
    # No row of the others was touched, and of what is gone none is deleted.
    removed = ARTICLES[-1]
    build_articles(served, [*ARTICLES[:-1], NEW])
    assert _held(served) == grown
    assistant = Assistant(served, CountingEncoder())

    def found() -> set[str]:
        hits = assistant.search("L’eau manque-t-elle à Évry ?", count=50)
        return {hit.passage.article_id for hit in hits}

    assert removed.id not in found()
    assert NEW.id in found()
    roll_back(served.index, uri=served.uri)
    assert removed.id in found()
    assert name in collections_of(served)


def test_collections_that_no_generation_names_go(served: Settings) -> None:
    own = _collection(served).rsplit("_", 2)[0]
    build_articles(served, [*ARTICLES, NEW])
    (new,) = _held(served).keys() - {_collection(served)}
    build_articles(served, ARTICLES)
    # Going back needs it.
    assert new in collections_of(served)
    build_articles(served, ARTICLES[:-1])
    kept = {name for name in collections_of(served) if name.startswith(own)}
    assert kept == {_collection(served)}


def test_two_folders_on_a_server_leave_each_other_alone(
    served: Settings, milvus: LiteServer, tmp_path: Path
) -> None:
    import shutil

    other = settings_for(tmp_path / "other", uri=milvus.uri)
    # Even a copy, which names the collection of the first.
    shutil.copytree(served.index, other.index)
    theirs = _collection(served)
    for count in (1, 2, 3):
        build_articles(other, ARTICLES[:count])
    assert theirs in collections_of(served)
    index = open_index(served)
    assert list(index.integrity.check_engine()) == []
    index.close()


def test_a_half_filled_collection_goes_with_the_next_build(served: Settings) -> None:
    alias = _collection(served).rsplit("_", 2)[0]
    half = f"{alias}_20200101T000000_abcdef"
    schema = collection_schema(DIMENSION)
    ask_server(served.uri, lambda client: client.create_collection(half, schema=schema))
    build_articles(served, ARTICLES[1:])
    assert half not in collections_of(served)


def test_a_collection_that_is_gone_is_told_and_made_again(served: Settings) -> None:
    assistant = Assistant(served, CountingEncoder())
    assert assistant.search("pont")
    collection = _collection(served)

    def drop(client: Any) -> None:
        for alias in client.list_aliases(collection)["aliases"]:
            client.drop_alias(alias)
        client.drop_collection(collection)

    ask_server(served.uri, drop)
    with pytest.raises(EngineError, match=rf"no collection {collection}.*rag build"):
        assistant.search("pont")
    encoder = CountingEncoder()
    assert build_articles(served, ARTICLES, encoder).written
    assert encoder.passages == []
    assert assistant.search("pont")


def test_a_collection_of_another_shape_is_told_and_made_again(served: Settings) -> None:
    collection = _collection(served)

    def replace(client: Any) -> None:
        for alias in client.list_aliases(collection)["aliases"]:
            client.drop_alias(alias)
        client.drop_collection(collection)
        client.create_collection(collection, schema=collection_schema(DIMENSION + 1))

    ask_server(served.uri, replace)
    assistant = Assistant(served, CountingEncoder())
    with pytest.raises(EngineError, match=rf"{collection}.*other fields.*rag build"):
        assistant.search("pont")
    assert build_articles(served, ARTICLES).written
    assert assistant.search("pont")


def test_verify_tells_what_the_server_holds_otherwise(served: Settings) -> None:
    index = open_index(served)
    (segment,) = index.segments
    rows = list(rows_of(segment.catalogue.rows, passage_rows(index)))
    turned = dataclasses.replace(rows[0], vector=-rows[0].vector).fields()
    reworded = dataclasses.replace(rows[1], terms="autre chose").fields()
    moved = dataclasses.replace(rows[2], date=19990101, source="autre").fields()

    def damage(client: Any) -> None:
        collection = segment.manifest.collection
        client.upsert(collection, data=[turned, reworded, moved])
        client.delete(collection, ids=[rows[3].number])

    ask_server(served.uri, damage)
    problems = list(index.integrity.check_engine())
    index.close()
    count = index.manifest.passages
    assert problems == [
        f"the collection {_collection(served)} has {count - 1} passages, expected {count}",
        "passage 0: Milvus holds another vector than the index",
        "passage 1: Milvus holds another terms than the index",
        "passage 2: Milvus holds another date than the index",
        "passage 2: Milvus holds another source than the index",
        "passage 3: is not in the collection",
    ]


@pytest.mark.parametrize(("flat", "graph"), [(5, 100), (5, 6)])
def test_larger_ones_are_found_by_graphs_and_lists(
    milvus: LiteServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flat: int,
    graph: int,
) -> None:
    # A build chooses its engine by the settings alone, which have nothing for its sizes.
    monkeypatch.setattr("rag.index.engines.milvus_fill.FLAT_UP_TO", flat)
    monkeypatch.setattr("rag.index.engines.milvus_fill.GRAPH_UP_TO", graph)
    monkeypatch.setattr("rag.index.engines.milvus_rows.ROWS_AT_ONCE", 4)
    chosen = settings_for(tmp_path, uri=milvus.uri)
    build_articles(chosen, ARTICLES)
    index = open_index(chosen)
    assert index.segments[0].manifest.search == ("graph" if graph == 100 else "inverted")
    vector = CountingEncoder().embed_question("le pont de l’Orge")
    cosines = passage_rows(index) @ vector
    found = index.search.nearest(vector, 3, None)
    assert [score for _, score in found] == pytest.approx(
        np.sort(cosines)[::-1][:3].tolist(), abs=0.02
    )
    index.close()


def test_the_index_tells_that_no_server_is_named(served: Settings) -> None:
    index = Index.open_current(served.index)
    assert len(list(index.articles.every())) == len(ARTICLES)
    with pytest.raises(EngineError, match="set 'uri' to its address"):
        index.search.matching(["pont"], 3, None)
    index.close()
    build_articles(served, ARTICLES[1:])
    with pytest.raises(EngineError, match="set 'uri' to its address"):
        roll_back(served.index)


def test_progress_counts_the_passages(milvus: LiteServer, tmp_path: Path) -> None:
    class Heard:
        steps: dict[str, list[int]]

        def __init__(self) -> None:
            self.steps = {}

        def start(self, what: str, total: int) -> None:
            self.last = self.steps.setdefault(what, [total, 0])

        def advance(self, count: int) -> None:
            self.last[1] += count

    heard = Heard()
    chosen = settings_for(tmp_path, uri=milvus.uri)
    summary = build(article_sources(ARTICLES), chosen, CountingEncoder(), heard)
    assert heard.steps["passages into Milvus"] == [summary.passages, summary.passages]


def test_terms_that_are_too_many_for_a_server_are_cut(
    milvus: LiteServer, tmp_path: Path
) -> None:
    long = make_article(" ".join(f"mot{number}" for number in range(30_000)) + ".", "long.txt")
    chosen = settings_for(tmp_path, uri=milvus.uri)
    build_articles(chosen, [long])
    index = open_index(chosen)
    assert index.search.document_frequencies(["mot1"])["mot1"] == 1
    assert [number for number, _ in index.search.matching(["mot1"], 3, None)] == [0]
    assert list(index.integrity.check_engine()) == []
    index.close()
