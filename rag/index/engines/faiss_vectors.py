"""Passages by vector: the FAISS index whose type follows the size, and its choice.

Up to FLAT_UP_TO passages every vector is compared, beyond a graph finds them, and beyond
GRAPH_UP_TO inverted lists. Either serves only if it finds what comparing every vector finds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.index.engines.faiss_kinds import Among, Numbers, Pairs, library, strategy
from rag.index.generations import SearchKind
from rag.index.half_floats import Halves, to_floats
from rag.index.row_files import part_of
from rag.index.stored_rows import Vectors

FAISS = "passages.faiss"

# Measured on one core at 384 numbers a vector: comparing all takes 2 ms at 50 000 and grows
# with them; at 30 000 the graph takes 0.5 ms at recall 0.999, and is made in 5 s. At 117 000
# made-up ones it takes 30 s to make and 2 to take over with one more; its recall is 0.80,
# 0.94 and 0.98 at the efforts 64, 256 and 1024.
FLAT_UP_TO = 50_000
# Made-up vectors with the spread of real ones (tests/benchmarks/made_up.py): at 100 000 a
# graph takes 20 s of a core to make and reaches recall 0.987 in 1.5 ms, lists 15 s and 0.96
# in 1.1 ms.
# At a million a graph, of bytes even, takes 216 s and reaches 0.88 in 2.8 ms, lists 98 s and
# the same in 3.4 ms, and what they lack comes with more probes. A graph is held whole in
# memory, 1.8 kB a passage; lists take 0.4 kB.
GRAPH_UP_TO = 200_000
# What is promised is 0.98; a sample misses other questions by a hundredth: at a million made-up
# passages and 512 lists it has 0.988 and they have 0.986, at 384 0.976 and 0.968.
RECALL_WANTED = 0.99
RECALL_AT = 10
SAMPLED = 200
# Filters that leave fewer passages than this have all of them compared.
FILTERED_FLAT_UP_TO = 50_000
# What found too little is tried again when the passages have grown by so much.
TRIED_AGAIN_AT = 1.2
_ROUNDING = 1e-5
# Rows that are compared with all questions at a time.
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Kept:
    """What a segment can hand on to one that it is merged into: its index, and its rows there.

    ``new_row`` has a number an old row, -1 where the passage is gone.
    """

    path: Path
    kind: SearchKind
    new_row: Numbers


def write_nearest(
    path: Path, vectors: Halves, questions: Vectors, kept: Kept | None
) -> tuple[SearchKind, int]:
    """Write the index over ``vectors``, where one is needed, and return its kind and effort.

    ``questions`` are what recall is measured with. A graph and lists take over what
    ``kept`` holds, so that a rebuild adds only what is new. Raises OSError.
    """
    kind = kind_for(len(vectors))
    if strategy(kind).efforts and len(questions) and not _was_tried(kind, kept, vectors):
        for index in _candidates(kind, vectors, kept):
            effort = _effort(index, kind, vectors, questions)
            if effort is not None:
                _write(index, path)
                return kind, effort
    return SearchKind.FLAT, 0


def read_nearest(path: Path, kind: SearchKind, vectors: Halves) -> Any:
    """The index over ``vectors``, in ``path`` where its kind is stored, which is mapped.

    Raises RuntimeError when it is damaged.
    """
    return strategy(kind).read(str(path), vectors)


def search(
    index: Any,
    kind: SearchKind,
    effort: int,
    vectors: Halves,
    question: Vectors,
    count: int,
    among: Among,
) -> Pairs:
    """The ``count`` nearest passages ``among`` some or all, best first.

    ``vectors`` are those that the index was made of.
    """
    questions = question.reshape(1, -1)
    with _one_core():
        (found,) = strategy(kind).search(index, effort, vectors, questions, count, among)
    return found


@contextlib.contextmanager
def _one_core() -> Iterator[None]:
    """Have FAISS use no thread but this one; what others ask is not touched.

    One question is nothing to share: with two threads comparing 50 000 floats took 16 ms of
    processor time, with one 6, and where several ask, each waits for threads of its own.
    """
    threads = library().omp_get_max_threads()
    library().omp_set_num_threads(1)
    try:
        yield
    finally:
        library().omp_set_num_threads(threads)


def is_compared(kind: SearchKind, allowed: Numbers | None) -> bool:
    """Whether so few are ``allowed`` that `compare_all` finds them, not the index."""
    few = allowed is not None and len(allowed) <= FILTERED_FLAT_UP_TO
    return few and bool(strategy(kind).efforts)


def _candidates(kind: SearchKind, vectors: Halves, kept: Kept | None) -> Iterator[Any]:
    """The index before, brought up to date, where it can be; then one that is new."""
    if kept is not None and kept.kind is kind:
        index = library().read_index(str(kept.path))
        if strategy(kind).extended(index, kept.new_row, vectors):
            yield index
    yield strategy(kind).made(vectors)


def _was_tried(kind: SearchKind, kept: Kept | None, vectors: Halves) -> bool:
    """Whether ``kind`` found too little the last time, over about as many passages."""
    if kept is None or kept.kind is not SearchKind.FLAT:
        return False
    before = len(kept.new_row)
    return kind_for(before) is kind and len(vectors) <= TRIED_AGAIN_AT * before


def kind_for(count: int) -> SearchKind:
    """How so many passages are found."""
    if count <= FLAT_UP_TO:
        return SearchKind.FLAT
    return SearchKind.GRAPH if count <= GRAPH_UP_TO else SearchKind.INVERTED


def _effort(index: Any, kind: SearchKind, vectors: Halves, questions: Vectors) -> int | None:
    """The least effort at which the recall is as wanted, None when none is enough.

    Recall at 10 is the share of the ten nearest that are found: the mean over the
    questions of |found and exact| / 10. Any that is as near as the tenth is one of them,
    as reprints are.
    """
    count = min(RECALL_AT, len(vectors))
    tenths = _least_of_the_best(vectors, questions, count)
    wanted = RECALL_WANTED * count * len(questions)
    for effort in strategy(kind).efforts:
        shared = 0
        answers = strategy(kind).search(index, effort, vectors, questions, count, Among())
        for question, tenth, found_pairs in zip(questions, tenths, answers, strict=True):
            found = [row for row, _ in found_pairs]
            near = to_floats(vectors[found]) @ question
            shared += int(np.count_nonzero(near >= tenth - _ROUNDING))
        if shared >= wanted:
            return effort
    return None


def _least_of_the_best(vectors: Halves, questions: Vectors, count: int) -> Vectors:
    """The cosine of the last of the ``count`` nearest to each question, shape (questions,)."""
    best: Vectors = np.empty((len(questions), 0), np.float32)
    for first in range(0, len(vectors), _AT_ONCE):
        part = part_of(vectors, first, min(_AT_ONCE, len(vectors) - first))
        near = questions @ to_floats(part).T
        best = np.concatenate([best, near], axis=1)
        if best.shape[1] > count:
            best = np.partition(best, -count, axis=1)[:, -count:]
    least: Vectors = best.min(axis=1)
    return least


def _write(index: Any, path: Path) -> None:
    try:
        library().write_index(index, str(path))
    except RuntimeError as error:
        first_line = str(error).splitlines()[0]
        raise OSError(f"{path.name}: {first_line}") from error
