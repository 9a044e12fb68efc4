"""Reading one generation: its articles, passages, rows and search. Never writes."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

from rag.errors import EngineError, IndexDamagedError, IndexMismatchError
from rag.index.articles import Articles
from rag.index.catalogue import Catalogue
from rag.index.choose_engine import engine_name, open_engine
from rag.index.generations import Manifest, current_name, read_manifest, require_current
from rag.index.integrity import Integrity
from rag.index.passages import Passages
from rag.index.search import Search
from rag.index.stored_rows import StoredRows

logger = logging.getLogger(__name__)


class Index:
    """One generation, open. Safe to use from several threads.

    ``articles`` and ``passages`` are what it holds, ``rows`` their vectors, ``search``
    finds among them, and ``integrity`` tells whether all is as it was written.
    """

    def __init__(self, folder: Path, uri: str = "", *, to_take_over: bool = False) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder, to_take_over=to_take_over)
        self.rows = StoredRows(folder, self.manifest)
        self._catalogue = Catalogue(folder)
        self._engine = open_engine(
            folder, self.manifest, self.rows.passages, self._catalogue, uri
        )
        self.articles = Articles(self._catalogue, self.manifest)
        self.passages = Passages(self._catalogue, self.rows)
        self.search = Search(self._catalogue, self._engine, self.manifest.passages)
        self.integrity = Integrity(
            folder, self.manifest, self._catalogue, self.rows, self._engine
        )
        try:
            self.integrity.require_counts()
        except IndexDamagedError:
            self.close()
            raise

    @classmethod
    def open_current(
        cls,
        index: Path,
        fingerprints: Collection[str] = (),
        *,
        warm: bool = False,
        uri: str | None = None,
        to_take_over: bool = False,
    ) -> Index:
        """The generation that serves; ``warm`` reads what the first search waits for.

        One ``to_take_over`` from may be of an older format, and cannot be searched then.
        Raises IndexMissingError, IndexDamagedError, and IndexMismatchError when the
        index was made with another model than those of ``fingerprints``, or for another
        engine than the server at ``uri`` ("" for none). Without ``uri`` there may be a
        server, which nothing can be asked of. A server that does not answer is left to
        the first search.
        """
        while True:
            name = current_name(index)
            try:
                opened = cls._opened(index, warm, uri or "", to_take_over)
                break
            except IndexDamagedError:
                # Builds may pass between reading the name and opening what it names:
                # that is deleted by now, and another serves.
                if current_name(index) == name:
                    raise
        made_with = opened.manifest.fingerprint
        if fingerprints and made_with not in fingerprints:
            opened.close()
            raise IndexMismatchError(
                f"the index in {index} was made with {made_with}, the settings say "
                f"{next(iter(fingerprints))}; make it again with: rag build --index {index}"
            )
        engine = opened.manifest.engine
        if uri is not None and engine is not engine_name(uri):
            opened.close()
            raise IndexMismatchError(
                f"the index in {index} was made for the engine '{engine}', the settings ask "
                f"for '{engine_name(uri)}'; make it again with: rag build --index {index}; "
                "nothing is embedded a second time"
            )
        return opened

    @classmethod
    def _opened(cls, index: Path, warm: bool, uri: str, to_take_over: bool) -> Index:
        opened = cls(require_current(index), uri, to_take_over=to_take_over)
        try:
            if warm:
                opened.search.warm_up()
        except EngineError as error:
            logger.warning("%s", error)
        except IndexDamagedError:
            opened.close()
            raise
        return opened

    def close(self) -> None:
        """Let go of the database and of the engine."""
        self._engine.close()
        self._catalogue.close()
