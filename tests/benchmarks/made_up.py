"""Made-up articles, vectors and questions, of any number, as real ones were measured.

Measured on the 568 passages of PIAF's dev paragraphs with the default model:

- Words: 59 terms a passage, 50 of them different; the frequency of the term of rank r is
  near 0.1 / (r + 20) (Zipf and Mandelbrot), so the most frequent is in a quarter of the
  passages. Here 7 of 10 terms are drawn like that from VOCABULARY words, the others in the
  same way from TOPIC_WORDS that the topic has for its own. Half of all words are function
  words. Questions of PIAF hold 2 to 8 terms, 4 at the median.
- Vectors: all share a mean of length 0.88, so that two passages have a cosine of 0.77 at
  the median (0.74 to 0.80 for 80 %), and the nearest passage 0.90. The variance about it,
  0.2275, falls over the principal axes like 1 / (i + 7). Here it is the sum of a part that
  the passages of a topic share, one of the article and one of the sentences: topics make
  clusters of a few hundred passages whose sizes differ, with articles as clusters in them.
- Questions: a cosine of 0.86 to the best passage, and with all others of 0.77, 0.74 to 0.79
  for 80 %, a little less spread than passages among themselves. Here a question's deviation
  is 0.39 of its passage's, and noise of the same spectrum that brings its variance to 0.184;
  the rest of its length is a part that no passage has.
"""

from __future__ import annotations

import functools
import time
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rag.language.stop_words import FRENCH
from rag.models.encoder import Vectors
from rag.types import Article
from tests.fakes import make_article

DIMENSION = 384
SENTENCES = (16, 40)
SENTENCE_WORDS = (14, 34)
PASSAGES_AN_ARTICLE = 7.95
VOCABULARY = 300_000
TOPICS = 4_000
TOPIC_WORDS = 2_000
OF_TOPIC = 0.3
_FUNCTION_WORDS = 0.48
_MANDELBROT = 20
# The squares of the two add up to 1.
_MEAN = 0.8789
_VARIANCE = 1 - _MEAN**2
_SHARE_OF_TOPIC = 0.45
_SHARE_OF_ARTICLE = 0.2
_NEARNESS = 0.39
_VARIANCE_OF_QUESTION = 0.184
_SYLLABLES = (
    "ba be bi bo bou bra ca ce ci co cou cra da de di do dou dra fa fe fi fo fou fla ga ge gi "
    "go gou gra la le li lo lou ma me mi mo mou na ne ni no nou pa pe pi po pou pla pra ra re "
    "ri ro rou sa se si so sou ta te ti to tou tra va ve vi vo vou vra cha che chi cho"
).split()
_ENDINGS = (
    "",
    "n",
    "r",
    "s",
    "t",
    "l",
    "tion",
    "ment",
    "eur",
    "age",
    "ique",
    "ier",
    "is",
    "on",
)
# Texts of like words are near through the rows of one table, found by their hash.
_ROWS = 1 << 14

Chooser = np.random.Generator


@functools.cache
def vocabulary() -> npt.NDArray[np.object_]:
    """VOCABULARY made-up words, the most frequent first, none of them twice."""
    chooser = np.random.default_rng(11)
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        for count in chooser.integers(2, 5, 10_000):
            picked = chooser.integers(0, len(_SYLLABLES), count)
            ending = _ENDINGS[chooser.integers(0, len(_ENDINGS))]
            found["".join(_SYLLABLES[one] for one in picked) + ending] = None
    return np.array(list(found)[:VOCABULARY], object)


@functools.cache
def _function_words() -> npt.NDArray[np.object_]:
    return np.array([word for word in FRENCH.split() if word.isalpha()], object)


@functools.cache
def _cumulated(count: int) -> npt.NDArray[np.float64]:
    """How often each of ``count`` words comes, the most frequent first, summed up."""
    shares = 1 / (np.arange(1, count + 1) + _MANDELBROT)
    return np.asarray(np.cumsum(shares) / shares.sum())


def _drawn(chooser: Chooser, count: int, among: int) -> npt.NDArray[np.int64]:
    return np.searchsorted(_cumulated(among), chooser.random(count))


def made_up_article(number: int, path: str) -> Article:
    """Article ``number``, always the same: 16 to 40 sentences about one topic."""
    chooser = np.random.default_rng(number)
    topic = int(_drawn(chooser, 1, TOPICS)[0])
    lengths = chooser.integers(*SENTENCE_WORDS, chooser.integers(*SENTENCES))
    total = int(lengths.sum())
    ranks = _drawn(chooser, total, VOCABULARY)
    own = _drawn(chooser, total, TOPIC_WORDS)
    # A topic's words lie anywhere among the others.
    own = (own * 104_729 + topic * 15_485_863) % VOCABULARY
    words = vocabulary()[np.where(chooser.random(total) < OF_TOPIC, own, ranks)]
    functional = chooser.random(total) < _FUNCTION_WORDS
    among = _function_words()
    words[functional] = among[_drawn(chooser, int(functional.sum()), len(among))]
    ends = np.cumsum(lengths)
    listed = words.tolist()
    sentences = [
        " ".join(listed[end - length : end]).capitalize() + "."
        for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)
    ]
    title = f"Dossier {vocabulary()[topic]} : {' '.join(listed[:3])} {number}"
    return make_article(" ".join(sentences), path, title=title)


@functools.cache
def _spectrum() -> Vectors:
    """The standard deviation on each axis; the squares add up to _VARIANCE.

    Two axes are left: that of the mean, and that of what only questions have.
    """
    shares = 1 / (np.arange(DIMENSION) + 7.0)
    shares[-2:] = 0
    deviations: Vectors = np.sqrt(_VARIANCE * shares / shares.sum()).astype(np.float32)
    return deviations


@functools.cache
def _turned() -> Vectors:
    """A turn of all axes, so that no number of a vector is more than another."""
    turned, _ = np.linalg.qr(np.random.default_rng(12).normal(size=(DIMENSION, DIMENSION)))
    turned_vectors: Vectors = turned.astype(np.float32)
    return turned_vectors


def _mean() -> Vectors:
    mean: Vectors = np.float32(_MEAN) * _turned()[-1]
    return mean


def noise(chooser: Chooser, count: int) -> Vectors:
    """Deviations with the spectrum of real passages, shape (count, DIMENSION)."""
    plain: Vectors = chooser.standard_normal((count, DIMENSION), np.float32)
    turned: Vectors = np.asarray((plain * _spectrum()) @ _turned(), np.float32)
    return turned


def question_vector(passage: Vectors, chooser: Chooser) -> Vectors:
    """A question about the passage with that vector, at unit length."""
    share = _VARIANCE_OF_QUESTION / _VARIANCE - _NEARNESS**2
    vector = _mean() + _NEARNESS * (passage - _mean()) + np.sqrt(share) * noise(chooser, 1)[0]
    vector += np.sqrt(max(0, 1 - vector @ vector)) * _turned()[-2]
    unit: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit


class MadeUpEncoder:
    """Vectors like real ones from topic, article and sentences; ``seconds`` spent on it."""

    name = "made up"
    fingerprint = "made-up@1"
    dimension = DIMENSION

    def __init__(self) -> None:
        self._table = noise(np.random.default_rng(14), 2 * _ROWS) / np.sqrt(np.float32(2))
        self.seconds = 0.0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) * 4 // 3 for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        started = time.perf_counter()
        deviations = np.stack([self._deviation(text) for text in texts])
        lengths = np.linalg.norm(deviations, axis=1, keepdims=True)
        vectors: Vectors = _mean() + np.float32(_VARIANCE**0.5) * deviations / lengths
        self.seconds += time.perf_counter() - started
        return vectors

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self.embed_passages([question])[0]
        return vector

    def _deviation(self, text: str) -> Vectors:
        title, _, body = text.partition("\n")
        said = body.rstrip(".").split(". ")
        of_said = np.sqrt((1 - _SHARE_OF_TOPIC - _SHARE_OF_ARTICLE) / len(said))
        topic = title.partition(" :")[0]
        hashes = np.array([zlib.crc32(one.encode()) for one in (topic, title, *said)])
        weights = np.full(len(hashes), of_said, np.float32)
        weights[0], weights[1] = np.sqrt(_SHARE_OF_TOPIC), np.sqrt(_SHARE_OF_ARTICLE)
        rows = np.concatenate([hashes % _ROWS, _ROWS + (hashes >> 14) % _ROWS])
        deviation: Vectors = np.tile(weights, 2) @ self._table[rows]
        return deviation
