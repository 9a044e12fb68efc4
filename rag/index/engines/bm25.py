"""Passages by words: an inverted index in mapped files, and BM25 over it.

Of every term there are the passages that hold it, ascending, and how often each does. The
numbers of terms are in the catalogue and stay from one generation to the next, so that a
build renumbers what the generation before holds and analyses only what is new. SQLite's
FTS5, which this was before, reads every row that holds any of the terms, at every question.
"""

from __future__ import annotations

import functools
import math
import sqlite3
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.index.catalogue import Catalogue
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

K1 = 1.2
B = 0.75
# What half of the passages hold tells nothing, but is no reason against a passage either.
_LEAST_IDF = 1e-6
_MOST_COUNTED = (1 << 16) - 1
# Entries that are gathered, or merged, at a time: 40 MB.
_AT_ONCE = 4_000_000
_TERMS_AT_ONCE = 1 << 16
_TERMS_KEPT = 1_000_000

Numbers = npt.NDArray[np.int64]
Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Holders:
    """The passages that hold a term, ascending, and how often; ``idf`` is its weight."""

    passages: Column
    counts: Column
    idf: float

    @property
    def most(self) -> float:
        """More than the term can add to any score."""
        return self.idf * (K1 + 1)


def idf(holding: int, passages: int) -> float:
    """How much a term weighs that so many of the ``passages`` hold.

    log((N - n + 0.5) / (n + 0.5)), which for half of the passages would come under 0.
    """
    return max(math.log((passages - holding + 0.5) / (holding + 0.5)), _LEAST_IDF)


class Words:
    """The words of a generation, to be searched. Safe to use from several threads."""

    def __init__(self, folder: Path, passages: int, catalogue: Catalogue) -> None:
        self._folder = folder
        self._passages = passages
        self._catalogue = catalogue

    def matching(
        self, query_terms: Sequence[str], count: int, allowed: Numbers | None
    ) -> list[tuple[int, float]]:
        """The ``count`` passages with the highest BM25 score, best first.

        The sum over the terms of idf f (k1 + 1) / (f + k1 (1 - b + b D / avgdl)), with the
        idf log((N - n + 0.5) / (n + 0.5)) of https://sqlite.org/fts5.html#the_bm25_function
        (Robertson and Zaragoza 2009). Rare terms come first: once those left cannot lift
        what was not found yet among the best (Turtle and Flood 1995), they are looked up
        only for what was. That changes no score.
        """
        terms = sorted(self._holders(query_terms), key=lambda one: -one.idf)
        left = sum(one.most for one in terms)
        scores = np.zeros(self._passages)
        candidates, least = allowed, 0.0
        for one in terms:
            # A hair more: sums in another order differ in their last digits.
            if candidates is None and left * (1 + 1e-9) < least:
                candidates = np.flatnonzero(scores >= least - left * (1 + 1e-9))
            passages, counts = one.passages, one.counts
            if candidates is not None:
                places = _places_of(candidates, passages)
                passages, counts = passages[places], counts[places]
            times = counts.astype(np.float64)
            scores[passages] += one.most * times / (times + self._norms[passages])
            left -= one.most
            if len(passages) >= count:
                reached = np.partition(scores[passages], -count)[-count]
                least = max(least, float(reached))
        if candidates is None:
            candidates = np.flatnonzero(scores >= least)
        found = candidates[scores[candidates] > 0]
        order = np.lexsort((found, -scores[found]))[:count]
        return [(int(number), float(scores[number])) for number in found[order]]

    def holding(self, term: str) -> int:
        """How many passages hold ``term``."""
        return sum(len(one.passages) for one in self._holders([term]))

    def warm_up(self) -> None:
        """Map the files, and work out what every search needs."""
        _ = self._norms, self._postings

    def _holders(self, terms: Iterable[str]) -> Iterator[_Holders]:
        starts, passages, counts = self._postings
        for term in dict.fromkeys(terms):
            rows = self._catalogue.rows("SELECT number FROM terms WHERE term = ?", term)
            if not rows:
                continue
            first, last = starts[rows[0][0] : rows[0][0] + 2].tolist()
            if first < last:
                yield _Holders(
                    passages[first:last], counts[first:last], idf(last - first, self._passages)
                )

    @functools.cached_property
    def _postings(self) -> tuple[Column, Column, Column]:
        starts = _column(self._folder, STARTS)
        entries = int(starts[-1])
        passages = _column(self._folder, HOLDERS, entries)
        return starts, passages, _column(self._folder, COUNTS, entries)

    @functools.cached_property
    def _norms(self) -> npt.NDArray[np.float64]:
        """What of a score depends on the passage alone: k1 (1 - b + b D / avgdl)."""
        lengths = _column(self._folder, LENGTHS, self._passages).astype(np.float64)
        return np.asarray(K1 * (1 - B + B * lengths * len(lengths) / max(lengths.sum(), 1.0)))


def _places_of(wanted: Numbers, among: Column) -> npt.NDArray[np.intp]:
    """Where in ``among`` the numbers are that are in ``wanted`` too; both ascend."""
    short, long = wanted.astype(among.dtype, copy=False), among
    if len(short) > len(long):
        short, long = long, short
    if not len(short):
        return np.empty(0, np.intp)
    places = np.minimum(np.searchsorted(long, short), len(long) - 1)
    shared = np.flatnonzero(long[places] == short)
    return places[shared] if long is among else shared


def _column(folder: Path, name: str, rows: int | None = None) -> Column:
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

    def __init__(self) -> None:
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
        if len(self._terms) >= _AT_ONCE:
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
        base: Path | None,
        new_row: Numbers,
    ) -> None:
        """Write the files of ``folder``, whose catalogue knows where the ``passages`` are.

        ``new_row`` has the numbers now of the passages of the generation in ``base``, -1
        where they are gone. Raises OSError and IndexDamagedError.
        """
        self._put_down(database)
        numbers = self._numbers(database)
        there = numbers >= 0
        lengths = np.zeros(passages, np.uint32)
        lengths[numbers[there]] = np.frombuffer(self._lengths, np.uint32)[there]
        kept = _Kept(base, new_row) if base is not None else None
        if kept is not None:
            lengths[new_row[new_row >= 0]] = kept.lengths[new_row >= 0]
        runs = [_Run(*columns, numbers) for columns in self._runs]
        _write(folder / LENGTHS, lengths)
        _write(folder / STARTS, _merge(folder, self._next(database), runs, kept))

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
    """The words of the generation before."""

    def __init__(self, base: Path, new_row: Numbers) -> None:
        self.new_row = new_row
        self.starts = _column(base, STARTS)
        entries = int(self.starts[-1])
        self.passages = _column(base, HOLDERS, entries)
        self.counts = _column(base, COUNTS, entries)
        self.lengths = _column(base, LENGTHS, len(new_row))

    def run(self, first: int, last: int) -> _Run:
        """The entries of the terms first to last, the latter excluded."""
        starts = self.starts[min(first, len(self.starts) - 1) : last + 1].astype(np.int64)
        begin, end = int(starts[0]), int(starts[-1])
        terms = np.repeat(np.arange(first, first + len(starts) - 1), np.diff(starts))
        return _Run(terms, self.passages[begin:end], self.counts[begin:end], self.new_row)


def _merge(folder: Path, count: int, runs: Sequence[_Run], kept: _Kept | None) -> Numbers:
    """Write the entries of ``count`` terms, and return where those of each begin."""
    most = sum(
        (np.bincount(run.terms, minlength=count) for run in runs), np.zeros(count, np.int64)
    )
    if kept is not None:
        begun = kept.starts.astype(np.int64)
        most[: len(begun) - 1] += begun[1:] - begun[:-1]
    starts = np.zeros(count + 1, np.int64)
    total = sum(_alive(run.passages, run.numbers) for run in runs)
    total += _alive(kept.passages, kept.new_row) if kept is not None else 0
    with (
        RowFile(folder / HOLDERS, total, 1, np.uint32) as passages,
        RowFile(folder / COUNTS, total, 1, np.uint16) as counts,
    ):
        written = 0
        for first, last in _blocks(most):
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


def _blocks(most: Numbers) -> Iterator[tuple[int, int]]:
    """Ranges [first, last) of terms, of few terms and of few entries but for one term's."""
    ends = np.cumsum(most)
    first = 0
    while first < len(most):
        before = int(ends[first - 1]) if first else 0
        last = int(np.searchsorted(ends, before + _AT_ONCE, "right"))
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


def _alive(passages: Column, numbers: Numbers) -> int:
    """How many of ``passages`` are still there."""
    if not np.any(numbers < 0):
        return len(passages)
    return sum(
        int(np.count_nonzero(numbers[passages[first : first + _AT_ONCE]] >= 0))
        for first in range(0, len(passages), _AT_ONCE)
    )


def _write(path: Path, column: Column) -> None:
    with RowFile(path, len(column), 1, column.dtype) as file:
        file.write(0, column)
