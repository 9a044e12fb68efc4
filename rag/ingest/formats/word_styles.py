"""The styles of a Word file: what kind of paragraph they make, and what they hide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.ingest.formats.office import attribute, child, children, local
from rag.types.provenance import PlaceKind

if TYPE_CHECKING:
    from lxml.etree import _Element

# By the beginning of a style's name; the built-in ones are in English in every file.
_KINDS = (
    ("heading", PlaceKind.HEADING),
    ("titre", PlaceKind.HEADING),
    ("title", PlaceKind.HEADING),
    ("subtitle", PlaceKind.STANDFIRST),
    ("sous-titre", PlaceKind.STANDFIRST),
    ("chap", PlaceKind.STANDFIRST),
    ("standfirst", PlaceKind.STANDFIRST),
    ("caption", PlaceKind.CAPTION),
    ("légende", PlaceKind.CAPTION),
    ("legende", PlaceKind.CAPTION),
    ("question", PlaceKind.QUESTION),
    ("encadré", PlaceKind.BOX),
    ("list", PlaceKind.LIST),
    ("footnote text", PlaceKind.NOTE),
    ("endnote text", PlaceKind.NOTE),
)
_CONTENTS = ("toc ", "contents ", "table of figures", "index ")
_LONGEST_CHAIN = 20
_BODY_LEVEL = 9


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str | None
    hides: bool | None
    level: int | None
    is_numbered: bool


class Styles:
    """Looks styles up, through those that they are based on."""

    def __init__(self, root: _Element | None) -> None:
        self._by_id: dict[str, _Style] = {}
        self._default: str | None = None
        self.language: str | None = None
        if root is None:
            return
        properties = child(root, "docDefaults", "rPrDefault", "rPr", "lang")
        self.language = attribute(properties, "val") if properties is not None else None
        for one in children(root, "style"):
            identifier = attribute(one, "styleId") or ""
            self._by_id[identifier] = _style(one)
            is_default = attribute(one, "default") in ("1", "true", "on")
            if is_default and attribute(one, "type") == "paragraph":
                self._default = identifier

    def kind(self, paragraph: _Element | None) -> PlaceKind:
        """What a paragraph with these properties (``w:pPr``) is."""
        chain = list(self._chain(_value(paragraph, "pStyle") or self._default))
        names = [one.name for one in chain]
        for name in names:
            for beginning, kind in _KINDS:
                if name.startswith(beginning):
                    return kind
        level = _level(paragraph)
        if level is None:
            level = next((one.level for one in chain if one.level is not None), None)
        if level is not None and level < _BODY_LEVEL:
            return PlaceKind.HEADING
        numbered = _numbered(paragraph)
        if numbered is None:
            numbered = any(one.is_numbered for one in chain)
        return PlaceKind.LIST if numbered else PlaceKind.PARAGRAPH

    def is_contents(self, paragraph: _Element | None) -> bool:
        """Whether it is a line of a table of contents."""
        chain = self._chain(_value(paragraph, "pStyle"))
        return any(one.name.startswith(_CONTENTS) for one in chain)

    def hides(self, paragraph: _Element | None, run: _Element | None) -> bool:
        """Whether the words of a run with these properties are hidden (``w:vanish``).

        What a run says itself counts; else the paragraph's style and the run's, of which one
        undoes the other (ECMA-376, 17.7.3).
        """
        own = switch(run, "vanish")
        if own is not None:
            return own
        paragraph_style = _value(paragraph, "pStyle") or self._default
        by_style = (self._hides(paragraph_style), self._hides(_value(run, "rStyle")))
        return by_style[0] != by_style[1]

    def _hides(self, identifier: str | None) -> bool:
        found = (one.hides for one in self._chain(identifier) if one.hides is not None)
        return next(found, False)

    def _chain(self, identifier: str | None) -> list[_Style]:
        chain: list[_Style] = []
        while identifier in self._by_id and len(chain) < _LONGEST_CHAIN:
            chain.append(self._by_id[identifier])
            identifier = chain[-1].based_on
        return chain


def _style(element: _Element) -> _Style:
    properties = child(element, "pPr")
    return _Style(
        name=(_value(element, "name") or "").lower(),
        based_on=_value(element, "basedOn"),
        hides=switch(child(element, "rPr"), "vanish"),
        level=_level(properties),
        is_numbered=bool(_numbered(properties)),
    )


def switch(properties: _Element | None, name: str) -> bool | None:
    """Whether a property is on, None where it is not said."""
    found = child(properties, name)
    if found is None:
        return None
    return attribute(found, "val") not in ("0", "false", "off")


def _value(properties: _Element | None, name: str) -> str | None:
    found = child(properties, name)
    return attribute(found, "val") if found is not None else None


def _level(properties: _Element | None) -> int | None:
    written = _value(properties, "outlineLvl")
    return int(written) if written and written.isdecimal() else None


def _numbered(properties: _Element | None) -> bool | None:
    """Whether a paragraph is an item of a list; None where it is not said."""
    found = child(properties, "numPr")
    if found is None:
        return None
    number = next((attribute(one, "val") for one in found if local(one) == "numId"), None)
    return number != "0"
