"""What of the folder of articles the index does not know yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.articles import find_article_files
from rag.building import folder_sources
from rag.config import Settings
from rag.errors import ArticleError, IndexDamagedError, IndexMissingError
from rag.index import Index


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

    Reads no file: some milliseconds for a thousand of them.
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
        sources, _ = folder_sources(settings.articles, settings.max_file_bytes)
    except ArticleError:
        sources = []
    known, left_out = _indexed(settings)
    added = changed = 0
    for source in sources:
        indexed = known.get(source.path) or left_out.get(source.path)
        added += indexed is None
        changed += indexed is not None and indexed != source.file_hash
    removed = known.keys() - {source.path for source in sources}
    return Waiting(added, changed, len(removed))


def _indexed(settings: Settings) -> tuple[dict[str, str], dict[str, str | None]]:
    """The hash of every file that the index holds, and of those it left out."""
    try:
        index = Index.open_current(settings.index)
    except (IndexMissingError, IndexDamagedError):
        return {}, {}
    try:
        return index.file_hashes(), {file.path: found for file, found in index.broken()}
    finally:
        index.close()
