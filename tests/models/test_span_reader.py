"""The reader: what it points at, which passages it reads to the end, where it is used."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.answering.assistant import Assistant
from rag.answering.read_passages import read_passages
from rag.answering.retrieve import Found, retrieve
from rag.config import Settings
from rag.errors import ModelError
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.models.default_encoder import DefaultEncoder
from rag.models.encoder import open_encoder
from rag.models.span_reader import (
    PassageToRead,
    ReadPassage,
    ReadSentence,
    TrainedReader,
    best_span,
    open_reader,
    reader_for,
    sentence_scores,
)
from rag.types import Filters
from tests.answering.test_assistant import assert_verbatim
from tests.fakes import CountingEncoder, make_article, settings_for
from tests.models.reader_pairs import tokens_of

STORY = make_article(
    "Marie Leroy a ouvert une librairie en 2019. Elle vend des romans. Le chat dort ici.",
    "librairie.txt",
)
OTHER = make_article("La piscine de Brest ferme en août.", "piscine.txt")
CAT = "Le chat dort ici."


class PointingReader:
    """Finds the words it is told to, anywhere, and nothing else."""

    def __init__(self, words: str, score: float = 9.0) -> None:
        self.words = words
        self.score = score

    def read(
        self, question: str, passages: Sequence[PassageToRead], count: int
    ) -> list[ReadPassage | None]:
        seen = [self._one(passage) for passage in passages]
        best = sorted(seen, key=lambda read: -max(one.score for one in read))[:count]
        return [read if read in best else None for read in seen]

    def _one(self, passage: PassageToRead) -> tuple[ReadSentence, ...]:
        found = []
        for start, end in passage.sentences:
            at = passage.text.find(self.words, start, end)
            found.append(
                ReadSentence(self.score, at, at + len(self.words))
                if at >= 0
                else ReadSentence(-self.score, start, start + 1)
            )
        return tuple(found)


def test_the_best_span_ends_after_it_starts() -> None:
    starts = np.array([0, 5, 1], np.float32)
    ends = np.array([9, 1, 2], np.float32)
    # 5 + 9 would end before it starts.
    assert best_span(starts, ends) == (0, 0, 0 + 9)
    assert best_span(starts[1:], ends[1:]) == (0, 1, 5 + 2)


def test_a_sentence_scores_by_its_mean_its_highest_and_its_pair() -> None:
    pair = tokens_of([0, 7, 8, 9, 2], [-1, 0, 0, 1, -1])
    scores = np.zeros((5, 4), np.float32)
    scores[:, 2] = [9, 1, 2, 5, 9]
    scores[:, 3] = [9, 4, 3, 6, 9]
    # The last of its sentences was cut off.
    assert sentence_scores(pair, scores, 0.5) == [
        (1 + 2) / 2 + 4 + 0.5,
        5 + 6 + 0.5,
        -math.inf,
    ]


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    settings = settings_for(tmp_path, passage_tokens=200)
    build(article_sources([STORY, OTHER]), settings, CountingEncoder())
    return settings


def test_the_reader_chooses_and_marks(chosen: Settings) -> None:
    assistant = Assistant(chosen, CountingEncoder(), PointingReader("chat"))
    answer = assistant.ask("Qui dort dans la librairie ?")
    first = next(answer.shown()).quote
    assert first.text == CAT
    assert first.answer is not None
    assert STORY.text[slice(*first.answer)] == "chat"
    assert first.highlights == (first.answer,)
    assert_verbatim(assistant, answer)


def _found(chosen: Settings) -> tuple[Index, tuple[Found, ...]]:
    index = Index.open_current(chosen.index)
    vector = CountingEncoder().embed_question("librairie")
    return index, retrieve(index, vector, ("librair",), Filters())


def test_only_the_passages_that_the_reader_likes_best_are_read(chosen: Settings) -> None:
    index, found = _found(chosen)
    read = read_passages(PointingReader("août"), "?", found, index.articles.read, 1)
    texts = [
        OTHER.text[sentence.read.start : sentence.read.end]
        for one in read
        for sentence in one.sentences
        if sentence.read
    ]
    assert texts == ["août"]


def test_it_is_used_where_it_fits() -> None:
    assert open_reader(Settings(), CountingEncoder()) is None
    assert not reader_for(Settings(), "some/other-model")
    assert reader_for(Settings(), "intfloat/multilingual-e5-small")
    assert not reader_for(Settings(reader="off"), "intfloat/multilingual-e5-small")


@pytest.fixture(scope="module")
def encoder() -> DefaultEncoder:
    opened = open_encoder(Settings())
    assert isinstance(opened, DefaultEncoder)
    return opened


@pytest.mark.model
def test_weights_that_are_not_ours_are_refused(
    encoder: DefaultEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where no graph was made of the right ones.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="not those of this version"):
        TrainedReader(encoder, weights).read("?", [PassageToRead("", "Oui.", ((0, 4),))], 1)


@pytest.mark.model
def test_spans_lie_in_their_sentences(encoder: DefaultEncoder) -> None:
    text = "Le pont rouvre le 3 juin. Il a coûté 20 000 euros. " + "Une phrase de plus. " * 100
    ends = [0]
    while ends[-1] < len(text.rstrip()):
        ends.append(text.index(".", ends[-1]) + 2)
    sentences = tuple((start, end - 1) for start, end in itertools.pairwise(ends))
    passage = PassageToRead("Le pont", text, sentences)
    # A question as long as this one is cut, and leaves room for the passage.
    for question in ("Combien a coûté le pont ?", "Combien a coûté le pont ? " * 400):
        (read,) = TrainedReader(encoder).read(question, [passage], 1)
        assert read is not None
        assert len(read) == len(sentences)
        # More words than fit: the last sentences were not read.
        assert read[-1] is None
        for (start, end), one in zip(sentences, read, strict=True):
            assert one is None or start <= one.start < one.end <= end
    (short,) = TrainedReader(encoder).read("Combien a coûté le pont ?", [passage], 1)
    assert short is not None
    first, second = short[:2]
    assert first is not None
    assert second is not None
    assert second.score > first.score
    assert "20 000" in text[second.start : second.end]
