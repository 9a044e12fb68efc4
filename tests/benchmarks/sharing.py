"""Whole questions, reader and all, on a machine that is shared: ``python -m`` prints ratios.

Alone, beside a program that computes without end, and by four askers at once, in turns, as
other programs come and go. The articles are those of ``seeds/``, the questions the first of
the gold ones.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rag.answering.assistant import Assistant
from rag.cli.saying import PASSIVE_WAITING
from rag.config import Settings
from rag.evaluation import read_gold
from rag.library.build import build_folder
from rag.models.encoder import open_encoder
from rag.models.span_reader import open_reader

ROOT = Path(__file__).parents[2]
ASKED = 6
ASKERS = 4
TURNS = 3
_BUSY = "while True: pass"


@contextlib.contextmanager
def _busy_program() -> Iterator[None]:
    busy = subprocess.Popen([sys.executable, "-c", _BUSY])
    try:
        yield
    finally:
        busy.kill()
        busy.wait()


def measure(folder: Path) -> dict[str, float]:
    """Seconds of a question alone, and the ratios: beside a busy program, and four askers'."""
    settings = Settings(articles=ROOT / "seeds", index=folder)
    encoder = open_encoder(settings)
    build_folder(settings, encoder)
    assistant = Assistant(settings, encoder, open_reader(settings, encoder))
    questions = [one.question for one in read_gold(ROOT / "tests/gold/seeds.jsonl")[:ASKED]]
    assistant.warm_up()

    def seconds() -> float:
        """The median of the questions, one after the other."""
        spent = []
        for question in questions:
            started = time.perf_counter()
            assistant.ask(question)
            spent.append(time.perf_counter() - started)
        return statistics.median(spent)

    def rate(askers: int) -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(askers) as threads:
            list(threads.map(assistant.ask, questions))
        return len(questions) / (time.perf_counter() - started)

    seconds()
    alone, beside, together = [], [], []
    for _ in range(TURNS):
        alone.append(seconds())
        with _busy_program():
            beside.append(seconds() / alone[-1])
        together.append(rate(ASKERS) / rate(1))
    return {
        "alone_s": statistics.median(alone),
        "beside_busy": statistics.median(beside),
        "four_askers": statistics.median(together),
    }


def main() -> None:
    """Measure and print a JSON object."""
    os.environ.setdefault(*PASSIVE_WAITING)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder))))


if __name__ == "__main__":
    main()
