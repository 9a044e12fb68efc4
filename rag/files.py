"""Files on the disk: what names their content, and having it written for good."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_HASHED_AT_ONCE = 2


def content_name(parts: Iterable[str]) -> str:
    """A name for whatever ``parts`` identify: 16 hex digits."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def file_hash(path: Path) -> str:
    """sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_hashes(folder: Path, names: Iterable[str]) -> dict[str, str | OSError]:
    """The sha256 of each file of a folder, by name, or why it cannot be read."""

    def one(name: str) -> str | OSError:
        try:
            return file_hash(folder / name)
        except OSError as error:
            return error

    listed = list(names)
    # Hashing lets other threads run.
    with ThreadPoolExecutor(_HASHED_AT_ONCE) as threads:
        return dict(zip(listed, threads.map(one, listed), strict=True))


def written_hashes(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The sha256 of each file that was written to a folder, by name; raises OSError."""
    hashes: dict[str, str] = {}
    for name, found in file_hashes(folder, names).items():
        if isinstance(found, OSError):
            raise found
        hashes[name] = found
    return hashes


def flush(path: Path) -> None:
    """Have a file's or folder's content on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Have the files of a folder, and that it holds them, on the disk before going on."""
    for path in folder.iterdir():
        flush(path)
    flush(folder)
