"""Who reads the catalogue waits for nobody else who does."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.answering.retrieve import Found, retrieve
from rag.errors import IndexDamagedError
from rag.index import Index
from rag.index.catalogue import Catalogue
from rag.index.row_files import RowFile, RowReader, mapped_rows
from rag.ingest.folder import article_sources
from rag.language.analysis import terms
from rag.library.build import build
from rag.types import Filters
from tests.fakes import CountingEncoder, make_article, settings_for

THREADS = 4
# Only a test that fails waits so long.
PATIENCE = 30.0
QUESTIONS = [f"le pont numéro {number} de la ville {number % 7}" for number in range(24)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index's only segment."""
    chosen = settings_for(tmp_path_factory.mktemp("index"))
    articles = [
        make_article(
            f"Le pont numéro {number} rouvre. La ville {number % 7} en est heureuse.",
            f"{number:02}.txt",
            title=f"Titre {number}",
        )
        for number in range(30)
    ]
    build(article_sources(articles), chosen, CountingEncoder())
    (segment,) = (chosen.index / "segments").iterdir()
    return segment


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    opened = Index.open_current(folder.parents[1])
    yield opened
    opened.close()


def _retrieved(index: Index, question: str) -> tuple[Found, ...]:
    vector = CountingEncoder().embed_question(question)
    return retrieve(index, vector, terms(question), Filters())


def test_several_read_at_once(folder: Path) -> None:
    catalogue = Catalogue(folder)
    together = threading.Barrier(THREADS, timeout=PATIENCE)
    with ThreadPoolExecutor(THREADS) as threads:
        # Each reads while all others do.
        reading = [
            threads.submit(catalogue.read, lambda _: together.wait()) for _ in range(THREADS)
        ]
        assert sorted(one.result(PATIENCE) for one in reading) == list(range(THREADS))
    catalogue.close()


def test_what_several_find_is_what_one_finds(index: Index) -> None:
    alone = [_retrieved(index, question) for question in QUESTIONS]
    with ThreadPoolExecutor(THREADS) as threads:
        together = list(threads.map(lambda question: _retrieved(index, question), QUESTIONS))
    assert together == alone


def test_all_hits_are_one_look_into_the_catalogue(index: Index) -> None:
    seen: list[str] = []
    (segment,) = index.segments
    segment.catalogue.read(lambda database: database.set_trace_callback(seen.append))
    passages = index.passages
    numbers = list(range(index.manifest.passages))[::-1]
    found = passages.read(numbers)
    assert len(seen) == 1
    assert list(found) == numbers
    assert all(number == stored.number for number, stored in found.items())
    assert list(found.values()) == sorted(passages.every(), key=lambda one: -one.number)


def test_what_is_open_is_read_when_its_folder_is_gone(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "generation"
    shutil.copytree(folder, own)
    catalogue = Catalogue(own)
    shutil.rmtree(own)
    begun, let_go = threading.Event(), threading.Event()

    def hold(_: object) -> bool:
        begun.set()
        return let_go.wait(PATIENCE)

    with ThreadPoolExecutor(2) as threads:
        holding = threads.submit(catalogue.read, hold)
        assert begun.wait(PATIENCE)
        # No other can be opened: it waits for the one there is.
        counting = threads.submit(catalogue.rows, "SELECT count(*) FROM articles")
        let_go.set()
        assert holding.result(PATIENCE)
        assert counting.result(PATIENCE) == [(30,)]
    catalogue.close()


def test_closing_waits_for_nobody_and_leaves_nothing_open(folder: Path) -> None:
    catalogue = Catalogue(folder)

    def close_while_reading(database: object) -> object:
        catalogue.close()
        return database

    database = catalogue.read(close_while_reading)
    with pytest.raises(IndexDamagedError, match="closed"):
        catalogue.rows("SELECT 1")
    with pytest.raises(Exception, match="closed database"):
        database.execute("SELECT 1")  # type: ignore[attr-defined]


@pytest.mark.parametrize("most_mapped", [0, 1 << 20, 1 << 30])
def test_rows_are_the_same_whenever_they_are_let_go(tmp_path: Path, most_mapped: int) -> None:
    rows = np.random.default_rng(1).normal(size=(5_000, 96)).astype(np.float32)
    with RowFile(tmp_path / "rows.npy", 5_000, 96, np.float32) as file:
        file.write(0, rows)
    reader = RowReader(mapped_rows(tmp_path / "rows.npy", (5_000, 96), np.float32), most_mapped)
    chooser = np.random.default_rng(2)
    for _ in range(20):
        numbers = chooser.integers(0, 5_000, 50)
        np.testing.assert_array_equal(reader.read(numbers), rows[numbers])
