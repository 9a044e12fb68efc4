"""The folder of a chat, watched: what changes in it is indexed without being asked for."""

from __future__ import annotations

import logging
import threading

from rag.config import Settings
from rag.errors import ArticleError, IndexDamagedError, IndexMissingError, RagError
from rag.index import Index
from rag.library.background_build import Rebuilding
from rag.library.build import BuildSummary
from rag.library.pending_changes import marks_of
from rag.library.watch_folder import follow

logger = logging.getLogger(__name__)

# How long to leave a watch alone that broke, in seconds.
_REST = 30
_A_MOMENT = 0.5


class KeepingUp:
    """Begins a rebuild whenever the folder of ``settings`` changes, once it was started.

    All rebuilds are those of ``rebuilding``, which others begin too: there is one at a
    time. One that fails is tried again, when the folder changes and now and then.
    """

    def __init__(self, settings: Settings, rebuilding: Rebuilding) -> None:
        self._settings = settings
        self._rebuilding = rebuilding
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble = ""
        self._ended = 0

    @property
    def is_on(self) -> bool:
        """Whether the folder is watched."""
        return self._thread is not None

    @property
    def trouble(self) -> str:
        """Why what changed is not in the index yet, "" where it is; it is tried again."""
        state = self._rebuilding.state()
        is_over = state.ended > self._ended and not state.error
        return "" if is_over else self._trouble

    def start(self) -> None:
        """Watch in the background, beginning with a look at the folder as it is."""
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch, and wait until it has ended; a rebuild that runs goes on."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                follow(self._settings, self._build, _log, logger.info, self._stop)
            except Exception as error:
                logger.exception("the folder of articles could not be watched")
                self._note(f"the folder could not be watched ({type(error).__name__})")
                self._stop.wait(_REST)

    def _build(self) -> BuildSummary | None:
        try:
            summary = self._built()
        except RagError as error:
            self._note(str(error))
            raise
        self._trouble = ""
        return summary

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble and trouble != self._rebuilding.state().error:
            logger.warning("%s", trouble)
        self._ended = self._rebuilding.state().ended
        self._trouble = trouble

    def _built(self) -> BuildSummary | None:
        self._wait()
        self._check_folder()
        self._rebuilding.begin(is_retry=bool(self._trouble))
        self._wait()
        state = self._rebuilding.state()
        if state.error:
            raise RagError(state.error)
        return None if self._stop.is_set() else state.summary

    def _wait(self) -> None:
        while self._rebuilding.state().running and not self._stop.is_set():
            self._rebuilding.wait(_A_MOMENT)

    def _check_folder(self) -> None:
        """Raise ArticleError when all articles are gone at once: who watches may be wrong."""
        folder = self._settings.articles
        if not folder.is_dir() or marks_of(folder):
            return
        known = self._known()
        if known:
            raise ArticleError(
                f"the folder {folder} is empty, and the index holds {known} articles: they "
                "are kept, as a disk may be missing; if they are to go, run 'rag build'"
            )

    def _known(self) -> int:
        try:
            index = Index.open_current(self._settings.index)
        except (IndexMissingError, IndexDamagedError):
            return 0
        try:
            return index.manifest.articles
        finally:
            index.close()


def _log(summary: BuildSummary) -> None:
    logger.info(
        "%d added, %d changed, %d removed", summary.added, summary.changed, summary.removed
    )
