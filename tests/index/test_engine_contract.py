"""What every engine must do alike: the embedded one, and a Milvus server over TCP.

The server is a real one in another process, `milvus-lite server`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import IndexMismatchError
from rag.index import Index
from rag.index.engines.word_files import LENGTHS
from rag.index.generations import EngineName
from rag.language.analysis import terms
from rag.library.rollback import roll_back
from rag.library.verify_index import verify
from rag.types import Answer, Filters
from tests.fakes import CountingEncoder, make_article
from tests.index.engine_corpus import (
    ARTICLES,
    FILTERS,
    QUESTIONS,
    build_articles,
    engine_settings,
    open_index,
)
from tests.index.held_rows import passage_rows

ENGINES = [
    EngineName.EMBEDDED.value,
    pytest.param(EngineName.MILVUS.value, marks=pytest.mark.milvus),
]
GONE = make_article(
    "Le pont de l’Orge rouvrira : les travaux de la cantine ont coûté neuf buts au maire.",
    "b.old.txt",
    title="Le pont",
    source="courrier",
)
Place = Callable[[Path], Settings]
Made = Callable[[str], tuple[Settings, Index]]


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """Settings of an engine for a folder."""
    return lambda folder: engine_settings(request.param, request, folder)


@pytest.fixture(scope="module")
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    """The same articles with each engine, built when it is first asked for.

    They come in two segments, of which the first has one that is gone.
    """
    found: dict[str, tuple[Settings, Index]] = {}

    def make(engine: str) -> tuple[Settings, Index]:
        if engine not in found:
            chosen = engine_settings(engine, request, tmp_path_factory.mktemp(engine))
            build_articles(chosen, [*ARTICLES[::2], GONE])
            build_articles(chosen, ARTICLES)
            found[engine] = chosen, open_index(chosen)
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
    cosines = passage_rows(built) @ vector
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
        assert found == sorted(found, key=lambda one: -one[1])
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
    build_articles(chosen, [])
    index = open_index(chosen)
    vector = CountingEncoder().embed_question("pont")
    assert (
        index.search.nearest(vector, 3, None) == index.search.matching(["pont"], 3, None) == []
    )
    assert index.search.document_frequencies(["pont"])["pont"] == 0
    assert list(index.integrity.check_engine()) == []
    index.close()
    assistant = Assistant(chosen, CountingEncoder())
    assert not assistant.ask("Quand rouvrira le pont ?").answered
    build_articles(chosen, ARTICLES[:1])
    # Taken up without opening it again.
    assert assistant.search("le pont de l’Orge")
    build_articles(chosen, [])
    assert not assistant.search("le pont de l’Orge")


@each
def test_rebuilding_gives_what_building_at_once_gives(place: Place, tmp_path: Path) -> None:
    grown, fresh = place(tmp_path / "grown"), place(tmp_path / "fresh")
    before = ARTICLES[3]
    changed = make_article(
        f"{before.text} Bravo.", before.path, title=before.title, source=before.source
    )
    build_articles(grown, ARTICLES[:4])
    encoder = CountingEncoder()
    summary = build_articles(grown, [*ARTICLES[1:3], changed, *ARTICLES[4:]], encoder)
    assert (summary.added, summary.changed, summary.removed) == (2, 1, 1)
    assert not [text for text in encoder.passages if "Jean-Moulin" in text]
    build_articles(fresh, [*ARTICLES[1:3], changed, *ARTICLES[4:]])
    one, other = open_index(grown), open_index(fresh)
    assert [stored.passage for stored in one.passages.every()] == [
        stored.passage for stored in other.passages.every()
    ]
    for index in (one, other):
        assert list(index.integrity.check_engine()) == []
    for question in QUESTIONS:
        query, vector = terms(question), CountingEncoder().embed_question(question)
        assert [score for _, score in one.search.matching(query, 9, None)] == pytest.approx(
            [score for _, score in other.search.matching(query, 9, None)]
        )
        assert [score for _, score in one.search.nearest(vector, 9, None)] == pytest.approx(
            [score for _, score in other.search.nearest(vector, 9, None)], abs=1e-5
        )
    again = CountingEncoder()
    assert not build_articles(grown, [*ARTICLES[1:3], changed, *ARTICLES[4:]], again).written
    assert again.passages == []
    one.close()
    other.close()


@each
def test_rollback_and_what_goes(place: Place, tmp_path: Path) -> None:
    chosen = place(tmp_path)
    assistant = None
    for count in (1, 2, 3):
        build_articles(chosen, ARTICLES[:count])
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
    build_articles(chosen, ARTICLES)
    index = open_index(chosen)
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
    before, after = (engine_settings(one, request, tmp_path) for one in (first, second))
    build_articles(before, ARTICLES)
    with pytest.raises(IndexMismatchError, match=rf"engine '{first}'.*'{second}'.*rag build"):
        open_index(after)
    encoder = CountingEncoder()
    summary = build_articles(after, ARTICLES, encoder)
    assert summary.written
    assert encoder.passages == []
    index = open_index(after)
    assert index.manifest.engine == second
    (segment,) = index.segments
    assert (segment.folder / LENGTHS).exists() == (second == EngineName.EMBEDDED)
    assert list(index.integrity.check_engine()) == []
    tables = {name for (name,) in segment.catalogue.rows("SELECT name FROM sqlite_master")}
    assert ("terms_total" in tables) == (second != EngineName.EMBEDDED)
    index.close()
