"""Passages by vector: the FAISS index whose type follows the size, and its choice.

Up to FLAT_UP_TO passages every vector is compared. Beyond, a graph (HNSW, Malkov and
Yashunin 2018), and beyond GRAPH_UP_TO inverted lists of vectors in a byte a number (Jégou,
Douze and Schmid 2011), whose finds are put in order by the vectors themselves. Either
serves only if it finds what comparing every vector finds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.index.generations import SearchKind

FAISS = "passages.faiss"

# Measured on two cores at 384 numbers a vector: comparing all takes 28 ms at 30 000 and
# grows with them, the graph 0.5 ms at recall 0.999, and is made in 5 s. At 117 000 made-up
# ones the graph takes 30 s of one core to make and 2 to take over with one more; its recall
# is 0.80, 0.94 and 0.98 at the efforts 64, 256 and 1024.
FLAT_UP_TO = 50_000
# Made-up vectors with the spread of real ones (tests/benchmarks/made_up.py): at 100 000 a
# graph takes 20
# seconds of a core to make and reaches recall 0.987 in 1.5 ms, lists 15 s and 0.96 in 1.1 ms.
# At a million a graph, of bytes even, takes 216 s and reaches 0.88 in 2.8 ms, lists 98 s and
# the same in 3.4 ms, and what they lack comes with more probes. A graph is held whole in
# memory, 1.8 kB a passage; lists take 0.4 kB.
GRAPH_UP_TO = 200_000
# What is promised is 0.98; a sample misses other questions by a hundredth: at a million made-up
# passages and 512 lists it has 0.988 and they have 0.986, at 384 0.976 and 0.968.
RECALL_WANTED = 0.99
RECALL_AT = 10
SAMPLED = 200
NEIGHBOURS = 32
CONSTRUCTION_EFFORT = 64
# Passages that are left in a graph although they are gone, as a share; more make it anew.
DEAD_ALLOWED = 0.1
# Filters that leave fewer passages than this have all of them compared.
FILTERED_FLAT_UP_TO = 50_000
# What found too little is tried again when the passages have grown by so much.
TRIED_AGAIN_AT = 1.2
_EFFORTS = (64, 128, 256, 512, 1024)
_PROBES = (8, 16, 32, 64, 128, 256, 384, 512, 768, 1024, 1536, 2048)
_TRAINED_PER_LIST = 40
_ADDED = 20_000
_ROUNDING = 1e-5

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the generation before can hand on: its index, and where its rows are now.

    ``new_row`` has a number an old row, -1 where the passage is gone.
    """

    path: Path
    kind: SearchKind
    new_row: Numbers


def write_nearest(
    path: Path, vectors: Vectors, questions: Vectors, kept: Kept | None
) -> tuple[SearchKind, int]:
    """Write the index over ``vectors`` and return its kind and effort.

    ``questions`` are what recall is measured with. A graph and lists take over what
    ``kept`` holds, so that a rebuild adds only what is new. Raises OSError.
    """
    kind = _kind_for(len(vectors))
    if kind is not SearchKind.FLAT and len(questions) and not _was_tried(kind, kept, vectors):
        made = _extended(kept, vectors) if kept is not None and kept.kind is kind else None
        for index in (made, None) if made is not None else (None,):
            chosen = index if index is not None else _made(kind, vectors)
            effort = _effort(chosen, kind, vectors, questions)
            if effort is not None:
                _write(chosen, path)
                return kind, effort
    _write(_made(SearchKind.FLAT, vectors), path)
    return SearchKind.FLAT, 0


def read_nearest(path: Path, kind: SearchKind) -> Any:
    """The index in ``path``, mapped from disk. Raises RuntimeError when it is damaged."""
    faiss = _library()
    flag = faiss.IO_FLAG_MMAP if kind is SearchKind.INVERTED else faiss.IO_FLAG_MMAP_IFC
    return faiss.read_index(str(path), flag)


def search(
    index: Any,
    kind: SearchKind,
    effort: int,
    vectors: Vectors,
    question: Vectors,
    count: int,
    allowed: Numbers | None,
) -> list[tuple[int, float]]:
    """The ``count`` nearest passages, best first, among those ``allowed`` (None for all).

    ``vectors`` are those that the index was made of.
    """
    questions = question.reshape(1, -1)
    (found,) = _search(index, kind, effort, vectors, questions, count, allowed)
    return found


def _search(
    index: Any,
    kind: SearchKind,
    effort: int,
    vectors: Vectors,
    questions: Vectors,
    count: int,
    allowed: Numbers | None,
) -> Iterator[list[tuple[int, float]]]:
    """What `search` finds for each of ``questions``, shape (questions, dimension)."""
    faiss = _library()
    selector = faiss.IDSelectorBatch(allowed) if allowed is not None else None
    # Gone passages may be found too, and are dropped; so some more are asked for.
    wanted = count if kind is SearchKind.FLAT else count + max(8, count // 8)
    parameters = _parameters(kind, max(effort, 2 * wanted), effort, selector)
    scores, numbers = index.search(questions, min(wanted, index.ntotal), params=parameters)
    for question, rows, cosines in zip(questions, numbers, scores, strict=True):
        there = rows[rows >= 0]
        if kind is SearchKind.INVERTED:
            yield compare_all(vectors, question, count, there)
        else:
            yield list(zip(there.tolist(), cosines[rows >= 0].tolist(), strict=True))[:count]


def compare_all(
    vectors: Vectors, question: Vectors, count: int, allowed: Numbers
) -> list[tuple[int, float]]:
    """The ``count`` nearest among ``allowed``, by comparing each of them, best first."""
    scores = vectors[allowed] @ question
    best = np.argsort(-scores, kind="stable")[:count]
    return [(int(allowed[place]), float(scores[place])) for place in best]


def rows_unlike(index: Any, kind: SearchKind, vectors: Vectors) -> list[int]:
    """The rows whose vector in the index is not that of ``vectors``, or is missing.

    Inverted lists keep vectors in bytes, so there only the numbers are compared.
    """
    faiss = _library()
    if kind is SearchKind.FLAT:
        held = index.reconstruct_n(0, index.ntotal)
        return _unlike(held, vectors, np.arange(len(vectors)))
    numbers = faiss.vector_to_array(index.id_map)
    missing = np.setdiff1d(np.arange(len(vectors)), numbers).tolist()
    if kind is SearchKind.INVERTED:
        return [int(row) for row in missing]
    inner = faiss.downcast_index(index.index)
    alive = np.flatnonzero(numbers >= 0)
    unlike: list[int] = []
    for first in range(0, len(alive), _ADDED):
        places = alive[first : first + _ADDED]
        begin, end = int(places[0]), int(places[-1]) + 1
        held = inner.reconstruct_n(begin, end - begin)[places - begin]
        unlike += _unlike(held, vectors[numbers[places]], numbers[places])
    return sorted([*missing, *unlike])


def _unlike(held: Vectors, vectors: Vectors, numbers: Numbers) -> list[int]:
    return [int(numbers[place]) for place in np.flatnonzero(np.any(held != vectors, axis=1))]


def _library() -> Any:
    """FAISS, whose type hints leave out much of what it has."""
    import faiss

    return faiss


def _was_tried(kind: SearchKind, kept: Kept | None, vectors: Vectors) -> bool:
    """Whether ``kind`` found too little the last time, over about as many passages."""
    if kept is None or kept.kind is not SearchKind.FLAT:
        return False
    before = len(kept.new_row)
    return _kind_for(before) is kind and len(vectors) <= TRIED_AGAIN_AT * before


def _kind_for(count: int) -> SearchKind:
    if count <= FLAT_UP_TO:
        return SearchKind.FLAT
    return SearchKind.GRAPH if count <= GRAPH_UP_TO else SearchKind.INVERTED


def _made(kind: SearchKind, vectors: Vectors) -> Any:
    """A new index over ``vectors``."""
    faiss = _library()
    dimension = vectors.shape[1]
    if kind is SearchKind.FLAT:
        flat = faiss.IndexFlatIP(dimension)
        for first in range(0, len(vectors), _ADDED):
            flat.add(np.asarray(vectors[first : first + _ADDED]))
        return flat
    if kind is SearchKind.GRAPH:
        inner = faiss.IndexHNSWFlat(dimension, NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        inner.hnsw.efConstruction = CONSTRUCTION_EFFORT
    else:
        lists = max(1, int(4 * math.sqrt(len(vectors))))
        inner = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        step = max(1, len(vectors) // (_TRAINED_PER_LIST * lists))
        inner.train(np.ascontiguousarray(vectors[::step]))
    index = faiss.IndexIDMap(inner)
    _add(index, vectors, np.arange(len(vectors)))
    return index


def _extended(kept: Kept, vectors: Vectors) -> Any | None:
    """The index of the generation before, with the rows as they are now.

    None when it holds too many that are gone.
    """
    faiss = _library()
    index = faiss.read_index(str(kept.path))
    numbers = faiss.vector_to_array(index.id_map)
    known = np.append(kept.new_row, -1)
    # -1 stands for gone, and stays so: the last one.
    moved = known[np.where(numbers < len(kept.new_row), numbers, -1)]
    new = np.setdiff1d(np.arange(len(vectors)), moved)
    if np.count_nonzero(moved < 0) > DEAD_ALLOWED * len(vectors):
        return None
    # Lists were laid out for a size; twice of it is another.
    if kept.kind is SearchKind.INVERTED and len(vectors) > 2 * len(kept.new_row):
        return None
    faiss.copy_array_to_vector(np.ascontiguousarray(moved, np.int64), index.id_map)
    _add(index, vectors, new)
    return index


def _add(index: Any, vectors: Vectors, numbers: Numbers) -> None:
    for first in range(0, len(numbers), _ADDED):
        part = numbers[first : first + _ADDED]
        index.add_with_ids(np.ascontiguousarray(vectors[part]), part)


def _effort(index: Any, kind: SearchKind, vectors: Vectors, questions: Vectors) -> int | None:
    """The least effort at which the recall is as wanted, None when none is enough.

    Recall at 10 is the share of the ten nearest that are found: the mean over the
    questions of |found and exact| / 10. Any that is as near as the tenth is one of them,
    as reprints are.
    """
    faiss = _library()
    count = min(RECALL_AT, len(vectors))
    exact, _ = faiss.knn(
        questions, np.ascontiguousarray(vectors), count, metric=faiss.METRIC_INNER_PRODUCT
    )
    wanted = RECALL_WANTED * count * len(questions)
    for effort in _EFFORTS if kind is SearchKind.GRAPH else _PROBES:
        shared = 0
        answers = _search(index, kind, effort, vectors, questions, count, None)
        for question, tenth, found_pairs in zip(questions, exact[:, -1], answers, strict=True):
            found = [row for row, _ in found_pairs]
            shared += int(np.count_nonzero(vectors[found] @ question >= tenth - _ROUNDING))
        if shared >= wanted:
            return effort
    return None


def _parameters(kind: SearchKind, effort: int, probes: int, selector: Any) -> Any:
    faiss = _library()
    if kind is SearchKind.GRAPH:
        return faiss.SearchParametersHNSW(efSearch=effort, sel=selector)
    if kind is SearchKind.INVERTED:
        return faiss.SearchParametersIVF(nprobe=probes, sel=selector)
    return faiss.SearchParameters(sel=selector) if selector is not None else None


def _write(index: Any, path: Path) -> None:
    faiss = _library()
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        first_line = str(error).splitlines()[0]
        raise OSError(f"{path.name}: {first_line}") from error
