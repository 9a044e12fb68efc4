"""After a build: segments that have become many, or hold much that is gone, become fewer."""

from __future__ import annotations

import contextlib
import datetime
import logging
import sqlite3

from rag.config import Settings
from rag.errors import IndexDamagedError, RagError
from rag.index import Index
from rag.index.choose_engine import engine_writer
from rag.index.generations import new_name, prune, switch
from rag.index.merge_plan import Size, segments_to_merge
from rag.index.merge_segments import merge
from rag.index.open_segment import Segment
from rag.progress import Progress

logger = logging.getLogger(__name__)


def merge_segments(settings: Settings, serving: str, progress: Progress) -> str:
    """Merge segments of the index of ``settings`` as `merge_plan` says; the name that serves.

    ``serving`` does until then, and questions are answered from it. The caller holds the
    lock. What goes wrong is told in the log: the index serves as it is, and the next build
    tries again.
    """
    try:
        while True:
            merged = _merge_once(settings, progress)
            if merged is None:
                return serving
            serving = merged
    except (RagError, OSError, sqlite3.Error) as error:
        logger.warning("segments stay as they are until the next build: %s", error)
        return serving


def _merge_once(settings: Settings, progress: Progress) -> str | None:
    """Merge some segments, and return the name of the generation; None where none are many."""
    index = settings.index
    with contextlib.closing(Index.open_current(index, uri=settings.uri)) as opened:
        sizes = [Size(one.manifest.passages, one.passages) for one in opened.segments]
        chosen = [opened.segments[place] for place in segments_to_merge(sizes)]
        if not chosen:
            return None
        _require_whole(opened, chosen)
        engine = engine_writer(index, settings.uri)
        name = new_name(datetime.datetime.now(datetime.UTC))
        merge(opened, chosen, name, engine, progress)
        switch(index, name)
        # Whoever opened what served until now may still have files of it to open.
        before = opened.manifest.before
        engine.prune(prune(index, {name, opened.manifest.generation, before or name}))
        return name


def _require_whole(opened: Index, chosen: list[Segment]) -> None:
    """Hash what is to be copied: damage must not be handed on. Raises IndexDamagedError."""
    for problem in opened.integrity.check_segments(chosen):
        raise IndexDamagedError(
            f"{problem}; make it anew with: rag build --check --index {opened.folder.parent}"
        )
