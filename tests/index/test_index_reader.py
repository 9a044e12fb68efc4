"""An index that is open: its articles, what is counted, and what is found in it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import math
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from rag.errors import IndexDamagedError
from rag.index import Index
from rag.index.half_floats import HALF
from rag.ingest.chunking import chunk_article
from rag.ingest.folder import article_sources
from rag.language.analysis import terms
from rag.language.sentences import split_sentences
from rag.library.build import build
from rag.types import Article, Filters
from rag.types.provenance import DateFrom, LeftOut, LeftOutKind, Place, PlaceKind
from tests.fakes import DIMENSION, PASSAGE_TOKENS, CountingEncoder, make_article, settings_for
from tests.index.four_articles import ARTICLES, BRIDGE, ENGLISH, MATCH, SCHOOL
from tests.index.held_rows import file_in, passage_rows, sentence_rows


def given_to_model(article: Article, start: int, end: int) -> str:
    return f"{article.title}\n{article.text[start:end]}"


def test_articles_come_back_as_they_were(index: Index) -> None:
    assert list(index.articles.every()) == ARTICLES
    assert index.articles.read(MATCH.id) == MATCH
    assert index.articles.by_path(SCHOOL.path) == SCHOOL
    assert index.articles.by_path("none.txt") is None
    assert index.articles.file_hashes() == {
        article.path: article.file_hash for article in ARTICLES
    }
    assert index.articles.newest_ids(3) == [ENGLISH.id, BRIDGE.id, SCHOOL.id]
    assert index.articles.newest_ids(9)[-1] == MATCH.id


def test_how_an_article_was_read_comes_back(tmp_path: Path) -> None:
    article = dataclasses.replace(
        make_article("Le lac est gelé.\n\nUne note.", date=datetime.date(2024, 3, 1)),
        date_from=DateFrom.FILE_NAME,
        places=(
            Place(0, 16, PlaceKind.TABLE, page=3, row=2),
            Place(18, 27, PlaceKind.SPEECH, time="00:12:31", speaker="Léa"),
        ),
        left_out=(
            LeftOut.of(LeftOutKind.FOOTER, "Page 1"),
            LeftOut.of(LeftOutKind.FOOTER, "Page 2"),
            LeftOut.of(LeftOutKind.DELETED, "était"),
        ),
    )
    chosen = settings_for(tmp_path)
    build(article_sources([article]), chosen, CountingEncoder())
    index = Index.open_current(chosen.index)
    found = index.articles.read(article.id)
    index.close()
    assert found == article
    assert found.places_in(0, 4) == article.places[:1]
    assert found.left_out == (
        LeftOut(LeftOutKind.FOOTER, "", 4),
        LeftOut(LeftOutKind.DELETED, "", 1),
    )


def test_an_index_of_before_there_were_readings_is_read(breakable: Path) -> None:
    with contextlib.closing(
        sqlite3.connect(file_in(breakable, "catalogue.sqlite"))
    ) as database:
        database.execute("DROP TABLE readings")
    index = Index.open_current(breakable.parent)
    for article in index.articles.every():
        assert (article.date_from, article.places, article.left_out) == (None, (), ())
    index.close()


def test_an_unknown_article_or_passage_is_not_passed_over(index: Index) -> None:
    with pytest.raises(IndexDamagedError, match="no article 'none'"):
        index.articles.read("none")
    with pytest.raises(IndexDamagedError, match="no passage 99"):
        index.passages.read([0, 99])


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: str(article.path))
def test_passages_and_sentences_come_back_with_their_vectors(
    index: Index, article: Article
) -> None:
    encoder = CountingEncoder()
    sentences = list(index.passages.sentences(article.id))
    assert tuple(sentences) == split_sentences(article.text, article.language)
    stored = index.passages.of_article(article.id)
    assert tuple(one.passage for one in stored) == chunk_article(
        article, encoder.count_tokens, PASSAGE_TOKENS, 1
    )
    for one in stored:
        passage = one.passage
        assert index.passages.read([one.number])[one.number] == one
        expected = encoder.embed_passages([given_to_model(article, passage.start, passage.end)])
        np.testing.assert_array_equal(passage_rows(index)[one.number], expected[0].astype(HALF))
        for row, sentence in enumerate(passage.sentences, one.first_sentence):
            expected = encoder.embed_passages(
                [given_to_model(article, sentence.start, sentence.end)]
            )
            np.testing.assert_array_equal(sentence_rows(index)[row], expected[0].astype(HALF))


def test_a_sentence_that_occurs_twice_has_two_places(index: Index) -> None:
    places = [
        (sentence.start, sentence.end)
        for sentence in index.passages.sentences(BRIDGE.id)
        if BRIDGE.text[sentence.start : sentence.end] == "« Enfin », dit-il."
    ]
    first = BRIDGE.text.index("« Enfin »")
    second = BRIDGE.text.rindex("« Enfin »")
    length = len("« Enfin », dit-il.")
    assert places == [(first, first + length), (second, second + length)]


def test_sentence_before(index: Index) -> None:
    first, second = index.passages.sentences(MATCH.id)
    assert index.passages.sentence_before(MATCH.id, second.start) == first
    assert index.passages.sentence_before(MATCH.id, first.start) is None


def test_counts_and_overview(index: Index) -> None:
    manifest = index.manifest
    assert manifest.articles == len(ARTICLES)
    assert manifest.sentences == sum(
        len(split_sentences(article.text, article.language)) for article in ARTICLES
    )
    assert passage_rows(index).shape == (manifest.passages, DIMENSION)
    assert sentence_rows(index).shape == (manifest.sentences, DIMENSION)
    (segment,) = index.segments
    assert len(segment.rows.passage_keys) == manifest.passages
    assert len(segment.rows.sentence_keys) == manifest.sentences
    overview = index.articles.overview()
    assert (overview.articles, overview.passages) == (manifest.articles, manifest.passages)
    assert overview.first_date == SCHOOL.date
    assert overview.last_date == ENGLISH.date
    assert overview.languages == (("fr", 3), ("en", 1))
    assert overview.sources == (("courrier", 2), ("sport", 1))
    assert overview.broken == ()
    assert [index.articles.has_year(year) for year in (2022, 2023, 2024, 2025)] == [
        False,
        True,
        True,
        False,
    ]


# Finding


def numbers_of(index: Index, *articles: Article) -> list[int]:
    return sorted(
        one.number for article in articles for one in index.passages.of_article(article.id)
    )


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(since=datetime.date(2024, 3, 1)), [BRIDGE, ENGLISH]),
        (Filters(since=datetime.date(2024, 3, 2)), [ENGLISH]),
        (Filters(until=datetime.date(2024, 3, 1)), [BRIDGE, SCHOOL]),
        (Filters(until=datetime.date(2023, 9, 3)), []),
        (Filters(sources=frozenset({"courrier"})), [BRIDGE, SCHOOL]),
        (Filters(sources=frozenset({"courrier", "sport"})), [BRIDGE, SCHOOL, MATCH]),
        (Filters(sources=frozenset({"none"})), []),
        (Filters(articles=frozenset({MATCH.id})), [MATCH]),
        (Filters(excluded_articles=frozenset({MATCH.id})), [BRIDGE, SCHOOL, ENGLISH]),
        (
            Filters(since=datetime.date(2024, 1, 1), sources=frozenset({"courrier"})),
            [BRIDGE],
        ),
    ],
)
def test_filters(index: Index, filters: Filters, expected: list[Article]) -> None:
    selection = index.search.select(filters)
    assert selection is not None
    (part,) = selection.parts
    assert part.numbers.tolist() == sorted(numbers_of(index, *expected))
    assert selection.is_empty == (not expected)


def test_no_filter_allows_everything(index: Index) -> None:
    assert index.search.select(Filters()) is None


@pytest.mark.parametrize("question", ["le pont de l’Orge", "élèves cantine", "xyz", "bridge"])
@pytest.mark.parametrize("filtered", [False, True])
def test_nearest_is_what_numpy_finds(index: Index, question: str, filtered: bool) -> None:
    vector = CountingEncoder().embed_question(question)
    numbers = (
        numbers_of(index, SCHOOL, MATCH) if filtered else list(range(index.manifest.passages))
    )
    filters = Filters(articles=frozenset({SCHOOL.id, MATCH.id})) if filtered else Filters()
    cosines = passage_rows(index) @ vector
    for count in (1, 2, 100):
        found = index.search.nearest(vector, count, index.search.select(filters))
        assert len(found) == min(count, len(numbers))
        assert {number for number, _ in found} <= set(numbers)
        for number, score in found:
            assert score == pytest.approx(float(cosines[number]), abs=1e-6)
        best = np.sort(cosines[numbers])[::-1][:count]
        np.testing.assert_allclose([score for _, score in found], best, atol=1e-6)


def test_matching_is_bm25(index: Index) -> None:
    """The formula of SQLite's documentation, https://sqlite.org/fts5.html#the_bm25_function."""
    documents = {
        one.number: terms(article.title)
        + terms(article.text[one.passage.start : one.passage.end])
        for article in ARTICLES
        for one in index.passages.of_article(article.id)
    }
    query = terms("élèves de la cantine, buts")
    average = sum(map(len, documents.values())) / len(documents)
    k1, b = 1.2, 0.75
    expected: dict[int, float] = {}
    for number, document in documents.items():
        score = 0.0
        for term in query:
            holding = sum(term in other for other in documents.values())
            idf = max(math.log((len(documents) - holding + 0.5) / (holding + 0.5)), 1e-6)
            frequency = document.count(term)
            saturation = frequency + k1 * (1 - b + b * len(document) / average)
            score += idf * frequency * (k1 + 1) / saturation
        if score:
            expected[number] = score
    found = index.search.matching(query, 100, None)
    assert len(found) > 1
    assert dict(found) == pytest.approx(expected)
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)


def test_matching_finds_words_of_text_and_title(index: Index) -> None:
    (number, score), *others = index.search.matching(terms("20 000 euros"), 10, None)
    assert number in numbers_of(index, BRIDGE)
    assert score > 0
    assert others == []
    assert {number for number, _ in index.search.matching(terms("rentrée"), 10, None)} == set(
        numbers_of(index, SCHOOL)
    )
    assert index.search.matching(terms("volcan"), 10, None) == []
    assert index.search.matching([], 10, None) == []


def test_matching_keeps_to_what_is_allowed(index: Index) -> None:
    everywhere = index.search.matching(["pont"], 10, None)
    assert {number for number, _ in everywhere} == set(numbers_of(index, BRIDGE, MATCH))
    only = index.search.select(Filters(articles=frozenset({MATCH.id})))
    kept = index.search.matching(["pont"], 10, only)
    assert kept == [pair for pair in everywhere if pair[0] in numbers_of(index, MATCH)]
    assert index.search.matching(["pont"], 1, None) == everywhere[:1]


def test_document_frequency(index: Index) -> None:
    assert index.search.document_frequencies(["pont"])["pont"] == len(
        numbers_of(index, BRIDGE, MATCH)
    )
    assert index.search.document_frequencies(["volcan"])["volcan"] == 0
