"""The door: a snapshot of the generation that serves, for each answer one."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from rag.answering.snapshot import CONSIDERED, DEFAULT_TOP, Snapshot
from rag.config import Settings
from rag.index import Index
from rag.index.generations import current_name
from rag.ingest.show_file import read_again
from rag.models.encoder import Encoder, open_encoder
from rag.models.parts_encoder import fingerprints
from rag.models.span_reader import Reader, open_reader
from rag.types import Answer, Article, Filters, Hit, Overview

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Opened:
    """A generation, and by how many snapshots it is used."""

    index: Index
    users: int = 0


class Assistant:
    """Answers questions over one index. Safe to use from several threads.

    A generation that is built meanwhile is taken up by the next snapshot. What is asked of
    the assistant itself has a snapshot of its own.
    """

    def __init__(
        self, settings: Settings, encoder: Encoder, reader: Reader | None = None
    ) -> None:
        """Open the index of ``settings``; its errors are those of Index.open_current.

        Without a ``reader`` the quotes are picked by cosines and words alone.
        """
        self._reader = reader
        self._settings = settings
        self._encoder = encoder
        self._lock = threading.Lock()
        self._serving = _Opened(self._open_current())

    @classmethod
    def open(cls, settings: Settings, announce: Callable[[str], None] = logger.info) -> Self:
        """The assistant that ``settings`` describe; the model is not loaded yet."""
        encoder = open_encoder(settings, announce)
        return cls(settings, encoder, open_reader(settings, encoder))

    @property
    def encoder(self) -> Encoder:
        """What embeds its questions; a build of the same index may share it."""
        return self._encoder

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The generation that serves now, which stays open until this ends.

        Whatever one reply shows is to come from one snapshot. Raises as the constructor.
        """
        opened = self._take()
        try:
            count = self._settings.reader_passages
            yield Snapshot(opened.index, self._encoder, self._reader, count)
        finally:
            self._let_go(opened)

    def ask(
        self,
        question: str,
        *,
        filters: Filters = Filters(),
        top: int = DEFAULT_TOP,
        previous: str | None = None,
    ) -> Answer:
        """What ``Snapshot.ask`` answers."""
        with self.snapshot() as snapshot:
            return snapshot.ask(question, filters=filters, top=top, previous=previous)

    def search(
        self, query: str, *, filters: Filters = Filters(), count: int = CONSIDERED
    ) -> tuple[Hit, ...]:
        """What ``Snapshot.search`` finds."""
        with self.snapshot() as snapshot:
            return snapshot.search(query, filters=filters, count=count)

    def article(self, article_id: str) -> Article:
        """The article with that id; IndexDamagedError when the index has none."""
        with self.snapshot() as snapshot:
            return snapshot.article(article_id)

    def read_again(self, article: Article) -> Article | None:
        """``article`` as its file in the folder says it now, with what is left out of it.

        None where the file is gone or says something else.
        """
        return read_again(article, self._settings)

    def overview(self) -> Overview:
        """What the index holds."""
        with self.snapshot() as snapshot:
            return snapshot.overview()

    def warm_up(self) -> None:
        """Load what the first question would wait for."""
        with self.snapshot() as snapshot:
            snapshot.warm_up()

    def _take(self) -> _Opened:
        with self._lock:
            if current_name(self._settings.index) != self._serving.index.folder.name:
                old, self._serving = self._serving, _Opened(self._open_current())
                if not old.users:
                    old.index.close()
            self._serving.users += 1
            return self._serving

    def _let_go(self, opened: _Opened) -> None:
        with self._lock:
            opened.users -= 1
            if opened is not self._serving and not opened.users:
                opened.index.close()

    def _open_current(self) -> Index:
        settings, alike = self._settings, fingerprints(self._encoder)
        return Index.open_current(settings.index, alike, warm=True, uri=settings.uri)
