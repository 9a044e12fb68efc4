"""Followed questions asked in the background, after each build that the chat makes."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from rag.answering.following import Following
from rag.answering.news import check_followed
from rag.errors import RagError
from rag.library.build_summary import BuildSummary
from rag.library.update_state import log_summary

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant

logger = logging.getLogger(__name__)


class FollowedChecks:
    """One thread that asks what is followed of what is new, whenever it is told to.

    What was not asked when it is stopped is asked after the next start.
    """

    def __init__(self, assistant: Assistant, following: Following) -> None:
        self._assistant = assistant
        self._following = following
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="followed", daemon=True)

    def start(self) -> None:
        """Begin, with a look at what came while nothing ran."""
        self._wanted.set()
        self._thread.start()

    def after_build(self, summary: BuildSummary) -> None:
        """Ask after a build, of which the log hears."""
        log_summary(summary)
        self._wanted.set()

    def stop(self) -> None:
        """End after the question that is being asked, and wait for it."""
        self._stopping.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def check(self) -> None:
        """Ask now; what fails is logged, and done after the next build."""
        try:
            with self._assistant.snapshot() as snapshot:
                done = check_followed(self._following, snapshot, stopping=self._stopping.is_set)
        except RagError as error:
            logger.warning("followed questions wait for the next build: %s", error)
        except Exception:
            logger.exception("followed questions could not be asked")
        else:
            if done.questions:
                logger.info("%d followed questions, %d quotes", done.questions, done.quotes)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._stopping.is_set():
                return
            self.check()
