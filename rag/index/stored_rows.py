"""The rows of a generation, mapped from disk: vectors of passages and sentences, and keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.errors import IndexDamagedError
from rag.index.generations import Manifest, damaged
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

Vector = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]


class StoredRows:
    """Unit vectors and their keys, a row a passage or sentence. Safe from several threads."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Map the files in ``folder``; IndexDamagedError when they do not fit."""
        self._folder = folder
        passages, sentences = manifest.passages, manifest.sentences
        self._passages: Vectors = self._mapped(VECTORS, passages, manifest.dimension)
        self._sentences: Vectors = self._mapped(SENTENCE_VECTORS, sentences, manifest.dimension)
        self._passage_keys = self._mapped(KEYS, passages, KEY_BYTES)
        self._sentence_keys = self._mapped(SENTENCE_KEYS, sentences, KEY_BYTES)
        self._passage_reader = RowReader(self._passages)
        self._sentence_reader = RowReader(self._sentences)

    @property
    def passages(self) -> Vectors:
        """Unit vectors, shape (passages, dimension), mapped from disk."""
        return self._passages

    @property
    def sentences(self) -> Vectors:
        """Unit vectors, shape (sentences, dimension), mapped from disk."""
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
        """The unit vectors of a few passages, shape (len(numbers), dimension), a copy."""
        return self._passage_reader.read(numbers)

    def sentences_at(self, numbers: Numbers) -> Vectors:
        """The unit vectors of a few sentences, shape (len(numbers), dimension), a copy."""
        return self._sentence_reader.read(numbers)

    def _mapped(self, name: str, count: int, width: int) -> Rows:
        try:
            return mapped_rows(self._folder / name, (count, width))
        except IndexDamagedError as error:
            raise damaged(self._folder, str(error)) from error


def cosines(vectors: Vectors, question: Vector) -> Vector:
    """The cosine of each of ``vectors`` to ``question``, all of unit length.

    On one core: a product of matrices takes them all, and waits for whoever has them.
    """
    found: Vector = np.einsum("ij,j->i", vectors, question)
    return found
