"""Back to the generation before: it was kept whole, so only its name is put back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexDamagedError, IndexMissingError
from rag.index import Index, Manifest
from rag.index.build_lock import alone
from rag.index.choose_engine import engine_for
from rag.index.generations import point_to, read_manifest, require_current

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The generation that serves again, and the one that it took the place of."""

    serving: Manifest
    left: Manifest


def roll_back(
    index: Path, announce: Callable[[str], None] = logger.info, uri: str = ""
) -> RolledBack:
    """Have the generation before the current one serve again.

    It is checked whole first; ``uri`` is where its passages are, if on a server. The one
    that is left goes with the next build. Raises IndexMissingError when none before it is
    kept, IndexDamagedError when it is damaged.
    """
    # The lock makes the folder, and looking must not.
    require_current(index)
    with alone(index, announce):
        left = read_manifest(require_current(index))
        if left.before is None or not (index / left.before).is_dir():
            raise IndexMissingError(
                f"no generation before {left.generation} is kept in {index}; one is kept at "
                "every build, and going back once uses it up; make the index anew with: "
                f"rag build --index {index}"
            )
        before = Index(index / left.before)
        try:
            problem = next(before.integrity.check_files(), None)
            engine = engine_for(before.manifest, index, uri)
            if problem is None and not engine.holds([one.manifest for one in before.segments]):
                problem = "a collection of it is gone or not whole"
        finally:
            before.close()
        if problem is not None:
            raise IndexDamagedError(
                f"the generation {left.before} is damaged ({problem}); {left.generation} "
                "goes on serving; to make another, change the articles and run: "
                f"rag build --index {index}"
            )
        point_to(index, left.before)
    return RolledBack(before.manifest, left)
