"""Reading one generation: its articles, passages, rows and search. Never writes."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

from rag.errors import EngineError, IndexDamagedError, IndexMismatchError
from rag.index.articles import Articles
from rag.index.choose_engine import engine_name
from rag.index.generations import Manifest, current_name, read_manifest, require_current
from rag.index.index_rows import IndexRows
from rag.index.integrity import Integrity
from rag.index.left_out import read_left_out
from rag.index.open_segment import open_segments
from rag.index.passages import Passages
from rag.index.search import Search
from rag.index.segments import read_gone, read_segments

logger = logging.getLogger(__name__)


class Index:
    """One generation, open. Safe to use from several threads.

    ``articles`` and ``passages`` are what it holds, ``rows`` their vectors, ``search``
    finds among them, and ``integrity`` tells whether all is as it was written. The
    ``segments`` are what it is made of, which a build takes over.
    """

    def __init__(self, folder: Path, uri: str = "", *, to_take_over: bool = False) -> None:
        """Open the generation in ``folder``; the cost grows with its segments, which are few.

        Raises IndexDamagedError.
        """
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder, to_take_over=to_take_over)
        left_out = read_left_out(folder, self.manifest)
        gone = read_gone(folder, self.manifest)
        self.segments = open_segments(read_segments(folder, self.manifest), gone, uri)
        self.articles = Articles(folder, self.segments, self.manifest, left_out)
        self.passages = Passages(self.segments)
        self.rows = IndexRows(self.segments, self.manifest.dimension)
        self.search = Search(self.segments, self.manifest.passages)
        self.integrity = Integrity(folder, self.manifest, self.segments)
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
        """Let go of the databases and of the engines."""
        for segment in self.segments:
            segment.close()
