"""The kinds of FAISS index: how each is made, extended, searched and compared.

Flat compares every vector, and is made of the rows when it is opened: no file holds them twice.
A graph (HNSW, Malkov and Yashunin 2018) and inverted lists of vectors in a byte a number
(Jégou, Douze and Schmid 2011), whose finds are put in order by the vectors themselves, find
nearly all and are told with what effort to look.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.index.generations import SearchKind
from rag.index.half_floats import Halves, to_floats
from rag.index.row_files import part_of
from rag.index.stored_rows import Vectors, cosines

NEIGHBOURS = 32
CONSTRUCTION_EFFORT = 64
# Passages that are left in an index although they are gone, as a share; more make it anew.
DEAD_ALLOWED = 0.1
_TRAINED_PER_LIST = 40
# Rows that are added at a time, and those that are compared: of these, the floats stay in the
# second-level cache.
_AT_ONCE = 20_000
_COMPARED_AT_ONCE = 1_000

Numbers = npt.NDArray[np.int64]
# Passages with their cosines, best first.
Pairs = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Among:
    """Which passages are looked for: those ``allowed``, None for all but those ``gone``.

    Both are numbers, ascending; what is gone is not among what is allowed.
    """

    allowed: Numbers | None = None
    gone: Numbers = field(default_factory=lambda: np.empty(0, np.int64))

    def selector(self) -> Any:
        """It for FAISS, None for everything."""
        if self.allowed is not None:
            return library().IDSelectorBatch(self.allowed)
        if not len(self.gone):
            return None
        return library().IDSelectorNot(library().IDSelectorBatch(self.gone))


class Kind(Protocol):
    """What is told apart by the kind of an index; ``index`` is one of FAISS's.

    ``vectors`` are the rows that it is of.
    """

    # What is tried for the effort of a search, the least first; none where all is found.
    efforts: tuple[int, ...]
    # Whether it needs a file beside the rows.
    is_stored: bool

    def made(self, vectors: Halves) -> Any:
        """A new index over ``vectors``."""

    def extended(self, index: Any, new_row: Numbers, vectors: Halves, /) -> bool:
        """Bring ``index`` to ``vectors``, given the row now of each that it was made of.

        -1 is one that is gone. False, and nothing was done, where the layout no longer suits.
        """

    def read(self, path: str, vectors: Halves) -> Any:
        """The index in a file, mapped, or made of ``vectors``. Raises RuntimeError."""

    def fits(self, index: Any, passages: int) -> bool:
        """Whether ``index`` holds so many; what is gone may be held beside what is there."""

    def search(
        self,
        index: Any,
        effort: int,
        vectors: Halves,
        questions: Vectors,
        count: int,
        among: Among,
        /,
    ) -> Iterator[Pairs]:
        """For each question the ``count`` nearest ``among`` some or all."""

    def unlike(self, index: Any, vectors: Halves) -> list[int]:
        """The rows whose vector in ``index`` is not that of ``vectors``, or is missing."""


class Flat:
    """Every vector, compared as a half float: in a third of the time of floats."""

    efforts: tuple[int, ...] = ()
    is_stored = False

    def made(self, vectors: Halves) -> Any:
        """As `Kind` says. Holds the vectors in memory, which every question reads whole."""
        faiss = library()
        flat = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        for first in range(0, len(vectors), _AT_ONCE):
            part = part_of(vectors, first, min(_AT_ONCE, len(vectors) - first))
            # Its codes of half floats are their bytes.
            flat.add_sa_codes(np.asarray(part).view(np.uint8))
        return flat

    def extended(self, _index: Any, _new_row: Numbers, _vectors: Halves, /) -> bool:
        """Never: it is made in no time."""
        return False

    def read(self, _path: str, vectors: Halves) -> Any:
        """As `Kind` says."""
        return self.made(vectors)

    def fits(self, index: Any, passages: int) -> bool:
        """As `Kind` says."""
        return bool(index.ntotal == passages)

    def search(
        self,
        index: Any,
        _effort: int,
        _vectors: Halves,
        questions: Vectors,
        count: int,
        among: Among,
        /,
    ) -> Iterator[Pairs]:
        """Exactly, whatever the effort; of equals those that come first."""
        selector = among.selector()
        parameters = library().SearchParameters(sel=selector) if selector is not None else None
        for question in questions:
            wanted = min(count + 1, index.ntotal)
            while True:
                (scores,), (rows,) = index.search(question[None], wanted, params=parameters)
                # Of equals beyond the last wanted one FAISS keeps whichever it met; -1 stands
                # where no more are allowed.
                if wanted == index.ntotal or rows[-1] < 0 or scores[-1] < scores[count - 1]:
                    break
                wanted = min(2 * wanted, index.ntotal)
            order = np.lexsort((rows, -scores))
            yield _pairs(rows[order], scores[order])[:count]

    def unlike(self, _index: Any, _vectors: Halves) -> list[int]:
        """None: it is made of them."""
        return []


class _Numbered:
    """What keeps a number beside each vector, so that rows may move and be added."""

    # By how many times what it is laid out for may grow.
    most_growth = math.inf
    is_stored = True

    def extended(self, index: Any, new_row: Numbers, vectors: Halves) -> bool:
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

    def add(self, index: Any, vectors: Halves, numbers: Numbers) -> None:
        """Add the rows with those numbers."""
        for first in range(0, len(numbers), _AT_ONCE):
            part = numbers[first : first + _AT_ONCE]
            index.add_with_ids(to_floats(vectors[part]), part)

    def fits(self, index: Any, passages: int) -> bool:
        """As `Kind` says."""
        return bool(index.ntotal >= passages)

    def missing(self, index: Any, vectors: Halves) -> list[int]:
        """The rows of ``vectors`` that ``index`` has no number of."""
        numbers = library().vector_to_array(index.id_map)
        return [int(row) for row in np.setdiff1d(np.arange(len(vectors)), numbers)]


class Graph(_Numbered):
    """A graph of neighbours, HNSW, over half floats."""

    efforts: tuple[int, ...] = (64, 128, 256, 512, 1024)

    def made(self, vectors: Halves) -> Any:
        """As `Kind` says."""
        faiss = library()
        inner = faiss.IndexHNSWSQ(
            vectors.shape[1],
            faiss.ScalarQuantizer.QT_fp16,
            NEIGHBOURS,
            faiss.METRIC_INNER_PRODUCT,
        )
        inner.hnsw.efConstruction = CONSTRUCTION_EFFORT
        index = faiss.IndexIDMap(inner)
        self.add(index, vectors, np.arange(len(vectors)))
        return index

    def read(self, path: str, _vectors: Halves) -> Any:
        """As `Kind` says."""
        return library().read_index(path, library().IO_FLAG_MMAP_IFC)

    def search(
        self,
        index: Any,
        effort: int,
        _vectors: Halves,
        questions: Vectors,
        count: int,
        among: Among,
        /,
    ) -> Iterator[Pairs]:
        """With the effort as HNSW's efSearch."""
        wanted, selector = _with_gone(count), among.selector()
        parameters = library().SearchParametersHNSW(
            efSearch=max(effort, 2 * wanted), sel=selector
        )
        cosines, numbers = index.search(questions, min(wanted, index.ntotal), params=parameters)
        for rows, scores in zip(numbers, cosines, strict=True):
            yield _pairs(rows, scores)[:count]

    def unlike(self, index: Any, vectors: Halves) -> list[int]:
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

    def made(self, vectors: Halves) -> Any:
        """As `Kind` says."""
        faiss = library()
        lists = max(1, int(4 * math.sqrt(len(vectors))))
        inner = faiss.index_factory(
            vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT
        )
        step = max(1, len(vectors) // (_TRAINED_PER_LIST * lists))
        inner.train(to_floats(vectors[::step]))
        index = faiss.IndexIDMap(inner)
        self.add(index, vectors, np.arange(len(vectors)))
        return index

    def read(self, path: str, _vectors: Halves) -> Any:
        """As `Kind` says."""
        return library().read_index(path, library().IO_FLAG_MMAP)

    def search(
        self,
        index: Any,
        effort: int,
        vectors: Halves,
        questions: Vectors,
        count: int,
        among: Among,
        /,
    ) -> Iterator[Pairs]:
        """With the effort as the number of lists; put in order by ``vectors``."""
        parameters = library().SearchParametersIVF(nprobe=effort, sel=among.selector())
        wanted = min(_with_gone(count), index.ntotal)
        _, numbers = index.search(questions, wanted, params=parameters)
        for question, rows in zip(questions, numbers, strict=True):
            yield compare_all(vectors, question, count, rows[rows >= 0])

    def unlike(self, index: Any, vectors: Halves) -> list[int]:
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


def compare_all(vectors: Halves, question: Vectors, count: int, allowed: Numbers) -> Pairs:
    """The ``count`` nearest among ``allowed``, by comparing each of them, best first."""
    scores = np.empty(len(allowed), np.float32)
    for first in range(0, len(allowed), _COMPARED_AT_ONCE):
        part = allowed[first : first + _COMPARED_AT_ONCE]
        scores[first : first + len(part)] = cosines(to_floats(vectors[part]), question)
    best = np.argsort(-scores, kind="stable")[:count]
    return [(int(allowed[place]), float(scores[place])) for place in best]


def library() -> Any:
    """FAISS, whose type hints leave out much of what it has."""
    import faiss

    return faiss


def _with_gone(count: int) -> int:
    """How many to ask for: gone passages may be found too, and are dropped."""
    return count + max(8, count // 8)


def _pairs(rows: Numbers, cosines: Vectors) -> Pairs:
    there = rows >= 0
    return list(zip(rows[there].tolist(), cosines[there].tolist(), strict=True))


def _unlike(held: Vectors, vectors: Halves, numbers: Numbers) -> list[int]:
    return [int(numbers[place]) for place in np.flatnonzero(np.any(held != vectors, axis=1))]
