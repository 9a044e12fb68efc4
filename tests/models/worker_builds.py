"""Folders built by several processes, and what is left of processes."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rag.config import Settings
from rag.index import Index
from rag.index.vector_journal import JOURNAL
from rag.library.build import build_folder
from rag.models.workers.processes import Processes
from tests.fakes import CountingEncoder, NotingEncoder, settings_for, write_article
from tests.library import killed_builder

PATIENCE = 60


# A small folder makes many batches.
build_in_steps = functools.partial(build_folder, steps=killed_builder.STEPS)


def processes(
    notes: Path,
    count: int = 2,
    announce: Callable[[str], None] = lambda said: None,
    fingerprint: str = "counting@1",
) -> Processes:
    return Processes(count, functools.partial(NotingEncoder, notes), fingerprint, announce)


def write_many(folder: Path, extra: str = "") -> None:
    """Articles of some thirty different texts."""
    for number in range(8):
        write_article(
            folder,
            f"{number}.txt",
            f"Le pont {number} rouvre. La commune {number} a payé. Une crue {number} passe.",
        )
    if extra:
        write_article(folder, "extra.txt", f"Le pêcheur {extra} au bord de l’eau.")


def same_index(one: Path, other: Path) -> None:
    """Both serve the same vectors, keys and articles."""
    first, second = Index.open_current(one), Index.open_current(other)
    for name in ("passages", "sentences", "passage_keys", "sentence_keys"):
        held, expected = (
            np.concatenate([getattr(segment.rows, name) for segment in index.segments])
            for index in (first, second)
        )
        np.testing.assert_array_equal(held, expected)
    assert list(first.articles.every()) == list(second.articles.every())
    assert list(second.integrity.check_files()) == []
    first.close()
    second.close()


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # A child of a killed process may be left to be reaped.
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def build_alone(tmp_path: Path, folder: Path) -> Settings:
    """The same folder, built by one process into an index of its own."""
    alone = settings_for(tmp_path, articles=folder, index=tmp_path / "alone")
    build_folder(alone, CountingEncoder())
    return alone


def journaled(chosen: Settings) -> int:
    """How many vectors the journal keeps."""
    with contextlib.closing(sqlite3.connect(chosen.index / JOURNAL)) as database:
        (count,) = database.execute("SELECT count(*) FROM halves").fetchone()
    return int(count)
