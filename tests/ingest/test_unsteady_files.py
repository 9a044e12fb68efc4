"""Files that change, vanish or break what reads them, and files of any bytes."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.errors import ArticleError
from rag.ingest import FORMATS, ReadingOptions, read_articles
from rag.ingest.folder import folder_sources, reading_options
from rag.ingest.formats.member import Budget, Opened
from rag.library.build import build
from tests.fakes import CountingEncoder
from tests.ingest.format_files import (
    MORE_PROSE,
    PROSE,
    json_lines,
    mail,
    mail_with,
    packed,
)
from tests.ingest.reading_files import entries, read_written, write_file


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
@settings(deadline=None)
def test_a_damaged_mail_gives_articles_or_a_reason(place: int, damage: bytes) -> None:
    content = bytearray(
        mail_with(("à lire.txt", PROSE.encode()), ("", mail(MORE_PROSE)), body=PROSE)
    )
    place %= len(content)
    content[place : place + len(damage)] = damage
    with tempfile.TemporaryDirectory() as folder:
        articles, reasons = read_written(
            write_file(Path(folder), "a.eml", bytes(content)), Path(folder)
        )
    assert articles or reasons
    paths = [article.path for article in articles]
    assert len(paths) == len(set(paths))
    assert all(path.isprintable() and ".." not in path.split("/") for path in paths)


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    file = write_file(tmp_path, "a.jsonl", json_lines(entries(*range(2_000))))
    reading = iter(read_articles(file, tmp_path, ReadingOptions(), "hash"))
    next(reading)
    with file.open("a", encoding="utf-8") as growing:
        growing.write(json_lines(entries(2_000)))
    with pytest.raises(ArticleError, match="changed while it was read"):
        list(reading)

    class Growing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(size)[:-1]

    stream = Growing(PROSE.encode())
    with pytest.raises(ArticleError, match="changed while it was read"):
        Opened("a.txt", stream, ReadingOptions(), Budget()).content()


def test_a_file_that_vanishes_and_links_that_lead_nowhere(chosen: Settings) -> None:
    write_file(chosen.articles, "a.zip", packed({"a.txt": PROSE}))
    write_file(chosen.articles, "b.txt", MORE_PROSE)
    (chosen.articles / "boucle.pdf").symlink_to(chosen.articles / "boucle.pdf")
    sources, broken = folder_sources(chosen.articles, reading_options(chosen))
    assert [(file.path, file.reason) for file in broken] == [
        ("boucle.pdf", "cannot be read: Too many levels of symbolic links")
    ]
    (chosen.articles / "a.zip").unlink()
    summary = build(sources, chosen, CountingEncoder(), unreadable=broken)
    assert summary.articles == 1
    assert summary.broken[0].path == "a.zip"
    assert summary.broken[0].reason == "cannot be read: No such file or directory"


def test_a_library_that_breaks_costs_one_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_file(tmp_path, "a.zip", packed({"a.pdf": b"%PDF", "b.txt": PROSE}))

    def failing(opened: Opened) -> None:
        raise RecursionError("too deep")

    monkeypatch.setitem(FORMATS, ".pdf", failing)
    articles, reasons = read_written(file, tmp_path)
    assert [article.path for article in articles] == ["a.zip/b.txt"]
    assert reasons == {"a.zip/a.pdf": "cannot be read (RecursionError); save it in another way"}


_names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\\0:#"), min_size=1, max_size=9
)


@settings(deadline=None)
@given(
    st.dictionaries(
        _names.filter(lambda name: name[0] != "." and name.isprintable()),
        st.text(min_size=1),
        max_size=4,
    )
)
def test_any_archive_gives_its_texts_or_reasons(texts: dict[str, str]) -> None:
    stream = io.BytesIO(packed({f"{name}.txt": text for name, text in texts.items()}))
    opened = Opened("a.zip", stream, ReadingOptions(), Budget())
    try:
        members = list(FORMATS[".zip"](opened))
    except ArticleError:
        assert not texts
        return
    assert [member.file for member in members] == [f"{name}.txt" for name in texts]


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(FORMATS)))
def test_any_bytes_give_articles_or_a_reason(content: bytes, suffix: str) -> None:
    opened = Opened(f"a{suffix}", io.BytesIO(content), ReadingOptions(), Budget())
    assert all("\n" not in reason for reason in _reasons(opened, suffix))


def _reasons(opened: Opened, suffix: str) -> list[str]:
    try:
        drafts = [member.draft for member in FORMATS[suffix](opened)]
    except ArticleError as error:
        return [str(error)]
    return [str(draft) for draft in drafts if isinstance(draft, ArticleError)]
