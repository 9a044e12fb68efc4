"""The files that a generation left out, and why: a file of the generation's own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from rag.errors import Problem
from rag.index.catalogue import Catalogue
from rag.index.generations import SEGMENTS_SINCE, Manifest, damaged
from rag.types import BrokenFile

LEFT_OUT = "left-out.json"

# A file that was left out, with its hash where that could be read.
LeftOut = tuple[BrokenFile, str | None]


def write_left_out(folder: Path, left_out: Iterable[LeftOut]) -> None:
    """Write which files the generation in ``folder`` leaves out."""
    told = [
        {"path": file.path, "reason": file.problem.keep(), "hash": found}
        for file, found in left_out
    ]
    content = json.dumps(told, ensure_ascii=False, indent=1)
    (folder / LEFT_OUT).write_text(content, encoding="utf-8")


def read_left_out(folder: Path, manifest: Manifest) -> list[LeftOut]:
    """The files that the generation in ``folder`` leaves out; raises IndexDamagedError."""
    if manifest.format < SEGMENTS_SINCE:
        return _from_catalogue(folder)
    try:
        told = json.loads((folder / LEFT_OUT).read_bytes())
        return [
            (BrokenFile(one["path"], Problem.read(one["reason"])), one["hash"]) for one in told
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(folder, f"{LEFT_OUT} cannot be read ({error})") from error


def _from_catalogue(folder: Path) -> list[LeftOut]:
    """Before there were segments, the catalogue told."""
    catalogue = Catalogue(folder)
    try:
        rows = catalogue.rows("SELECT path, reason, file_hash FROM broken ORDER BY path")
    finally:
        catalogue.close()
    return [(BrokenFile(path, Problem.read(kept)), found) for path, kept, found in rows]
