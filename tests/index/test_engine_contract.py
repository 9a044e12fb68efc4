"""What every engine must do alike: the embedded one, and a Milvus server over TCP.

The server is a real one in another process, `milvus-lite server`.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import EngineError, IndexMismatchError
from rag.index import Index
from rag.index.catalogue import Catalogue
from rag.index.engines.milvus_rows import collection_schema, rows_of
from rag.index.engines.milvus_server import MilvusServer
from rag.index.engines.word_files import LENGTHS
from rag.index.generations import EngineName
from rag.ingest.folder import article_sources
from rag.language.analysis import terms
from rag.library.build import build
from rag.library.build_summary import BuildSummary
from rag.library.rollback import roll_back
from rag.library.verify_index import verify
from rag.types import Answer, Article, Filters
from tests.fakes import DIMENSION, CountingEncoder, make_article, settings_for
from tests.index.milvus_server import LiteServer

ENGINES = [
    EngineName.EMBEDDED.value,
    pytest.param(EngineName.MILVUS.value, marks=pytest.mark.milvus),
]
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

Place = Callable[[Path], Settings]
Made = Callable[[str], tuple[Settings, Index]]


def _settings(engine: str, request: pytest.FixtureRequest, folder: Path) -> Settings:
    """Settings of an engine; a server is started where it is the first to need one."""
    needs_server = engine == EngineName.MILVUS
    uri = request.getfixturevalue("milvus").uri if needs_server else ""
    return settings_for(folder, uri=uri)


def _build(
    chosen: Settings, articles: list[Article], encoder: CountingEncoder | None = None
) -> BuildSummary:
    return build(article_sources(articles), chosen, encoder or CountingEncoder())


def _open(chosen: Settings) -> Index:
    return Index.open_current(chosen.index, "counting@1", warm=True, uri=chosen.uri)


def _ask(server: str, what: Callable[[Any], Any]) -> Any:
    return MilvusServer(server, 10).ask(what)


def _collections(chosen: Settings) -> set[str]:
    return set(_ask(chosen.uri, lambda client: client.list_collections()))


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """Settings of an engine for a folder."""
    return lambda folder: _settings(request.param, request, folder)


@pytest.fixture(scope="module")
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    """The same articles with each engine, built when it is first asked for."""
    found: dict[str, tuple[Settings, Index]] = {}

    def make(engine: str) -> tuple[Settings, Index]:
        if engine not in found:
            chosen = _settings(engine, request, tmp_path_factory.mktemp(engine))
            _build(chosen, ARTICLES)
            found[engine] = chosen, _open(chosen)
        return found[engine]

    yield make
    for _, index in found.values():
        index.close()


each = pytest.mark.parametrize("place", ENGINES, indirect=True)
engines = pytest.mark.parametrize("engine", ENGINES)


@pytest.fixture
def built(engine: str, made: Made) -> Index:
    return made(engine)[1]


def _passing(index: Index, filters: Filters) -> set[int]:
    """The passages that pass, by looking at each article."""
    found: set[int] = set()
    for article in index.articles.every():
        dated = article.date is not None
        since = not filters.since or (dated and article.date >= filters.since)  # type: ignore[operator]
        until = not filters.until or (dated and article.date <= filters.until)  # type: ignore[operator]
        named = not filters.sources or article.source in filters.sources
        asked = not filters.articles or article.id in filters.articles
        left = article.id not in filters.excluded_articles
        if since and until and named and asked and left:
            found.update(one.number for one in index.passages.of_article(article.id))
    return found


# Finding


@engines
@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("question", QUESTIONS[:3])
def test_nearest_is_what_comparing_all_finds(
    built: Index, filters: Filters, question: str
) -> None:
    vector = CountingEncoder().embed_question(question)
    allowed = _passing(built, filters)
    cosines = built.rows.passages @ vector
    for count in (1, 3, 100):
        found = built.search.nearest(vector, count, built.search.select(filters))
        assert len({number for number, _ in found}) == len(found) == min(count, len(allowed))
        assert {number for number, _ in found} <= allowed
        scores = [score for _, score in found]
        assert scores == pytest.approx([cosines[number] for number, _ in found], abs=1e-5)
        best = sorted((float(cosines[number]) for number in allowed), reverse=True)
        assert scores == pytest.approx(best[:count], abs=1e-5)


def _expected_scores(index: Index, query: list[str], allowed: set[int]) -> dict[int, float]:
    """BM25 as SQLite's FTS5 documents it, over all passages, for those ``allowed``."""
    documents = {
        one.number: terms(article.title)
        + terms(article.text[one.passage.start : one.passage.end])
        for article in index.articles.every()
        for one in index.passages.of_article(article.id)
    }
    average = sum(map(len, documents.values())) / len(documents)
    k1, b = 1.2, 0.75
    scores: dict[int, float] = {}
    for number in allowed:
        document = documents[number]
        for term in dict.fromkeys(query):
            holding = sum(term in other for other in documents.values())
            idf = max(math.log((len(documents) - holding + 0.5) / (holding + 0.5)), 1e-6)
            frequency = document.count(term)
            saturation = frequency + k1 * (1 - b + b * len(document) / average)
            if frequency:
                part = idf * frequency * (k1 + 1) / saturation
                scores[number] = scores.get(number, 0.0) + part
    return scores


@engines
@pytest.mark.parametrize("filters", FILTERS)
def test_matching_is_bm25(built: Index, filters: Filters) -> None:
    allowed = _passing(built, filters)
    selection = built.search.select(filters)
    for question in QUESTIONS:
        query = terms(question)
        found = built.search.matching(query, 100, selection)
        assert dict(found) == pytest.approx(_expected_scores(built, query, allowed))
        assert found == sorted(found, key=lambda one: (-one[1], one[0]))
        assert built.search.matching(query, 2, selection) == found[:2]


@engines
def test_words_are_found_however_they_are_written(built: Index) -> None:
    def paths(words: str) -> set[str]:
        numbers = [number for number, _ in built.search.matching(terms(words), 100, None)]
        stored = built.passages.read(numbers).values()
        return {built.articles.read(one.passage.article_id).path for one in stored}

    assert paths("L'ÉCOLE") == paths("ecole") == {"école.txt"}
    assert paths("légume") == paths("LÉGUMES") == {"école.txt"}
    assert paths("oeuvre celik") == paths("ŒUVRE Çelik") == {"école.txt"}
    assert paths("3,5") == paths("3.5") == {"école.txt"}
    assert paths("МОСКВА") == paths("Ελλάδα") == {"bridge.txt"}
    assert paths("20000") == {"a.txt", "b.txt"}
    assert paths("volcan") == set()


@engines
def test_document_frequency(built: Index) -> None:
    for term in ("pont", "ecol", "20000", "3.5", "москв", "volcan"):
        holding = sum(
            term in {*terms(article.title), *terms(article.text[p.start : p.end])}
            for article in ARTICLES
            for p in (one.passage for one in built.passages.of_article(article.id))
        )
        assert built.search.document_frequencies([term])[term] == holding


@engines
def test_a_selection_tells_whether_it_is_empty(built: Index) -> None:
    for filters in FILTERS[1:]:
        selection = built.search.select(filters)
        assert selection is not None
        assert selection.is_empty == (not _passing(built, filters))


# Answering


def _plain(answer: Answer) -> Any:
    """An answer without its times, numbers as they are."""
    return dataclasses.asdict(dataclasses.replace(answer, timings=type(answer.timings)()))


def _assert_alike(one: Any, other: Any) -> None:
    """Equal, numbers within float error."""
    if isinstance(one, float):
        assert other == pytest.approx(one, abs=1e-5)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            _assert_alike(one[key], other[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            _assert_alike(left, right)
    else:
        assert one == other


@pytest.mark.milvus
def test_answers_are_the_same(made: Made) -> None:
    assistants = [Assistant(made(one)[0], CountingEncoder()) for one in EngineName]
    texts = {article.id: article.text for article in ARTICLES}
    answered = refused = reprinted = 0
    for question in QUESTIONS:
        for filters in FILTERS:
            answers = [one.ask(question, filters=filters) for one in assistants]
            for answer in answers:
                for citation in answer.shown():
                    quote = citation.quote
                    assert texts[quote.article_id][quote.start : quote.end] == quote.text
                    reprinted += bool(citation.also_in)
            _assert_alike(*map(_plain, answers))
            answered += answers[0].answered
            refused += not answers[0].answered
            follow_ups = []
            for one, answer in zip(assistants, answers, strict=True):
                with one.snapshot() as snapshot:
                    follow_ups.append(snapshot.follow_ups(answer, "fr", filters=filters))
            assert follow_ups[0] == follow_ups[1]
    # The corpus must give cause for all of it.
    assert answered > 5
    assert refused > 10
    assert reprinted


# Building


@each
def test_an_empty_corpus_and_its_first_article(place: Place, tmp_path: Path) -> None:
    chosen = place(tmp_path)
    _build(chosen, [])
    index = _open(chosen)
    vector = CountingEncoder().embed_question("pont")
    assert (
        index.search.nearest(vector, 3, None) == index.search.matching(["pont"], 3, None) == []
    )
    assert index.search.document_frequencies(["pont"])["pont"] == 0
    assert list(index.integrity.check_engine()) == []
    index.close()
    assistant = Assistant(chosen, CountingEncoder())
    assert not assistant.ask("Quand rouvrira le pont ?").answered
    _build(chosen, ARTICLES[:1])
    # Taken up without opening it again.
    assert assistant.search("le pont de l’Orge")
    _build(chosen, [])
    assert not assistant.search("le pont de l’Orge")


@each
def test_rebuilding_gives_what_building_at_once_gives(place: Place, tmp_path: Path) -> None:
    grown, fresh = place(tmp_path / "grown"), place(tmp_path / "fresh")
    before = ARTICLES[3]
    changed = make_article(
        f"{before.text} Bravo.", before.path, title=before.title, source=before.source
    )
    _build(grown, ARTICLES[:4])
    encoder = CountingEncoder()
    summary = _build(grown, [*ARTICLES[1:3], changed, *ARTICLES[4:]], encoder)
    assert (summary.added, summary.changed, summary.removed) == (2, 1, 1)
    assert not [text for text in encoder.passages if "Jean-Moulin" in text]
    _build(fresh, [*ARTICLES[1:3], changed, *ARTICLES[4:]])
    one, other = _open(grown), _open(fresh)
    assert list(one.passages.every()) == list(other.passages.every())
    for index in (one, other):
        assert list(index.integrity.check_engine()) == []
    for question in QUESTIONS:
        query, vector = terms(question), CountingEncoder().embed_question(question)
        matched = dict(one.search.matching(query, 9, None))
        assert matched == pytest.approx(dict(other.search.matching(query, 9, None)))
        assert [score for _, score in one.search.nearest(vector, 9, None)] == pytest.approx(
            [score for _, score in other.search.nearest(vector, 9, None)], abs=1e-5
        )
    again = CountingEncoder()
    assert not _build(grown, [*ARTICLES[1:3], changed, *ARTICLES[4:]], again).written
    assert again.passages == []
    one.close()
    other.close()


@each
def test_rollback_and_what_goes(place: Place, tmp_path: Path) -> None:
    chosen = place(tmp_path)
    assistant = None
    for count in (1, 2, 3):
        _build(chosen, ARTICLES[:count])
        assistant = assistant or Assistant(chosen, CountingEncoder())
    assert assistant is not None
    assert assistant.overview().articles == 3
    assert assistant.ask("Qu’est-ce que la cantine servira ?").hits
    roll_back(chosen.index, uri=chosen.uri)
    hits = assistant.search("Qu’est-ce que la cantine servira ?", count=50)
    assert {assistant.article(hit.passage.article_id).path for hit in hits} == {
        "a.txt",
        "b.txt",
    }


@each
def test_verify_finds_nothing_wrong(place: Place, tmp_path: Path) -> None:
    chosen = place(tmp_path)
    _build(chosen, ARTICLES)
    index = _open(chosen)
    chosen.articles.mkdir()
    problems = verify(index, chosen, CountingEncoder()).problems
    # The articles were never in files.
    assert all("no longer in" in problem for problem in problems)
    index.close()


@pytest.mark.milvus
@pytest.mark.parametrize("first", EngineName)
def test_a_change_of_engine_embeds_nothing(
    first: EngineName, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    second = next(one for one in EngineName if one != first)
    before, after = (_settings(one, request, tmp_path) for one in (first, second))
    _build(before, ARTICLES)
    with pytest.raises(IndexMismatchError, match=rf"engine '{first}'.*'{second}'.*rag build"):
        _open(after)
    encoder = CountingEncoder()
    summary = _build(after, ARTICLES, encoder)
    assert summary.written
    assert encoder.passages == []
    index = _open(after)
    assert index.manifest.engine == second
    assert (index.folder / LENGTHS).exists() == (second == EngineName.EMBEDDED)
    assert list(index.integrity.check_engine()) == []
    tables = {
        name for (name,) in Catalogue(index.folder).rows("SELECT name FROM sqlite_master")
    }
    assert ("terms_total" in tables) == (second != EngineName.EMBEDDED)
    index.close()


# Of Milvus alone


@pytest.fixture
def served(milvus: LiteServer, tmp_path: Path) -> Settings:
    chosen = settings_for(tmp_path, uri=milvus.uri)
    _build(chosen, ARTICLES)
    return chosen


def _collection(chosen: Settings) -> str:
    index = Index.open_current(chosen.index)
    index.close()
    return index.manifest.collection


def test_old_collections_go_and_the_alias_follows(served: Settings) -> None:
    first = _collection(served)
    alias, _, _ = first.partition("_2")
    _build(served, ARTICLES[1:])
    second = _collection(served)
    _build(served, ARTICLES[2:])
    third = _collection(served)
    kept = {name for name in _collections(served) if name.startswith(alias)}
    assert kept == {second, third}

    def named(client: Any) -> str:
        return str(client.describe_alias(alias)["collection_name"])

    assert _ask(served.uri, named) == third
    roll_back(served.index, uri=served.uri)
    assert _ask(served.uri, named) == second


def test_two_folders_on_a_server_leave_each_other_alone(
    served: Settings, milvus: LiteServer, tmp_path: Path
) -> None:
    import shutil

    other = settings_for(tmp_path / "other", uri=milvus.uri)
    # Even a copy, which names the collection of the first.
    shutil.copytree(served.index, other.index)
    theirs = _collection(served)
    for count in (1, 2, 3):
        _build(other, ARTICLES[:count])
    assert theirs in _collections(served)
    index = _open(served)
    assert list(index.integrity.check_engine()) == []
    index.close()


def test_a_half_filled_collection_goes_with_the_next_build(served: Settings) -> None:
    alias = _collection(served).rsplit("_", 2)[0]
    half = f"{alias}_20200101T000000_abcdef"
    schema = collection_schema(DIMENSION)
    _ask(served.uri, lambda client: client.create_collection(half, schema=schema))
    _build(served, ARTICLES[1:])
    assert half not in _collections(served)


def test_a_collection_that_is_gone_is_told_and_made_again(served: Settings) -> None:
    assistant = Assistant(served, CountingEncoder())
    assert assistant.search("pont")
    collection = _collection(served)

    def drop(client: Any) -> None:
        for alias in client.list_aliases(collection)["aliases"]:
            client.drop_alias(alias)
        client.drop_collection(collection)

    _ask(served.uri, drop)
    with pytest.raises(EngineError, match=rf"no collection {collection}.*rag build"):
        assistant.search("pont")
    encoder = CountingEncoder()
    assert _build(served, ARTICLES, encoder).written
    assert encoder.passages == []
    assert assistant.search("pont")


def test_a_collection_of_another_shape_is_told_and_made_again(served: Settings) -> None:
    collection = _collection(served)

    def replace(client: Any) -> None:
        for alias in client.list_aliases(collection)["aliases"]:
            client.drop_alias(alias)
        client.drop_collection(collection)
        client.create_collection(collection, schema=collection_schema(DIMENSION + 1))

    _ask(served.uri, replace)
    assistant = Assistant(served, CountingEncoder())
    with pytest.raises(EngineError, match=rf"{collection}.*other fields.*rag build"):
        assistant.search("pont")
    assert _build(served, ARTICLES).written
    assert assistant.search("pont")


def test_verify_tells_what_the_server_holds_otherwise(served: Settings) -> None:
    index = _open(served)
    rows = list(rows_of(Catalogue(index.folder).rows, index.rows.passages))
    turned = dataclasses.replace(rows[0], vector=-rows[0].vector).fields()
    reworded = dataclasses.replace(rows[1], terms="autre chose").fields()
    moved = dataclasses.replace(rows[2], date=19990101, source="autre").fields()

    def damage(client: Any) -> None:
        collection = index.manifest.collection
        client.upsert(collection, data=[turned, reworded, moved])
        client.delete(collection, ids=[rows[3].number])

    _ask(served.uri, damage)
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
    _build(chosen, ARTICLES)
    index = _open(chosen)
    assert index.manifest.search == ("graph" if graph == 100 else "inverted")
    vector = CountingEncoder().embed_question("le pont de l’Orge")
    cosines = index.rows.passages @ vector
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
    _build(served, ARTICLES[1:])
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
    _build(chosen, [long])
    index = _open(chosen)
    assert index.search.document_frequencies(["mot1"])["mot1"] == 1
    assert [number for number, _ in index.search.matching(["mot1"], 3, None)] == [0]
    assert list(index.integrity.check_engine()) == []
    index.close()
