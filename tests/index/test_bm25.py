"""Words in mapped files: the scores of SQLite's FTS5, whatever was merged and skipped."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import IndexDamagedError
from rag.index.catalogue import CATALOGUE, Catalogue
from rag.index.engines.word_files import COUNTS, FILES, LENGTHS, SCHEMA, STARTS
from rag.index.engines.word_search import Words
from rag.index.engines.word_writer import WordsWriter
from tests.examples import examples

TERMS = [f"terme{number}" for number in range(12)]
# The first are in most passages, the last in few.
passages = st.lists(
    st.integers(0, 143).map(lambda number: TERMS[int(number**0.5)]), min_size=1, max_size=9
)
corpora = st.lists(passages, min_size=1, max_size=40)
asked = st.lists(st.sampled_from([*TERMS, "absent"]), min_size=1, max_size=6)
Corpus = Sequence[Sequence[str]]


def _write(
    folder: Path,
    articles: dict[int, Corpus],
    new: Sequence[int],
    base: Path | None = None,
    writer: WordsWriter | None = None,
) -> None:
    """Write words of articles, by row, in that order; those not ``new`` are in ``base``."""
    folder.mkdir(parents=True)
    database = sqlite3.connect(folder / CATALOGUE, isolation_level=None)
    database.execute("CREATE TABLE places (article INTEGER, first_passage INTEGER)")
    database.executescript(SCHEMA)
    new_row = np.empty(0, np.int64)
    if base is not None:
        database.execute("ATTACH ? AS base", (str(base / CATALOGUE),))
        database.execute("INSERT INTO terms SELECT * FROM base.terms")
    firsts = dict(zip(articles, np.cumsum([0, *map(len, articles.values())]), strict=False))
    if base is not None:
        before = database.execute("SELECT * FROM base.places ORDER BY 2").fetchall()
        new_row = np.full(len(np.load(base / LENGTHS)), -1, np.int64)
        for row, first in before:
            if row in articles:
                count = len(articles[row])
                new_row[first : first + count] = firsts[row] + np.arange(count)
    writer = writer or WordsWriter()
    for row in new:
        writer.add(database, row, articles.get(row, [["terme0", "oublié"]]))
    for row, first in firsts.items():
        database.execute("INSERT INTO places VALUES (?, ?)", (row, int(first)))
    writer.complete(database, folder, sum(map(len, articles.values())), base, new_row)
    database.close()


def _found(
    folder: Path, corpus: Corpus, question: Sequence[str], count: int, allowed: list[int] | None
) -> list[tuple[int, float]]:
    catalogue = Catalogue(folder)
    searched = Words(folder, len(corpus), catalogue)
    numbers = None if allowed is None else np.array(allowed, np.int64)
    found = searched.matching(question, count, numbers)
    catalogue.close()
    return found


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
    _write(folder, {1: corpus}, [1])
    among = data.draw(st.none() | st.sets(st.sampled_from(range(len(corpus)))).map(sorted))
    allowed = list(range(len(corpus))) if among is None else among
    found = _found(folder, corpus, question, count, among)
    _agree(found, _by_fts5(corpus, question, allowed), count)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(2 / 5))
@given(st.dictionaries(st.integers(1, 8), corpora, min_size=1), st.data(), asked)
def test_what_is_taken_over_is_as_if_it_were_new(
    tmp_path_factory: pytest.TempPathFactory,
    articles: dict[int, Corpus],
    data: st.DataObject,
    question: list[str],
) -> None:
    place = tmp_path_factory.mktemp("words")
    # Article 9 goes, and is taken up again only to go before the end.
    _write(place / "one", {9: [["terme1", "terme3"]], **articles}, [*articles, 9])
    kept = data.draw(st.sets(st.sampled_from(sorted(articles))))
    # What is kept keeps its order; what is new may come anywhere.
    order = data.draw(st.permutations([row + 10 for row in articles if row not in kept]))
    after = {row: articles[row] for row in articles if row in kept}
    rows = [*order[:2], *after, *order[2:]]
    both = {row: articles[row] if row in after else articles[row - 10] for row in rows}
    _write(place / "two", both, [*order, 99], place / "one", WordsWriter(at_once=7))
    corpus = [terms for row in rows for terms in both[row]]
    found = _found(place / "two", corpus, question, 10, None)
    _agree(found, _by_fts5(corpus, question, list(range(len(corpus)))), 10)


def test_common_terms_are_looked_up_only_for_what_rare_ones_found(tmp_path: Path) -> None:
    corpus = [["rare", "commun"]] * 5 + [["commun", "autre"]] * 45 + [["autre"]] * 60
    _write(tmp_path / "one", {1: corpus}, [1])
    found = _found(tmp_path / "one", corpus, ["commun", "rare"], 5, None)
    _agree(found, _by_fts5(corpus, ["commun", "rare"], list(range(len(corpus)))), 5)
    assert [number for number, _ in found] == [0, 1, 2, 3, 4]


def test_how_many_passages_hold_a_term(tmp_path: Path) -> None:
    corpus = [["pont", "pont"], ["pont", "gare"], ["mairie"]]
    _write(tmp_path / "one", {1: corpus}, [1])
    catalogue = Catalogue(tmp_path / "one")
    held = Words(tmp_path / "one", 3, catalogue)
    assert held.holding(["pont", "gare", "quai"]) == {"pont": 2, "gare": 1, "quai": 0}
    catalogue.close()


def test_a_term_may_occur_more_often_than_a_count_can_tell(tmp_path: Path) -> None:
    corpus = [["pont"] * 70_000, ["gare"], ["quai"]]
    _write(tmp_path / "one", {1: corpus}, [1])
    (found,) = _found(tmp_path / "one", corpus, ["pont"], 5, None)
    assert np.load(tmp_path / "one" / COUNTS).max() == 65_535
    assert found[1] == pytest.approx(_by_fts5(corpus, ["pont"], [0])[0], rel=1e-4)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_told(tmp_path: Path, name: str) -> None:
    corpus = [["pont"], ["gare"]]
    _write(tmp_path / "one", {1: corpus}, [1])
    file = tmp_path / "one" / name
    whole = file.read_bytes()
    for damage in (whole[: len(whole) // 2], whole.replace(b", 1)", b", 2)", 1)):
        file.write_bytes(damage)
        with pytest.raises(IndexDamagedError, match=name.replace(".", r"\.")):
            _found(tmp_path / "one", corpus, ["pont"], 5, None)


def test_an_empty_generation_holds_no_words(tmp_path: Path) -> None:
    _write(tmp_path / "one", {}, [])
    assert np.load(tmp_path / "one" / STARTS).tolist() == [[0]]
    assert _found(tmp_path / "one", [], ["pont"], 5, None) == []
