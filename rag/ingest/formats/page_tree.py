"""A page as its elements see it: which are around an article, and where its prose stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.ingest.formats.page_blocks import Block
from rag.ingest.formats.page_regions import Regions, is_prose, named, said_around
from rag.types.provenance import LeftOutKind

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# More prose than a notice or an advertisement has.
_TOO_MUCH = 250
_SURELY_AROUND = re.compile(
    r"cookie|consent|gdpr|rgpd|didomi|onetrust|newsletter|infolettre|dialog|popup|popin"
)
_FOLDED = re.compile(r"\w+")
_MOST_OF_IT = 0.5
_SHORTEST_KNOWN = 30
Region = tuple[LeftOutKind, "HtmlElement"]


def folded(text: str) -> str:
    """The words of a text with a space between, whatever their case and signs."""
    return " ".join(_FOLDED.findall(unicodedata.normalize("NFKC", text).casefold()))


def around(element: HtmlElement | None) -> Iterator[HtmlElement]:
    """An element and what it stands in, from the inside out."""
    while element is not None:
        yield element
        element = element.getparent()


class PageTree:
    """The blocks of a page and the elements that they stand in.

    ``heading`` is the element of the article's title; ``known`` are words, folded, that are
    the article's whatever stands around them.
    """

    def __init__(
        self,
        body: HtmlElement,
        blocks: Sequence[Block],
        heading: HtmlElement | None,
        known: str,
    ) -> None:
        self.body = body
        self.blocks = blocks
        self.heading = heading
        self.heading_around = set(around(heading))
        self.names = Regions()
        self._known = f" {known} " if known else ""
        self._kinds: dict[HtmlElement, LeftOutKind | None] = {}
        self._outermost: dict[HtmlElement, Region | None] = {}
        self._prose: dict[HtmlElement, int] = {}
        for block in blocks:
            if self._is_prose(block):
                for one in around(block.element):
                    self._prose[one] = self._prose.get(one, 0) + len(block.text)

    def region(self, element: HtmlElement) -> LeftOutKind | None:
        """What kind of region around an article an element is, if it is one."""
        if element not in self._kinds:
            kind = self.names.region(element)
            too_much = kind is not None and self._is_too_much(element, kind)
            self._kinds[element] = None if too_much else kind
        return self._kinds[element]

    def outermost_region(self, element: HtmlElement) -> LeftOutKind | None:
        """The kind of the outermost region that an element stands in."""
        waiting = []
        found: Region | None = None
        for one in around(element):
            if one in self._outermost:
                found = self._outermost[one]
                break
            waiting.append(one)
        for one in reversed(waiting):
            kind = self.region(one) if found is None else None
            found = (kind, one) if kind is not None else found
            self._outermost[one] = found
        return found[0] if found else None

    def region_inside(self, element: HtmlElement, root: HtmlElement | None) -> Region | None:
        """The innermost region that an element stands in below ``root``."""
        for one in around(element):
            if one is root:
                break
            kind = self.region(one)
            if kind is not None:
                return kind, one
        return None

    def is_known(self, block: Block) -> bool:
        """Whether the words of a block are known to be the article's."""
        if not self._known or len(block.text) < _SHORTEST_KNOWN:
            return False
        return f" {folded(block.text)} " in self._known

    def is_in_heading(self, block: Block) -> bool:
        """Whether a block is the article's title as the page shows it."""
        return self.heading is not None and any(
            one is self.heading for one in around(block.element)
        )

    def _is_prose(self, block: Block) -> bool:
        return (
            block.left_out is None
            and block.link_share < 0.5
            and is_prose(block.text)
            and said_around(block.text) is None
        )

    def _is_too_much(self, element: HtmlElement, kind: LeftOutKind) -> bool:
        """Whether a region holds the article's title, or text that no region would."""
        if element.tag == "nav":
            return False
        if (
            kind in (LeftOutKind.NOTICE, LeftOutKind.ADVERTISEMENT, LeftOutKind.HEADER)
            and self._prose.get(element, 0) >= _TOO_MUCH
            and not _SURELY_AROUND.search(f"{named(element)} {element.tag}")
        ):
            return True
        if element in self.heading_around:
            return True
        most = self._prose.get(element, 0) >= _MOST_OF_IT * self._prose.get(self.body, 0)
        if most and kind is not LeftOutKind.OTHER and element in self._prose:
            return True
        if element.get("itemprop", "").lower() == "articlebody":
            return True
        return next(element.iterdescendants("main"), None) is not None or any(
            one.get("itemprop", "").lower() == "articlebody" for one in element.iter("div")
        )
