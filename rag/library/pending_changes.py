"""What of the folder of articles the index does not know yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.errors import ArticleError, IndexDamagedError, IndexMissingError
from rag.index import Index
from rag.ingest import find_article_files
from rag.ingest.folder import file_of, folder_sources, reading_options


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many files are new, changed and removed against the index."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return self != Waiting()


FileMark = tuple[str, int, int, int, int]


def marks_of(folder: Path) -> tuple[FileMark, ...]:
    """What changes when a file does: its path, size, inode and times.

    Reads no file: some milliseconds for a thousand of them. The time of the inode is there
    because copying with times kept does not set it back.
    """
    marks: list[FileMark] = []
    for file in find_article_files(folder):
        try:
            status = file.stat()
        except OSError:
            continue
        times = status.st_mtime_ns, status.st_ctime_ns
        marks.append((str(file), status.st_size, status.st_ino, *times))
    return tuple(marks)


def find_waiting(settings: Settings) -> Waiting:
    """Compare the folder of ``settings`` with its index, by the hashes of the files.

    Reads every file. A file that was left out and is still the same does not wait.
    """
    try:
        sources, _ = folder_sources(settings.articles, reading_options(settings))
    except ArticleError:
        sources = []
    indexed, left_out = _indexed(settings)
    files = {source.path for source in sources}
    known = {file_of(path, files): found for path, found in (left_out | indexed).items()}
    added = changed = 0
    for source in sources:
        added += source.path not in known
        changed += source.path in known and known[source.path] != source.file_hash
    removed = sum(file_of(path, files) is None for path in indexed)
    return Waiting(added, changed, removed)


def _indexed(settings: Settings) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """The hash of every file that the index holds, and of those it left out."""
    try:
        index = Index.open_current(settings.index)
    except (IndexMissingError, IndexDamagedError):
        return {}, {}
    try:
        left_out = {file.path: found for file, found in index.broken()}
        return dict(index.file_hashes()), left_out
    finally:
        index.close()
