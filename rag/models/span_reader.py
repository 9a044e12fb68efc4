"""Passages to the spans that may answer, with how likely each does."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.config import Settings
from rag.errors import ModelError
from rag.models.bundled_e5 import PUBLIC_NAME
from rag.models.encoder import Encoder, SentenceTransformerEncoder

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from rag.models.span_network import ReaderNetwork

logger = logging.getLogger(__name__)

WEIGHTS = Path(__file__).parent / "span_reader.safetensors"
WEIGHTS_SHA256 = "421a6da118df0a74656899b3b60ef64bd821ff058886f8ae56ca78ec3804d88c"
_LONGEST_SPAN = 30

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PassageToRead:
    """A passage's title and text, with its sentences as character spans of the text."""

    title: str
    text: str
    sentences: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The words of a sentence that answer best, as characters of the passage's text.

    ``score`` is the log-odds of the span against no answer in the passage.
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A span for every sentence (None beyond the longest input), and the relevance."""

    spans: tuple[Span | None, ...]
    relevance: float


class Reader(Protocol):
    """What reads a passage for a question."""

    def read(self, question: str, passage: PassageToRead) -> ReadPassage:
        """The spans of the passage that answer best."""
        ...


class TrainedReader:
    """The reader that comes along, on the default encoder's own weights.

    Loaded when first needed, once, whatever the threads.
    """

    def __init__(self, encoder: SentenceTransformerEncoder, weights: Path = WEIGHTS) -> None:
        self._encoder = encoder
        self._weights = weights
        self._lock = threading.Lock()
        self._network: ReaderNetwork | None = None
        self._tokenizer: Tokenizer | None = None

    def read(self, question: str, passage: PassageToRead) -> ReadPassage:
        """The spans of the passage that answer best."""
        network, tokenizer = self._loaded()
        asked = self._encoder.query_prompt + question
        (read,) = read_pairs(network, tokenizer, [(asked, passage)])
        return read

    def _loaded(self) -> tuple[ReaderNetwork, Tokenizer]:
        with self._lock:
            if self._network is None or self._tokenizer is None:
                self._network = load_network(self._encoder, self._weights)
                self._tokenizer = pair_tokenizer(self._encoder)
            return self._network, self._tokenizer


def read_pairs(
    network: ReaderNetwork, tokenizer: Tokenizer, pairs: Sequence[tuple[str, PassageToRead]]
) -> list[ReadPassage]:
    """What ``network`` finds in each pair of a question, with its prompt, and a passage.

    All go through it at once, padded to the longest.
    """
    import torch

    encodings = tokenizer.encode_batch(
        [(asked, head_of(passage.title) + passage.text) for asked, passage in pairs]
    )
    tokens = torch.tensor([encoding.ids for encoding in encodings])
    mask = torch.tensor([encoding.attention_mask for encoding in encodings])
    device = next(network.parameters()).device
    with torch.inference_mode():
        scores = network(tokens.to(device), mask.to(device))
    starts, ends, relevance = (score.cpu().numpy() for score in scores)
    return [
        ReadPassage(tuple(_spans(passage, encoding, first, last)), float(relevant))
        for (_, passage), encoding, first, last, relevant in zip(
            pairs, encodings, starts, ends, relevance, strict=True
        )
    ]


def open_reader(settings: Settings, encoder: Encoder) -> Reader | None:
    """The trained reader when ``settings`` want it and it fits ``encoder``, else None."""
    if isinstance(encoder, SentenceTransformerEncoder) and reader_for(settings, encoder.name):
        return TrainedReader(encoder)
    return None


def reader_for(settings: Settings, model: str) -> bool:
    """Whether questions over an index of ``model`` are read by the trained reader."""
    return settings.reader == "auto" and model == PUBLIC_NAME and WEIGHTS.is_file()


def pair_tokenizer(encoder: SentenceTransformerEncoder) -> Tokenizer:
    """The encoder's tokenizer for pairs, cut at the end of the passage, padded."""
    from tokenizers import Tokenizer

    from rag.models.span_network import LONGEST_INPUT

    tokenizer: Tokenizer = Tokenizer.from_file(str(encoder.folder / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST_INPUT, strategy="only_second")
    padding = tokenizer.token_to_id("<pad>")
    tokenizer.enable_padding(pad_id=padding, pad_token="<pad>")
    return tokenizer


def load_network(encoder: SentenceTransformerEncoder, weights: Path) -> ReaderNetwork:
    """The network with the weights of ``weights``, merged, ready to read.

    Raises ModelError when the file is not the one that belongs to this version.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    from rag.models.span_network import ReaderNetwork

    try:
        content = weights.read_bytes()
        if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
            raise ModelError(
                f"the reader's weights {weights} are not those of this version; "
                "install the package again, or set reader = 'off'"
            )
        trained = load(content)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"the reader's weights {weights} cannot be read ({error}); "
            "install the package again, or set reader = 'off'"
        ) from error
    network = ReaderNetwork(encoder.backbone())
    parameters = dict(network.trained())
    for name, value in trained.items():
        parameters[name].data.copy_(value.float())
    network.merge()
    return network.eval()


def head_of(title: str) -> str:
    """What stands before a passage's text in the input."""
    return f"passage: {title}\n"


def _spans(
    passage: PassageToRead, encoding: Any, starts: Scores, ends: Scores
) -> list[Span | None]:
    offsets = np.array(encoding.offsets) - len(head_of(passage.title))
    in_text = np.array([sequence == 1 for sequence in encoding.sequence_ids])
    in_text &= offsets[:, 1] > offsets[:, 0]
    nothing = float(starts[0] + ends[0])
    found: list[Span | None] = []
    for start, end in passage.sentences:
        rows = np.flatnonzero(in_text & (offsets[:, 0] >= start) & (offsets[:, 1] <= end))
        if not len(rows):
            found.append(None)
            continue
        first, last, score = best_span(starts[rows], ends[rows])
        span = offsets[rows[first], 0], offsets[rows[last], 1]
        found.append(Span(int(span[0]), int(span[1]), score - nothing))
    return found


def best_span(starts: Scores, ends: Scores) -> tuple[int, int, float]:
    """The first and last token, at most 30 apart, with the highest sum of scores."""
    sums = starts[:, None] + ends[None, :]
    place = np.arange(len(starts))
    apart = place[None, :] - place[:, None]
    sums = np.where((apart >= 0) & (apart < _LONGEST_SPAN), sums, -np.inf)
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(first), int(last), float(sums[first, last])
