"""The words of a page as a person sees them: its blocks in order, no word of them dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.ingest.formats.page_hidden import is_hidden
from rag.ingest.formats.page_notes import calls_note, holds_notes
from rag.ingest.formats.raised_signs import lowered, raised
from rag.types.provenance import LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BLOCKS = _HEADINGS | frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt"
    " fieldset figcaption figure footer form header hgroup hr html legend li main menu nav ol"
    " optgroup option p pre search section select summary table tbody td textarea tfoot th"
    " thead tr ul".split()
)
# A word that belongs to the sentence around it, where there is one.
_SOMETIMES_BLOCKS = frozenset(("button", "label", "output"))
_SENTENCES = _HEADINGS | frozenset("p li dt dd td th blockquote figcaption caption pre".split())
# Whose spans stand side by side as a style sheet says, not as words of a line.
_BOXES = frozenset("div header footer section aside nav address li td".split())
_SKIPPED = frozenset(
    "audio canvas datalist embed head iframe map object rp script style svg template title"
    " video".split()
)
_STRONG = frozenset("b strong em i".split())
_KINDS = {
    **dict.fromkeys(_HEADINGS, PlaceKind.HEADING),
    **dict.fromkeys(("li", "dt", "dd"), PlaceKind.LIST),
    **dict.fromkeys(("figcaption", "caption"), PlaceKind.CAPTION),
}
# No-break spaces are French typography and stay.
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINE = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_AROUND_LINE_END = re.compile(r" *\n *")
# So far out is looked for what a block stands in: pages may be nested without end.
_NEAR = 40
_CELL_BETWEEN = " · "
# A longer cell holds paragraphs: its table sets a page.
_LONGEST_CELL = 300


@dataclass(slots=True)
class Block:
    """Words of a page that stand together, in the innermost ``element`` that sets them apart.

    ``kind`` is what the element says of them, ``row`` the row of a table; ``links`` counts
    characters in links. ``strong`` tells that all of them stand out. ``left_out`` is the kind
    of words that are not to be read, whatever stands around them.
    """

    text: str
    element: HtmlElement
    kind: PlaceKind = PlaceKind.PARAGRAPH
    row: int | None = None
    links: int = 0
    strong: bool = False
    left_out: LeftOutKind | None = None

    @property
    def link_share(self) -> float:
        """How much of it is in links, 0 to 1."""
        return min(self.links / len(self.text), 1.0)


def parse_page(page: str) -> HtmlElement | None:
    """The tree of a page; None when there is no element in it."""
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        return html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def page_blocks(
    root: HtmlElement, quotes: tuple[str, str] = ("«\u00a0", "\u00a0»")
) -> list[Block]:
    """The blocks of what is under ``root``; ``quotes`` are the marks around a q element."""
    from lxml import etree

    walk = _Walk(quotes)
    # Below a folder of elements that are not read nothing is walked.
    below = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            if not below:
                walk.words(element.tail)
            continue
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if below or name in _SKIPPED:
                below += 1
            else:
                walk.start(element, name)
                walk.words(element.text)
            continue
        if below:
            below -= 1
            if below:
                continue
        else:
            walk.end(element, name)
        if element is not root:
            walk.words(element.tail)
    walk.flush()
    return walk.blocks


class _Walk:
    """What was seen of a page so far."""

    def __init__(self, quotes: tuple[str, str]) -> None:
        self.blocks: list[Block] = []
        self._quotes = quotes
        self._pieces: list[str] = []
        self._open: list[HtmlElement] = []
        # Elements that change the words in them, and where in the pieces they begin.
        self._changing: list[tuple[HtmlElement, int]] = []
        self._hidden: list[HtmlElement] = []
        self._scripted: list[HtmlElement] = []
        self._notes: list[HtmlElement] = []
        self._in_links = self._in_strong = 0
        self._links = self._strong = self._length = 0
        self._blocks_open: set[HtmlElement] = set()
        self._tables: list[tuple[HtmlElement, bool]] = []
        self._cells: list[str] = []
        self._cell_links = 0
        self._rows: list[int] = []

    def words(self, text: str | None) -> None:
        """Words at the place that the walk has come to."""
        if not text:
            return
        if not (self._open and self._open[-1].tag == "pre"):
            text = _SPACES.sub(" ", text)
        self._pieces.append(text)
        length = len(text.strip())
        self._length += length
        if self._in_links:
            self._links += length
        if self._in_strong:
            self._strong += length

    def start(self, element: HtmlElement, name: str) -> None:
        """An element opens."""
        if self._is_block(name):
            self._start_block(element, name)
        elif name == "br":
            self._end_line()
        elif (
            name in ("sup", "sub", "del")
            or is_hidden(element, name)
            or calls_note(element, name)
        ):
            self._changing.append((element, len(self._pieces)))
        elif name == "q":
            self._pieces.append(self._quotes[0])
        elif _stands_apart(element):
            self._pieces.append(" ")
        self._in_links += name == "a"
        self._in_strong += name in _STRONG

    def end(self, element: HtmlElement, name: str) -> None:
        """An element closes."""
        self._in_links -= name == "a"
        self._in_strong -= name in _STRONG
        if element in self._blocks_open:
            self._end_block(element, name)
        elif name == "q":
            self._pieces.append(self._quotes[1])
        elif self._changing and self._changing[-1][0] is element:
            self._change(element, name, self._changing.pop()[1])

    def flush(self) -> None:
        """What stands here until now is a block, or several with blank lines between."""
        written, self._pieces = "".join(self._pieces), []
        links, strong, length = self._links, self._strong, self._length
        self._links = self._strong = self._length = 0
        if self._changing:
            self._changing = [(element, 0) for element, _ in self._changing]
        if not written or written.isspace():
            return
        paragraphs = [one for one in _BLANK_LINE.split(_clean(written)) if one]
        total = sum(map(len, paragraphs)) or 1
        for text in paragraphs:
            self._add(text, links * len(text) // total, strong >= length > 0)

    def _add(self, text: str, links: int, strong: bool) -> None:
        element = self._open[-1] if self._open else None
        if element is None:
            return
        near = reversed(self._open[-_NEAR:])
        kind = next((_KINDS[one.tag] for one in near if one.tag in _KINDS), None)
        kind = PlaceKind.NOTE if self._notes else kind
        block = Block(text, element, kind or PlaceKind.PARAGRAPH, None, links, strong)
        changing = next((e for e, _ in self._changing if e.tag not in ("sup", "sub")), None)
        if changing is not None and changing.tag == "del":
            block.left_out = LeftOutKind.DELETED
        elif self._hidden or changing is not None:
            block.left_out = LeftOutKind.HIDDEN
        elif self._scripted:
            block.left_out = LeftOutKind.SCRIPT
        self.blocks.append(block)

    def _end_line(self) -> None:
        written = "".join(self._pieces).rstrip()
        if self._in_cell():
            self._pieces.append(" ")
        elif written.endswith("?") and self._strong >= self._length > 0:
            # A question and its answer in one paragraph.
            self.flush()
        else:
            self._pieces.append("\n")

    def _is_block(self, name: str) -> bool:
        if name in _BLOCKS or name == "noscript":
            return True
        if name in _SOMETIMES_BLOCKS or "-" in name:
            return not any(one.tag in _SENTENCES for one in self._open[-3:])
        return False

    def _start_block(self, element: HtmlElement, name: str) -> None:
        if self._in_cell() and name not in ("td", "th", "tr", "table"):
            self._pieces.append(" ")
        else:
            self.flush()
        self._open.append(element)
        self._blocks_open.add(element)
        if is_hidden(element, name):
            self._hidden.append(element)
        if name == "noscript":
            self._scripted.append(element)
        if holds_notes(element, name):
            self._notes.append(element)
        if name == "table":
            self._tables.append((element, _holds_figures(element)))
            self._rows.append(0)
        elif name == "tr" and self._in_cell():
            self._cells, self._cell_links = [], 0
            self._rows[-1] += 1

    def _end_block(self, element: HtmlElement, name: str) -> None:
        if not self._in_cell():
            self.flush()
        elif name in ("td", "th"):
            text = " ".join("".join(self._pieces).split(" ")).strip()
            self._pieces = []
            self._cell_links += self._links
            self._links = self._strong = self._length = 0
            if text:
                self._cells.append(_SPACES.sub(" ", text))
        elif name == "tr":
            if self._cells:
                self._add(_CELL_BETWEEN.join(self._cells), self._cell_links, False)
                self.blocks[-1].kind = PlaceKind.TABLE
                self.blocks[-1].row = self._rows[-1]
            self._cells = []
            self.flush()
        elif name == "caption" or name == "table":
            self.flush()
        else:
            self._pieces.append(" ")
        self._blocks_open.discard(element)
        while self._open and self._open.pop() is not element:
            pass
        if name == "table" and self._tables:
            self._tables.pop()
            self._rows.pop()
        for opened in (self._hidden, self._scripted, self._notes):
            if opened and opened[-1] is element:
                opened.pop()

    def _in_cell(self) -> bool:
        return bool(self._tables) and self._tables[-1][1]

    def _change(self, element: HtmlElement, name: str, start: int) -> None:
        """What a closing element does to the pieces that it holds."""
        text = "".join(self._pieces[start:])
        before = "".join(self._pieces[:start])[-1:]
        del self._pieces[start:]
        if is_hidden(element, name) or name == "del":
            kind = LeftOutKind.DELETED if name == "del" else LeftOutKind.HIDDEN
            words = " ".join(text.split())
            self._length -= len(text.strip())
            if words and self._open:
                self.blocks.append(Block(words, self._open[-1], left_out=kind))
        elif text:
            self._pieces.append(lowered(text) if name == "sub" else raised(text, before))


def _clean(written: str) -> str:
    if "\n" not in written:
        return re.sub(" {2,}", " ", written).strip(" \t\r\f")
    lines = re.sub(r"[ \t\r\f]{2,}", " ", written)
    return _AROUND_LINE_END.sub("\n", lines).strip()


def _stands_apart(element: HtmlElement) -> bool:
    """Whether words of an element are next to another's only in the markup."""
    previous = element.getprevious()
    if previous is None or previous.tail or not isinstance(previous.tag, str):
        return False
    around = element.getparent()
    if around is None or around.tag not in _BOXES or (around.text or "").strip():
        return False
    if any((one.tail or "").strip() for one in around):
        return False
    # The first letter of a paragraph may have an element of its own.
    return len("".join(previous.itertext()).strip()) > 1


def _holds_figures(table: HtmlElement) -> bool:
    """Whether a table has rows of cells, and is not there to set the page."""
    if table.get("role") in ("presentation", "none"):
        return False
    if next(table.iterdescendants("table", "h1", "article"), None) is not None:
        return False
    cells = table.xpath(".//td | .//th")
    if not any(len(row) > 1 for row in table.iter("tr")):
        return False
    return all(len("".join(cell.itertext()).strip()) <= _LONGEST_CELL for cell in cells)
