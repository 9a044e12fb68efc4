"""An index that is missing, damaged or of another kind, and what opening it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rag.errors import IndexDamagedError, IndexMismatchError, IndexMissingError
from rag.index import Index
from rag.index.catalogue import CATALOGUE
from rag.index.generations import CURRENT, FORMAT, MANIFEST, current_name, prune
from rag.index.left_out import LEFT_OUT
from rag.index.row_files import KEYS, SENTENCE_KEYS, SENTENCE_VECTORS, VECTORS
from rag.index.segments import DESCRIPTION, GONE
from rag.ingest.folder import article_sources
from rag.library.build import build
from tests.fakes import CountingEncoder, settings_for
from tests.index.four_articles import ARTICLES
from tests.index.held_rows import file_in, passage_rows, sentence_rows


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="rag build --index"):
        Index.open_current(tmp_path)
    with pytest.raises(IndexMissingError):
        Index.open_current(tmp_path / "none")


def test_another_model(folder: Path) -> None:
    Index.open_current(folder, ["counting@2", "counting@1"]).close()
    with pytest.raises(
        IndexMismatchError, match=r"made with counting@1.*say counting@2.*rag build"
    ):
        Index.open_current(folder, ["counting@2"])


@pytest.mark.parametrize(
    "name",
    [
        *(MANIFEST, GONE, LEFT_OUT),
        *(DESCRIPTION, CATALOGUE, VECTORS, SENTENCE_VECTORS, KEYS, SENTENCE_KEYS),
    ],
)
@pytest.mark.parametrize("kept", [None, 0, 1 / 2, 0.9])
def test_a_damaged_file_is_refused(breakable: Path, name: str, kept: float | None) -> None:
    file = file_in(breakable, name)
    if kept is None:
        file.unlink()
    else:
        os.truncate(file, int(file.stat().st_size * kept))
    with pytest.raises(IndexDamagedError) as caught:
        Index.open_current(breakable.parent).search.warm_up()
    message = str(caught.value)
    assert name in message
    assert "rag build --index" in message
    assert "\n" not in message


@pytest.mark.parametrize("name", [CATALOGUE, VECTORS, SENTENCE_VECTORS, KEYS])
def test_a_file_of_another_generation_is_refused(
    breakable: Path, tmp_path: Path, name: str
) -> None:
    other = settings_for(tmp_path / "other")
    build(article_sources(ARTICLES[:1]), other, CountingEncoder())
    theirs = other.index / str(current_name(other.index))
    file_in(theirs, name).replace(file_in(breakable, name))
    with pytest.raises(IndexDamagedError, match=name):
        Index.open_current(breakable.parent).search.warm_up()


def test_check_files_finds_a_changed_byte(breakable: Path) -> None:
    with_nothing_wrong = Index(breakable)
    assert list(with_nothing_wrong.integrity.check_files()) == []
    with_nothing_wrong.close()
    file = file_in(breakable, VECTORS)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    index = Index(breakable)
    (problem,) = index.integrity.check_files()
    index.close()
    assert problem.startswith(f"{file.relative_to(breakable.parent)} has sha256 ")


def test_rows_read_for_themselves_are_those_of_the_whole(breakable: Path) -> None:
    index = Index(breakable)
    manifest = index.manifest
    for number in range(manifest.passages):
        (row,) = index.rows.passages_at(np.array([number]))
        np.testing.assert_array_equal(row, passage_rows(index)[number])
    rows = index.rows.sentences_at(np.arange(1, manifest.sentences))
    np.testing.assert_array_equal(rows, sentence_rows(index)[1:])
    assert index.rows.sentences_at(np.arange(0)).shape == (0, manifest.dimension)
    index.close()


def test_rows_of_another_type_are_refused(breakable: Path) -> None:
    file = file_in(breakable, VECTORS)
    np.save(file, np.load(file).astype(np.float32))
    with pytest.raises(IndexDamagedError, match=f"{VECTORS} holds float32, expected float16"):
        Index(breakable)


def test_another_format_is_refused(breakable: Path) -> None:
    manifest = breakable / MANIFEST
    manifest.write_text(manifest.read_text().replace(f'"format": {FORMAT}', '"format": 99'))
    with pytest.raises(IndexDamagedError, match=f"format 99, this version reads {FORMAT}"):
        Index(breakable)


@pytest.mark.parametrize("written", [b"20200101T000000-abcdef\n", b"\xff\xfe\x00", b"../x"])
def test_a_current_that_leads_nowhere_is_refused(breakable: Path, written: bytes) -> None:
    (breakable.parent / CURRENT).write_bytes(written)
    with pytest.raises(IndexDamagedError, match="which is not there"):
        Index.open_current(breakable.parent)


def test_opening_writes_nothing(breakable: Path) -> None:
    def everything() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in breakable.parent.rglob("*")}

    before = everything()
    index = Index.open_current(breakable.parent)
    index.search.warm_up()
    index.search.matching(["pont"], 3, None)
    index.close()
    assert everything() == before


def test_prune_deletes_generations_only(tmp_path: Path) -> None:
    names = ["20240101T000000-aaaaaa", "20240102T000000-bbbbbb", "20240103T000000-cccccc"]
    for name in [*names, "notes", "2024-photos"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    prune(tmp_path, set(names[1:]))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "2024-photos",
        *names[1:],
        "notes",
    ]
