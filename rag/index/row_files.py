"""Rows on disk: one row a text, written in any order, read back as a mapped array."""

from __future__ import annotations

import itertools
import mmap
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from rag.errors import IndexDamagedError

# A generation's rows: vectors of its passages and sentences, and the keys of these.
VECTORS = "passages.npy"
SENTENCE_VECTORS = "sentences.npy"
KEYS = "passages.keys.npy"
SENTENCE_KEYS = "sentences.keys.npy"
# A key is a sha256.
KEY_BYTES = 32

# Rows that are copied at a time, in bytes.
_COPIED = 1 << 24
# What a row that is touched brings along of a mapped file, in bytes, and how much of that
# a reader lets gather.
_BROUGHT = 1 << 16
MOST_MAPPED = 1 << 27

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
            self.write(first + done, part_of(source, begin + done, size))

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


def part_of(source: Rows, begin: int, count: int) -> Rows:
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


def mapped_rows(path: Path, shape: tuple[int, int], dtype: npt.DTypeLike) -> Rows:
    """The rows of a file, mapped; IndexDamagedError when they have not that shape and type."""
    try:
        rows: Rows = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise IndexDamagedError(f"{path.name} cannot be read ({error})") from error
    if rows.shape != shape:
        raise IndexDamagedError(f"{path.name} has shape {rows.shape}, expected {shape}")
    expected = np.dtype(dtype).newbyteorder("<")
    if rows.dtype != expected:
        raise IndexDamagedError(f"{path.name} holds {rows.dtype}, expected {expected}")
    return rows


class RowReader:
    """Reads rows here and there of a mapped file, and lets go of what was mapped for them.

    A row of a mapping that is touched brings its neighbours along, and all of them count as
    memory of the process: after 700 questions of a million passages that was 5 GB. Reading
    each row from the file would spare it, but every reading hands the interpreter to
    another thread, and four that asked at once waited for each other.
    """

    def __init__(self, rows: Rows, most_mapped: int = MOST_MAPPED) -> None:
        """Read ``rows``; of a mapped file at most ``most_mapped`` bytes stay in memory."""
        self._most_mapped = most_mapped
        # A plain array: a subclass takes its time over what is picked from it.
        self._rows = np.asarray(rows)
        self._mapping: mmap.mmap | None = None
        self._mapped = 0
        if not isinstance(rows, np.memmap) or rows.filename is None or not rows.size:
            return
        # Other systems than Unix have no letting go of a part.
        if rows.nbytes > most_mapped and hasattr(mmap, "MADV_DONTNEED"):
            with Path(rows.filename).open("rb") as file:
                self._mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            held = np.frombuffer(self._mapping, rows.dtype, rows.size, rows.offset)
            self._rows = held.reshape(rows.shape)

    def read(self, numbers: Numbers) -> Rows:
        """The rows with those numbers, in that order."""
        found: Rows = self._rows[numbers]
        if self._mapping is not None:
            self._mapped += _BROUGHT * (1 + int(np.count_nonzero(np.diff(numbers) != 1)))
            if self._mapped > self._most_mapped:
                self._mapped = 0
                # What another thread reads now is mapped again.
                self._mapping.madvise(mmap.MADV_DONTNEED)
        return found
