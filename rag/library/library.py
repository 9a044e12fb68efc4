"""The folder of articles as a page changes it: bring, remove, undo, rebuild."""

from __future__ import annotations

import logging
import threading

from rag.config import Settings
from rag.errors import RagError
from rag.index.generations import current_name
from rag.library.auto_update import KeepingUp
from rag.library.background_build import Rebuild, Rebuilding
from rag.library.bring_files import Brought, Clash, Removal, bring, remove, restore
from rag.library.pending_changes import FileMark, Waiting, find_waiting, marks_of

logger = logging.getLogger(__name__)


class Library:
    """The folder of ``settings``, its rebuilds, and what waits for one.

    Safe to use from several threads. ``rebuild`` is what brings the index up to date.
    """

    def __init__(self, settings: Settings, rebuild: Rebuild) -> None:
        self.settings = settings
        self.rebuilding = Rebuilding(rebuild)
        self.keeping_up = KeepingUp(settings, self.rebuilding)
        self._changing = threading.Lock()
        self._looking = threading.Lock()
        self._looked_at: tuple[str | None, tuple[FileMark, ...]] | None = None
        self._waiting: Waiting | None = None

    @property
    def read_only(self) -> bool:
        """Whether the folder is not to be changed from here."""
        return self.settings.read_only

    def bring(self, name: str, content: bytes, clash: Clash) -> Brought:
        """Store a file, as ``bring_files.bring`` does; the index is not rebuilt yet."""
        with self._changing:
            return bring(self.settings, name, content, clash)

    def remove(self, path: str) -> Removal:
        """Put a file into the trash and begin a rebuild; raises ArticleError."""
        with self._changing:
            removal = remove(self.settings.articles, path)
        self.rebuilding.begin()
        return removal

    def restore(self, token: str) -> str:
        """Put a file back from the trash and begin a rebuild; raises ArticleError."""
        with self._changing:
            path = restore(self.settings.articles, token)
        self.rebuilding.begin()
        return path

    def stop(self) -> None:
        """End the watch of the folder and the rebuild that runs."""
        self.keeping_up.stop()
        self.rebuilding.stop()

    def waiting(self) -> Waiting | None:
        """What a rebuild would take up, as far as is known; None while it is not.

        The files are read in the background, and only after something changed.
        """
        if self.rebuilding.state().running or not self._looking.acquire(blocking=False):
            return None
        try:
            looked_at = current_name(self.settings.index), marks_of(self.settings.articles)
        except RagError as error:
            logger.info("%s", error)
            self._looking.release()
            return None
        if looked_at == self._looked_at:
            self._looking.release()
            return self._waiting
        # The thread lets go of the lock.
        threading.Thread(target=self._look, args=(looked_at,), daemon=True).start()
        return None

    def _look(self, looked_at: tuple[str | None, tuple[FileMark, ...]]) -> None:
        try:
            self._waiting = find_waiting(self.settings)
            self._looked_at = looked_at
        except (RagError, OSError) as error:
            logger.warning("what waits to be indexed cannot be told: %s", error)
        finally:
            self._looking.release()
