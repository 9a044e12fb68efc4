"""Generations: complete, never changed, one of them named by ``CURRENT``.

``CURRENT`` is replaced by an atomic rename after everything it names was flushed, so
whatever kills a build, the generation that served goes on serving.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from rag.errors import IndexDamagedError, IndexMissingError

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
# Raised whenever the files of a generation change their meaning.
FORMAT = 2


class Manifest(BaseModel):
    """What a generation was made with and holds; it guards the index."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    generation: str
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
    files: dict[str, str]


def new_name(now: datetime.datetime) -> str:
    """A name for a new generation; names sort by time."""
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def content_name(parts: Iterable[str]) -> str:
    """A name for whatever ``parts`` identify: 16 hex digits."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def file_hash(path: Path) -> str:
    """sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation; IndexDamagedError when it does not tell."""
    path = folder / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise IndexDamagedError(
            f"{path} is missing or not a manifest of format {FORMAT}; "
            f"make the index again with: rag build --index {folder.parent}"
        ) from error
    if manifest.format != FORMAT:
        raise IndexDamagedError(
            f"{folder} has format {manifest.format}, this version reads {FORMAT}; "
            f"make it again with: rag build --index {folder.parent}"
        )
    return manifest


def flush(path: Path) -> None:
    """Have a file's or folder's content on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def switch(index: Path, name: str) -> None:
    """Make the complete generation ``name`` the one that serves."""
    for path in (index / name).iterdir():
        flush(path)
    flush(index / name)
    flush(index)
    draft = index / f"{CURRENT}.new"
    draft.write_text(name + "\n", encoding="ascii")
    flush(draft)
    os.replace(draft, index / CURRENT)
    flush(index)


def prune(index: Path, keep: set[str]) -> None:
    """Delete the generations that are not in ``keep``, unfinished ones included."""
    for folder in index.iterdir():
        if folder.is_dir() and folder.name not in keep and _is_generation(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def _is_generation(name: str) -> bool:
    stamp, _, tail = name.partition("-")
    return len(stamp) == 15 and stamp[8] == "T" and len(tail) == 6
