"""The vectors of a generation: those of its segments, under one run of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rag.index.engine import Numbers
from rag.index.open_segment import Segment
from rag.index.stored_rows import StoredRows, Vectors

_Read = Callable[[StoredRows, Numbers], Vectors]


class IndexRows:
    """Reads unit vectors by number. Safe to use from several threads."""

    def __init__(self, segments: Sequence[Segment], dimension: int) -> None:
        self._segments = segments
        self._dimension = dimension
        self._first_passages = np.array([one.first_passage for one in segments], np.int64)
        self._first_sentences = np.array([one.first_sentence for one in segments], np.int64)

    def passages_at(self, numbers: Numbers) -> Vectors:
        """The unit vectors of a few passages, shape (len(numbers), dimension), as floats."""
        return self._at(numbers, self._first_passages, StoredRows.passages_at)

    def sentences_at(self, numbers: Numbers) -> Vectors:
        """The unit vectors of a few sentences, shape (len(numbers), dimension), as floats."""
        return self._at(numbers, self._first_sentences, StoredRows.sentences_at)

    def _at(self, numbers: Numbers, firsts: Numbers, read: _Read) -> Vectors:
        if len(self._segments) == 1:
            return read(self._segments[0].rows, numbers)
        found: Vectors = np.empty((len(numbers), self._dimension), np.float32)
        # A segment without rows begins where the next one does, which then is the last found.
        owners = np.searchsorted(firsts, numbers, side="right") - 1
        for owner in np.unique(owners).tolist():
            places = np.flatnonzero(owners == owner)
            found[places] = read(self._segments[owner].rows, numbers[places] - firsts[owner])
        return found
