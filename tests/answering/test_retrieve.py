from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest

from rag.answering.retrieve import LEXICAL_WEIGHT, retrieve
from rag.index import Index
from rag.index.half_floats import as_stored
from rag.ingest.folder import article_sources
from rag.language.analysis import terms
from rag.library.build import build
from rag.types import Filters
from tests.fakes import CountingEncoder, make_article, settings_for

BRIDGE = make_article(
    "Le pont rouvrira le 3 juin. Les travaux ont coûté 20 000 euros.",
    "pont.txt",
    title="Le pont",
    date=datetime.date(2024, 3, 1),
    source="Courrier",
)
SCHOOL = make_article(
    "L’école accueille cent vingt élèves. La cantine servira des légumes.",
    "école.txt",
    title="La rentrée",
    date=datetime.date(2023, 9, 4),
)


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def index(tmp_path: Path, encoder: CountingEncoder) -> Index:
    settings = settings_for(tmp_path)
    build(article_sources([BRIDGE, SCHOOL]), settings, encoder)
    return Index.open_current(settings.index)


def test_a_hit_is_scored_by_its_own_cosine_its_best_sentence_and_its_words(
    index: Index, encoder: CountingEncoder
) -> None:
    question = "Quand rouvrira le pont ?"
    vector = encoder.embed_question(question)
    found = retrieve(index, vector, terms(question), Filters())

    def cosine(text: str) -> float:
        return float(as_stored(encoder.embed_passages([text]))[0] @ vector)

    best = found[0]
    assert best.hit.passage.article_id == BRIDGE.id
    assert best.hit.cosine == pytest.approx(cosine(f"Le pont\n{BRIDGE.text}"), abs=1e-6)
    sentences = [
        cosine(f"Le pont\n{BRIDGE.text[one.start : one.end]}")
        for one in best.hit.passage.sentences
    ]
    assert [scored.cosine for scored in best.sentences] == pytest.approx(sentences, abs=1e-6)
    # It has the highest BM25 score, so its lexical part is the whole weight.
    expected = (best.hit.cosine + max(sentences)) / 2 + LEXICAL_WEIGHT * 1
    assert best.hit.score == pytest.approx(expected, abs=1e-6)
    assert best.hit.lexical > 0


def test_hits_are_sorted_and_counted(index: Index, encoder: CountingEncoder) -> None:
    found = retrieve(index, encoder.embed_question("le pont"), ("pont",), Filters())
    scores = [one.hit.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert len(found) == index.manifest.passages
    assert len(retrieve(index, encoder.embed_question("x"), (), Filters(), 1)) == 1


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(since=datetime.date(2024, 1, 1)), {BRIDGE.id}),
        (Filters(until=datetime.date(2023, 12, 31)), {SCHOOL.id}),
        (
            Filters(since=datetime.date(2024, 3, 1), until=datetime.date(2024, 3, 1)),
            {BRIDGE.id},
        ),
        (Filters(sources=frozenset({"Courrier"})), {BRIDGE.id}),
        (Filters(articles=frozenset({SCHOOL.id})), {SCHOOL.id}),
        (Filters(excluded_articles=frozenset({SCHOOL.id})), {BRIDGE.id}),
        (Filters(since=datetime.date(2030, 1, 1)), set()),
    ],
)
def test_filters_bind_both_sides(
    index: Index, encoder: CountingEncoder, filters: Filters, expected: set[str]
) -> None:
    vector = encoder.embed_question("pont école")
    found = retrieve(index, vector, ("pont", "ecol"), filters)
    assert {one.hit.passage.article_id for one in found} == expected


def test_a_passage_known_only_by_its_words_is_found(index: Index) -> None:
    # A vector at right angles to nothing in particular: the words decide.
    vector = np.full(
        index.manifest.dimension, 1 / np.sqrt(index.manifest.dimension), np.float32
    )
    found = retrieve(index, vector, ("cantin",), Filters())
    assert max(found, key=lambda one: one.hit.lexical).hit.passage.article_id == SCHOOL.id
