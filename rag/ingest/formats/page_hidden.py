"""What stands in a page and is not shown as words of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.ingest.formats.page_notes import leads_back

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HIDDEN_CLASS = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|visually-?hidden|screen-?reader(?:-text)?|element-invisible"
    r"|a11y-hidden|u-hidden-visually|js-hidden)(?:$|[\s_-])",
    re.I,
)
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)


def is_hidden(element: HtmlElement, name: str) -> bool:
    """Whether a page does not show an element, or shows it as a mere way back."""
    attributes = element.attrib
    if not attributes:
        return name == "dialog"
    if leads_back(element, name):
        return True
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    if name == "dialog" and "open" not in attributes:
        return True
    style = attributes.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    named = attributes.get("class")
    return bool(named) and _HIDDEN_CLASS.search(named) is not None
