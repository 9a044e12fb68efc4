"""How many questions a second find their passages, asked by one thread and by four.

``python -m tests.benchmarks.asking_threads 10000 100000``; with ``--folder`` the indexes are
kept. Articles, vectors and questions are made up. One thread and four take turns, as other
programs come and go, and what counts is the median of the turns' ratios.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from rag.answering.retrieve import CANDIDATES, retrieve
from rag.index import Index
from rag.language.analysis import terms
from rag.models.encoder import Vectors
from rag.types import Filters
from tests.benchmarks.made_up import question_vector
from tests.benchmarks.million import measure_build, settings_in

ASKED = 100
WARMED = 20
TURNS = 7
THREADS = 4

Question = tuple[Vectors, list[str]]


def _questions(index: Index, count: int) -> list[Question]:
    """Questions about passages of the index, each with a few of its passage's words."""
    chooser = np.random.default_rng(7)
    numbers = chooser.choice(index.manifest.passages, count, replace=False).tolist()
    asked: list[Question] = []
    for number, stored in index.passages.read(numbers).items():
        article = index.articles.read(stored.passage.article_id)
        said = list(
            dict.fromkeys(terms(article.text[stored.passage.start : stored.passage.end]))
        )
        words = chooser.choice(np.array(said, object), min(4, len(said)), replace=False)
        (passage,) = index.rows.passages_at(np.array([number]))
        asked.append((question_vector(passage, chooser), words.tolist()))
    return asked


def measure(folder: Path, passages: int, turns: int = TURNS) -> dict[str, float]:
    """Questions a second of one thread and of THREADS, and the ratio of the two."""
    if not (folder / "embeddings" / "CURRENT").exists():
        folder.mkdir(parents=True, exist_ok=True)
        measure_build(folder, passages, 0)
    index = Index.open_current(settings_in(folder).index, warm=True)
    asked = _questions(index, ASKED)

    def ask(question: Question) -> None:
        retrieve(index, question[0], question[1], Filters(), 2 * CANDIDATES)

    def timed(threads: ThreadPoolExecutor) -> tuple[float, float]:
        """Questions a second, and milliseconds of a processor that each took."""
        started, used = time.perf_counter(), time.process_time()
        list(threads.map(ask, asked))
        seconds, used = time.perf_counter() - started, time.process_time() - used
        return ASKED / seconds, 1000 * used / ASKED

    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(THREADS) as four:
        list(four.map(ask, asked[:WARMED]))
        turns_taken = [(timed(one), timed(four)) for _ in range(turns)]
    index.close()
    alone, together = np.median(np.array(turns_taken), axis=0)
    ratios = [four_rate / one_rate for (one_rate, _), (four_rate, _) in turns_taken]
    return {
        "passages": passages,
        "alone": alone[0],
        "together": together[0],
        "ratio": statistics.median(ratios),
        "processor_ms_alone": alone[1],
        "processor_ms_together": together[1],
    }


def main() -> None:
    """Measure each size, and print a JSON object for each."""
    parser = argparse.ArgumentParser(description="Questions a second, alone and at once.")
    parser.add_argument("passages", type=int, nargs="*", default=[10_000])
    parser.add_argument("--folder", type=Path, help="where the indexes are made and kept")
    parser.add_argument("--turns", type=int, default=TURNS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for passages in given.passages:
            folder = (given.folder or Path(temporary)) / str(passages)
            found = measure(folder, passages, given.turns)
            print(json.dumps({name: round(value, 3) for name, value in found.items()}))


if __name__ == "__main__":
    main()
