"""The rows of a generation, mapped from disk: vectors of passages and sentences, and keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.errors import IndexDamagedError
from rag.index.generations import HALVES_SINCE, damaged
from rag.index.half_floats import HALF, Halves, to_floats
from rag.index.row_files import (
    KEY_BYTES,
    KEYS,
    SENTENCE_KEYS,
    SENTENCE_VECTORS,
    VECTORS,
    Numbers,
    RowReader,
    Rows,
    mapped_rows,
)
from rag.index.segments import SegmentManifest

Vector = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]


class StoredRows:
    """Unit vectors and their keys, a row a passage or sentence. Safe from several threads."""

    def __init__(self, folder: Path, manifest: SegmentManifest) -> None:
        """Map the files in ``folder``; IndexDamagedError when they do not fit."""
        self._folder = folder
        passages, sentences = manifest.passages, manifest.sentences
        width = manifest.dimension
        held = HALF if manifest.format >= HALVES_SINCE else np.float32
        self._passages: Halves = self._mapped(VECTORS, passages, width, held)
        self._sentences: Halves = self._mapped(SENTENCE_VECTORS, sentences, width, held)
        self._passage_keys = self._mapped(KEYS, passages, KEY_BYTES, np.uint8)
        self._sentence_keys = self._mapped(SENTENCE_KEYS, sentences, KEY_BYTES, np.uint8)
        self._passage_reader = RowReader(self._passages)
        self._sentence_reader = RowReader(self._sentences)

    @property
    def passages(self) -> Halves:
        """Unit vectors, shape (passages, dimension), mapped from disk.

        Floats in a generation of an older format, which is opened to take them over.
        """
        return self._passages

    @property
    def sentences(self) -> Halves:
        """Unit vectors, shape (sentences, dimension), mapped from disk as ``passages`` are."""
        return self._sentences

    @property
    def passage_keys(self) -> Rows:
        """The keys of the passages' vectors, bytes of shape (passages, 32), mapped."""
        return self._passage_keys

    @property
    def sentence_keys(self) -> Rows:
        """The keys of the sentences' vectors, bytes of shape (sentences, 32), mapped."""
        return self._sentence_keys

    def passages_at(self, numbers: Numbers) -> Vectors:
        """The unit vectors of a few passages, shape (len(numbers), dimension), as floats."""
        return to_floats(self._passage_reader.read(numbers))

    def sentences_at(self, numbers: Numbers) -> Vectors:
        """The unit vectors of a few sentences, shape (len(numbers), dimension), as floats."""
        return to_floats(self._sentence_reader.read(numbers))

    def _mapped(self, name: str, count: int, width: int, dtype: npt.DTypeLike) -> Rows:
        try:
            return mapped_rows(self._folder / name, (count, width), dtype)
        except IndexDamagedError as error:
            raise damaged(self._folder, str(error)) from error


def cosines(vectors: Vectors, question: Vector) -> Vector:
    """The cosine of each of ``vectors`` to ``question``, all of unit length.

    On one core: a product of matrices takes them all, and waits for whoever has them.
    """
    found: Vector = np.einsum("ij,j->i", vectors, question)
    return found
