"""Gradio as the page imports it: its components complete, and nothing written beside them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

COMPONENT = """
from gradio.components.base import Component
from gradio.events import Events


class Plain(Component):
    EVENTS = [Events.change]
"""


def test_a_component_has_its_events_and_no_stub_beside_it(tmp_path: Path) -> None:
    from rag.ui.gradio_quickly import gr

    source = tmp_path / "plain.py"
    source.write_text(COMPONENT, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("plain", source)
    assert spec is not None
    assert spec.loader is not None
    plain = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plain)
    assert callable(plain.Plain.change)
    assert callable(gr.Textbox.submit)
    assert not source.with_suffix(".pyi").exists()


def test_other_imports_are_as_they_were() -> None:
    importlib.import_module("rag.ui.gradio_quickly")
    assert all("rag.ui" not in type(finder).__module__ for finder in sys.meta_path)
