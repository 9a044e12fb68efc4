"""The vectors that a generation has already, found by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.index.half_floats import HALF, Halves
from rag.index.open_segment import Segment
from rag.index.row_files import Numbers, Rows, mapped_rows

# The rows of a key array, by its keys.
KEY_ORDER = "passages.order.npy"
SENTENCE_KEY_ORDER = "sentences.order.npy"


class Finder:
    """Where the rows of a key array are, by key, in a search that reads little of it.

    A key is a row of bytes (sha256); it is looked up by its first eight and compared
    whole. ``order`` has the rows by these eight, as `write_order` wrote them.
    """

    def __init__(self, keys: Rows, order: Rows) -> None:
        self._keys = np.asarray(keys)
        # Whatever a damaged file holds, keys are compared in the end.
        self._order = order
        self._last = max(len(keys) - 1, 0)

    def _row(self, places: Numbers) -> Numbers:
        rows: Numbers = np.minimum(self._order[places], self._last).astype(np.int64)
        return rows

    def find(self, keys: Rows) -> Numbers:
        """The row of each of ``keys``, -1 where there is none. Shape (len(keys),).

        The cost grows with ``keys``, and with the logarithm of what is searched.
        """
        if not len(self._keys) or not len(keys):
            return np.full(len(keys), -1, np.int64)
        wanted = _heads(keys)
        low = np.zeros(len(keys), np.int64)
        high = np.full(len(keys), len(self._keys), np.int64)
        while np.any(low < high):
            middle = np.minimum((low + high) // 2, self._last)
            is_less = _heads(self._keys[self._row(middle)]) < wanted
            open_still = low < high
            low = np.where(open_still & is_less, middle + 1, low)
            high = np.where(open_still & ~is_less, middle, high)
        places = np.minimum(low, self._last)
        rows = self._row(places)
        rows[np.any(self._keys[rows] != keys, axis=1)] = -1
        return rows


class KnownVectors:
    """Finds vectors in all segments of a generation, what is gone of them included."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._held = [
            (
                Finder(keys, _order(segment.folder / name, keys)),
                vectors,
            )
            for segment in segments
            for name, keys, vectors in (
                (KEY_ORDER, segment.rows.passage_keys, segment.rows.passages),
                (SENTENCE_KEY_ORDER, segment.rows.sentence_keys, segment.rows.sentences),
            )
        ]

    def holds(self, keys: Rows) -> npt.NDArray[np.bool_]:
        """Which of ``keys`` are known. Shape (len(keys),)."""
        known = np.zeros(len(keys), np.bool_)
        for finder, _ in self._held:
            left = np.flatnonzero(~known)
            known[left] = finder.find(keys[left]) >= 0
        return known

    def copy(self, keys: Rows, vectors: Halves) -> npt.NDArray[np.bool_]:
        """Put the vectors of the ``keys`` that are known into ``vectors``; tell which are."""
        known = np.zeros(len(keys), np.bool_)
        for finder, held in self._held:
            left = np.flatnonzero(~known)
            rows = finder.find(keys[left])
            found = rows >= 0
            vectors[left[found]] = held[rows[found]].astype(HALF)
            known[left[found]] = True
        return known


def write_order(keys: Path, path: Path) -> None:
    """Write the rows of a file of keys by these, uint32 of shape (rows, 1). Raises OSError."""
    held = np.load(keys, mmap_mode="r")
    np.save(path, _sorted(held).reshape(-1, 1))


def _order(path: Path, keys: Rows) -> Rows:
    """The rows of ``keys`` by these, as the file has them; raises IndexDamagedError."""
    if not path.exists():
        # Segments from before there was one.
        return _sorted(keys)
    return np.asarray(mapped_rows(path, (len(keys), 1), np.uint32)).reshape(-1)


def _sorted(keys: Rows) -> Rows:
    return np.argsort(_heads(keys), kind="stable").astype(np.uint32)


def _heads(keys: Rows) -> npt.NDArray[np.uint64]:
    return np.ascontiguousarray(keys[:, :8]).view("<u8").reshape(-1)
