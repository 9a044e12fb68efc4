"""What every test may count on, what kind each one is, and in which order they run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.examples  # noqa: F401 - it chooses the profile of hypothesis.
from rag.config import ENVIRONMENT_PREFIX
from tests.index.milvus_server import LiteServer

# Set before any test imports a library that reads it.
os.environ["HF_HUB_OFFLINE"] = "1"

BROWSER = Path(__file__).parent / "browser"
# The kinds that `make quick` leaves out, the longest first: what begins last should be short.
KINDS = ("browser", "crash", "milvus", "ray", "model", "server")
# Kinds whose tests share what takes seconds to start, so that it starts once.
SHARING = ("browser", "milvus", "ray")
PAGE = Path(__file__).parent / "ui"
# Which fixture gives what makes a test one of a kind.
GIVEN_BY = {"browser": "browser", "milvus": "milvus", "address": "server"}


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names a file by its argument: an archive holds its hour, and each core has another."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests, and have those of a kind run together, the longest kinds first."""
    for item in items:
        kinds = {
            GIVEN_BY[name] for name in GIVEN_BY if name in getattr(item, "fixturenames", ())
        }
        if BROWSER in item.path.parents:
            kinds.add("browser")
        for kind in kinds:
            item.add_marker(kind)
        shared = next((kind for kind in SHARING if item.get_closest_marker(kind)), None)
        # What the page is made of takes seconds to import.
        folder = "ui" if PAGE in item.path.parents else item.path.stem
        item.add_marker(pytest.mark.xdist_group(shared or folder))
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    """Where among the kinds it runs; the page, whose tests are one group, before the rest."""
    places = [place for place, kind in enumerate(KINDS) if item.get_closest_marker(kind)]
    rest = len(KINDS) + (PAGE not in item.path.parents)
    return min(places, default=rest)


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
