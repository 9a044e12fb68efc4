"""The one way to write HTML: what is escaped, and that nothing is written elsewhere."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

import rag
from rag.ui.html import escape, render
from tests.ingest.page_reading import Page

ROOT = Path(rag.__file__).parent
TEMPLATES = sorted((ROOT / "ui" / "templates").iterdir())
# A lone surrogate cannot be read from a file, nor NUL be shown by a browser.
FOREIGN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"))


@given(FOREIGN)
def test_no_ascii_sign_of_a_foreign_text_is_left(text: str) -> None:
    escaped = escape(text)
    page = Page(escaped)
    assert page.words == text
    assert page.elements == []
    assert not set(escaped) & (set(string.punctuation) - set("&#;"))


@given(FOREIGN)
def test_a_template_escapes_what_it_is_given(text: str) -> None:
    page = Page(render("notice", text=text))
    assert page.words == text
    assert page.tags() == ["div", "p"]


def test_what_a_template_made_is_not_escaped_again() -> None:
    inside = render("notice", text="<i>")
    outside = render("kept_turn", message=inside, conversation="a", number=1)
    assert inside in outside
    assert Page(outside).words == "<i>"
    assert isinstance(outside, Markup)


def test_line_ends_of_templates_are_left_out_and_those_of_values_are_written() -> None:
    shown = render("failure", failed="a\n\n# b", detail=None)
    assert "\n" not in shown
    assert Page(shown).words == "a\n\n# b"


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="text"):
        render("notice")


def test_no_value_is_written_where_references_mean_nothing() -> None:
    for file in TEMPLATES:
        template = re.sub(r"\{\{ known\|tojson \}\}", "", file.read_text("utf-8"))
        for tag in re.findall(r"<[a-z][^<]*>", template):
            outside = re.sub(r'"(\{\{.*?\}\}|[^"{]|\{%.*?%\})*"', "", tag)
            outside = outside.partition(">")[0]
            assert "{{" not in outside, f"{file.name}: {tag}"
        for code in re.findall(r"<(?:script|style)[^>]*>(.*?)</", template, re.S):
            assert "{{" not in code, file.name


def test_every_template_is_used() -> None:
    written = "".join(file.read_text("utf-8") for file in (*ROOT.rglob("*.py"), *TEMPLATES))
    names = {file.name.removesuffix(".html.jinja") for file in TEMPLATES}
    unused = {
        name
        for name in names
        if f'"{name}"' not in written and f'"{name}.html.jinja"' not in written
    }
    assert unused == set()


def test_no_html_is_written_but_in_templates() -> None:
    found = [
        f"{file.name}:{node.lineno}"
        for file in sorted((ROOT / "ui").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"<[a-z]+[ >][^|]*=|</[a-z]+>", node.value)
    ]
    # The places in Gradio's own page that ours are put beside.
    assert {place.partition(":")[0] for place in found} <= {"page_frame.py"}
