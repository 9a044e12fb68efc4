from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from rag.answering.assistant import Assistant
from rag.answering.choose_quotes import (
    FUSION,
    LEAST_RELEVANCE,
    NEAR_ENOUGH,
    Fusion,
    read_passages,
)
from rag.answering.retrieve import Found, retrieve
from rag.config import Settings
from rag.errors import ModelError
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.models.encoder import SentenceTransformerEncoder, open_encoder
from rag.models.span_network import FIRST_ADAPTED_LAYER, ReaderNetwork
from rag.models.span_reader import (
    PassageToRead,
    ReadPassage,
    Span,
    TrainedReader,
    best_span,
    open_reader,
    reader_for,
)
from rag.types import Filters
from tests.answering.test_assistant import assert_verbatim
from tests.fakes import CountingEncoder, make_article, settings_for

STORY = make_article(
    "Marie Leroy a ouvert une librairie en 2019. Elle vend des romans. Le chat dort ici.",
    "librairie.txt",
)
OTHER = make_article("La piscine de Brest ferme en août.", "piscine.txt")
CAT = "Le chat dort ici."


class PointingReader:
    """Finds the words it is told to, anywhere, and nothing else."""

    def __init__(self, words: str, score: float = 9.0, relevance: float = 4.0) -> None:
        self.words = words
        self.score = score
        self.relevance = relevance
        self.passages: list[PassageToRead] = []

    def read(self, question: str, passage: PassageToRead) -> ReadPassage:
        self.passages.append(passage)
        spans = []
        for start, end in passage.sentences:
            at = passage.text.find(self.words, start, end)
            found = Span(at, at + len(self.words), self.score)
            spans.append(found if at >= 0 else Span(start, start + 1, -self.score))
        is_found = any(span.score > 0 for span in spans)
        return ReadPassage(tuple(spans), self.relevance if is_found else LEAST_RELEVANCE)


def _network() -> tuple[BertModel, ReaderNetwork]:
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=FIRST_ADAPTED_LAYER + 2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    base = BertModel(config, add_pooling_layer=False).eval()  # type: ignore[no-untyped-call]
    return base, ReaderNetwork(base).eval()


TOKENS = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])


def test_untrained_it_is_the_encoder() -> None:
    base, network = _network()
    expected = base(input_ids=TOKENS, attention_mask=MASK).last_hidden_state
    found = network.body(input_ids=TOKENS, attention_mask=MASK).last_hidden_state
    assert torch.allclose(found, expected, atol=1e-6)
    assert network.body.embeddings is base.embeddings
    assert network.body.encoder.layer[0] is base.encoder.layer[0]


def test_merging_changes_no_score_and_leaves_the_encoder_alone() -> None:
    base, network = _network()
    before = base(input_ids=TOKENS, attention_mask=MASK).last_hidden_state
    for _, parameter in network.trained():
        torch.nn.init.normal_(parameter, std=0.1)
    scores = network(TOKENS, MASK)
    network.merge()
    for apart, merged in zip(scores, network(TOKENS, MASK), strict=True):
        assert torch.allclose(apart, merged, atol=1e-5)
    after = base(input_ids=TOKENS, attention_mask=MASK).last_hidden_state
    assert torch.equal(before, after)


def test_only_the_updates_and_the_heads_are_trained() -> None:
    _, network = _network()
    names = {name.rpartition(".")[2] for name, _ in network.trained()}
    assert names == {"a", "b", "weight", "bias"}
    plain = {name for name, _ in network.trained() if name.endswith(("weight", "bias"))}
    assert plain == {"span.weight", "span.bias", "relevance.weight", "relevance.bias"}


def test_the_best_span_ends_after_it_starts() -> None:
    starts = np.array([0, 5, 1], np.float32)
    ends = np.array([9, 1, 2], np.float32)
    # 5 + 9 would end before it starts.
    assert best_span(starts, ends) == (0, 0, 0 + 9)
    assert best_span(starts[1:], ends[1:]) == (0, 1, 5 + 2)


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    settings = settings_for(tmp_path, passage_tokens=200)
    build(article_sources([STORY, OTHER]), settings, CountingEncoder())
    return settings


def test_the_reader_reorders_and_marks(chosen: Settings) -> None:
    reader = PointingReader("chat")
    assistant = Assistant(chosen, CountingEncoder(), reader)
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


def _read(
    chosen: Settings, reader: PointingReader, count: int, fusion: Fusion = FUSION
) -> tuple[dict[int, float], dict[int, float]]:
    """The hits' scores by number, best first, before and after reading."""
    index, found = _found(chosen)
    read = read_passages(reader, "?", found, index.articles.read, count, fusion)
    before, after = ({one.hit.number: one.hit.score for one in hits} for hits in (found, read))
    return before, after


def test_only_the_best_passages_are_read(chosen: Settings) -> None:
    reader = PointingReader("août")
    before, after = _read(chosen, reader, 1)
    assert [passage.text for passage in reader.passages] == [STORY.text]
    # The reader found nothing in the one it read, so none was raised.
    lowered = {
        number: score + FUSION.relevance * LEAST_RELEVANCE for number, score in before.items()
    }
    assert after == pytest.approx(lowered)


def test_what_the_reader_finds_comes_first(chosen: Settings) -> None:
    reader = PointingReader("août", relevance=4.0)
    before, after = _read(chosen, reader, 2, Fusion(relevance=10.0))
    first, second = before
    assert list(after) == [second, first]
    assert after[second] == pytest.approx(before[second] + 10 * 4)


def test_what_is_too_far_behind_is_not_read(chosen: Settings) -> None:
    before, _ = _read(chosen, PointingReader("librairie"), 0)
    first, second = before.values()
    for ahead, places in ((0.9, 2), (1.1, 1)):
        # So much more than the second has the first, once it was read.
        relevance = (ahead * NEAR_ENOUGH - (first - second)) / 4
        reader = PointingReader("librairie", relevance=4.0)
        _read(chosen, reader, 2, Fusion(relevance=relevance))
        assert len(reader.passages) == places


def test_it_is_used_where_it_fits() -> None:
    assert open_reader(Settings(), CountingEncoder()) is None
    assert not reader_for(Settings(), "some/other-model")
    assert reader_for(Settings(), "intfloat/multilingual-e5-small")
    assert not reader_for(Settings(reader="off"), "intfloat/multilingual-e5-small")


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformerEncoder:
    return open_encoder(Settings())


@pytest.mark.model
def test_weights_that_are_not_ours_are_refused(
    encoder: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="not those of this version"):
        TrainedReader(encoder, weights).read("?", PassageToRead("", "Oui.", ((0, 4),)))


@pytest.mark.model
def test_spans_lie_in_their_sentences(encoder: SentenceTransformerEncoder) -> None:
    text = "Le pont rouvre le 3 juin. Il a coûté 20 000 euros. " + "Une phrase de plus. " * 100
    ends = [0]
    while ends[-1] < len(text.rstrip()):
        ends.append(text.index(".", ends[-1]) + 2)
    sentences = tuple((start, end - 1) for start, end in itertools.pairwise(ends))
    passage = PassageToRead("Le pont", text, sentences)
    read = TrainedReader(encoder).read("Quand rouvre le pont ?", passage)
    assert read.spans[-1] is None
    for span, (start, end) in zip(read.spans, sentences, strict=True):
        assert span is None or start <= span.start < span.end <= end
    best = max((span for span in read.spans if span), key=lambda span: span.score)
    assert "3 juin" in text[best.start : best.end]
