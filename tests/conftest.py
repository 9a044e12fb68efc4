"""What every test may count on, what kind each one is, and in which order they run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

import tests.examples  # noqa: F401 - it chooses the profile of hypothesis.
from rag.config import ENVIRONMENT_PREFIX
from tests.index.milvus_server import LiteServer

# Set before any test imports a library that reads it.
os.environ["HF_HUB_OFFLINE"] = "1"

# The kinds that `make quick` leaves out, the longest first: what begins last should be short.
KINDS = ("browser", "crash", "milvus", "ray", "model", "server")
# Kinds whose tests share what takes seconds to start, so that it starts once.
SHARING = ("browser", "milvus", "ray")
# Folders whose tests are one of a kind, and those whose tests run on one core, as what the page
# is made of takes seconds to import.
KIND_OF_FOLDER = {"tests/browser/": "browser"}
TOGETHER = {"tests/ui/": "ui"}
# Which fixture gives what makes a test one of a kind.
GIVEN_BY = {"browser": "browser", "milvus": "milvus", "address": "server"}


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names a file by its argument: an archive holds its hour, and each core has another."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests, and have those of a kind run together, the longest kinds first."""
    places: dict[pytest.Item, int] = {}
    for item in items:
        kinds = {mark.name for mark in item.iter_markers()}.intersection(KINDS)
        given = {
            GIVEN_BY[name] for name in getattr(item, "fixturenames", ()) if name in GIVEN_BY
        }
        given.update(_of_folder(KIND_OF_FOLDER, item))
        for kind in given - kinds:
            item.add_marker(kind)
        kinds |= given
        shared = [kind for kind in SHARING if kind in kinds]
        group = (*shared, *_of_folder(TOGETHER, item), item.path.stem)[0]
        item.add_marker(pytest.mark.xdist_group(group))
        # The page, whose tests are one group, before what is no kind and no group.
        rest = len(KINDS) + (group not in TOGETHER.values())
        places[item] = min((KINDS.index(kind) for kind in kinds), default=rest)
    items.sort(key=places.__getitem__)


def _of_folder(folders: dict[str, str], item: pytest.Item) -> list[str]:
    return [name for folder, name in folders.items() if item.nodeid.startswith(folder)]


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
