"""Reads HTML as a browser shows it: what is markup, and what are words."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

VOID = {"img", "br", "meta", "link", "input"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str | None]
    words: str = ""


class Page(HTMLParser):
    """The elements of a piece of HTML, in the order they open, with their words."""

    def __init__(self, html: str) -> None:
        # Python would drop references to control characters, which browsers keep.
        super().__init__(convert_charrefs=False)
        self.elements: list[Element] = []
        self.comments: list[str] = []
        self.words = ""
        self._open: list[Element] = []
        # What is added to Markup would be escaped.
        self.feed(str(html))
        self.close()
        assert not self._open, f"left open: {[element.name for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.words += data
        for element in self._open:
            element.words += data

    def handle_charref(self, name: str) -> None:
        number = int(name[1:], 16) if name[:1] in "xX" else int(name)
        self.handle_data(chr(number))

    def handle_entityref(self, name: str) -> None:
        self.handle_data({"lt": "<", "gt": ">", "amp": "&", "quot": '"'}[name])

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def tags(self) -> list[str]:
        return [element.name for element in self.elements]

    def of_class(self, name: str) -> list[Element]:
        return [
            element
            for element in self.elements
            if name in (element.attributes.get("class") or "").split()
        ]

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.name == tag]
