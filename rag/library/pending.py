"""What of the folder of articles the index does not know yet."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from rag.config import Settings
from rag.errors import (
    ArticleError,
    Code,
    IndexDamagedError,
    IndexMissingError,
    Problem,
    RagError,
)
from rag.index import Index
from rag.index.generations import current_name
from rag.ingest.folder import file_of, folder_sources, lies_in, reading_options
from rag.library.folder_changes import FileMark, marks_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many files are new, changed and removed against the index."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return self != Waiting()


class LastCount:
    """What waits as it was last counted, as long as neither folder nor index changed.

    Counting reads every file, telling whether it is to be counted anew reads none.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Replaced as one, so that several threads may ask.
        self._counted: tuple[tuple[str | None, tuple[FileMark, ...]], Waiting] | None = None

    def waiting(self) -> Waiting | None:
        """What waits; None when it is to be counted anew."""
        try:
            now = self._marks()
        except (RagError, OSError) as error:
            logger.info("%s", error)
            return None
        counted = self._counted
        return counted[1] if counted is not None and counted[0] == now else None

    def count(self) -> None:
        """Count what waits, unless it is known."""
        try:
            # Taken before the files are read: what changes meanwhile is to be counted anew.
            now = self._marks()
            if self._counted is None or self._counted[0] != now:
                self._counted = now, find_waiting(self._settings)
        except (RagError, OSError) as error:
            logger.warning("what waits to be indexed cannot be told: %s", error)

    def _marks(self) -> tuple[str | None, tuple[FileMark, ...]]:
        return current_name(self._settings.index), marks_of(
            self._settings.articles, self._settings.index
        )


def find_waiting(settings: Settings) -> Waiting:
    """Compare the folder of ``settings`` with its index, by the hashes of the files.

    Reads every file. A file that was left out and is still the same does not wait.
    """
    try:
        sources, unreadable = folder_sources(
            settings.articles, reading_options(settings), index=settings.index
        )
    except ArticleError:
        sources, unreadable = [], []
    indexed, left_out = _indexed(settings)
    files = {source.path for source in sources}
    known = {file_of(path, files): found for path, found in (left_out | indexed).items()}
    # One that could not be read has the articles that it had before.
    known |= {path: found for path, found in left_out.items() if path in files}
    added = changed = 0
    for source in sources:
        if source.is_held:
            continue
        added += source.path not in known
        changed += source.path in known and known[source.path] != source.file_hash
    removed = sum(
        file_of(path, files) is None and not any(lies_in(path, one.path) for one in unreadable)
        for path in indexed
    )
    return Waiting(added, changed, removed)


def refuse_sudden_emptiness(settings: Settings, marks: Collection[FileMark]) -> None:
    """Raise ArticleError when all articles are gone at once: who watches may be wrong."""
    folder = settings.articles
    if marks or not folder.is_dir():
        return
    known = _count_indexed(settings)
    if known:
        raise ArticleError(Problem.of(Code.FOLDER_EMPTIED, folder=str(folder), count=known))


def _count_indexed(settings: Settings) -> int:
    try:
        index = Index.open_current(settings.index)
    except (IndexMissingError, IndexDamagedError):
        return 0
    try:
        return index.manifest.articles
    finally:
        index.close()


def _indexed(settings: Settings) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """The hash of every file that the index holds, and of those it left out."""
    try:
        index = Index.open_current(settings.index)
    except (IndexMissingError, IndexDamagedError):
        return {}, {}
    try:
        left_out = {file.path: found for file, found in index.articles.broken()}
        return dict(index.articles.file_hashes()), left_out
    finally:
        index.close()
