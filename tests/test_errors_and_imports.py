"""The error family, and what importing costs: nothing heavy, and no network."""

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


def test_the_lowest_floor_needs_the_standard_library_only() -> None:
    for file in [*ROOT.glob("types/*.py"), *ROOT.glob("errors/*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [str(node.module)]
            else:
                continue
            own = ("rag.errors", "rag.types")
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


@pytest.mark.server
def test_imports_are_light_and_silent() -> None:
    names = [
        module.name
        for module in pkgutil.walk_packages(rag.__path__, "rag.")
        # The page is made of Gradio; __main__ runs when it is imported.
        if module.name
        not in (
            "rag.ui.chat",
            "rag.ui.chat_layout",
            "rag.ui.gradio_quickly",
            "rag.ui.guarded_blocks",
            "rag.__main__",
        )
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
        if error.__module__ == errors.RagError.__module__
    ]
    assert len(family) > 5
    for error in family:
        assert issubclass(error, errors.RagError)
        assert error.__doc__
        assert error.exit_code in (1, 2)
    assert errors.IndexDamagedError.exit_code == 1
    assert errors.SettingsError.exit_code == 2
