"""What a build begins with: the generation that serves, if it can be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.errors import IndexDamagedError, IndexMissingError, IndexNewerError
from rag.index import Index


def open_previous(index: Path, announce: Callable[[str], None], *, check: bool) -> Index | None:
    """The generation that serves, for what can be taken over from it.

    Reads its files whole where it is to ``check`` them. Raises IndexNewerError.
    """
    try:
        opened = Index.open_current(index, to_take_over=True)
        problem = next(opened.integrity.check_files(), None) if check else None
        if problem is not None:
            opened.close()
            raise IndexDamagedError(problem)
        return opened
    except IndexMissingError:
        return None
    except IndexNewerError:
        raise
    except IndexDamagedError as error:
        announce(f"The old index cannot be used, everything is made anew: {error}")
        return None
