"""Rows on disk: one row a text, written in any order, read back as a mapped array."""

from __future__ import annotations

import itertools
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from rag.errors import IndexDamagedError

# Rows that are copied at a time, in bytes.
_COPIED = 1 << 24

Rows = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]


class RowFile:
    """A NumPy file of ``count`` rows that is filled block by block.

    It is written and not mapped: where a disk is full, writing raises OSError, while a
    write into a mapped file kills the process.
    """

    def __init__(self, path: Path, count: int, width: int, dtype: npt.DTypeLike) -> None:
        self._dtype = np.dtype(dtype).newbyteorder("<")
        self._row_bytes = width * self._dtype.itemsize
        self._file = path.open("xb")
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (count, width),
        }
        np.lib.format.write_array_header_1_0(self._file, header)
        self._begin = self._file.tell()
        # Rows that nobody writes are zeros, as the shape promises them.
        self._file.truncate(self._begin + count * self._row_bytes)

    def write(self, first: int, rows: Rows) -> None:
        """Put ``rows`` at row ``first`` and after."""
        if not len(rows):
            return
        self._file.seek(self._begin + first * self._row_bytes)
        self._file.write(np.ascontiguousarray(rows, self._dtype).data)

    def copy(self, first: int, source: Rows, begin: int, count: int) -> None:
        """Put ``count`` rows of ``source``, from ``begin`` on, at row ``first``."""
        step = max(1, _COPIED // self._row_bytes)
        for done in range(0, count, step):
            size = min(step, count - done)
            self.write(first + done, _part(source, begin + done, size))

    def scatter(self, numbers: Numbers, rows: Rows) -> None:
        """Put each of ``rows`` at its number; neighbours are written together."""
        order = np.argsort(numbers, kind="stable")
        for first, last in runs(numbers[order]):
            self.write(int(numbers[order[first]]), rows[order[first:last]])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _part(source: Rows, begin: int, count: int) -> Rows:
    """Rows of ``source``; of a mapped file by a mapping of their own.

    It goes when they were used, while what was read of the whole one counts as memory.
    """
    if not isinstance(source, np.memmap) or source.filename is None or not count:
        return source[begin : begin + count]
    offset = source.offset + begin * source.strides[0]
    return np.memmap(source.filename, source.dtype, "r", offset, (count, *source.shape[1:]))


def runs(numbers: Numbers) -> Iterator[tuple[int, int]]:
    """The stretches [first, last) of ``numbers`` in which each is one more than the last."""
    ends = np.flatnonzero(np.diff(numbers) != 1) + 1
    bounds = [0, *ends.tolist(), len(numbers)] if len(numbers) else [0]
    yield from itertools.pairwise(bounds)


def mapped_rows(path: Path, shape: tuple[int, int]) -> Rows:
    """The rows of a file, mapped; IndexDamagedError when they have not that shape."""
    try:
        rows: Rows = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise IndexDamagedError(f"{path.name} cannot be read ({error})") from error
    if rows.shape != shape:
        raise IndexDamagedError(f"{path.name} has shape {rows.shape}, expected {shape}")
    return rows


class RowReader:
    """Reads a few rows at a time of a mapped file, without mapping them.

    A row of a mapping that is touched brings its neighbours along, and all of them count as
    memory of the process: after 700 questions of a million passages that was 5 GB.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._file: int | None = None
        # Other systems than Unix have no reading at a place that threads can share.
        if isinstance(rows, np.memmap) and rows.filename is not None and hasattr(os, "pread"):
            self._file = os.open(rows.filename, os.O_RDONLY)
            self._offset = rows.offset
            # Not sooner: a question may be reading, and the number be another file's then.
            weakref.finalize(self, os.close, self._file)

    def read(self, first: int, count: int) -> Rows:
        """``count`` rows from number ``first`` on."""
        if self._file is None:
            return np.asarray(self._rows[first : first + count])
        size = self._rows.strides[0]
        content = os.pread(self._file, count * size, self._offset + first * size)
        return np.frombuffer(content, self._rows.dtype).reshape(-1, self._rows.shape[1])


class Finder:
    """Where the rows of a key array are, by key: compact, no dictionary.

    A key is a row of bytes (sha256); it is looked up by its first eight and compared
    whole.
    """

    def __init__(self, keys: Rows) -> None:
        self._keys = keys
        heads = _heads(keys)
        self._order = np.argsort(heads, kind="stable")
        self._heads = heads[self._order]

    def find(self, keys: Rows) -> Numbers:
        """The row of each of ``keys``, -1 where there is none. Shape (len(keys),)."""
        if not len(self._keys) or not len(keys):
            return np.full(len(keys), -1, np.int64)
        places = np.searchsorted(self._heads, _heads(keys))
        places = np.minimum(places, len(self._heads) - 1)
        rows: Numbers = self._order[places].astype(np.int64)
        rows[np.any(self._keys[rows] != keys, axis=1)] = -1
        return rows


def _heads(keys: Rows) -> npt.NDArray[np.uint64]:
    return np.ascontiguousarray(keys[:, :8]).view("<u8").reshape(-1)
