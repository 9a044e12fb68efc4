"""Words in mapped files: the scores of SQLite's FTS5, whatever was merged and skipped."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import IndexDamagedError
from rag.index.bm25 import idf
from rag.index.catalogue import CATALOGUE, Catalogue
from rag.index.engine import Corpus as Whole
from rag.index.engine import Merged
from rag.index.engines.word_files import COUNTS, FILES, LENGTHS, SCHEMA, STARTS
from rag.index.engines.word_search import Words
from rag.index.engines.word_writer import WordsWriter
from rag.index.segments import SegmentManifest
from tests.examples import examples

TERMS = [f"terme{number}" for number in range(12)]
# The first are in most passages, the last in few.
passages = st.lists(
    st.integers(0, 143).map(lambda number: TERMS[int(number**0.5)]), min_size=1, max_size=9
)
corpora = st.lists(passages, min_size=1, max_size=40)
asked = st.lists(st.sampled_from([*TERMS, "absent"]), min_size=1, max_size=6)
Corpus = Sequence[Sequence[str]]
Numbers = npt.NDArray[np.int64]
NOTHING = np.empty(0, np.int64)
DESCRIBED = SegmentManifest(
    segment="one", dimension=1, articles=1, passages=1, sentences=1, files={}
)


def _write(
    folder: Path,
    articles: dict[int, Corpus],
    merged: Sequence[tuple[Path, Sequence[int]]] = (),
) -> None:
    """Write words of articles, by row, in that order.

    Those of the segments ``merged`` are taken over from there, each with the rows that its
    own had, one after the other.
    """
    folder.mkdir(parents=True)
    database = sqlite3.connect(folder / CATALOGUE, isolation_level=None)
    database.execute("CREATE TABLE places (article INTEGER, first_passage INTEGER)")
    database.executescript(SCHEMA)
    firsts = dict(zip(articles, np.cumsum([0, *map(len, articles.values())]), strict=False))
    kept = [Merged(other, DESCRIBED, _moved(other, rows, firsts)) for other, rows in merged]
    writer = WordsWriter(at_once=7)
    for row in () if merged else articles:
        writer.add(database, row, articles[row])
    for row, first in firsts.items():
        database.execute("INSERT INTO places VALUES (?, ?)", (row, int(first)))
    writer.complete(database, folder, sum(map(len, articles.values())), kept)
    database.close()


def _moved(folder: Path, rows: Sequence[int], firsts: dict[int, int]) -> Numbers:
    """Where the passages of a segment's articles are now, -1 for those that are nowhere."""
    new_row = np.full(len(np.load(folder / LENGTHS)), -1, np.int64)
    with contextlib.closing(sqlite3.connect(folder / CATALOGUE)) as database:
        begins = [first for (first,) in database.execute("SELECT first_passage FROM places")]
    for row, begin, end in zip(rows, begins, [*begins[1:], len(new_row)], strict=True):
        if row in firsts:
            new_row[begin:end] = firsts[row] + np.arange(end - begin)
    return new_row


def _found(
    folder: Path, corpus: Corpus, question: Sequence[str], count: int, allowed: list[int] | None
) -> list[tuple[int, float]]:
    catalogue = Catalogue(folder)
    searched = Words(folder, len(corpus), catalogue, NOTHING)
    found = _searched(searched, len(corpus), question, count, allowed)
    catalogue.close()
    return found


def _searched(
    words: Words, passages: int, question: Sequence[str], count: int, allowed: list[int] | None
) -> list[tuple[int, float]]:
    """What a search finds where so many passages are all there are."""
    numbers = None if allowed is None else np.array(allowed, np.int64)
    held = words.holding(question)
    weights = {term: idf(count, passages) for term, count in held.items() if count}
    return words.matching(weights, Whole(passages, words.occurrences()), count, numbers)


def _by_fts5(corpus: Corpus, question: Sequence[str], among: list[int]) -> dict[int, float]:
    """The scores of an independent implementation."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE held USING fts5(body)")
    database.executemany(
        "INSERT INTO held (rowid, body) VALUES (?, ?)",
        [(number, " ".join(terms)) for number, terms in enumerate(corpus)],
    )
    query = " OR ".join(f'"{term}"' for term in dict.fromkeys(question))
    rows = database.execute(
        "SELECT rowid, -bm25(held) FROM held WHERE held MATCH ?", (query,)
    ).fetchall()
    database.close()
    return {number: score for number, score in rows if number in among}


def _agree(found: list[tuple[int, float]], scores: dict[int, float], count: int) -> None:
    assert len(found) == min(count, len(scores))
    assert dict(found) == pytest.approx(
        {number: scores[number] for number, _ in found}, rel=1e-9
    )
    best = sorted(scores.values(), reverse=True)[: len(found)]
    assert [score for _, score in found] == pytest.approx(best, rel=1e-9)
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(2 / 5))
@given(corpora, asked, st.integers(1, 12), st.data())
def test_scores_are_those_of_fts5(
    tmp_path_factory: pytest.TempPathFactory,
    corpus: Corpus,
    question: list[str],
    count: int,
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("words") / "one"
    _write(folder, {1: corpus})
    among = data.draw(st.none() | st.sets(st.sampled_from(range(len(corpus)))).map(sorted))
    allowed = list(range(len(corpus))) if among is None else among
    found = _found(folder, corpus, question, count, among)
    _agree(found, _by_fts5(corpus, question, allowed), count)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(2 / 5))
@given(st.lists(st.lists(corpora, min_size=1, max_size=3), min_size=1, max_size=3), st.data())
def test_what_is_merged_is_as_if_it_were_new(
    tmp_path_factory: pytest.TempPathFactory,
    segments: list[list[Corpus]],
    data: st.DataObject,
) -> None:
    place = tmp_path_factory.mktemp("words")
    numbered = itertools.count()
    held = [{next(numbered): corpus for corpus in corpora} for corpora in segments]
    for number, articles in enumerate(held):
        _write(place / str(number), articles)
    every = {row: corpus for articles in held for row, corpus in articles.items()}
    gone = data.draw(st.sets(st.sampled_from(sorted(every))))
    order = data.draw(st.permutations([row for row in every if row not in gone]))
    there = {row: every[row] for row in order}
    _write(
        place / "merged",
        there,
        [(place / str(number), list(articles)) for number, articles in enumerate(held)],
    )
    corpus = [terms for row in order for terms in every[row]]
    question = data.draw(asked)
    found = _found(place / "merged", corpus, question, 10, None)
    _agree(found, _by_fts5(corpus, question, list(range(len(corpus)))), 10)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(2 / 5))
@given(corpora, asked, st.data())
def test_what_is_gone_is_neither_found_nor_counted(
    tmp_path_factory: pytest.TempPathFactory,
    corpus: Corpus,
    question: list[str],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("words") / "one"
    _write(folder, {1: corpus})
    gone = sorted(data.draw(st.sets(st.sampled_from(range(len(corpus))))))
    there = [number for number in range(len(corpus)) if number not in gone]
    catalogue = Catalogue(folder)
    searched = Words(folder, len(corpus), catalogue, np.array(gone, np.int64))
    found = _searched(searched, len(there), question, 10, None)
    catalogue.close()
    left = [corpus[number] for number in there]
    scores = _by_fts5(left, question, list(range(len(left))))
    _agree(found, {there[number]: score for number, score in scores.items()}, 10)


def test_common_terms_are_looked_up_only_for_what_rare_ones_found(tmp_path: Path) -> None:
    corpus = [["rare", "commun"]] * 5 + [["commun", "autre"]] * 45 + [["autre"]] * 60
    _write(tmp_path / "one", {1: corpus})
    found = _found(tmp_path / "one", corpus, ["commun", "rare"], 5, None)
    _agree(found, _by_fts5(corpus, ["commun", "rare"], list(range(len(corpus)))), 5)
    assert [number for number, _ in found] == [0, 1, 2, 3, 4]


def test_how_many_passages_hold_a_term(tmp_path: Path) -> None:
    corpus = [["pont", "pont"], ["pont", "gare"], ["mairie"]]
    _write(tmp_path / "one", {1: corpus})
    catalogue = Catalogue(tmp_path / "one")
    held = Words(tmp_path / "one", 3, catalogue, NOTHING)
    assert held.holding(["pont", "gare", "quai"]) == {"pont": 2, "gare": 1, "quai": 0}
    catalogue.close()


def test_a_term_may_occur_more_often_than_a_count_can_tell(tmp_path: Path) -> None:
    corpus = [["pont"] * 70_000, ["gare"], ["quai"]]
    _write(tmp_path / "one", {1: corpus})
    (found,) = _found(tmp_path / "one", corpus, ["pont"], 5, None)
    assert np.load(tmp_path / "one" / COUNTS).max() == 65_535
    assert found[1] == pytest.approx(_by_fts5(corpus, ["pont"], [0])[0], rel=1e-4)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_told(tmp_path: Path, name: str) -> None:
    corpus = [["pont"], ["gare"]]
    _write(tmp_path / "one", {1: corpus})
    file = tmp_path / "one" / name
    whole = file.read_bytes()
    for damage in (whole[: len(whole) // 2], whole.replace(b", 1)", b", 2)", 1)):
        file.write_bytes(damage)
        with pytest.raises(IndexDamagedError, match=name.replace(".", r"\.")):
            _found(tmp_path / "one", corpus, ["pont"], 5, None)


def test_an_empty_segment_holds_no_words(tmp_path: Path) -> None:
    _write(tmp_path / "one", {})
    assert np.load(tmp_path / "one" / STARTS).tolist() == [[0]]
    assert _found(tmp_path / "one", [], ["pont"], 5, None) == []
