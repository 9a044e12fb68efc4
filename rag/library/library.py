"""The folder of articles as a page changes it: bring, remove, undo, update, watch."""

from __future__ import annotations

import functools
import threading

from rag.config import Settings
from rag.library.bring_files import Brought, Clash, Removal, bring, remove, restore
from rag.library.build import build_folder
from rag.library.update_state import UpdateState
from rag.library.updater import Updater
from rag.models.encoder import Encoder


class Library:
    """The folder of ``settings``, and the updates of its index in the background.

    Safe to use from several threads. What is new ``encoder`` embeds, which whoever asks the
    index may share; ``updater`` is one of the caller's own.
    """

    def __init__(
        self, settings: Settings, encoder: Encoder, updater: Updater | None = None
    ) -> None:
        self.settings = settings
        build = functools.partial(build_folder, settings, encoder)
        self._updater = updater or Updater(settings, build)
        self._changing = threading.Lock()

    @property
    def read_only(self) -> bool:
        """Whether the folder is not to be changed from here."""
        return self.settings.read_only

    def bring(self, name: str, content: bytes, clash: Clash) -> Brought:
        """Store a file, as ``bring_files.bring`` does; the index is not updated yet."""
        with self._changing:
            return bring(self.settings, name, content, clash)

    def remove(self, path: str) -> Removal:
        """Put a file into the trash and begin an update; raises ArticleError."""
        with self._changing:
            removal = remove(self.settings.articles, path)
        self.update()
        return removal

    def restore(self, token: str) -> str:
        """Put a file back from the trash and begin an update; raises ArticleError."""
        with self._changing:
            path = restore(self.settings.articles, token)
        self.update()
        return path

    def update(self) -> None:
        """Begin an update of the index; while one runs, have another one follow it."""
        self._updater.rebuild()
        self._updater.start()

    def watch(self) -> None:
        """Update the index from now on whenever the folder changes."""
        self._updater.watch()
        self._updater.start()

    def state(self) -> UpdateState:
        """Tell how far an update is, how the last one ended, and what waits for one."""
        state = self._updater.state()
        self._updater.start()
        return state

    def wait(self, seconds: float) -> None:
        """Return once no update runs, or after so many seconds."""
        self._updater.wait(seconds)

    def stop(self) -> None:
        """End the watch of the folder and the update that runs; what it embedded is kept."""
        self._updater.stop()
