"""What the files of an index hold, whichever segment they are of."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.index import Index
from rag.index.generations import MANIFEST
from rag.index.half_floats import Halves
from rag.index.left_out import LEFT_OUT
from rag.index.segments import GONE


def passage_rows(index: Index) -> Halves:
    """The vectors of all passages as they are stored, by number."""
    return np.concatenate([one.rows.passages for one in index.segments])


def sentence_rows(index: Index) -> Halves:
    """The vectors of all sentences as they are stored, by number."""
    return np.concatenate([one.rows.sentences for one in index.segments])


def file_in(generation: Path, name: str) -> Path:
    """A file of a generation, or of its only segment."""
    if name in (MANIFEST, GONE, LEFT_OUT):
        return generation / name
    (segment,) = (generation.parent / "segments").iterdir()
    return segment / name
