"""The error family, and the floors of the house: imports point down only."""

from __future__ import annotations

import ast
import inspect
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import rag
from rag import errors

ROOT = Path(rag.__file__).parent
FLOORS = {
    **dict.fromkeys(["types", "errors", "problems", "provenance"], 0),
    **dict.fromkeys(["config", "articles", "language", "chunking", "metrics", "progress"], 1),
    **dict.fromkeys(
        [
            "embedding",
            "embedding_threads",
            "bundled_model",
            "index",
            "reprints",
            "trained_reader",
            "workers",
        ],
        2,
    ),
    **dict.fromkeys(["sources", "building", "retrieval", "bringing", "keeping", "waiting"], 3),
    **dict.fromkeys(["filling", "rollback", "watching"], 3),
    **dict.fromkeys(["reading", "summarising", "suggesting", "texts", "assistant"], 4),
    **dict.fromkeys(["verifying", "rebuilding", "keeping_up", "library"], 4),
    **dict.fromkeys(["stories", "exported_quotes", "checking_quotes", "statistics"], 4),
    **dict.fromkeys(["bars", "evaluation", "output", "cli", "ui", "training", "__main__"], 5),
}
MODULES = sorted(ROOT.rglob("*.py"))


def _name(file: Path) -> str:
    """The part of the house a file belongs to: "index" for rag/index/vector_journal.py."""
    return file.relative_to(ROOT).with_suffix("").parts[0]


def _imported(file: Path) -> set[str]:
    """The parts of the house that a file imports, anywhere in it."""
    parts: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relative to itself"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        parts.update(name.split(".")[1] for name in names if name.startswith("rag."))
    # The package itself holds nothing but its version.
    return parts - {"__version__"}


def test_every_module_stands_on_a_floor() -> None:
    assert {_name(file) for file in MODULES} - {"__init__"} <= FLOORS.keys()


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_down(file: Path) -> None:
    here = _name(file)
    if here == "__init__":
        assert _imported(file) == set()
        return
    # One of the same floor may be used as long as it does not use this one.
    wrong = {part for part in _imported(file) - {here} if FLOORS[part] > FLOORS[here]}
    assert wrong == set()


def test_no_two_parts_import_each_other() -> None:
    uses: dict[str, set[str]] = {}
    for file in MODULES:
        uses.setdefault(_name(file), set()).update(_imported(file) - {_name(file)})
    reached = {part: set(parts) for part, parts in uses.items()}
    for _ in reached:
        for parts in reached.values():
            parts.update(*(reached.get(part, set()) for part in list(parts)))
    assert [part for part, parts in reached.items() if part in parts] == []


def test_the_lowest_floor_needs_the_standard_library_only() -> None:
    alone = [ROOT / f"{name}.py" for name in ("types", "errors", "provenance")]
    lowest = [*alone, *ROOT.glob("problems/*.py")]
    for file in lowest:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [str(node.module)]
            else:
                continue
            own = ("rag.problems", "rag.provenance")
            foreign = {one for one in modules if not one.startswith(own)}
            assert {module.split(".")[0] for module in foreign} <= sys.stdlib_module_names


_IMPORT_EVERYTHING = """
import importlib, json, socket, sys

def refuse(*args, **kwargs):
    raise AssertionError("an import asks the network")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
for name in sys.argv[1:]:
    importlib.import_module(name)
heavy = {"torch", "sentence_transformers", "transformers", "gradio", "faiss"}
heavy |= {"pymilvus", "grpc", "tenacity", "ray"}
sys.stderr.write(json.dumps(sorted(heavy & sys.modules.keys())))
"""


def test_imports_are_light_and_silent() -> None:
    names = [
        module.name
        for module in pkgutil.walk_packages(rag.__path__, "rag.")
        # The page is made of Gradio, networks of torch; __main__ runs when it is imported.
        if module.name not in ("rag.ui.page", "rag.models.span_network", "rag.__main__")
        and not module.name.startswith("rag.evaluation.training")
    ]
    assert len(names) > 30
    ran = subprocess.run(
        [sys.executable, "-c", _IMPORT_EVERYTHING, *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert json.loads(ran.stderr) == []


def test_every_error_is_of_the_family() -> None:
    family = [
        error
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if error.__module__ == errors.__name__
    ]
    assert len(family) > 5
    for error in family:
        assert issubclass(error, errors.RagError)
        assert error.__doc__
        assert error.exit_code in (1, 2)
    assert errors.IndexDamagedError.exit_code == 1
    assert errors.SettingsError.exit_code == 2
