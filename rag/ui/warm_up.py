"""Loads the model while the page is opened, so that the first question need not wait."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from rag.errors import RagError

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant

logger = logging.getLogger(__name__)


class WarmUp:
    """Loads the model in the background, so that the page need not wait for it."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="model warm-up", daemon=True)

    def start(self) -> None:
        """Begin; an error is left to the first question, which meets it again."""
        self._thread.start()

    def wait(self) -> None:
        """Return once loading has ended, if it had begun.

        Python must not end before: the native code that loads would abort the process.
        """
        if self._thread.is_alive():
            self._thread.join()

    def is_done(self) -> bool:
        """Whether loading has ended."""
        return self._done.is_set()

    def _run(self) -> None:
        try:
            self._assistant.warm_up()
        except RagError as error:
            logger.warning("%s", error)
        finally:
            self._done.set()
