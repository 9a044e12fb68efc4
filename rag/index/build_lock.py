"""One writer at a time: builds of the same index wait for each other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import Code, IndexWriteError, Problem


@contextlib.contextmanager
def alone(index: Path, announce: Callable[[str], None]) -> Iterator[None]:
    """Hold the folder against other builds; the hold ends with the process."""
    from filelock import FileLock, Timeout

    try:
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            announce(f"Another build is writing to {index}; waiting for it to end")
            lock.acquire()
    except OSError as error:
        folder, detail = str(index), error.strerror or str(error)
        problem = Problem.of(Code.INDEX_FOLDER_NOT_WRITTEN, folder=folder, detail=detail)
        raise IndexWriteError(problem) from error
    try:
        yield
    finally:
        lock.release()
