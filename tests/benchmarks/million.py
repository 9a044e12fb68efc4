"""The index at a size that no test reaches: ``make bench-scale``.

Articles, their vectors and the questions are made up, as the passages of French articles
were measured to be; everything else is the program. What builds, what rebuilds, what knows
the right answers and what serves are processes of their own, so that the peak of memory of
each is its own. A smaller size may be given, and a folder to keep the index in:
``python -m tests.benchmarks.million 100000 --folder /tmp/index``.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from rag.answering.retrieve import retrieve
from rag.config import Settings
from rag.index import Index
from rag.index.half_floats import to_floats
from rag.ingest.folder import Source
from rag.language.analysis import terms
from rag.library.build import build
from rag.progress import Silent
from rag.types import Filters
from tests.benchmarks.made_up import (
    PASSAGES_AN_ARTICLE,
    MadeUpEncoder,
    made_up_article,
    question_vector,
)

PASSAGES = 1_000_000
ASKED = 300
WARMED = 50
AT = 10
_QUESTIONS = "questions.npz"
_COMPARED = 50_000


class _Ticking(Silent):
    """Tells how far a long build is, on standard error."""

    def start(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._started = self._told = time.perf_counter()

    def advance(self, count: int) -> None:
        self._done += count
        now = time.perf_counter()
        if now - self._told > 30:
            self._told = now
            rate = self._done / (now - self._started)
            print(f"{self._what}: {self._done} of {self._total}, {rate:.0f}/s", file=sys.stderr)


def settings_in(folder: Path) -> Settings:
    """Settings under which made-up articles are cut into three to six sentences."""
    return Settings(index=folder / "embeddings", passage_tokens=150, overlap_sentences=1)


def sources(passages: int) -> Iterator[Source]:
    """Sources of about so many passages; an article is made when it is read."""
    for number in range(round(passages / PASSAGES_AN_ARTICLE)):
        yield _source(number)


def _source(number: int) -> Source:
    path = f"{number % 1000:03}/{number}.txt"
    file_hash = f"{number:064x}"

    def read() -> Iterator[object]:
        yield replace(made_up_article(number, path), file_hash=file_hash)

    return Source(path, file_hash, read)  # type: ignore[arg-type]


def measure_build(folder: Path, passages: int, new: int) -> dict[str, float]:
    """Build, with ``new`` articles more than ``passages`` need."""
    encoder = MadeUpEncoder()
    listed = [*sources(passages), *(_source(10**8 + number) for number in range(new))]
    # What articles are made up of is made once, and is no part of a build.
    made_up_article(0, "")
    started = time.perf_counter()
    summary = build(listed, settings_in(folder), encoder, _Ticking())
    return {
        "articles": summary.articles,
        "passages": summary.passages,
        "texts_embedded": summary.texts_embedded,
        "seconds": time.perf_counter() - started,
        "encoder_seconds": encoder.seconds,
        "processor_seconds": time.process_time(),
        "peak_mb": _peak(),
    }


def prepare_questions(folder: Path) -> dict[str, float]:
    """Write questions about passages of the index, with what comparing all would find."""
    index = Index.open_current(settings_in(folder).index)
    chooser = np.random.default_rng(7)
    count = WARMED + ASKED
    numbers = np.sort(chooser.choice(index.manifest.passages, count, replace=False))
    chooser.shuffle(numbers)
    asked = []
    for number, stored in index.passages.read(numbers.tolist()).items():
        article = index.articles.read(stored.passage.article_id)
        held = terms(article.text[stored.passage.start : stored.passage.end])
        chosen = chooser.choice(held, chooser.integers(4, 9), replace=False)
        (passage,) = index.rows.passages_at(np.array([number]))
        vector = question_vector(passage, chooser)
        asked.append((vector, " ".join(chosen)))
    vectors = np.stack([vector for vector, _ in asked])
    started = time.perf_counter()
    exact = _exact([one.rows.passages for one in index.segments], vectors)
    np.savez(
        folder / _QUESTIONS,
        vectors=vectors,
        terms=np.array([words for _, words in asked]),
        exact=exact,
    )
    index.close()
    return {"exact_ms_a_question": (time.perf_counter() - started) / count * 1000}


def _exact(held: Sequence[np.ndarray], questions: np.ndarray) -> np.ndarray:
    """The cosines of the nearest AT, best first, shape (questions, AT)."""
    best = np.full((len(questions), AT), -1, np.float32)
    parts = (
        vectors[first : first + _COMPARED]
        for vectors in held
        for first in range(0, len(vectors), _COMPARED)
    )
    for part in parts:
        cosines = questions @ to_floats(part).T
        both = np.concatenate([best, cosines], axis=1)
        best = np.sort(np.partition(both, -AT, axis=1)[:, -AT:], axis=1)[:, ::-1]
    return best


def serve(folder: Path) -> dict[str, object]:
    """Ask the questions of an index that this process opens and nothing else."""
    started = time.perf_counter()
    index = Index.open_current(settings_in(folder).index, warm=True)
    opening = time.perf_counter() - started
    kept = np.load(folder / _QUESTIONS)
    asked = [
        (vector, words.split())
        for vector, words in zip(kept["vectors"], kept["terms"].tolist(), strict=True)
    ]
    exact = kept["exact"]

    def ask(place: int) -> float:
        started = time.perf_counter()
        retrieve(index, asked[place][0], asked[place][1], Filters())
        return (time.perf_counter() - started) * 1000

    def parts(place: int) -> tuple[float, float, float]:
        vector, words = asked[place]
        times = [time.perf_counter()]
        near = index.search.nearest(vector, 100, None)
        times.append(time.perf_counter())
        matching = index.search.matching(words, 100, None)
        times.append(time.perf_counter())
        index.passages.read(list(dict.fromkeys([n for n, _ in [*near, *matching]])))
        times.append(time.perf_counter())
        meaning, lexical, catalogue = np.diff(times) * 1000
        return meaning, lexical, catalogue

    cold = [ask(place) for place in range(WARMED)]
    measured = range(WARMED, WARMED + ASKED)
    for place in measured:
        ask(place)
    warm = [ask(place) for place in measured]
    apart = np.array([parts(place) for place in measured])
    with ThreadPoolExecutor(4) as threads:
        started = time.perf_counter()
        together = list(threads.map(ask, measured))
        rate = ASKED / (time.perf_counter() - started)
    recall = _recall(index, asked, exact)
    found = {
        "passages": index.manifest.passages,
        "sentences": index.manifest.sentences,
        "search": ", ".join(
            f"{one.manifest.search} {one.manifest.effort}" for one in index.segments
        ),
        "segments": len(index.segments),
        "open_seconds": opening,
        "recall_at_10": recall,
        "first_questions_p95_ms": float(np.quantile(cold, 0.95)),
        "question_p50_ms": float(np.quantile(warm, 0.5)),
        "question_p95_ms": float(np.quantile(warm, 0.95)),
        "question_most_ms": max(warm),
        "four_at_once_p95_ms": float(np.quantile(together, 0.95)),
        "questions_a_second": rate,
        **{
            f"{name}_p95_ms": float(value)
            for name, value in zip(
                ("vectors", "words", "catalogue"), np.quantile(apart, 0.95, axis=0), strict=True
            )
        },
        **_memory(),
        "peak_mb": _peak(),
        "bytes": _sizes(index),
    }
    index.close()
    return found


def _recall(
    index: Index, asked: Sequence[tuple[np.ndarray, list[str]]], exact: np.ndarray
) -> float:
    """The mean share of the ten nearest that are found; as near as the tenth counts."""
    shares = []
    for (vector, _), best in zip(asked, exact, strict=True):
        numbers = [number for number, _ in index.search.nearest(vector, 100, None)][:AT]
        cosines = index.rows.passages_at(np.array(numbers)) @ vector
        shares.append(np.count_nonzero(cosines >= best[-1] - 1e-5) / AT)
    return float(np.mean(shares))


def _sizes(index: Index) -> dict[str, int]:
    """Bytes of the files of each name, of the generation and of its segments."""
    sizes: Counter[str] = Counter()
    for folder in (index.folder, *(one.folder for one in index.segments)):
        sizes.update({file.name: file.stat().st_size for file in folder.iterdir()})
    return dict(sorted(sizes.items()))


def _peak() -> float:
    """The most memory that this process held at once, mapped files included, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _memory() -> dict[str, float]:
    """What this process holds now: of its own, and of files it has mapped (Linux)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return {}
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    names = {"own_mb": "RssAnon", "mapped_mb": "RssFile"}
    return {name: int(fields[field].split()[0]) / 1024 for name, field in names.items()}


STEPS: dict[str, Callable[[Path, int], dict[str, object]]] = {
    "first build": lambda folder, passages: dict(measure_build(folder, passages, 0)),
    "unchanged build": lambda folder, passages: dict(measure_build(folder, passages, 0)),
    "one new article": lambda folder, passages: dict(measure_build(folder, passages, 1)),
    "questions": lambda folder, passages: dict(prepare_questions(folder)),
    "serving": lambda folder, passages: serve(folder),
}


def _in_a_process(step: str, folder: Path, passages: int) -> dict[str, object]:
    command = [sys.executable, "-m", "tests.benchmarks.million", str(passages)]
    ran = subprocess.run(
        [*command, "--folder", str(folder), "--step", step],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(ran.stdout)
    return found


def main() -> None:
    """Measure each step in a process of its own, and print what it found."""
    parser = argparse.ArgumentParser(description="Measure the index at a size.")
    parser.add_argument("passages", type=int, nargs="?", default=PASSAGES)
    parser.add_argument("--folder", type=Path, help="where the index is made and kept")
    parser.add_argument("--step", choices=list(STEPS), help="one step, as JSON")
    given = parser.parse_args()
    if given.step:
        print(json.dumps(STEPS[given.step](given.folder, given.passages)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        table = Table("step", "what", "measured")
        for step in STEPS:
            found = _in_a_process(step, folder, given.passages)
            for name, value in found.items():
                if isinstance(value, dict):
                    for file, size in value.items():
                        table.add_row(step, file, f"{size / 1e6:,.1f} MB".replace(",", " "))
                    continue
                shown = f"{value:,.4g}" if isinstance(value, float) else f"{value}"
                table.add_row(step, name.replace("_", " "), shown)
    Console().print(table)


if __name__ == "__main__":
    main()
