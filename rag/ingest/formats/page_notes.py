"""Notes of pages and books: the signs that call them, the notes, the ways back to the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CALLS = frozenset(("doc-noteref", "noteref"))
_NOTES = frozenset(
    "doc-endnotes doc-endnote doc-footnote footnotes footnote endnotes endnote rearnotes"
    " rearnote".split()
)
_BACK = frozenset(("doc-backlink", "backlink"))
_CALL_CLASS = re.compile(r"(?:^|[\s_-])(?:foot-?note-?(?:ref|call|link)|noteref)(?:$|[\s_-])")
_NOTES_CLASS = re.compile(r"(?:^|[\s_-])(?:foot-?notes|end-?notes|references)(?:$|[\s_-])")
_BACK_CLASS = re.compile(r"(?:^|[\s_-])foot-?note-?(?:back|backref|return)(?:$|[\s_-])")
_PLACES = frozenset("section aside div ol ul".split())


def calls_note(element: HtmlElement, name: str) -> bool:
    """Whether an element is the number of a note, which stands raised behind a word."""
    if name != "a" or not element.attrib or not _is(element, _CALLS, _CALL_CLASS):
        return False
    around = element.getparent()
    is_raised = around is not None and around.tag == "sup"
    return not is_raised and element.find(".//sup") is None


def leads_back(element: HtmlElement, name: str) -> bool:
    """Whether an element is the arrow from a note back to the text."""
    return name == "a" and bool(element.attrib) and _is(element, _BACK, _BACK_CLASS)


def holds_notes(element: HtmlElement, name: str) -> bool:
    """Whether an element holds nothing but notes."""
    return name in _PLACES and bool(element.attrib) and _is(element, _NOTES, _NOTES_CLASS)


def _is(element: HtmlElement, names: frozenset[str], classes: re.Pattern[str]) -> bool:
    """By its role (DPUB-ARIA), its type in a book (EPUB) or its class."""
    attributes = element.attrib
    told = f"{attributes.get('role', '')} {attributes.get('epub:type', '')}".split()
    return not names.isdisjoint(told) or classes.search(attributes.get("class", "")) is not None
