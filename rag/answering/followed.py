"""What is followed, and what is new to it, as records; and the marks that articles leave."""

from __future__ import annotations

import datetime
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from rag.answering.conversations import Turn
from rag.types import Filters

# The file hash of every article by its id.
Hashes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FollowedQuestion:
    """A question that a reader follows; ``waiting`` counts the quotes not seen yet.

    ``asked`` is the last batch of articles that it was asked of.
    """

    number: int
    question: str
    filters: Filters
    followed_at: datetime.datetime
    asked: int
    waiting: int


@dataclass(frozen=True, slots=True)
class News:
    """What new articles said to a followed question, as an answer of their quotes alone.

    ``turn`` is None when this version of the program cannot read it.
    """

    number: int
    question: int
    found_at: datetime.datetime
    turn: Turn | None
    is_seen: bool


def write_filters(filters: Filters) -> str:
    """The JSON of filters, always the same for the same."""
    return _filters().dump_json(filters).decode()


@functools.cache
def _filters() -> TypeAdapter[Filters]:
    return TypeAdapter(Filters)


def read_followed(row: tuple[int, str, str, str, int, int]) -> FollowedQuestion:
    """A followed question as a row of the file has it."""
    number, question, filters, followed_at, asked, waiting = row
    return FollowedQuestion(
        number,
        question,
        _filters().validate_json(filters),
        datetime.datetime.fromisoformat(followed_at),
        asked,
        waiting,
    )


def marks_of(article_id: str, file_hash: str) -> tuple[int, int]:
    """Numbers of 63 bits, as SQLite keeps them in little room."""
    return _mark(f"article {article_id}"), _mark(f"file {file_hash}")


def _mark(name: str) -> int:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
