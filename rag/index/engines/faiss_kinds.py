"""The kinds of FAISS index: how each is made, extended, searched and compared.

Flat compares every vector. A graph (HNSW, Malkov and Yashunin 2018) and inverted lists of
vectors in a byte a number (Jégou, Douze and Schmid 2011), whose finds are put in order by the
vectors themselves, find nearly all and are told with what effort to look.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.index.generations import SearchKind
from rag.index.stored_rows import Vectors, cosines

NEIGHBOURS = 32
CONSTRUCTION_EFFORT = 64
# Passages that are left in an index although they are gone, as a share; more make it anew.
DEAD_ALLOWED = 0.1
_TRAINED_PER_LIST = 40
# Rows that are added, or compared, at a time.
_AT_ONCE = 20_000

Numbers = npt.NDArray[np.int64]
# Passages with their cosines, best first.
Pairs = list[tuple[int, float]]


class Kind(Protocol):
    """What is told apart by the kind of an index; ``index`` is one of FAISS's."""

    # What is tried for the effort of a search, the least first; none where all is found.
    efforts: tuple[int, ...]

    def made(self, vectors: Vectors) -> Any:
        """A new index over ``vectors``."""

    def extended(self, index: Any, new_row: Numbers, vectors: Vectors, /) -> bool:
        """Bring ``index`` to ``vectors``, given the row now of each that it was made of.

        -1 is one that is gone. False, and nothing was done, where the layout no longer suits.
        """

    def read(self, path: str) -> Any:
        """The index in a file, mapped. Raises RuntimeError."""

    def fits(self, index: Any, passages: int) -> bool:
        """Whether ``index`` holds so many; what is gone may be held beside what is there."""

    def search(
        self,
        index: Any,
        effort: int,
        vectors: Vectors,
        questions: Vectors,
        count: int,
        allowed: Numbers | None,
        /,
    ) -> Iterator[Pairs]:
        """For each question the ``count`` nearest among those ``allowed``, None for all."""

    def unlike(self, index: Any, vectors: Vectors) -> list[int]:
        """The rows whose vector in ``index`` is not that of ``vectors``, or is missing."""


class Flat:
    """Every vector, compared."""

    efforts: tuple[int, ...] = ()

    def made(self, vectors: Vectors) -> Any:
        """As `Kind` says."""
        flat = library().IndexFlatIP(vectors.shape[1])
        for first in range(0, len(vectors), _AT_ONCE):
            flat.add(np.asarray(vectors[first : first + _AT_ONCE]))
        return flat

    def extended(self, _index: Any, _new_row: Numbers, _vectors: Vectors, /) -> bool:
        """Never: it is made in no time."""
        return False

    def read(self, path: str) -> Any:
        """As `Kind` says."""
        return library().read_index(path, library().IO_FLAG_MMAP_IFC)

    def fits(self, index: Any, passages: int) -> bool:
        """As `Kind` says."""
        return bool(index.ntotal == passages)

    def search(
        self,
        index: Any,
        _effort: int,
        _vectors: Vectors,
        questions: Vectors,
        count: int,
        allowed: Numbers | None,
        /,
    ) -> Iterator[Pairs]:
        """Exactly, whatever the effort."""
        selector = _selector(allowed)
        parameters = library().SearchParameters(sel=selector) if selector is not None else None
        cosines, numbers = index.search(questions, min(count, index.ntotal), params=parameters)
        for rows, scores in zip(numbers, cosines, strict=True):
            yield _pairs(rows, scores)

    def unlike(self, index: Any, vectors: Vectors) -> list[int]:
        """As `Kind` says."""
        found: list[int] = []
        for first in range(0, len(vectors), _AT_ONCE):
            part = vectors[first : first + _AT_ONCE]
            held = index.reconstruct_n(first, len(part))
            found += _unlike(held, part, np.arange(first, first + len(part)))
        return found


class _Numbered:
    """What keeps a number beside each vector, so that rows may move and be added."""

    # By how many times what it is laid out for may grow.
    most_growth = math.inf

    def extended(self, index: Any, new_row: Numbers, vectors: Vectors) -> bool:
        """As `Kind` says."""
        numbers = library().vector_to_array(index.id_map)
        known = np.append(new_row, -1)
        # -1 stands for gone, and stays so: the last one.
        moved = known[np.where(numbers < len(new_row), numbers, -1)]
        gone = np.count_nonzero(moved < 0)
        if gone > DEAD_ALLOWED * len(vectors) or len(vectors) > self.most_growth * len(new_row):
            return False
        library().copy_array_to_vector(np.ascontiguousarray(moved, np.int64), index.id_map)
        self.add(index, vectors, np.setdiff1d(np.arange(len(vectors)), moved))
        return True

    def add(self, index: Any, vectors: Vectors, numbers: Numbers) -> None:
        """Add the rows with those numbers."""
        for first in range(0, len(numbers), _AT_ONCE):
            part = numbers[first : first + _AT_ONCE]
            index.add_with_ids(np.ascontiguousarray(vectors[part]), part)

    def fits(self, index: Any, passages: int) -> bool:
        """As `Kind` says."""
        return bool(index.ntotal >= passages)

    def missing(self, index: Any, vectors: Vectors) -> list[int]:
        """The rows of ``vectors`` that ``index`` has no number of."""
        numbers = library().vector_to_array(index.id_map)
        return [int(row) for row in np.setdiff1d(np.arange(len(vectors)), numbers)]


class Graph(_Numbered):
    """A graph of neighbours, HNSW."""

    efforts: tuple[int, ...] = (64, 128, 256, 512, 1024)

    def made(self, vectors: Vectors) -> Any:
        """As `Kind` says."""
        faiss = library()
        inner = faiss.IndexHNSWFlat(vectors.shape[1], NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        inner.hnsw.efConstruction = CONSTRUCTION_EFFORT
        index = faiss.IndexIDMap(inner)
        self.add(index, vectors, np.arange(len(vectors)))
        return index

    def read(self, path: str) -> Any:
        """As `Kind` says."""
        return library().read_index(path, library().IO_FLAG_MMAP_IFC)

    def search(
        self,
        index: Any,
        effort: int,
        _vectors: Vectors,
        questions: Vectors,
        count: int,
        allowed: Numbers | None,
        /,
    ) -> Iterator[Pairs]:
        """With the effort as HNSW's efSearch."""
        wanted, selector = _with_gone(count), _selector(allowed)
        parameters = library().SearchParametersHNSW(
            efSearch=max(effort, 2 * wanted), sel=selector
        )
        cosines, numbers = index.search(questions, min(wanted, index.ntotal), params=parameters)
        for rows, scores in zip(numbers, cosines, strict=True):
            yield _pairs(rows, scores)[:count]

    def unlike(self, index: Any, vectors: Vectors) -> list[int]:
        """As `Kind` says."""
        numbers = library().vector_to_array(index.id_map)
        inner = library().downcast_index(index.index)
        alive = np.flatnonzero(numbers >= 0)
        found = self.missing(index, vectors)
        for first in range(0, len(alive), _AT_ONCE):
            places = alive[first : first + _AT_ONCE]
            begin, end = int(places[0]), int(places[-1]) + 1
            held = inner.reconstruct_n(begin, end - begin)[places - begin]
            found += _unlike(held, vectors[numbers[places]], numbers[places])
        return sorted(found)


class Lists(_Numbered):
    """Inverted lists of vectors in a byte a number."""

    # Lists were laid out for a size; twice of it is another.
    most_growth = 2.0
    efforts: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 384, 512, 768, 1024, 1536, 2048)

    def made(self, vectors: Vectors) -> Any:
        """As `Kind` says."""
        faiss = library()
        lists = max(1, int(4 * math.sqrt(len(vectors))))
        inner = faiss.index_factory(
            vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT
        )
        step = max(1, len(vectors) // (_TRAINED_PER_LIST * lists))
        inner.train(np.ascontiguousarray(vectors[::step]))
        index = faiss.IndexIDMap(inner)
        self.add(index, vectors, np.arange(len(vectors)))
        return index

    def read(self, path: str) -> Any:
        """As `Kind` says."""
        return library().read_index(path, library().IO_FLAG_MMAP)

    def search(
        self,
        index: Any,
        effort: int,
        vectors: Vectors,
        questions: Vectors,
        count: int,
        allowed: Numbers | None,
        /,
    ) -> Iterator[Pairs]:
        """With the effort as the number of lists; put in order by ``vectors``."""
        parameters = library().SearchParametersIVF(nprobe=effort, sel=_selector(allowed))
        wanted = min(_with_gone(count), index.ntotal)
        _, numbers = index.search(questions, wanted, params=parameters)
        for question, rows in zip(questions, numbers, strict=True):
            yield compare_all(vectors, question, count, rows[rows >= 0])

    def unlike(self, index: Any, vectors: Vectors) -> list[int]:
        """Vectors are kept in bytes, so only the numbers are compared."""
        return self.missing(index, vectors)


_KINDS: dict[SearchKind, Kind] = {
    SearchKind.FLAT: Flat(),
    SearchKind.GRAPH: Graph(),
    SearchKind.INVERTED: Lists(),
}


def strategy(kind: SearchKind) -> Kind:
    """What does all that depends on ``kind``."""
    return _KINDS[kind]


def compare_all(vectors: Vectors, question: Vectors, count: int, allowed: Numbers) -> Pairs:
    """The ``count`` nearest among ``allowed``, by comparing each of them, best first."""
    scores = cosines(vectors[allowed], question)
    best = np.argsort(-scores, kind="stable")[:count]
    return [(int(allowed[place]), float(scores[place])) for place in best]


def library() -> Any:
    """FAISS, whose type hints leave out much of what it has."""
    import faiss

    return faiss


def _selector(allowed: Numbers | None) -> Any:
    return library().IDSelectorBatch(allowed) if allowed is not None else None


def _with_gone(count: int) -> int:
    """How many to ask for: gone passages may be found too, and are dropped."""
    return count + max(8, count // 8)


def _pairs(rows: Numbers, cosines: Vectors) -> Pairs:
    there = rows >= 0
    return list(zip(rows[there].tolist(), cosines[there].tolist(), strict=True))


def _unlike(held: Vectors, vectors: Vectors, numbers: Numbers) -> list[int]:
    return [int(numbers[place]) for place in np.flatnonzero(np.any(held != vectors, axis=1))]
