"""Writing the files of words: what is new is taken up, and merged with what segments hold."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.index.catalogue import CATALOGUE, open_read_only
from rag.index.engine import Merged
from rag.index.engines.word_files import (
    COUNTS,
    HOLDERS,
    LENGTHS,
    STARTS,
    Column,
    read_column,
    write_column,
)
from rag.index.row_files import RowFile

_MOST_COUNTED = (1 << 16) - 1
# 40 MB.
_AT_ONCE = 4_000_000
_TERMS_AT_ONCE = 1 << 16
_TERMS_KEPT = 1_000_000

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Run:
    """Entries on their way, sorted by term; ``numbers`` leads from theirs to passages."""

    terms: Column
    passages: Column
    counts: Column
    numbers: Numbers


class WordsWriter:
    """Takes up the words of new passages, and merges them with those that were there.

    What was taken up goes to an unnamed file now and then, so that memory holds a few
    numbers a passage and the terms of late.
    """

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        """So many entries are gathered, or merged, ``at_once``."""
        self._at_once = at_once
        self._known: dict[str, int] = {}
        self._count: int | None = None
        self._terms = array("I")
        self._holders = array("I")
        self._counts = array("H")
        self._lengths = array("I")
        self._articles: list[tuple[int, int, int]] = []
        self._runs: list[tuple[Column, Column, Column]] = []

    def add(
        self, database: sqlite3.Connection, row: int, documents: Iterable[Sequence[str]]
    ) -> None:
        """Take up the passages of the article in ``row``: the terms of each, in order."""
        first = len(self._lengths)
        for terms in documents:
            passage = len(self._lengths)
            self._lengths.append(len(terms))
            counted = Counter(terms)
            self._terms.extend([self._number_of(database, term) for term in counted])
            self._holders.extend([passage] * len(counted))
            self._counts.extend([min(one, _MOST_COUNTED) for one in counted.values()])
        self._articles.append((row, first, len(self._lengths)))
        if len(self._terms) >= self._at_once:
            self._put_down(database)

    def _number_of(self, database: sqlite3.Connection, term: str) -> int:
        number = self._known.get(term)
        if number is not None:
            return number
        query = "SELECT number FROM terms WHERE term = ?"
        found = database.execute(query, (term,)).fetchone()
        number = found[0] if found else self._next(database)
        if not found:
            database.execute("INSERT INTO terms VALUES (?, ?)", (term, number))
            self._count = number + 1
        if len(self._known) >= _TERMS_KEPT:
            self._known.clear()
        self._known[term] = number
        return number

    def _next(self, database: sqlite3.Connection) -> int:
        if self._count is None:
            self._count = database.execute("SELECT count(*) FROM terms").fetchone()[0]
        assert self._count is not None
        return self._count

    def _put_down(self, database: sqlite3.Connection) -> None:
        """Sort what was taken up by term, and write it beside the catalogue."""
        if not self._terms:
            return
        (_, _, catalogue) = database.execute("PRAGMA database_list").fetchone()
        terms = np.frombuffer(self._terms, np.uint32)
        order = np.argsort(terms, kind="stable")
        columns: list[Column] = [
            terms[order],
            np.frombuffer(self._holders, np.uint32)[order],
            np.frombuffer(self._counts, np.uint16)[order],
        ]
        with tempfile.TemporaryFile(dir=Path(catalogue).parent) as file:
            for column in columns:
                file.write(column.data)
            file.flush()
            held = np.memmap(file, np.uint8, "r")
        ends = np.cumsum([column.nbytes for column in columns])
        one, two, three = (
            part.view(column.dtype)
            for part, column in zip(np.split(held, ends[:-1]), columns, strict=True)
        )
        self._runs.append((one, two, three))
        self._terms, self._holders, self._counts = array("I"), array("I"), array("H")

    def complete(
        self,
        database: sqlite3.Connection,
        folder: Path,
        passages: int,
        merged: Sequence[Merged] = (),
    ) -> None:
        """Write the files of ``folder``, whose catalogue knows where the ``passages`` are.

        ``merged`` are segments that it takes over, the largest first, whose terms keep their
        numbers. Raises OSError and IndexDamagedError.
        """
        if merged:
            database.executemany("INSERT INTO terms VALUES (?, ?)", _terms_of(merged[0].folder))
        self._put_down(database)
        numbers = self._numbers(database)
        there = numbers >= 0
        lengths = np.zeros(passages, np.uint32)
        lengths[numbers[there]] = np.frombuffer(self._lengths, np.uint32)[there]
        kept = [_Kept(one.folder, one.new_row) for one in merged]
        for one in kept:
            lengths[one.new_row[one.new_row >= 0]] = one.lengths[one.new_row >= 0]
        runs = [_Run(*columns, numbers) for columns in self._runs]
        runs += [one.renumbered(self._take_terms(database, one.folder)) for one in kept[1:]]
        write_column(folder / LENGTHS, lengths)
        largest = kept[0] if kept else None
        starts = _merge(folder, self._next(database), runs, largest, self._at_once)
        write_column(folder / STARTS, starts)

    def _take_terms(self, database: sqlite3.Connection, folder: Path) -> Numbers:
        """The number here of each term of the segment in ``folder``, by its number there."""
        terms = _terms_of(folder)
        return np.array([self._number_of(database, term) for term, _ in terms], np.int64)

    def _numbers(self, database: sqlite3.Connection) -> Numbers:
        """The number of each passage that was taken up, -1 where it is gone again."""
        first_of: Mapping[int, int] = dict(
            database.execute("SELECT article, first_passage FROM places")
        )
        numbers = np.full(len(self._lengths), -1, np.int64)
        for row, first, end in self._articles:
            if row in first_of:
                numbers[first:end] = np.arange(end - first) + first_of[row]
        return numbers


class _Kept:
    """The words of a segment that is taken over."""

    def __init__(self, folder: Path, new_row: Numbers) -> None:
        self.folder = folder
        self.new_row = new_row
        self.starts = read_column(folder, STARTS)
        entries = int(self.starts[-1])
        self.passages = read_column(folder, HOLDERS, entries)
        self.counts = read_column(folder, COUNTS, entries)
        self.lengths = read_column(folder, LENGTHS, len(new_row))

    def renumbered(self, numbers: Numbers) -> _Run:
        """All entries, their terms with those ``numbers``. Holds them in memory."""
        starts = self.starts.astype(np.int64)
        terms = np.repeat(numbers.astype(np.uint32), starts[1:] - starts[:-1])
        order = np.argsort(terms, kind="stable")
        return _Run(terms[order], self.passages[order], self.counts[order], self.new_row)

    def run(self, first: int, last: int) -> _Run:
        """The entries of the terms first to last, the latter excluded."""
        starts = self.starts[min(first, len(self.starts) - 1) : last + 1].astype(np.int64)
        begin, end = int(starts[0]), int(starts[-1])
        terms = np.repeat(np.arange(first, first + len(starts) - 1), np.diff(starts))
        return _Run(terms, self.passages[begin:end], self.counts[begin:end], self.new_row)


def _terms_of(folder: Path) -> list[tuple[str, int]]:
    """The terms of the segment in ``folder`` with their numbers, by these."""
    with contextlib.closing(open_read_only(folder / CATALOGUE)) as other:
        return other.execute("SELECT term, number FROM terms ORDER BY number").fetchall()


def _merge(
    folder: Path, count: int, runs: Sequence[_Run], kept: _Kept | None, at_once: int
) -> Numbers:
    """Write the entries of ``count`` terms, and return where those of each begin."""
    most = sum(
        (np.bincount(run.terms, minlength=count) for run in runs), np.zeros(count, np.int64)
    )
    if kept is not None:
        begun = kept.starts.astype(np.int64)
        most[: len(begun) - 1] += begun[1:] - begun[:-1]
    starts = np.zeros(count + 1, np.int64)
    total = sum(_alive(run.passages, run.numbers, at_once) for run in runs)
    total += _alive(kept.passages, kept.new_row, at_once) if kept is not None else 0
    with (
        RowFile(folder / HOLDERS, total, 1, np.uint32) as passages,
        RowFile(folder / COUNTS, total, 1, np.uint16) as counts,
    ):
        written = 0
        for first, last in _blocks(most, at_once):
            parts = [_between(run, first, last) for run in runs]
            if kept is not None:
                parts.append(kept.run(first, last))
            packed = np.sort(np.concatenate([_packed(part, first) for part in parts]))
            passages.write(written, ((packed >> 16) & 0xFFFFFFFF).astype(np.uint32))
            counts.write(written, (packed & 0xFFFF).astype(np.uint16))
            holding = np.bincount((packed >> 48).astype(np.int64), minlength=last - first)
            starts[first + 1 : last + 1] = written + np.cumsum(holding)
            written += len(packed)
    return starts


def _blocks(most: Numbers, at_once: int) -> Iterator[tuple[int, int]]:
    """Ranges [first, last) of terms, of few terms and of few entries but for one term's."""
    ends = np.cumsum(most)
    first = 0
    while first < len(most):
        before = int(ends[first - 1]) if first else 0
        last = int(np.searchsorted(ends, before + at_once, "right"))
        last = max(first + 1, min(last, first + _TERMS_AT_ONCE))
        yield first, last
        first = last


def _between(run: _Run, first: int, last: int) -> _Run:
    begin, end = np.searchsorted(run.terms, np.array([first, last], run.terms.dtype)).tolist()
    return _Run(
        run.terms[begin:end], run.passages[begin:end], run.counts[begin:end], run.numbers
    )


def _packed(run: _Run, first: int) -> npt.NDArray[np.uint64]:
    """Term, passage and count of each entry that is still there, in one number to sort."""
    passages = run.numbers[run.passages]
    there = passages >= 0
    packed = (run.terms.astype(np.uint64) - np.uint64(first)) << np.uint64(48)
    packed |= passages.astype(np.uint64) << np.uint64(16)
    packed |= run.counts.astype(np.uint64)
    return packed[there]


def _alive(passages: Column, numbers: Numbers, at_once: int) -> int:
    """How many of ``passages`` are still there."""
    if not np.any(numbers < 0):
        return len(passages)
    return sum(
        int(np.count_nonzero(numbers[passages[first : first + at_once]] >= 0))
        for first in range(0, len(passages), at_once)
    )
