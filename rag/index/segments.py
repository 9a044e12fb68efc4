"""Segments: articles with all that is known of them, written once and never changed.

A generation names some, and tells which of their articles are gone since. So a build writes
what is new, and copies nothing.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from rag.errors import IndexDamagedError
from rag.files import file_hash
from rag.index.generations import (
    FORMAT,
    MANIFEST,
    SEGMENTS,
    SEGMENTS_SINCE,
    EngineName,
    Manifest,
    SearchKind,
    damaged,
)

DESCRIPTION = "segment.json"
GONE = "gone.npy"
# A segment by its place among the generation's, and the row of an article in it.
_GONE_COLUMNS = 2

Rows = npt.NDArray[np.uint32]


class SegmentManifest(BaseModel):
    """What a segment holds, gone or not, and how it is searched.

    ``search`` and ``effort`` are how its passages are found by vector, as the engine chose
    it. ``collection`` is where they are on a server, "" where there is none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    segment: str
    dimension: int
    articles: int
    passages: int
    sentences: int
    engine: EngineName = EngineName.EMBEDDED
    collection: str = ""
    search: SearchKind = SearchKind.FLAT
    effort: int = 0
    files: dict[str, str]


def segment_folder(index: Path, name: str) -> Path:
    """Where the segment of that name is."""
    return index / SEGMENTS / name


def read_segments(folder: Path, manifest: Manifest) -> list[tuple[Path, SegmentManifest]]:
    """The folders and manifests of the segments of the generation in ``folder``.

    Raises IndexDamagedError.
    """
    if manifest.format < SEGMENTS_SINCE:
        return [(folder, _of_generation(folder))]
    index = folder.parent
    return [
        (place, _read(place, named.sha256))
        for named in manifest.segments
        for place in [segment_folder(index, named.name)]
    ]


def write_description(folder: Path, manifest: SegmentManifest) -> str:
    """Write what describes a segment, the last of its files, and return its sha256."""
    path = folder / DESCRIPTION
    path.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return file_hash(path)


def write_gone(folder: Path, gone: list[Rows]) -> None:
    """Write which articles of each segment are gone from the generation in ``folder``."""
    counts = [len(rows) for rows in gone]
    table = np.empty((sum(counts), _GONE_COLUMNS), "<u4")
    table[:, 0] = np.repeat(np.arange(len(gone)), counts)
    table[:, 1] = np.concatenate([np.empty(0, np.uint32), *gone])
    np.save(folder / GONE, table)


def read_gone(folder: Path, manifest: Manifest) -> list[Rows]:
    """The rows of the articles that are gone, for each segment, ascending.

    Raises IndexDamagedError.
    """
    if manifest.format < SEGMENTS_SINCE:
        return [np.empty(0, np.uint32)]
    try:
        table = np.load(folder / GONE)
        if table.shape != (len(table), _GONE_COLUMNS) or table.dtype != np.dtype("<u4"):
            raise ValueError(f"{table.dtype} of shape {table.shape}")
    except (OSError, ValueError, EOFError) as error:
        raise damaged(folder, f"{GONE} cannot be read ({error})") from error
    return [np.sort(table[table[:, 0] == place, 1]) for place in range(len(manifest.segments))]


def _read(folder: Path, expected: str) -> SegmentManifest:
    path = folder / DESCRIPTION
    try:
        content = path.read_bytes()
        found = file_hash(path)
        manifest = SegmentManifest.model_validate_json(content)
    except (OSError, ValueError) as error:
        raise damaged(folder, f"{DESCRIPTION} is missing or does not tell") from error
    if found != expected:
        raise damaged(
            folder, f"{DESCRIPTION} has sha256 {found[:12]}…, expected {expected[:12]}…"
        )
    return manifest


def _of_generation(folder: Path) -> SegmentManifest:
    """The manifest of a generation from before there were segments, as a segment's."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
        fields = {name: found[name] for name in SegmentManifest.model_fields if name in found}
        return SegmentManifest.model_validate(fields | {"segment": found["generation"]})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError(
            f"{folder / MANIFEST} is missing or not a manifest; make the index again with: "
            f"rag build --index {folder.parent}"
        ) from error
