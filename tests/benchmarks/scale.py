"""One size of index, measured in a process of its own.

``python -m tests.benchmarks.scale 100000``.

Prints a JSON object: passages and sentences, seconds of the first build and of one with a
new article, milliseconds of a question without the model, and the peak of memory. The
encoder adds up a vector a word, so that embedding costs next to nothing.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.index import Index
from rag.index.generations import current_name
from rag.ingest import read_article
from rag.ingest.folder import Source, folder_sources, reading_options
from rag.library.build import build
from rag.models.encoder import Vectors
from rag.progress import Progress
from rag.types import Article
from tests.fakes import make_article

SEED = Path(__file__).parents[2] / "seeds" / "000_7952201a0ce36f6f.txt"
DIMENSION = 384
SENTENCES = 12
WORDS = 12
PASSAGES_AN_ARTICLE = 6
SUBJECTS = 400
ASKED = 30
QUESTIONS = (
    "Qui a choisi la bague {subject} ?",
    "Quand la demande {subject} a-t-elle eu lieu ?",
    "Combien de personnes {subject} ?",
)


class AddingEncoder:
    """The sum of a fixed vector a word, at unit length: texts that share words are near."""

    name = "adding"
    fingerprint = "adding@1"
    dimension = DIMENSION

    def __init__(self) -> None:
        table = np.random.default_rng(1).normal(size=(1 << 12, DIMENSION))
        self._table: Vectors = table.astype(np.float32)
        self.seconds = 0.0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) * 4 // 3 for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        started = time.perf_counter()
        rows = [self._row(text) for text in texts]
        self.seconds += time.perf_counter() - started
        return np.stack(rows)

    def embed_question(self, question: str) -> Vectors:
        return self._row(question)

    def _row(self, text: str) -> Vectors:
        words = [zlib.crc32(word.encode()) & 0xFFF for word in text.lower().split()]
        total = self._table[words].sum(axis=0)
        unit: Vectors = total / np.linalg.norm(total)
        return unit


def write_articles(folder: Path, count: int) -> None:
    """Write ``count`` articles of the seed's words, each about a subject of its own."""
    seed = read_article(SEED, SEED.parent, 1_000_000)
    words = [word for word in seed.text.split() if word.isalpha()]
    chooser = random.Random(1)
    for number in range(count):
        subject = f"sujet{chooser.randrange(SUBJECTS)} lieu{number % 997}"
        text = " ".join(
            f"Le {' '.join(chooser.choices(words, k=WORDS))} {subject}."
            for _ in range(SENTENCES)
        )
        file = folder / f"{number % 100:02}" / f"{number}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f" date 2025-0{1 + number % 9}-15 {text}", "utf-8")


def build_plainly(
    settings: Settings, encoder: AddingEncoder, progress: Progress | None = None
) -> None:
    """A build of the folder whose articles are read without guessing their language.

    Guessing costs more than all the rest of reading, once an article.
    """
    sources, broken = folder_sources(settings.articles, reading_options(settings))
    plain = [replace(one, read=_reader(settings.articles / one.path, one)) for one in sources]
    build(plain, settings, encoder, progress, unreadable=broken)


def _reader(file: Path, source: Source) -> Callable[[], Iterable[Article]]:
    def read() -> Iterator[Article]:
        article = make_article(file.read_text("utf-8"), source.path)
        yield replace(article, file_hash=source.file_hash)

    return read


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def processor_seconds() -> float:
    """What this process has used of its processors, which other programs do not change."""
    return time.process_time()


def measure(passages: int, place: Path) -> dict[str, float | str]:
    """Build, build again with a new article in the middle, and ask."""
    settings = Settings(
        articles=place / "seeds",
        index=place / "embeddings",
        passage_tokens=40,
        overlap_sentences=0,
    )
    settings.articles.mkdir()
    write_articles(settings.articles, passages // PASSAGES_AN_ARTICLE)
    encoder = AddingEncoder()
    first = seconds(lambda: build_plainly(settings, encoder)) - encoder.seconds
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    first_used = processor_seconds()
    idle = seconds(lambda: build_plainly(settings, encoder))
    text = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."
    (settings.articles / "50" / "nouveau.txt").write_text(text, "utf-8")
    encoder.seconds = 0
    used = processor_seconds()
    one = seconds(lambda: build_plainly(settings, encoder)) - encoder.seconds
    used = processor_seconds() - used
    assistant = Assistant(settings, encoder)
    times = []
    for number in range(ASKED):
        subject = f"du sujet{number} à lieu{number}"
        question = QUESTIONS[number % len(QUESTIONS)].format(subject=subject)
        times.append(assistant.ask(question).timings.total)
    index = Index(settings.index / str(current_name(settings.index)))
    manifest = index.manifest
    searched = [f"{one.manifest.search} {one.manifest.effort}" for one in index.segments]
    index.close()
    return {
        "passages": manifest.passages,
        "sentences": manifest.sentences,
        "search": ", ".join(searched),
        "first_build_s": first,
        "first_build_processor_s": first_used,
        "idle_build_s": idle,
        "one_new_article_s": one,
        "one_new_article_processor_s": used,
        "question_ms": statistics.median(times),
        "peak_of_first_build_mb": peak,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(int(sys.argv[1]), Path(folder))))
