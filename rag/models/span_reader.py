"""Passages to how well each of their sentences answers, and the words that do."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from rag.config import Settings
from rag.models.bert_layers import padded
from rag.models.bundled_e5 import PUBLIC_NAME, cache_folder
from rag.models.core_threads import CoreThreads, batches_by_length
from rag.models.default_encoder import DefaultEncoder
from rag.models.encoder import Encoder
from rag.models.span_network import SpanNetwork

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WEIGHTS = Path(__file__).parent / "span_reader.safetensors"
WEIGHTS_SHA256 = "e68020279d0177e579d82a9268991c4e0ca067823af257c3d807e52ce4f94fd3"
# In tokens, of a question with its passage; what is longer was not trained on.
LONGEST_QUESTION = 64
LONGEST_INPUT = 384
# More on a core gain nothing, and keep the other waiting.
PAIRS_TOGETHER = 2
# On press and PIAF that was not trained on, as many first quotes are right as when all ten
# are looked at, and 7.9 are.
LOOKED_AT_FIRST = 4
ENOUGH = 2.0
_LONGEST_SPAN = 30

Scores = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PassageToRead:
    """A passage's title and text, with its sentences as character spans of the text."""

    title: str
    text: str
    sentences: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """How well a sentence answers, and the words of it that answer best.

    ``score`` is the log-odds of this sentence against « the articles do not say ».
    ``start`` and ``end`` are characters of the passage's text.
    """

    score: float
    start: int
    end: int


# Of every sentence, in order; None beyond the longest input.
ReadPassage = tuple[ReadSentence | None, ...]


class Reader(Protocol):
    """What reads passages for a question."""

    def read(
        self, question: str, passages: Sequence[PassageToRead], count: int
    ) -> list[ReadPassage | None]:
        """What the passages say; None for those that are not among the ``count`` best.

        All are looked at; which are the best is the reader's to tell.
        """
        ...


class TrainedReader:
    """The reader that comes along, on the default encoder's own weights.

    Loaded when first needed, once, whatever the threads.
    """

    def __init__(self, encoder: DefaultEncoder, weights: Path = WEIGHTS) -> None:
        self._encoder = encoder
        self._weights = weights
        self._lock = threading.Lock()
        self._network: SpanNetwork | None = None
        self._tokenizer: Tokenizer | None = None

    def read(
        self, question: str, passages: Sequence[PassageToRead], count: int
    ) -> list[ReadPassage | None]:
        """What the passages say; None for those that are not among the ``count`` best."""
        if not passages:
            return []
        network, tokenizer = self._loaded()
        prompted = self._encoder.query_prompt + question
        asked = tokenizer.encode(prompted, add_special_tokens=False).ids[:LONGEST_QUESTION]
        pairs = [Pair.of(asked, passage, tokenizer) for passage in passages]
        return read_pairs(network, pairs, count, self._encoder.threads())

    def _loaded(self) -> tuple[SpanNetwork, Tokenizer]:
        with self._lock:
            if self._network is None or self._tokenizer is None:
                self._network = self._load()
                self._tokenizer = self._encoder.tokenizer()
            return self._network, self._tokenizer

    def _load(self) -> SpanNetwork:
        encoder = self._encoder
        return SpanNetwork.kept(
            encoder.words,
            encoder.folder,
            encoder.model_fingerprint,
            self._weights,
            WEIGHTS_SHA256,
            cache_folder(),
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with a passage as tokens: ``<s> question </s></s> passage </s>``.

    ``sentence`` is each token's sentence, −1 for those of none; ``start`` and ``end`` are its
    characters in the passage's text.
    """

    tokens: list[int]
    sentence: Numbers
    start: Numbers
    end: Numbers
    sentences: int

    @classmethod
    def of(cls, asked: list[int], passage: PassageToRead, tokenizer: Tokenizer) -> Pair:
        """Put a question's tokens before those of a passage; what is too long is cut off."""
        head = head_of(passage.title)
        encoding = tokenizer.encode(head + passage.text, add_special_tokens=False)
        # As the template of the tokenizer has it, which puts them around a text.
        first, last = tokenizer.encode("").ids
        before = [first, *asked, last, last]
        room = LONGEST_INPUT - len(before) - 1
        words = encoding.ids[:room]
        offsets = np.array(encoding.offsets[:room]).reshape(-1, 2) - len(head)
        sentence = np.full(len(before) + len(words) + 1, -1)
        places = np.zeros((len(sentence), 2), np.int64)
        inside = slice(len(before), len(before) + len(words))
        places[inside] = offsets
        for number, (start, end) in enumerate(passage.sentences):
            own = (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
            sentence[inside][own & (offsets[:, 1] > offsets[:, 0])] = number
        return cls(
            [*before, *words, last],
            sentence,
            places[:, 0],
            places[:, 1],
            len(passage.sentences),
        )


class TokenScorer(Protocol):
    """What a reader's layers say of pairs padded to one length, as `SpanNetwork` does."""

    def lower(self, tokens: Numbers, mask: Mask) -> tuple[Scores, Scores, Scores]: ...

    def upper(self, states: Scores, mask: Mask) -> tuple[Scores, Scores]: ...


def read_pairs(
    network: TokenScorer, pairs: Sequence[Pair], count: int, threads: CoreThreads
) -> list[ReadPassage | None]:
    """What ``network`` finds in the ``count`` pairs that its lower layers like best.

    They come in the order of retrieval, and the first ones are looked at first: where one of
    them answers well enough, the others could not change the first quote. Batches of like
    lengths go through on a core each.
    """
    lengths = [len(pair.tokens) for pair in pairs]

    def batches(numbers: list[int]) -> list[list[int]]:
        some = [lengths[number] for number in numbers]
        room = PAIRS_TOGETHER * max(some, default=1)
        return [[numbers[at] for at in batch] for batch in batches_by_length(some, room)]

    def lower(batch: list[int]) -> list[tuple[Scores, float]]:
        tokens, mask = padded([pairs[number].tokens for number in batch])
        states, scores, whole = network.lower(tokens, mask)
        return [
            (
                states[row, : lengths[number]],
                max(sentence_scores(pairs[number], scores[row], float(whole[row]))),
            )
            for row, number in enumerate(batch)
        ]

    def upper(batch: list[int]) -> list[ReadPassage]:
        _, mask = padded([pairs[number].tokens for number in batch])
        states = np.zeros((*mask.shape, seen[batch[0]][0].shape[-1]), np.float32)
        for row, number in enumerate(batch):
            states[row, : lengths[number]] = seen[number][0]
        scores, whole = network.upper(states, mask)
        return [
            read_sentences(pairs[number], scores[row], float(whole[row]))
            for row, number in enumerate(batch)
        ]

    seen = threads.each(lower, batches([*range(len(pairs))[:LOOKED_AT_FIRST]]))
    if max(score for _, score in seen.values()) < ENOUGH:
        seen |= threads.each(lower, batches([*range(len(pairs))[LOOKED_AT_FIRST:]]))
    best = sorted(seen, key=lambda number: -seen[number][1])[:count]
    read = threads.each(upper, batches(best))
    return [read.get(number) for number in range(len(pairs))]


def sentence_scores(pair: Pair, scores: Scores, whole: float) -> list[float]:
    """The log-odds of every sentence, −∞ for those that were cut off.

    ``scores`` has shape (tokens, 4) or is padded beyond. A sentence's are the mean of its
    tokens' third scores, the highest of their fourth, and the ``whole`` pair's.
    """
    found: list[float] = []
    for number in range(pair.sentences):
        own = scores[: len(pair.sentence)][pair.sentence == number]
        found.append(
            float(own[:, 2].mean() + own[:, 3].max()) + whole if len(own) else -math.inf
        )
    return found


def read_sentences(pair: Pair, scores: Scores, whole: float) -> ReadPassage:
    """The log-odds and the best words of every sentence."""
    found: list[ReadSentence | None] = []
    for number, score in enumerate(sentence_scores(pair, scores, whole)):
        rows = np.flatnonzero(pair.sentence == number)
        if not len(rows):
            found.append(None)
            continue
        first, last, _ = best_span(scores[rows, 0], scores[rows, 1])
        start, end = int(pair.start[rows[first]]), int(pair.end[rows[last]])
        found.append(ReadSentence(score, start, end))
    return tuple(found)


def best_span(starts: Scores, ends: Scores) -> tuple[int, int, float]:
    """The first and last token, at most 30 apart, with the highest sum of scores."""
    sums = starts[:, None] + ends[None, :]
    place = np.arange(len(starts))
    apart = place[None, :] - place[:, None]
    sums = np.where((apart >= 0) & (apart < _LONGEST_SPAN), sums, -np.inf)
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(first), int(last), float(sums[first, last])


def open_reader(settings: Settings, encoder: Encoder) -> Reader | None:
    """The trained reader when ``settings`` want it and it fits ``encoder``, else None."""
    if isinstance(encoder, DefaultEncoder) and reader_for(settings, encoder.name):
        return TrainedReader(encoder)
    return None


def reader_for(settings: Settings, model: str) -> bool:
    """Whether questions over an index of ``model`` are read by the trained reader."""
    return settings.reader == "auto" and model == PUBLIC_NAME and WEIGHTS.is_file()


def head_of(title: str) -> str:
    """What stands before a passage's text in the input."""
    return f"passage: {title}\n"
