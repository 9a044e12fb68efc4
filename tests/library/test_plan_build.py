"""A plan tells by hashes what is kept; what is read comes an article at a time."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator

import pytest

from rag.errors import ArticleError, Code, Problem
from rag.ingest.folder import Source
from rag.library.plan_build import (
    Action,
    Add,
    Change,
    Drop,
    Keep,
    KeepRead,
    Known,
    LeaveOut,
    Replace,
    Tally,
    changes,
    plan_build,
)
from rag.progress import Silent
from rag.types import Article, BrokenFile
from tests.fakes import make_article

BROKEN = BrokenFile("archive.zip/image.txt", Problem.of(Code.BINARY))
TO_COME = Problem.of(Code.DATE_TO_COME, date="2999-01-01")


def article(path: str, file_hash: str, text: str = "Le pont est fermé.") -> Article:
    return dataclasses.replace(make_article(text, path), file_hash=file_hash)


def refuse() -> Iterable[Article]:
    raise AssertionError("a file was read")


def source(
    path: str, file_hash: str, read: Callable[[], Iterable[Article | BrokenFile]] = refuse
) -> Source:
    return Source(path, file_hash, read)


KNOWN = Known(
    {
        "archive.zip/a.txt": "1",
        "archive.zip/b.txt": "1",
        "gone.txt": "2",
        "new.txt": "3",
        "same.txt": "4",
    },
    [(BROKEN, "1"), (BrokenFile("same.txt", TO_COME), "4")],
)


def test_a_plan_reads_no_file() -> None:
    sources = [
        source("archive.zip", "1"),
        source("new.txt", "5"),
        source("newer.txt", "6"),
        source("same.txt", "4"),
    ]
    plan = plan_build(sources, [BrokenFile("pipe.txt", Problem.of(Code.NOT_REGULAR))], KNOWN)
    assert plan.paths(Action.KEEP) == ["archive.zip"]
    assert plan.files[0].articles == ("archive.zip/a.txt", "archive.zip/b.txt")
    assert plan.files[0].left_out == ((BROKEN, "1"),)
    # What was wrong with a file itself may be gone.
    assert plan.paths(Action.REPLACE) == ["new.txt", "same.txt"]
    assert plan.paths(Action.ADD) == ["newer.txt"]
    assert plan.drop == ("gone.txt",)
    everything = plan_build(sources, (), KNOWN, read_all=True)
    assert everything.paths(Action.KEEP) == []
    assert everything.paths(Action.REPLACE) == ["archive.zip", "new.txt", "same.txt"]


def test_a_file_of_which_only_a_part_is_of_its_hash_is_read() -> None:
    known = Known({"archive.zip/a.txt": "1", "archive.zip/b.txt": "2"}, ())
    plan = plan_build([source("archive.zip", "2")], (), known)
    assert plan.paths(Action.REPLACE) == ["archive.zip"]


def told(sources: list[Source], known: Known, stored: dict[str, Article]) -> list[Change]:
    plan = plan_build(sources, (), known)
    return list(changes(plan, stored.__getitem__, Silent()))


def test_what_is_read_is_compared_with_what_is_stored() -> None:
    stored = {path: article(path, found) for path, found in KNOWN.hashes.items()}
    another = article("new.txt", "5", "Le pont est ouvert.")
    again = article("same.txt", "7")
    new = article("zip.zip/c.txt", "8")
    empty = BrokenFile("zip.zip/d.txt", Problem.of(Code.EMPTY))
    sources = [
        source("archive.zip", "1"),
        source("new.txt", "5", lambda: [another]),
        source("same.txt", "7", lambda: [again]),
        source("zip.zip", "8", lambda: [new, empty, new]),
    ]
    found = told(sources, KNOWN, stored)
    twice = found[-2]
    assert found == [
        Keep("archive.zip/a.txt"),
        Keep("archive.zip/b.txt"),
        LeaveOut((BROKEN, "1")),
        Replace(another),
        KeepRead(again, is_rehashed=True),
        Add(new),
        LeaveOut((empty, "8")),
        twice,
        Drop("gone.txt"),
    ]
    assert isinstance(twice, LeaveOut)
    assert "another article has this name" in twice.left_out[0].reason
    tally = Tally()
    for change in found:
        tally.count(change)
    assert (tally.added, tally.changed, tally.removed, tally.unchanged) == (1, 1, 1, 3)
    assert (tally.articles, tally.is_idle) == (5, False)
    paths = [file.path for file, _ in tally.left_out()]
    assert paths == ["archive.zip/image.txt", "zip.zip/c.txt", "zip.zip/d.txt"]


def test_articles_that_a_file_no_longer_holds_are_dropped() -> None:
    known = Known({"a.zip/1.txt": "1", "a.zip/2.txt": "1"}, ())
    first = article("a.zip/1.txt", "1")
    read = [dataclasses.replace(first, file_hash="2")]
    found = told([source("a.zip", "2", lambda: read)], known, {"a.zip/1.txt": first})
    assert found == [KeepRead(read[0], is_rehashed=True), Drop("a.zip/2.txt")]


def test_the_same_articles_are_no_work() -> None:
    stored = {"same.txt": article("same.txt", "4")}
    known = Known({"same.txt": "4"}, [(BrokenFile("same.txt", TO_COME), "4")])
    found = told([source("same.txt", "4", lambda: stored.values())], known, stored)
    assert found == [KeepRead(stored["same.txt"], is_rehashed=False)]
    tally = Tally()
    tally.count(found[0])
    assert tally.is_idle


@pytest.mark.parametrize(
    "error", [ArticleError(Problem.of(Code.EMPTY)), RecursionError("too deep")]
)
def test_one_file_ends_no_build(error: Exception) -> None:
    first = article("a.txt", "1")

    def failing() -> Iterator[Article]:
        yield first
        raise error

    found = told([source("a.txt", "1", failing)], Known({}, ()), {})
    assert found[0] == Add(first)
    assert isinstance(found[1], LeaveOut)
    assert found[1].left_out[0].path == "a.txt"


def test_no_more_than_one_article_is_held() -> None:
    read: list[str] = []

    def reading(path: str) -> Iterator[Article]:
        for number in range(2):
            read.append(path)
            yield article(f"{path}/{number}.txt", "1")

    sources = [
        source(path, "1", functools.partial(reading, path)) for path in ("a.zip", "b.zip")
    ]
    plan = plan_build(sources, (), Known({}, ()))
    stream = changes(plan, lambda path: article(path, "1"), Silent())
    assert read == []
    for count in range(1, 5):
        assert isinstance(next(stream), Add)
        assert len(read) == count
    assert list(stream) == []
    assert read == ["a.zip", "a.zip", "b.zip", "b.zip"]
