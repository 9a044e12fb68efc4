"""The files of a folder that hold articles, and what is said of those that do not."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import Code, Problem
from rag.ingest.formats.saved_pages import is_beside_page
from rag.ingest.formats.told_by_content import UNCERTAIN, ending_of, format_of
from rag.ingest.read_files import FORMATS
from rag.types import BrokenFile

# What systems put into every folder.
_OF_SYSTEMS = frozenset(("thumbs.db", "desktop.ini"))
_MOST_ENDINGS = 12


def find_article_files(
    folder: Path,
    on_error: Callable[[OSError], None] = lambda _: None,
    index: Path | None = None,
) -> list[Path]:
    """The files under ``folder`` in a format that is read, sorted by path.

    Hidden files and folders are left out; a folder that links back is entered once. A file
    whose ending tells little, or that has none, is opened. ``on_error`` hears of a folder
    that cannot be listed. The folder ``index``, which may lie in there, holds no articles.
    """
    return sorted(file for file in _walk(folder, on_error, index) if is_article_file(file))


def is_article_file(file: Path) -> bool:
    """Whether ``file`` is in a format that is read, by its ending or else its content."""
    if file.suffix.lower() in FORMATS:
        return True
    if ending_of(file.name) not in UNCERTAIN:
        return False
    try:
        # A pipe that is opened never ends.
        if not file.is_file():
            return False
        with file.open("rb") as stream:
            return format_of(file.name, stream, FORMATS) in FORMATS
    except OSError:
        return False


def unread_endings(folder: Path, index: Path | None = None) -> BrokenFile | None:
    """One line on the files under ``folder`` that are in no format that is read, if any."""
    counts = Counter(
        ending_of(file.name) or file.name.encode("utf-8", "replace").decode()
        for file in _walk(folder, lambda _: None, index)
        if file.name.lower() not in _OF_SYSTEMS and not is_article_file(file)
    )
    if not counts:
        return None
    told = [
        f"{ending} ({count})" if count > 1 else ending
        for ending, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
    endings = ", ".join(told[:_MOST_ENDINGS]) + (", …" if len(told) > _MOST_ENDINGS else "")
    problem = Problem.of(Code.ENDINGS_NOT_READ, count=counts.total(), endings=endings)
    return BrokenFile(".", problem)


def _walk(
    folder: Path, on_error: Callable[[OSError], None], index: Path | None
) -> Iterator[Path]:
    """The files under ``folder`` that are not hidden nor of the ``index``, in no order."""
    apart = _identity(index) if index is not None else None
    entered: set[tuple[int, int]] = set()
    for here, folders, files in os.walk(folder, onerror=on_error, followlinks=True):
        try:
            status = os.stat(here)
        except OSError as error:
            # It was there a moment ago.
            on_error(error)
            folders.clear()
            continue
        identity = status.st_dev, status.st_ino
        if identity in entered or identity == apart:
            folders.clear()
            continue
        entered.add(identity)
        # Sorted, so that of two ways to a folder the same one is taken everywhere.
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not is_beside_page(name, files)
        )
        yield from (Path(here, name) for name in files if not name.startswith("."))


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from others by whatever way it is reached; None if there is none."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino
