"""The FAISS index type follows size, and serves only if it finds what comparing all finds."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings
from rag.errors import IndexDamagedError
from rag.index import Index
from rag.index.engines import faiss_vectors as vectors
from rag.index.engines.faiss_kinds import Among, compare_all, strategy
from rag.index.engines.faiss_vectors import (
    Kept,
    read_nearest,
    search,
    write_nearest,
)
from rag.index.generations import SearchKind, current_name
from rag.index.half_floats import HALF, Halves, to_floats
from rag.index.stored_rows import Vectors
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.types import Article, Filters
from tests.fakes import CountingEncoder, make_article, settings_for
from tests.index.held_rows import file_in

DIMENSION = 16
COUNT = 600


def _vectors(count: int, seed: int = 1) -> Vectors:
    """Unit vectors in bunches, as texts on a few subjects give them."""
    centres = np.random.default_rng(0).normal(size=(20, DIMENSION))
    chooser = np.random.default_rng(seed)
    rows = centres[chooser.integers(0, 20, count)] + 0.5 * chooser.normal(
        size=(count, DIMENSION)
    )
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit.astype(np.float32)


def _rows(count: int, seed: int = 1) -> Halves:
    """The same as they are stored."""
    return _vectors(count, seed).astype(HALF)


QUESTIONS = _vectors(200, seed=4)


@pytest.fixture
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> SearchKind:
    """A kind that a small index already takes."""
    chosen: SearchKind = request.param
    # A build chooses its engine by the settings alone, which have nothing for its sizes.
    monkeypatch.setattr(vectors, "FLAT_UP_TO", 50)
    if chosen is SearchKind.INVERTED:
        monkeypatch.setattr(vectors, "GRAPH_UP_TO", 50)
    return chosen


both = pytest.mark.parametrize("kind", [SearchKind.GRAPH, SearchKind.INVERTED], indirect=True)


def _recall(path: Path, kind: SearchKind, effort: int, rows: Halves) -> float:
    index = read_nearest(path, kind, rows)
    shared = 0
    for question in _vectors(50, seed=2):
        exact = set(np.argsort(-(to_floats(rows) @ question))[:10].tolist())
        found = search(index, kind, effort, rows, question, 10, Among())
        assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)
        shared += len(exact & {number for number, _ in found})
    return shared / 500


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, SearchKind.FLAT),
        (50_000, SearchKind.FLAT),
        (50_001, SearchKind.GRAPH),
        (200_000, SearchKind.GRAPH),
        (200_001, SearchKind.INVERTED),
    ],
)
def test_the_kind_follows_the_size(count: int, expected: SearchKind) -> None:
    assert vectors.kind_for(count) is expected


@both
def test_nearly_all_that_is_near_is_found(kind: SearchKind, tmp_path: Path) -> None:
    rows = _rows(COUNT)
    path = tmp_path / "faiss"
    chosen, effort = write_nearest(path, rows, QUESTIONS, None)
    assert chosen is kind
    assert _recall(path, kind, effort, rows) >= vectors.RECALL_WANTED
    assert strategy(kind).unlike(read_nearest(path, kind, rows), rows) == []


@both
def test_filters_hold(kind: SearchKind, tmp_path: Path) -> None:
    rows = _rows(COUNT)
    path = tmp_path / "faiss"
    _, effort = write_nearest(path, rows, QUESTIONS, None)
    allowed = np.arange(0, COUNT, 2)
    (question,) = to_floats(rows[1:2])
    index = read_nearest(path, kind, rows)
    found = search(index, kind, effort, rows, question, 10, Among(allowed))
    assert len(found) == 10
    assert all(number % 2 == 0 for number, _ in found)
    exact = compare_all(rows, question, 10, allowed)
    assert exact[0][1] == pytest.approx(float((to_floats(rows[allowed]) @ question).max()))
    assert len({number for number, _ in exact} & {number for number, _ in found}) >= 8


@both
def test_a_rebuild_takes_over_what_is_kept(
    kind: SearchKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _rows(COUNT)
    first = tmp_path / "first"
    write_nearest(first, before, QUESTIONS, None)
    # Rows 100 to 119 go, 40 come in the middle, and all after them move.
    new = _rows(40, seed=3)
    rows = np.concatenate([before[:100], before[120:300], new, before[300:]])
    new_row = np.full(COUNT, -1, np.int64)
    new_row[:100] = np.arange(100)
    new_row[120:300] = np.arange(100, 280)
    new_row[300:] = np.arange(320, 320 + 300)

    def made(*_: object) -> None:
        raise AssertionError("it was made anew")

    monkeypatch.setattr(type(strategy(kind)), "made", made)
    second = tmp_path / "second"
    chosen, effort = write_nearest(second, rows, QUESTIONS, Kept(first, kind, new_row))
    assert chosen is kind
    index = read_nearest(second, kind, rows)
    assert index.ntotal == COUNT + 40
    assert strategy(kind).unlike(index, rows) == []
    assert _recall(second, kind, effort, rows) >= vectors.RECALL_WANTED
    monkeypatch.undo()


@both
def test_too_much_that_is_gone_makes_it_anew(kind: SearchKind, tmp_path: Path) -> None:
    before = _rows(COUNT)
    first = tmp_path / "first"
    write_nearest(first, before, QUESTIONS, None)
    new_row = np.full(COUNT, -1, np.int64)
    new_row[: COUNT // 2] = np.arange(COUNT // 2)
    second = tmp_path / "second"
    rows = before[: COUNT // 2]
    write_nearest(second, rows, QUESTIONS, Kept(first, kind, new_row))
    assert read_nearest(second, kind, rows).ntotal == COUNT // 2


@both
def test_what_finds_too_little_does_not_serve(
    kind: SearchKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "RECALL_WANTED", 1.01)
    rows = _rows(COUNT)
    assert write_nearest(tmp_path / "faiss", rows, QUESTIONS, None) == (SearchKind.FLAT, 0)
    assert _recall(tmp_path / "faiss", SearchKind.FLAT, 0, rows) == 1


@both
def test_what_found_too_little_is_not_tried_at_every_build(
    kind: SearchKind, tmp_path: Path
) -> None:
    rows = _rows(COUNT)
    path = tmp_path / "faiss"
    few = Kept(path, SearchKind.FLAT, np.arange(COUNT - 10))
    assert write_nearest(path, rows, QUESTIONS, few) == (SearchKind.FLAT, 0)
    # When it grew, and when what was there was too small for it.
    for count in (COUNT // 2, 40):
        fewer = Kept(path, SearchKind.FLAT, np.arange(count))
        assert write_nearest(path, rows, QUESTIONS, fewer)[0] is kind


@both
def test_a_vector_that_is_not_there_is_told(kind: SearchKind, tmp_path: Path) -> None:
    rows = _rows(COUNT)
    path = tmp_path / "faiss"
    write_nearest(path, rows, QUESTIONS, None)
    more = np.concatenate([rows, rows[:1]])
    assert strategy(kind).unlike(read_nearest(path, kind, rows), more) == [COUNT]


def test_a_graph_that_holds_another_vector_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "FLAT_UP_TO", 50)
    rows = _rows(COUNT)
    path = tmp_path / "faiss"
    kind, _ = write_nearest(path, rows, QUESTIONS, None)
    other = rows.copy()
    # The least that half floats can tell.
    other[7, 3] = np.nextafter(other[7, 3], HALF(1))
    assert strategy(kind).unlike(read_nearest(path, kind, rows), other) == [7]


def test_where_all_are_compared_no_vector_is_written_twice(tmp_path: Path) -> None:
    rows = _rows(COUNT)
    path = tmp_path / "faiss"
    kind, effort = write_nearest(path, rows, QUESTIONS, None)
    assert list(tmp_path.iterdir()) == []
    assert _recall(path, kind, effort, rows) == 1
    (question,) = _vectors(1, seed=9)
    found = search(read_nearest(path, kind, rows), kind, effort, rows, question, COUNT, Among())
    cosines = to_floats(rows) @ question
    assert sorted(number for number, _ in found) == list(range(COUNT))
    for number, cosine in found:
        assert cosine == pytest.approx(float(cosines[number]), abs=1e-6)


@pytest.mark.parametrize("kept", [None, 0, 1 / 2, 0.9])
@both
def test_a_damaged_file_is_refused(
    kind: SearchKind, tmp_path: Path, kept: float | None
) -> None:
    chosen = settings_for(tmp_path)
    build(article_sources(_articles(60)), chosen, CountingEncoder())
    file = file_in(chosen.index / str(current_name(chosen.index)), vectors.FAISS)
    if kept is None:
        file.unlink()
    else:
        os.truncate(file, int(file.stat().st_size * kept))
    with pytest.raises(IndexDamagedError, match=f"{vectors.FAISS}.*rag build --index"):
        Index.open_current(chosen.index).search.warm_up()


def _articles(count: int) -> list[Article]:
    return [
        make_article(
            f"À {number} heures le pont numéro {number} de la ville {number % 7} rouvre.",
            f"{number:03}.txt",
            title=f"Titre {number}",
            source=f"source {number % 2}",
            date=datetime.date(2024, 1, 1) + datetime.timedelta(number),
        )
        for number in range(count)
    ]


def _nearest(chosen: Settings, filters: Filters) -> tuple[SearchKind, list[str]]:
    index = Index.open_current(chosen.index, warm=True)
    vector = CountingEncoder().embed_question("le pont numéro 12 de la ville")
    found = index.search.nearest(vector, 5, index.search.select(filters))
    stored = index.passages.read([number for number, _ in found])
    paths = [index.articles.read(one.passage.article_id).path for one in stored.values()]
    assert list(index.integrity.check_engine()) == []
    kind = max(index.segments, key=lambda one: one.passages).manifest.search
    index.close()
    return kind, paths


@both
def test_an_index_is_built_asked_and_rebuilt_with_it(kind: SearchKind, tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    articles = _articles(120)
    build(article_sources(articles), chosen, CountingEncoder())
    only = Filters(sources=frozenset({"source 1"}))
    first, paths = _nearest(chosen, Filters())
    assert (first, len(paths)) == (kind, 5)
    # One goes and one comes.
    encoder = CountingEncoder()
    build(article_sources([*articles[:50], *articles[51:]]), chosen, encoder)
    assert encoder.passages == []
    second, paths = _nearest(chosen, only)
    assert (second, len(paths)) == (kind, 5)
    assert all(int(path[:3]) % 2 for path in paths)
    assert "050.txt" not in paths


def test_one_question_takes_one_core_and_gives_the_others_back(tmp_path: Path) -> None:
    import faiss

    rows = _rows(COUNT)
    kind, effort = write_nearest(tmp_path / "faiss", rows, QUESTIONS, None)
    index = read_nearest(tmp_path / "faiss", kind, rows)
    (question,) = to_floats(rows[5:6])
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    seen: list[int] = []

    class Watched:
        ntotal = COUNT

        def search(self, *given: object, **named: object) -> object:
            seen.append(faiss.omp_get_max_threads())
            return index.search(*given, **named)

    try:
        ((found, _),) = search(Watched(), kind, effort, rows, question, 1, Among())
        assert found == 5
        assert seen == [1]
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(threads)


def test_where_few_are_allowed_they_are_looked_for_once(tmp_path: Path) -> None:
    rows = _rows(COUNT)
    kind, effort = write_nearest(tmp_path / "faiss", rows, QUESTIONS, None)
    index = read_nearest(tmp_path / "faiss", kind, rows)
    searches: list[object] = []

    class Watched:
        ntotal = COUNT

        def search(self, *given: object, **named: object) -> object:
            searches.append(given)
            return index.search(*given, **named)

    among = Among(np.arange(3))
    found = search(Watched(), kind, effort, rows, QUESTIONS[0], 10, among)
    assert {number for number, _ in found} == {0, 1, 2}
    assert len(searches) == 1
