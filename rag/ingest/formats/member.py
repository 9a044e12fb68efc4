"""What a format's reader is given and what it found, before it becomes an Article."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.limits import ReadingOptions
from rag.types.provenance import DateFrom, LeftOut, Place


@dataclass(frozen=True, slots=True)
class Draft:
    """An article's text and what its file says about it; None where it says nothing.

    ``date`` may be an instant in UTC, a datetime, whose day depends on the article's place.
    ``date_from`` tells why ``date`` is taken for the article's, the day of publication where
    it is None. ``made`` is the day the file was made: it stands in for ``date`` where neither
    the article nor the file's name tells one, and ``made_from`` tells where it stands.
    ``places`` are as in Article, over ``text`` as it is here. ``problems`` is what is to be
    said of an article that is read none the less.
    """

    text: str
    title: str | None = None
    date: datetime.date | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    language: str | None = None
    made: datetime.date | None = None
    date_from: DateFrom | None = None
    made_from: DateFrom = DateFrom.DOCUMENT_METADATA
    places: tuple[Place, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """What was read at a place of a file: a draft, or why there is none.

    ``file`` is the way to it through an archive, ``key`` tells it from the other articles
    of one file; both are empty for a file that is one article.
    """

    draft: Draft | ArticleError
    file: str = ""
    key: str = ""


@dataclass(slots=True)
class Budget:
    """What an archive, with the archives in it, has used of its limits."""

    unpacked: int = 0
    members: int = 0


# Hears, in English, how far the reading of one file is.
Tell = Callable[[str], None]


def unheard(said: str) -> None:
    """Say it to nobody."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to read, on the disk or in an archive; ``stream`` can seek.

    ``tell`` hears how far what takes long is.
    """

    name: str
    stream: BinaryIO
    options: ReadingOptions
    budget: Budget
    depth: int = 0
    tell: Tell = unheard

    def content(self) -> bytes:
        """All bytes of a file that is one article; ArticleError when they are too many."""
        return self._bounded(self.options.file_bytes, "max_file_bytes")

    def check_container(self) -> None:
        """Raise ArticleError when a file of several articles is too large."""
        size = self.stream.seek(0, 2)
        self.stream.seek(0)
        if size > self.options.container_bytes:
            raise too_large(size, self.options.container_bytes, "max_container_bytes")

    def _bounded(self, limit: int, setting: str) -> bytes:
        size = self.stream.seek(0, 2)
        if size > limit:
            raise too_large(size, limit, setting)
        self.stream.seek(0)
        # It may have grown since; what is too much is not taken into memory.
        content = self.stream.read(size + 1)
        if len(content) != size:
            raise ArticleError(Problem.of(Code.CHANGED_MEANWHILE))
        if not content.strip():
            raise ArticleError(Problem.of(Code.EMPTY))
        return content


def too_large(size: int, limit: int, setting: str) -> ArticleError:
    """The refusal of ``size`` bytes where ``setting`` allows ``limit``."""
    return ArticleError(Problem.of(Code.TOO_LARGE, size=size, most=limit, setting=setting))
