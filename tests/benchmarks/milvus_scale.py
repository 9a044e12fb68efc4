"""What a passage costs on a Milvus server.

``python -m tests.benchmarks.milvus_scale 1000 10000``.

Prints a line of JSON a size, measured against a `milvus-lite server` in another process:
bytes on its disk, its memory before, after and at most, passages a second into it, and
milliseconds a question of each kind, beside those of the embedded engine. milvus-lite is
one process of Python on one machine: what it costs is no measure of a cluster.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rag.answering.retrieve import retrieve
from rag.config import Settings
from rag.index import Index
from rag.language.analysis import terms
from rag.types import Filters
from tests.benchmarks.scale import (
    DIMENSION,
    PASSAGES_AN_ARTICLE,
    QUESTIONS,
    SUBJECTS,
    AddingEncoder,
    build_plainly,
    seconds,
    write_articles,
)
from tests.index.milvus_server import LiteServer

ASKED = 50


class _Clock:
    """Progress that times the filling of the server, and of what comes after it."""

    def __init__(self) -> None:
        self.filled: tuple[float, float] | None = None

    def start(self, what: str, total: int) -> None:
        if what == "passages into Milvus":
            self.filled = (time.perf_counter(), 0.0)

    def advance(self, count: int) -> None:
        if self.filled is not None:
            self.filled = (self.filled[0], time.perf_counter())


def measure(passages: int) -> dict[str, float]:
    """Build and ask an index of about so many passages with both engines."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "seeds").mkdir()
        write_articles(folder / "seeds", passages // PASSAGES_AN_ARTICLE)
        server = LiteServer(folder / "server")
        server.start()
        try:
            return _measured(folder, server)
        finally:
            server.kill()


def _measured(folder: Path, server: LiteServer) -> dict[str, float]:
    encoder, clock = AddingEncoder(), _Clock()
    embedded = Settings(
        articles=folder / "seeds",
        index=folder / "embedded",
        passage_tokens=40,
        overlap_sentences=0,
    )
    remote = embedded.model_copy(update={"index": folder / "remote", "uri": server.uri})
    first = seconds(partial(build_plainly, embedded, encoder))
    empty = server.memory()
    begun = time.perf_counter()
    build_plainly(remote, encoder, clock)
    ended = time.perf_counter()
    assert clock.filled is not None
    found: dict[str, float] = {}
    for name, settings in (("embedded", embedded), ("milvus", remote)):
        index = Index.open_current(settings.index, warm=True, uri=settings.uri)
        found |= {f"{name} {kind} ms": spent for kind, spent in _asked(index, encoder).items()}
        found[f"{name} folder bytes a passage"] = _bytes(index.folder) / index.manifest.passages
        passages = index.manifest.passages
        index.close()
    return {
        "passages": passages,
        "vector bytes": 4 * DIMENSION,
        "embedded build s": first,
        "milvus build s": ended - begun,
        "passages a second into it": passages / (clock.filled[1] - clock.filled[0]),
        "flush, index and load s": ended - clock.filled[1],
        "server bytes a passage": _bytes(server.data) / passages,
        "server memory empty MB": empty["VmRSS"] / 1e6,
        "server memory MB": server.memory()["VmRSS"] / 1e6,
        "server memory at most MB": server.memory()["VmHWM"] / 1e6,
        **found,
    }


def _asked(index: Index, encoder: AddingEncoder) -> dict[str, float]:
    """Median milliseconds by kind of question, without embedding it."""
    spent: dict[str, list[float]] = {}

    left_out = Filters(
        excluded_articles=frozenset(line.id for line in list(index.articles.lines)[:10])
    )
    for number in range(ASKED):
        subject = f"sujet{number * 7 % SUBJECTS}"
        question = QUESTIONS[number % len(QUESTIONS)].format(subject=subject)
        vector, query = encoder.embed_question(question), terms(question)
        work: dict[str, Callable[[], object]] = {
            "nearest": partial(index.search.nearest, vector, 100, None),
            "matching": partial(index.search.matching, query, 100, None),
            "retrieve": partial(retrieve, index, vector, query, Filters()),
            "filtered retrieve": partial(retrieve, index, vector, query, left_out),
        }
        for kind, one in work.items():
            spent.setdefault(kind, []).append(1000 * seconds(one))
    return {
        f"{kind} {name}": value
        for kind, times in spent.items()
        for name, value in (
            ("p50", statistics.median(times)),
            ("p95", statistics.quantiles(times, n=20)[-1]),
        )
    }


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ("1000", "10000")):
        measured = {name: round(value, 2) for name, value in measure(size).items()}
        print(json.dumps(measured), flush=True)
