"""Files that are too large or hold too much: what stands before a limit is kept."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from rag.ingest import FORMATS, ReadingOptions
from rag.ingest.formats.member import Budget, Opened
from tests.ingest.format_cases.case import RECORD
from tests.ingest.format_files import (
    MORE_PROSE,
    PROSE,
    chapter,
    docx,
    epub,
    json_lines,
    mail_with,
    packed,
    rss,
)
from tests.ingest.reading_files import entries, read_written, write_file


def test_limits_of_archives(tmp_path: Path) -> None:
    inner = packed({"a.txt": PROSE})
    file = write_file(tmp_path, "a.zip", packed({"b.txt": MORE_PROSE, "c.zip": inner}))
    size = len(MORE_PROSE.encode()) + len(inner) + len(PROSE.encode())
    assert (
        len(read_written(file, tmp_path, container_bytes=size, members=3, zip_depth=2)[0]) == 2
    )
    for limit, where, reason in (
        ({"container_bytes": size - 1}, "a.zip", "raise the setting max_container_bytes"),
        ({"members": 3 - 1}, "a.zip", "raise the setting max_container_members"),
        ({"zip_depth": 1}, "a.zip/c.zip", "max_zip_depth"),
    ):
        articles, reasons = read_written(file, tmp_path, **limit)
        # What stands before the limit is kept.
        assert [article.text for article in articles] == [MORE_PROSE]
        assert list(reasons) == [where]
        assert reasons[where].endswith(reason)


def test_attachments_have_the_limits_of_archives(tmp_path: Path) -> None:
    files = [("a.txt", MORE_PROSE.encode()), ("b.txt", PROSE.encode())]
    nested = mail_with(*files, ("c.zip", packed({"d.txt": PROSE})))
    file = write_file(tmp_path, "a.eml", nested)
    assert len(read_written(file, tmp_path)[0]) == 3
    for limit, where, count in (
        ({"container_bytes": len(MORE_PROSE.encode())}, "a.eml", 1),
        ({"members": 1}, "a.eml", 1),
        ({"zip_depth": 1}, "a.eml/c.zip", 2),
        ({"file_bytes": len(nested) - 1}, "a.eml", 0),
    ):
        articles, reasons = read_written(file, tmp_path, **limit)
        assert (len(articles), list(reasons)) == (count, [where])


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jsonl", json_lines(entries(1, 2, 3))), ("a.rss", rss(entries(1, 2, 3)))],
)
def test_a_list_that_is_too_long_gives_its_beginning(
    tmp_path: Path, name: str, content: str
) -> None:
    articles, reasons = read_written(write_file(tmp_path, name, content), tmp_path, members=2)
    assert len(articles) == 2
    assert "max_container_members" in reasons[name]


@pytest.mark.slow
def test_two_hundred_megabytes_of_one_line(tmp_path: Path) -> None:
    for name in ("a.txt", "b.jsonl", "c.rss"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(200_000_000)
    tracemalloc.start()
    assert "at most 20000000 are read" in read_written(tmp_path / "a.txt", tmp_path)[1]["a.txt"]
    assert "max_file_bytes" in read_written(tmp_path / "c.rss", tmp_path)[1]["c.rss"]
    _, reasons = read_written(tmp_path / "b.jsonl", tmp_path)
    assert "max_file_bytes" in reasons["b.jsonl#line 1"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000_000


def test_a_long_line_costs_one_article(tmp_path: Path) -> None:
    long = {"title": "Long", "text": "mot " * 500}
    for name, content in (
        ("a.jsonl", json_lines([long, RECORD])),
        ("a.json", json.dumps([long, RECORD])),
    ):
        articles, reasons = read_written(
            write_file(tmp_path, name, content), tmp_path, file_bytes=1_000
        )
        assert [article.title for article in articles] == ["L’école rouvre"]
        (reason,) = reasons.values()
        assert "max_file_bytes" in reason


def test_a_word_file_that_unpacks_to_too_much(tmp_path: Path) -> None:
    file = write_file(tmp_path, "a.docx", docx(["mot " * 50_000]))
    _, reasons = read_written(file, tmp_path, file_bytes=100_000)
    assert reasons["a.docx"].startswith("unpacks to ")
    assert len(read_written(file, tmp_path)[0]) == 1


def test_chapters_have_limits(tmp_path: Path) -> None:
    chapters = {"un.xhtml": chapter(PROSE), "deux.xhtml": chapter(MORE_PROSE * 40)}
    file = write_file(tmp_path, "a.epub", epub(chapters))
    articles, reasons = read_written(file, tmp_path, file_bytes=4_000)
    assert [article.text for article in articles] == [PROSE]
    assert "max_file_bytes" in reasons["a.epub#OEBPS/deux.xhtml"]
    assert "max_container_members" in read_written(file, tmp_path, members=1)[1]["a.epub"]
    assert (
        "max_container_bytes"
        in read_written(file, tmp_path, container_bytes=5_000)[1]["a.epub"]
    )


def test_many_broken_members_end_in_one_line(tmp_path: Path) -> None:
    records: list[object] = [{"title": f"Titre {n}"} for n in range(80)]
    file = write_file(tmp_path, "a.jsonl", json_lines([*records, RECORD]))
    articles, reasons = read_written(file, tmp_path)
    assert len(articles) == 1
    assert len(reasons) == 50 + 1
    assert reasons["a.jsonl"].startswith("holds 30 more articles that cannot be read")


def test_lists_and_archives_are_read_as_they_come(tmp_path: Path) -> None:
    text = "mot " * 15_000
    records = [{"title": f"Titre {n}", "text": text} for n in range(200)]
    rows = "".join(f"{one['title']},{text}\n" for one in records)
    contents: dict[str, bytes] = {
        ".jsonl": json_lines(records).encode(),
        ".json": json.dumps(records).encode(),
        ".csv": f"title,text\n{rows}".encode(),
        ".zip": packed({f"{n}.txt": text for n in range(200)}),
    }
    for suffix, content in contents.items():
        file = write_file(tmp_path, f"a{suffix}", content)
        with file.open("rb") as stream:
            opened = Opened(file.name, stream, ReadingOptions(), Budget())
            tracemalloc.start()
            assert sum(1 for _ in FORMATS[suffix](opened)) == 200
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 200 * len(text) / 2


def test_an_entity_that_grows_is_not_followed(tmp_path: Path) -> None:
    doubled = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' if n else '<!ENTITY e0 "mot ">'
        for n in range(9)
    )
    feed = rss(entries(1)).replace("<rss", f"<!DOCTYPE rss [{doubled}]><rss")
    feed = feed.replace("Titre 1", "&e8;")
    articles, _ = read_written(write_file(tmp_path, "a.rss", feed), tmp_path)
    assert all(len(article.text + article.title) < 1_000 for article in articles)
