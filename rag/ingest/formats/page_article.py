"""Which blocks of a page are its article, and what the others are."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.ingest.formats.page_blocks import Block
from rag.ingest.formats.page_regions import (
    READ_ALSO,
    is_dated_line,
    is_loosely_around,
    is_prose,
    is_sentence,
    named,
    said_around,
)
from rag.ingest.formats.page_root import article_element
from rag.ingest.formats.page_tree import PageTree, around, folded
from rag.types.provenance import LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_RELATED = re.compile(r"related|recomm|read|lire|suggest|recirc|outbrain|taboola|more")
_MAY_BE_FIRST = (PlaceKind.PARAGRAPH, PlaceKind.HEADING)
# What stands between a standfirst and the text; None is a picture's caption.
_BETWEEN = (None, LeftOutKind.HEADER, LeftOutKind.NAVIGATION)
_BYLINE = re.compile(r"(?:par|by|publiée?|mise? à jour|posted|published|updated)\b", re.I)


@dataclass(slots=True)
class Part:
    """A block and what was decided of it: its kind in the article, or why it is left out."""

    block: Block
    kind: PlaceKind = PlaceKind.PARAGRAPH
    left_out: LeftOutKind | None = None


def article_parts(
    body: HtmlElement, blocks: Sequence[Block], heading: HtmlElement | None, known: str = ""
) -> tuple[list[Part], bool]:
    """What of a page is its article, block by block, and whether its place was in doubt.

    ``heading`` is the element of the article's title; ``known`` are words, folded, that are
    the article's whatever stands around them.
    """
    tree = PageTree(body, blocks, heading, known)
    root, is_sure = article_element(tree)
    return _Parts(tree).parts(root), not is_sure


class _Parts:
    """Tells the blocks of one page."""

    def __init__(self, tree: PageTree) -> None:
        self._tree = tree

    def parts(self, root: HtmlElement) -> list[Part]:
        """Every block with what it is, ``root`` holding the article."""
        blocks = self._tree.blocks
        inside = [any(one is root for one in around(block.element)) for block in blocks]
        first = inside.index(True) if True in inside else len(inside)
        zone = self._header_zone(first, root)
        parts = [
            self._part(block, root if here else None, number in zone)
            for number, (block, here) in enumerate(zip(blocks, inside, strict=True))
        ]
        self._leave_out_above_title(parts)
        self._leave_out_lists(parts)
        self._leave_out_read_also(parts)
        self._leave_out_what_stands_alone(parts)
        self._name_standfirst(parts)
        self._take_known(parts)
        return parts

    # What a block is

    def _header_zone(self, first: int, root: HtmlElement) -> Collection[int]:
        """The blocks between the title and an article that does not hold it."""
        if self._tree.heading is None or root in self._tree.heading_around:
            return ()
        heading = next(
            (n for n, one in enumerate(self._tree.blocks) if self._tree.is_in_heading(one)),
            None,
        )
        return range(heading, first) if heading is not None and heading < first else ()

    def _part(self, block: Block, root: HtmlElement | None, in_zone: bool) -> Part:
        if block.left_out is not None:
            return Part(block, left_out=block.left_out)
        if root is None and not in_zone:
            kind = self._tree.outermost_region(block.element) or _outside(block)
            return Part(block, left_out=kind)
        left_out = self._left_out_inside(block, root)
        return Part(block, self._kind(block, root), left_out)

    def _left_out_inside(self, block: Block, root: HtmlElement | None) -> LeftOutKind | None:
        if self._tree.is_in_heading(block):
            return None
        is_heading = block.kind is PlaceKind.HEADING
        if self._leads_elsewhere(block):
            return LeftOutKind.NAVIGATION
        said = said_around(block.text)
        if said is not None and not (is_heading and said is not LeftOutKind.NOTICE):
            return said
        own = self._tree.names.class_region(block.element)
        if own in (LeftOutKind.NOTICE, LeftOutKind.NAVIGATION) and is_loosely_around(
            block.text
        ):
            return own
        region = self._tree.region_inside(block.element, root)
        if region is None:
            return self._dated(block, own)
        return region[0] if self._agrees(*region, block) else None

    def _leads_elsewhere(self, block: Block) -> bool:
        """Whether a block is the title of another article: a link, and no sentence."""
        if block.link_share < 0.9 or is_sentence(block.text):
            return False
        return block.kind is PlaceKind.HEADING or block.element.tag in ("div", "section")

    def _dated(self, block: Block, own: LeftOutKind | None) -> LeftOutKind | None:
        """A line of author and date that is no paragraph is the page's, not the article's."""
        element = block.element
        if element.tag in ("p", "li", "blockquote", "figcaption") or block.kind in (
            PlaceKind.HEADING,
            PlaceKind.TABLE,
            PlaceKind.CAPTION,
        ):
            return None
        is_time = next(element.iter("time"), None) is not None and len(block.text) < 60
        says = own is LeftOutKind.HEADER or element.tag == "address"
        if (says or is_time or _BYLINE.match(block.text)) and (
            not is_prose(block.text) and is_dated_line(block.text)
        ):
            return LeftOutKind.HEADER
        return None

    def _agrees(self, kind: LeftOutKind, element: HtmlElement, block: Block) -> bool:
        """Whether the words of a block are of the kind that a region's name says."""
        if element.tag in ("nav", "button", "select", "option", "dialog"):
            return True
        if kind is LeftOutKind.HEADER:
            return not is_prose(block.text) and is_dated_line(block.text)
        prose = is_prose(block.text) and block.link_share < 0.5
        name = named(element)
        if kind is LeftOutKind.FOOTER:
            return not prose or "©" in block.text
        if "comment" in name or "disqus" in name or "newsletter" in name:
            return True
        if kind is LeftOutKind.NAVIGATION:
            linked = next(element.iter("a"), None) is not None
            return not prose or (linked and _is_related(name))
        if kind is LeftOutKind.NOTICE and element.tag == "form":
            return True
        return not prose or is_loosely_around(block.text)

    def _kind(self, block: Block, root: HtmlElement | None) -> PlaceKind:
        if block.kind is not PlaceKind.PARAGRAPH:
            if block.kind is PlaceKind.HEADING and block.text.endswith("?") and block.strong:
                return PlaceKind.QUESTION
            return block.kind
        if block.text.rstrip('\u00a0\u202f »”"').endswith("?") and block.strong:
            return PlaceKind.QUESTION
        for element in around(block.element):
            if element is root:
                break
            kind = self._tree.names.part(element)
            if kind is PlaceKind.QUESTION and not block.text.rstrip().endswith("?"):
                continue
            if kind is not None and kind is not PlaceKind.STANDFIRST:
                return kind
        return PlaceKind.PARAGRAPH

    # What blocks are by those around them

    def _leave_out_above_title(self, parts: Sequence[Part]) -> None:
        """A kicker, a section or the way to it stand above the title and are no paragraphs."""
        title = next(
            (n for n, one in enumerate(parts) if self._tree.is_in_heading(one.block)), 0
        )
        for part in parts[:title]:
            if part.left_out is None and not is_prose(part.block.text):
                part.left_out = LeftOutKind.HEADER

    def _leave_out_lists(self, parts: Sequence[Part]) -> None:
        """Lists of nothing but links lead to other pages."""
        by_list: dict[HtmlElement, list[Part]] = {}
        for part in parts:
            if part.left_out is None and part.block.kind is PlaceKind.LIST:
                elements = around(part.block.element)
                found = next((one for one in elements if one.tag in ("ul", "ol")), None)
                if found is not None:
                    by_list.setdefault(found, []).append(part)
        for items in by_list.values():
            if all(
                one.block.link_share > 0.8 and not is_sentence(one.block.text) for one in items
            ):
                for one in items:
                    one.left_out = LeftOutKind.NAVIGATION

    def _leave_out_read_also(self, parts: Sequence[Part]) -> None:
        """« Lire aussi » and the links under it, up to what is none."""
        following = False
        for part in parts:
            if part.left_out is not None:
                continue
            block = part.block
            is_linked = block.link_share > 0.5
            said = READ_ALSO.match(block.text) is not None
            if said and (is_linked or len(block.text) < 40):
                following = len(block.text) < 40 and not is_linked
                part.left_out = LeftOutKind.NAVIGATION
            elif following and is_linked:
                part.left_out = LeftOutKind.NAVIGATION
            else:
                following = False

    def _leave_out_what_stands_alone(self, parts: Sequence[Part]) -> None:
        """A heading at the end without anything under it, signs without words."""
        for part in parts:
            if part.left_out is None and not any(map(str.isalnum, part.block.text)):
                part.left_out = LeftOutKind.OTHER
        for part in reversed(parts):
            if part.left_out is not None:
                continue
            block = part.block
            if block.kind is not PlaceKind.HEADING or is_sentence(block.text):
                return
            if self._tree.is_in_heading(block):
                return
            part.left_out = LeftOutKind.NAVIGATION

    def _name_standfirst(self, parts: Sequence[Part]) -> None:
        """What stands between the title and the first paragraphs, where it says so.

        So does what has a picture, or a line of author and date, between it and the text.
        """
        first: Part | None = None
        is_apart = may_be = False
        for part in parts:
            block = part.block
            if self._tree.is_in_heading(block):
                first, is_apart, may_be = None, False, True
            elif part.left_out is not None or part.kind is PlaceKind.CAPTION:
                is_apart = is_apart or (first is not None and part.left_out in _BETWEEN)
            elif part.kind in _MAY_BE_FIRST and self._says_standfirst(block, first is None):
                part.kind = PlaceKind.STANDFIRST
                may_be = False
            elif part.kind is not PlaceKind.PARAGRAPH:
                if first is not None:
                    break
                may_be = False
            elif not is_prose(block.text):
                continue
            elif first is not None:
                break
            else:
                first = part
        if may_be and is_apart and first is not None:
            first.kind = PlaceKind.STANDFIRST

    def _says_standfirst(self, block: Block, is_first: bool) -> bool:
        if block.kind is PlaceKind.HEADING:
            if not is_first:
                return False
            if block.element.tag == "h2" and is_sentence(block.text) and len(block.text) > 60:
                return True
        if block.text.startswith(("Par ", "Publié", "Mis à jour")) and len(block.text) < 100:
            return False
        for element in around(block.element):
            if element.tag in ("article", "main", "body"):
                return False
            if self._tree.names.part(element) is PlaceKind.STANDFIRST:
                return True
            if element.tag == "header" and is_prose(block.text):
                return True
        return False

    def _take_known(self, parts: Sequence[Part]) -> None:
        for part in parts:
            if part.left_out in (None, LeftOutKind.DELETED, LeftOutKind.SCRIPT):
                continue
            if is_prose(part.block.text) and self._tree.is_known(part.block):
                part.left_out = None
                part.kind = self._kind(part.block, self._tree.body)


def take_lines(parts: Sequence[Part], lines: Collection[str]) -> None:
    """Take for the article's what another reader of pages takes: folded ``lines``."""
    doubtful = (LeftOutKind.OTHER, LeftOutKind.HEADER, LeftOutKind.NOTICE)
    for part in parts:
        text = part.block.text
        if part.left_out in doubtful and is_prose(text) and folded(text) in lines:
            part.left_out = None


def _is_related(name: str) -> bool:
    return _RELATED.search(name) is not None


def _outside(block: Block) -> LeftOutKind:
    said = said_around(block.text)
    if said is not None:
        return said
    return LeftOutKind.NAVIGATION if block.link_share > 0.5 else LeftOutKind.OTHER
