"""What every test may count on: no settings from outside, no way to a model hub."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from rag.config import ENVIRONMENT_PREFIX
from tests.index.milvus_server import LiteServer

# Set before any test imports a library that reads it.
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.upper().startswith(ENVIRONMENT_PREFIX):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteServer]:
    """A Milvus server in another process, which no test may stop."""
    server = LiteServer(tmp_path_factory.mktemp("milvus"))
    server.start()
    yield server
    server.kill()
