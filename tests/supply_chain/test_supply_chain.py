"""The lock and the list of parts against what is asked for and carried along."""

from __future__ import annotations

import fnmatch
import importlib.metadata
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from tests.supply_chain.bundled import LICENCES, licence_of
from tests.supply_chain.lock import LOCK, normalised, read_lock
from tests.supply_chain.sbom import carried, document, packages, table

ROOT = Path(__file__).parents[2]
WRITTEN = LOCK.read_text("utf-8")
LOCKED = read_lock(WRITTEN)
# More than one sign of them would be a phrase.
_LICENCE = re.compile(r"[A-Za-z0-9.+-]+")


def test_every_release_is_locked_by_the_hashes_of_its_files() -> None:
    assert len(LOCKED) == len(re.findall(r"^[A-Za-z0-9]", WRITTEN, re.M))
    assert {name for name, (_, hashes) in LOCKED.items() if not hashes} == set()


def test_the_lock_names_no_place() -> None:
    assert "//" not in WRITTEN
    assert "index-url" not in WRITTEN
    assert "find-links" not in WRITTEN


def test_whatever_is_asked_for_is_locked() -> None:
    found = packages(with_tests=True)
    assert len(found) > 100
    assert {one.name for one in found} - LOCKED.keys() == set()
    for one in found:
        assert importlib.metadata.version(one.name).partition("+")[0] == LOCKED[one.name][0]


def test_a_lock_is_read_with_and_without_hashes() -> None:
    written = "# a\nOne_x==1.0 \\\n    --hash=sha256:" + "a" * 64 + "\ntwo==2\n"
    assert read_lock(written) == {"one-x": ("1.0", ("sha256:" + "a" * 64,)), "two": ("2", ())}


def test_the_list_has_every_package_that_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {
        normalised(name)
        for one in project["dependencies"]
        if (name := re.split(r"[^\w.-]", one)[0])
    }
    listed = document()
    required = {one["name"] for one in listed["components"] if one.get("scope") == "required"}
    assert asked <= required
    root, *_ = listed["dependencies"]
    direct = {one.split("/")[-1].split("@")[0] for one in root["dependsOn"]}
    assert asked <= direct


def test_what_the_list_refers_to_is_in_it() -> None:
    listed = document()
    known: list[Any] = [one["bom-ref"] for one in listed["components"]]
    assert len(known) == len(set(known))
    for one in listed["dependencies"]:
        assert set(one["dependsOn"]) <= set(known)


def test_each_package_states_a_licence() -> None:
    assert [one.name for one in packages() if not _LICENCE.match(one.licence)] == []
    assert [one.name for one in packages() if one.licence == "NOASSERTION"] == []


def test_each_file_that_is_carried_along_has_a_licence() -> None:
    assert set(carried()) >= {
        "rag/models/span_reader.safetensors",
        "rag/answering/weights.json",
        "seeds/000_7952201a0ce36f6f.txt",
    }
    assert all(path in table() for path in carried())
    assert licence_of("rag/models/span_reader.safetensors") == "CC-BY-SA-4.0"
    assert licence_of("tests/gold/press/own-1/articles/a.txt") == "CC0-1.0"
    assert licence_of("rag/ui/chat.py") == "MIT"


def test_every_licence_is_of_a_file_that_is_there() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    paths = listed.stdout.splitlines() or [
        one.relative_to(ROOT).as_posix() for one in ROOT.rglob("*")
    ]
    for pattern in LICENCES:
        assert fnmatch.filter(paths, pattern), pattern
