"""The journal of a build: what an interrupted one embedded."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from rag.errors import IndexDamagedError
from rag.index import Journal
from rag.index.half_floats import HALF, Halves


def vectors_of(*firsts: int) -> dict[bytes, Halves]:
    return {str(first).encode(): np.array([first, 1 / 3], HALF) for first in firsts}


def test_the_journal_keeps_what_an_interrupted_build_embedded(tmp_path: Path) -> None:
    def interrupted() -> None:
        with Journal(tmp_path) as journal:
            journal.add(vectors_of(1, 2))
            journal.add(vectors_of(3))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with Journal(tmp_path) as journal:
        found = journal.find([b"1", b"3", b"none"])
    assert found.keys() == {b"1", b"3"}
    for key, vector in vectors_of(1, 3).items():
        np.testing.assert_array_equal(found[key], vector)


def test_the_journal_of_a_finished_build_is_gone(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add(vectors_of(1))
    assert list(tmp_path.iterdir()) == []
    with Journal(tmp_path) as journal:
        assert journal.find([b"1"]) == {}


def test_floats_that_a_version_before_left_are_rounded(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.sqlite")) as left, left:
        left.execute("CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
        floats = np.array([1, 1 / 3], "<f4")
        left.execute("INSERT INTO vectors VALUES (?, ?)", (b"1", floats.tobytes()))
    with Journal(tmp_path) as journal:
        journal.add(vectors_of(2))
        assert list(journal.holds([b"1", b"2", b"3"])) == [True, True, False]
        for key, vector in vectors_of(1, 2).items():
            np.testing.assert_array_equal(journal.find([key])[key], vector)


def test_a_damaged_journal_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no database " * 100)
    with pytest.raises(IndexDamagedError, match="delete it and build again"):
        Journal(tmp_path)
