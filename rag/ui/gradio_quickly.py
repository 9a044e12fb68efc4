"""Gradio, imported in half its time; what is here is imported late: it still takes seconds.

As it defines each of its components, Gradio parses the component's source and writes a stub
beside it, for editors. That is half of the time until the page stands, and a write into a
folder that may not be the user's.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType

_STUBS = "gradio.component_meta"


class _WithoutStubs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the module that writes stubs, and has it write none."""

    def __init__(self) -> None:
        self._loader: importlib.abc.Loader | None = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _STUBS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            self._loader, spec.loader = spec.loader, self
        return spec

    def exec_module(self, module: ModuleType) -> None:
        assert self._loader is not None
        self._loader.exec_module(module)
        # Nothing but the definition of components calls it.
        if hasattr(module, "create_or_modify_pyi"):
            module.create_or_modify_pyi = lambda *_: None  # type: ignore[attr-defined]


@contextlib.contextmanager
def _no_stubs() -> Iterator[None]:
    finder = _WithoutStubs()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


with _no_stubs():
    import gradio as gr
    from gradio.events import api

__all__ = ["api", "gr"]
