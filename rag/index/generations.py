"""Generations: which segments serve, and what of them is gone; one is named by ``CURRENT``.

``CURRENT`` is replaced by an atomic rename after everything it names was flushed, so
whatever kills a build, the generation that served goes on serving.
"""

from __future__ import annotations

import contextlib
import datetime
import enum
import json
import os
import secrets
import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from rag.errors import IndexDamagedError, IndexMissingError, IndexNewerError
from rag.files import flush, flush_folder

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
# The segments of all generations, a folder each.
SEGMENTS = "segments"
# Raised whenever the files of a generation or of a segment change their meaning.
FORMAT = 6
# Formats whose articles and vectors a build can take over: 3 kept words in the catalogue, up to
# 4 vectors were floats, and up to 5 a generation was its own and only segment.
TAKEN_OVER = frozenset({3, 4, 5, FORMAT})
HALVES_SINCE = 5
SEGMENTS_SINCE = 6


class EngineName(enum.StrEnum):
    """What finds passages in a generation."""

    EMBEDDED = "embedded"
    MILVUS = "milvus"


class SearchKind(enum.StrEnum):
    """How passages are found by vector."""

    FLAT = "flat"
    GRAPH = "graph"
    INVERTED = "inverted"


class NamedSegment(BaseModel):
    """A segment of a generation: its name, and the sha256 of the file that describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str


class Manifest(BaseModel):
    """What a generation was made with and holds; it guards the index.

    ``before`` is the generation that it took the place of. The counts are of what is there:
    the articles of ``segments`` but for those that are gone. ``files`` has the sha256 of the
    generation's own files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    generation: str
    before: str | None = None
    built_at: datetime.datetime
    model: str
    fingerprint: str
    dimension: int
    passage_tokens: int
    overlap_sentences: int
    rules: int = 0
    reading: str = ""
    articles: int
    passages: int
    sentences: int
    engine: EngineName = EngineName.EMBEDDED
    segments: tuple[NamedSegment, ...] = ()
    files: dict[str, str]


def new_name(now: datetime.datetime) -> str:
    """A name for a new generation; names sort by time."""
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def current_name(index: Path) -> str | None:
    """The generation that serves, or None where nothing was built yet."""
    try:
        # A damaged name must not be more than a name that leads nowhere.
        return (index / CURRENT).read_text("ascii", "replace").strip() or None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IndexMissingError(
            f"{index} cannot be read as the folder of an index ({error.strerror}); "
            "name another with --index"
        ) from error


def require_current(index: Path) -> Path:
    """The folder of the generation that serves; IndexMissingError without one."""
    name = current_name(index)
    if name is None:
        raise IndexMissingError(
            f"there is no index in {index}; make one with: rag build --index {index}"
        )
    folder = index / name
    if not folder.is_dir():
        raise IndexDamagedError(
            f"{index / CURRENT} names the generation {name}, which is not there; "
            f"make it again with: rag build --index {index}"
        )
    return folder


def read_manifest(folder: Path, *, to_take_over: bool = False) -> Manifest:
    """The manifest of a generation; IndexDamagedError when it does not tell.

    One ``to_take_over`` from may be of an older format than one to search.
    """
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        found = _format_in(content)
        _refuse_newer(folder, found)
        manifest = Manifest.model_validate_json(
            _of_one_segment(content) if found < SEGMENTS_SINCE else content
        )
    except (OSError, ValueError) as error:
        raise IndexDamagedError(
            f"{path} is missing or not a manifest of format {FORMAT}; "
            f"make the index again with: rag build --index {folder.parent}"
        ) from error
    if manifest.format not in (TAKEN_OVER if to_take_over else {FORMAT}):
        raise IndexDamagedError(
            f"{folder} has format {manifest.format}, this version reads {FORMAT}; "
            f"make it again with: rag build --index {folder.parent}"
        )
    return manifest


def _of_one_segment(manifest: bytes) -> str:
    """A manifest from before there were segments, as one of a segment in its own folder."""
    found = json.loads(manifest)
    if not isinstance(found, dict):
        raise ValueError("no object")
    for name in ("collection", "search", "effort"):
        found.pop(name, None)
    return json.dumps(found | {"segments": [], "files": {}})


def _format_in(manifest: bytes) -> int:
    """The format that a manifest tells, whatever else it holds; 0 for none."""
    try:
        found = json.loads(manifest)
    except ValueError:
        return 0
    told = found.get("format") if isinstance(found, dict) else None
    return told if isinstance(told, int) else 0


def _refuse_newer(folder: Path, found: int) -> None:
    """Raise IndexNewerError for an index that a later version made: it is not damaged."""
    if found > FORMAT:
        raise IndexNewerError(
            f"{folder} has format {found}, this version reads {FORMAT}: the index was made by "
            "a newer version; update Guillemets, or name another index with --index"
        )


def damaged(folder: Path, what: str) -> IndexDamagedError:
    """The error that says ``what`` is wrong with the generation or segment in ``folder``."""
    index = folder.parent.parent if folder.parent.name == SEGMENTS else folder.parent
    return IndexDamagedError(
        f"the index {folder} is damaged: {what}; delete {index} and make it again "
        f"with: rag build --index {index}"
    )


def switch(index: Path, name: str) -> None:
    """Make the complete generation ``name`` the one that serves.

    Its segments are flushed already.
    """
    flush_folder(index / name)
    flush(index)
    point_to(index, name)


def point_to(index: Path, name: str) -> None:
    """Have ``CURRENT`` name a generation that is on the disk already."""
    draft = index / f"{CURRENT}.new"
    draft.write_text(name + "\n", encoding="ascii")
    flush(draft)
    os.replace(draft, index / CURRENT)
    flush(index)


def prune(index: Path, keep: set[str]) -> set[str]:
    """Delete the generations that are not in ``keep``, and the segments that none of it names.

    Unfinished ones go too. Returns the names of the segments that stay.
    """
    named: set[str] = set()
    for name in keep:
        # What does not tell its segments cannot serve.
        with contextlib.suppress(IndexDamagedError):
            manifest = read_manifest(index / name, to_take_over=True)
            named.update(segment.name for segment in manifest.segments)
    for folder, kept in ((index, keep), (index / SEGMENTS, named)):
        for one in folder.iterdir() if folder.is_dir() else ():
            if one.is_dir() and one.name not in kept and _is_generation(one.name):
                shutil.rmtree(one, ignore_errors=True)
    return named


def _is_generation(name: str) -> bool:
    stamp, _, tail = name.partition("-")
    return len(stamp) == 15 and stamp[8] == "T" and len(tail) == 6
