"""What tells one article of a file from the others, the same whatever comes beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_LONGEST = 120


class Keys:
    """Makes the keys of one file's articles; none is given twice."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def of(self, identifier: object, url: str | None, title: str | None, text: str) -> str:
        """The article's own identifier, else its address, its title, a hash of its text.

        Not its number: one more article at the head of a feed would rename all others.
        """
        named = next(filter(None, (_line(one) for one in (identifier, url, title))), "")
        key = named or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
        count = self._given[key] = self._given.get(key, 0) + 1
        return key if count == 1 else self.of(f"{key} ({count})", None, None, "")


def _line(written: object) -> str:
    """A name on one line that can be printed and is not too long."""
    text = "" if written is None else str(written)
    text = " ".join("".join(s if s.isprintable() else " " for s in text).split())
    if len(text) <= _LONGEST:
        return text
    return text[: _LONGEST - 13] + "…" + hashlib.sha256(text.encode()).hexdigest()[:12]


def holders(path: str) -> Iterator[str]:
    """What may be the file of an article's ``path``: itself, then what comes before a sign.

    A file may hold several articles, whose paths go on from its own with ``/`` or ``#``.
    """
    yield path
    yield from (path[:place] for place, sign in enumerate(path) if sign in "/#" and place)
