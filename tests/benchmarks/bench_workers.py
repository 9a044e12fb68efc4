"""Passages a second with one process, with two and on a Ray cluster of two nodes here.

``python -m tests.benchmarks.bench_workers CORPUS.json [COUNT]``: the first paragraphs of a file
are embedded by the default model. Each way is timed with the opening of its models, and
from the time on when they are open. Beside each stands the load of the machine,
which others may share.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rag.config import Settings
from rag.library.build import STEPS
from rag.models.encoder import open_encoder
from rag.models.workers import Workers, choose_workers

COUNT = 300
NODES = 2


def paragraphs(file: Path, count: int) -> list[str]:
    """The first ``count`` paragraphs of a SQuAD file, with their titles."""
    found = json.loads(file.read_text("utf-8"))["data"]
    texts = [
        f"{one.get('title', '')}\n{paragraph['context']}"
        for one in found
        for paragraph in one["paragraphs"]
    ]
    return texts[:count]


def measure(workers: Workers, texts: Sequence[str]) -> tuple[float, float]:
    """Passages a second with all that opens the models, and once they all are open."""
    step = STEPS.texts // 4
    batches = [texts[first : first + step] for first in range(0, len(texts), step)]
    began = time.monotonic()
    ends = []
    for number, _ in workers.embed(iter(batches)):
        ends.append((time.monotonic(), len(batches[number])))
    whole = len(texts) / (ends[-1][0] - began)
    # Each has given a first batch by then.
    warm = ends[NODES - 1]
    after = sum(count for _, count in ends[NODES:])
    return whole, after / (ends[-1][0] - warm[0])


def _cluster() -> Iterator[str]:
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    node: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 100_000_000}
    cluster = Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
    for _ in range(NODES - 1):
        cluster.add_node(**node)
    yield cluster.address
    cluster.shutdown()


def main(arguments: Sequence[str]) -> None:
    """Measure and print the table."""
    texts = paragraphs(Path(arguments[0]), int(arguments[1]) if arguments[1:] else COUNT)
    table = Table("who embeds", "with the start", "once started", "load before and after")
    encoder = open_encoder(Settings())

    def row(name: str, settings: Callable[[], Settings]) -> None:
        before = os.getloadavg()[0]
        whole, warm = measure(choose_workers(settings(), encoder), texts)
        load = f"{before:.1f}, {os.getloadavg()[0]:.1f}"
        table.add_row(name, f"{whole:.1f} a second", f"{warm:.1f} a second", load)

    row("this process", Settings)
    row("2 processes", lambda: Settings(workers=2))
    for address in _cluster():
        row(f"Ray, {NODES} nodes of 1 core", lambda address=address: Settings(ray=address))  # type: ignore[misc]
    # Again: the load may have changed.
    row("this process", Settings)
    row("2 processes", lambda: Settings(workers=2))
    Console().print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
