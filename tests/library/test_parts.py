"""Sentences embedded as parts of their passages, and indexes from before there were."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.index import Index
from rag.index.half_floats import HALF
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.library.verify_index import verify
from rag.models.encoder import Encoder
from rag.models.workers.protocol import open_same
from rag.types import Article
from tests.fakes import CountingEncoder, PartsCountingEncoder, make_article, settings_for
from tests.index.held_rows import sentence_rows

# Its four sentences are two passages of so few tokens, which share one.
BRIDGE = make_article(
    "Le pont rouvre samedi. Les travaux ont pris fin. Le maire salue les ouvriers. "
    "La fête aura lieu sur la place.",
    "pont.txt",
    title="Le pont",
)
TOKENS = 16
SCHOOL = make_article("L’école accueille cent élèves.", "école.txt", title="La rentrée")


def _build(chosen: Settings, encoder: Encoder, *articles: Article) -> Index:
    # Verification reads the files again.
    for article in articles:
        path = chosen.articles / article.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{article.title}\n\n{article.text}", encoding="utf-8")
    build(article_sources(articles), chosen, encoder)
    return Index.open_current(chosen.index)


def test_a_sentence_is_a_part_of_the_first_passage_that_has_it(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path, passage_tokens=TOKENS)
    encoder = PartsCountingEncoder()
    index = _build(chosen, encoder, BRIDGE)
    stored = index.passages.of_article(BRIDGE.id)
    shared = [
        set(one.passage.sentences) & set(other.passage.sentences)
        for one, other in itertools.pairwise(stored)
    ]
    assert any(shared)
    # A pass a passage, and none for sentences.
    texts = [f"Le pont\n{BRIDGE.text[s.passage.start : s.passage.end]}" for s in stored]
    assert sorted(encoder.passages) == sorted(texts)
    assert encoder.parts == sum(len(one.passage.sentences) for one in stored)
    seen = set()
    for one, text in zip(stored, texts, strict=True):
        begin = len("Le pont\n") - one.passage.start
        for row, sentence in enumerate(one.passage.sentences, one.first_sentence):
            if sentence not in seen:
                vector = encoder.part(text, begin + sentence.start, begin + sentence.end)
                np.testing.assert_array_equal(sentence_rows(index)[row], vector.astype(HALF))
            seen.add(sentence)
    assert seen == set(index.passages.sentences(BRIDGE.id))


def test_it_is_verified_against_the_model(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path, passage_tokens=TOKENS)
    index = _build(chosen, PartsCountingEncoder(), BRIDGE, SCHOOL)
    checked = verify(index, chosen, PartsCountingEncoder())
    assert [one for one in checked.problems if "vector" in one] == []

    class Another(PartsCountingEncoder):
        def part(self, text: str, first: int, last: int) -> np.ndarray:
            return -super().part(text, first, last)

    wrong = verify(index, chosen, Another()).problems
    assert len([one for one in wrong if one.startswith("sentence ")]) == index.manifest.passages


def test_an_index_made_apart_goes_on_apart(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path, passage_tokens=TOKENS)
    _build(chosen, CountingEncoder(), BRIDGE).close()
    encoder = PartsCountingEncoder()
    index = _build(chosen, encoder, BRIDGE, SCHOOL)
    assert index.manifest.fingerprint == encoder.apart.fingerprint
    # Nothing that was there is embedded again, and what is new as the rest was.
    assert encoder.passages == []
    text = f"La rentrée\n{SCHOOL.text}"
    assert encoder.apart.passages == [text]
    assert [one for one in verify(index, chosen, encoder).problems if "vector" in one] == []
    assistant = Assistant(chosen, encoder)
    (best, *_) = assistant.ask("Quand le pont rouvre-t-il ?").hits
    assert best.passage.article_id == BRIDGE.id
    assert encoder.passages == []


def test_workers_go_on_apart_as_well() -> None:
    encoder = PartsCountingEncoder()
    assert open_same(lambda: encoder, encoder.fingerprint) is encoder
    assert open_same(lambda: encoder, encoder.apart.fingerprint) is encoder.apart


def test_without_a_reader_sentences_are_compared_alone(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    encoder = PartsCountingEncoder()
    _build(chosen, encoder, BRIDGE, SCHOOL).close()
    encoder.passages.clear()
    question = "Quand le pont rouvre-t-il ?"
    alone = settings_for(tmp_path / "apart")
    _build(alone, CountingEncoder(), BRIDGE, SCHOOL).close()
    expected = Assistant(alone, CountingEncoder()).ask(question)
    answer = Assistant(chosen, encoder).ask(question)
    assert next(answer.shown()).quote.text == next(expected.shown()).quote.text
    assert [one.passage for one in answer.hits] == [one.passage for one in expected.hits]
    np.testing.assert_allclose(
        [one.score for one in answer.hits], [one.score for one in expected.hits], atol=1e-6
    )
    assert set(encoder.passages) == {
        f"{article.title}\n{article.text[one.start : one.end]}"
        for article in (BRIDGE, SCHOOL)
        for one in Index.open_current(chosen.index).passages.sentences(article.id)
    }
