"""The files of words in a segment: of every term the passages that hold it, how often each.

The numbers of terms are in the catalogue. SQLite's FTS5, which this was before, reads every row
that holds any of the terms, at every question.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.index.generations import damaged
from rag.index.row_files import RowFile

STARTS = "words.starts.npy"
HOLDERS = "words.passages.npy"
COUNTS = "words.counts.npy"
LENGTHS = "words.lengths.npy"
FILES = (STARTS, HOLDERS, COUNTS, LENGTHS)

SCHEMA = """
-- A term that no passage holds any longer keeps its number.
CREATE TABLE terms (term TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""

Column = npt.NDArray[Any]


def read_column(folder: Path, name: str, rows: int | None = None) -> Column:
    """The numbers of a file, mapped; IndexDamagedError when they are not so many."""
    try:
        column: Column = np.load(folder / name, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise damaged(folder, f"{name} cannot be read ({error})") from error
    expected = (len(column) if rows is None else rows, 1)
    if column.shape != expected or (rows is None and not len(column)):
        raise damaged(folder, f"{name} has shape {column.shape}, expected {expected}")
    # Slices of a plain array are made in a fraction of the time.
    return np.asarray(column).reshape(-1)


def write_column(path: Path, column: Column) -> None:
    """Write the numbers of a file. Raises OSError."""
    with RowFile(path, len(column), 1, column.dtype) as file:
        file.write(0, column)
