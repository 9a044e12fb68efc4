"""The floors of the house: imports point strictly down, and modules form no circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import rag

ROOT = Path(rag.__file__).parent
FLOORS = {
    **dict.fromkeys(["errors", "progress", "files"], 1),
    "types": 2,
    **dict.fromkeys(["config", "language"], 3),
    **dict.fromkeys(["ingest", "models", "index"], 4),
    **dict.fromkeys(["library", "answering"], 5),
    "evaluation": 6,
    "ui": 7,
    "cli": 8,
    "__main__": 9,
}
FILES = {
    ".".join(("rag", *file.relative_to(ROOT).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): file
    for file in sorted(ROOT.rglob("*.py"))
}


def imported(module: str) -> set[str]:
    """The modules of the house that one imports, anywhere in it."""
    return set(_imported(module)) - {"rag"}


def _imported(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(FILES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in FILES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relative to itself"
            for alias in node.names:
                # A name may be a module, or stand in one.
                name = f"{node.module}.{alias.name}"
                found = name if name in FILES else str(node.module)
                if found in FILES:
                    yield found


def part_of(module: str) -> str:
    """The part of the house that a module belongs to: "index" for rag.index.engine."""
    return module.split(".")[1]


def test_every_part_stands_on_a_floor() -> None:
    assert {part_of(module) for module in FILES if module != "rag"} == FLOORS.keys()
    # The package itself holds nothing but its version.
    assert imported("rag") == set()


@pytest.mark.parametrize("part", FLOORS)
def test_imports_point_strictly_down(part: str) -> None:
    climbing = {
        (module, other)
        for module in FILES
        if module != "rag" and part_of(module) == part
        for other in imported(module)
        if part_of(other) != part and FLOORS[part_of(other)] >= FLOORS[part]
    }
    assert climbing == set()


def test_modules_form_no_circle() -> None:
    try:
        TopologicalSorter({module: imported(module) for module in FILES}).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))
