"""Files of several articles, built again: what is new in them is embedded alone."""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.config import Settings
from rag.index import Index
from rag.ingest import read_articles
from rag.library.build import build_folder
from rag.library.build_summary import BuildSummary
from rag.library.verify_index import verify
from rag.types import Article, BrokenFile
from tests.fakes import CountingEncoder
from tests.ingest.format_files import (
    MORE_PROSE,
    PROSE,
    json_lines,
    mail_with,
    packed,
    rss,
)
from tests.ingest.reading_files import entries, read_written, write_file


def _build(chosen: Settings) -> tuple[BuildSummary, list[str]]:
    encoder = CountingEncoder()
    return build_folder(chosen, encoder), encoder.passages


def _changes(summary: BuildSummary) -> tuple[int, int, int, int]:
    return summary.added, summary.changed, summary.removed, summary.unchanged


_MAKERS: list[tuple[str, Callable[..., bytes | str]]] = [
    ("flux.rss", lambda *numbers: rss(entries(*numbers))),
    ("liste.jsonl", lambda *numbers: json_lines(entries(*numbers))),
    ("liste.json", lambda *numbers: json.dumps(entries(*numbers))),
    (
        "liste.csv",
        lambda *numbers: (
            "title,description\n"
            + "".join(f"{one['title']},{one['description']}\n" for one in entries(*numbers))
        ),
    ),
    (
        "a.zip",
        lambda *numbers: packed({f"{n}.txt": f"Le village {n} a fêté." for n in numbers}),
    ),
    (
        "a.eml",
        lambda *numbers: mail_with(
            *((f"{n}.txt", f"Le village {n} a fêté.".encode()) for n in numbers)
        ),
    ),
]


@pytest.mark.parametrize(("name", "made"), _MAKERS, ids=[name for name, _ in _MAKERS])
def test_what_is_new_in_a_file_is_counted_and_embedded_alone(
    chosen: Settings, name: str, made: Callable[..., bytes | str]
) -> None:
    write_file(chosen.articles, name, made(1, 2, 3))
    summary, _ = _build(chosen)
    assert _changes(summary) == (3, 0, 0, 0)

    write_file(chosen.articles, name, made(4, 1, 2, 3))
    summary, embedded = _build(chosen)
    assert _changes(summary) == (1, 0, 0, 3)
    assert embedded
    assert all("village 4" in text for text in embedded)

    write_file(chosen.articles, name, made(4, 3, 1))
    summary, embedded = _build(chosen)
    assert (_changes(summary), embedded) == ((0, 0, 1, 3), [])
    # Another order is another file with the same articles.
    write_file(chosen.articles, name, made(1, 3, 4))
    summary, embedded = _build(chosen)
    assert (_changes(summary), embedded, summary.written) == ((0, 0, 0, 3), [], True)
    assert not _build(chosen)[0].written
    index = Index.open_current(chosen.index)
    assert verify(index, chosen, CountingEncoder()).problems == ()
    index.close()

    (chosen.articles / name).unlink()
    summary, _ = _build(chosen)
    assert _changes(summary) == (0, 0, 3, 0)


def test_an_article_corrected_in_a_feed_is_one_change(chosen: Settings) -> None:
    made = entries(1, 2)
    write_file(chosen.articles, "flux.rss", rss(made))
    _build(chosen)
    made[1]["description"] = "Le village 2 a annulé sa fête."
    write_file(chosen.articles, "flux.rss", rss(made))
    summary, embedded = _build(chosen)
    assert _changes(summary) == (0, 1, 0, 1)
    assert all("annulé" in text for text in embedded)


def test_an_unchanged_file_of_several_is_not_read_again(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file(chosen.articles, "a.zip", packed({"a.txt": PROSE, "b.txt": ""}))
    first, _ = _build(chosen)
    assert [file.path for file in first.broken] == ["a.zip/b.txt"]

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("rag.ingest.folder.read_articles", refuse)
    summary, _ = _build(chosen)
    assert not summary.written
    assert (_changes(summary), summary.broken) == ((0, 0, 0, 1), first.broken)
    write_file(chosen.articles, "neuf.txt", MORE_PROSE)
    summary, _ = _build(chosen)
    assert [file.path for file in summary.broken] == ["a.zip/b.txt", "neuf.txt"]
    assert _changes(summary) == (0, 0, 0, 1)


def test_other_limits_and_names_read_files_again(chosen: Settings) -> None:
    write_file(chosen.articles, "a.csv", f'text,brut\nCourt.,"{PROSE}"\n')
    write_file(chosen.articles, "b.zip", packed({"a.txt": PROSE * 10, "b.txt": MORE_PROSE}))
    small = chosen.model_copy(update={"max_file_bytes": 1_000})
    summary, _ = _build(small)
    assert [file.path for file in summary.broken] == ["b.zip/a.txt"]
    summary, _ = _build(chosen)
    assert (_changes(summary), summary.broken) == ((1, 0, 0, 2), ())
    named = chosen.model_copy(update={"field_names": {"text": ["Brut"]}})
    summary, _ = _build(named)
    assert _changes(summary) == (1, 0, 1, 2)
    index = Index.open_current(chosen.index)
    assert PROSE in [article.text for article in index.articles.every()]
    index.close()
    assert not _build(named)[0].written


def test_a_file_that_takes_the_place_of_a_folder(chosen: Settings) -> None:
    write_file(chosen.articles, "a.zip/a.txt", PROSE)
    _build(chosen)
    (chosen.articles / "a.zip" / "a.txt").unlink()
    (chosen.articles / "a.zip").rmdir()
    write_file(chosen.articles, "a.zip", packed({"a.txt": PROSE, "b.txt": MORE_PROSE}))
    summary, _ = _build(chosen)
    assert _changes(summary) == (1, 0, 0, 1)


def test_verify_tells_what_changed_in_a_file_of_several(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file(chosen.articles, "flux.rss", rss(entries(1, 2)))
    _build(chosen)
    index = Index.open_current(chosen.index)

    def fewer(*arguments: object) -> list[Article | BrokenFile]:
        first, _ = read_articles(*arguments)  # type: ignore[arg-type]
        return [first]

    with monkeypatch.context() as patched:
        patched.setattr("rag.ingest.folder.read_articles", fewer)
        problems = verify(index, chosen, CountingEncoder()).problems
        assert problems == ("flux.rss#Titre 2: is no longer read in flux.rss; run: rag build",)
    write_file(chosen.articles, "flux.rss", rss(entries(1, 2, 3)))
    problems = verify(index, chosen, CountingEncoder()).problems
    assert problems == ("flux.rss: changed since it was indexed; run: rag build",)
    (chosen.articles / "flux.rss").unlink()
    assert len(verify(index, chosen, CountingEncoder()).problems) == 2
    index.close()


def test_a_date_that_has_come_is_taken_up(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = datetime.date.today() + datetime.timedelta(30)
    write_file(chosen.articles, "a.txt", f" date {ahead} {PROSE}")
    summary, _ = _build(chosen)
    assert (summary.articles, len(summary.broken)) == (1, 1)

    class Later(datetime.date):
        @classmethod
        def today(cls) -> Later:
            return cls(ahead.year, ahead.month, ahead.day)

    monkeypatch.setattr("rag.ingest.read_files.datetime.date", Later)
    summary, embedded = _build(chosen)
    assert (_changes(summary), summary.broken, embedded) == ((0, 1, 0, 0), (), [])
    index = Index.open_current(chosen.index)
    assert [article.date for article in index.articles.every()] == [ahead]
    index.close()


def test_the_same_member_and_the_same_entry_twice(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", PROSE)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", MORE_PROSE)
    articles, reasons = read_written(
        write_file(tmp_path, "a.zip", content.getvalue()), tmp_path
    )
    assert [article.text for article in articles] == [PROSE]
    assert reasons["a.zip/a.txt"].startswith("is in the archive twice")
    file = write_file(tmp_path, "a.rss", rss([*entries(1), *entries(1)]))
    articles, _ = read_written(file, tmp_path)
    assert [article.path for article in articles] == ["a.rss#Titre 1", "a.rss#Titre 1 (2)"]
