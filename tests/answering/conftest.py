"""Conversations kept in a file, and a clock that stands until a test moves it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rag.answering.conversation_store import Keeping
from tests.answering.turns import NOON


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> dt.datetime:
        return self.time

    def pass_by(self, seconds: float) -> None:
        self.time += dt.timedelta(seconds=seconds)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "kept.sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeping(file: Path, clock: Clock) -> Keeping:
    return Keeping(file, clock)
