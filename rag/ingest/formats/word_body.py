"""The body of a Word file to blocks: runs, fields, changes, boxes, tables and notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rag.ingest.formats.markup import paragraphs
from rag.ingest.formats.office import (
    Block,
    Document,
    OfficeZip,
    attribute,
    child,
    children,
    local,
    raised,
)
from rag.ingest.formats.word_styles import Styles, switch
from rag.types.provenance import LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from lxml.etree import _Element

# What holds words of its paragraph as if it were not there.
_SEEN_THROUGH = frozenset(
    "ins moveTo hyperlink smartTag fldSimple customXml sdtContent dir bdo ruby rubyBase"
    " oMath oMathPara".split()
)
_GONE = frozenset(("del", "moveFrom"))
_DRAWN = frozenset(("drawing", "pict", "object"))
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "softHyphen": "\u00ad"}
# Letters of fonts of pictures have no meaning outside them (U+E000 to U+F8FF).
_PRIVATE = range(0xE000, 0xF900)
_REFERENCES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}


class BodyReader:
    """Puts what it reads into ``document``; fields may go from one paragraph into another."""

    def __init__(
        self,
        document: Document,
        styles: Styles,
        parts: OfficeZip,
        named: Mapping[str, tuple[str, str]],
    ) -> None:
        self._document = document
        self._styles = styles
        self._parts = parts
        self._named = named
        # Of each field that is open, whether its result has begun.
        self._fields: list[bool] = []
        self._carried = ""
        self._boxes: list[_Element] = []
        self._notes: dict[str, list[str]] = {"footnotes": [], "endnotes": []}

    def read(
        self,
        holder: _Element,
        kind: PlaceKind = PlaceKind.PARAGRAPH,
        row: int | None = None,
    ) -> None:
        """Read the paragraphs and tables of ``holder``, which are of ``kind``."""
        for one in holder:
            name = local(one)
            if name == "p":
                self._paragraph(one, kind, row)
            elif name == "tbl":
                self._table(one, kind)
            elif name == "sdt":
                self._content_control(one, kind, row)
            elif name in _GONE:
                self._document.leave_out(LeftOutKind.DELETED, _all_words(one))
            elif name == "AlternateContent":
                self.read(_alternative(one), kind, row)
            elif name == "altChunk":
                self._chunk(one, kind)
            elif name in _SEEN_THROUGH:
                self.read(one, kind, row)
        self._flush(kind, row)

    def read_notes(self, kind: str, root: _Element) -> None:
        """Read the notes that the text refers to, in its order; others are not seen."""
        is_note = ("footnote", "endnote")
        notes = {attribute(one, "id"): one for one in root if local(one) in is_note}
        for identifier in self._notes[kind]:
            note = notes.pop(identifier, None)
            if note is not None:
                self.read(note, PlaceKind.NOTE)
        for note in notes.values():
            if attribute(note, "type") in (None, "normal"):
                self._document.leave_out(LeftOutKind.HIDDEN, _all_words(note))

    def _paragraph(self, element: _Element, kind: PlaceKind, row: int | None) -> None:
        properties = child(element, "pPr")
        boxes, self._boxes = self._boxes, []
        pieces: list[str] = []
        self._inline(element, pieces, properties)
        text = "".join(pieces)
        frame = child(properties, "framePr")
        mark = child(properties, "rPr")
        # Without its mark a paragraph goes on in the next one, and so does a drop cap.
        if any(child(mark, name) is not None for name in _GONE) or (
            frame is not None and attribute(frame, "dropCap") in ("drop", "margin")
        ):
            self._carried += text
        elif self._styles.is_contents(properties):
            self._document.leave_out(LeftOutKind.NAVIGATION, text)
        else:
            own = self._styles.kind(properties)
            if kind is PlaceKind.PARAGRAPH:
                kind = PlaceKind.BOX if frame is not None else own
            elif kind is PlaceKind.BOX and own is PlaceKind.CAPTION:
                kind = own
            self._document.add(self._carried + text, kind, row)
            self._carried = ""
        drawn, self._boxes = self._boxes, boxes
        for box in drawn:
            self._read_apart(box, PlaceKind.BOX)

    def _read_apart(self, holder: _Element, kind: PlaceKind) -> None:
        """Read what stands beside the text, which is not part of what was carried."""
        carried, self._carried = self._carried, ""
        self.read(holder, kind)
        self._carried = carried

    def _flush(self, kind: PlaceKind, row: int | None) -> None:
        self._document.add(self._carried, kind, row)
        self._carried = ""

    def _content_control(self, element: _Element, kind: PlaceKind, row: int | None) -> None:
        content = child(element, "sdtContent")
        if content is None:
            return
        gallery = child(element, "sdtPr", "docPartObj", "docPartGallery")
        if gallery is not None and attribute(gallery, "val") == "Table of Contents":
            self._document.leave_out(LeftOutKind.NAVIGATION, _all_words(content))
        elif switch(child(element, "sdtPr"), "showingPlcHdr"):
            self._document.leave_out(LeftOutKind.OTHER, _all_words(content))
        else:
            self.read(content, kind, row)

    def _inline(
        self, element: _Element, pieces: list[str], properties: _Element | None
    ) -> None:
        """Add the words of a paragraph's elements to ``pieces``."""
        for one in element:
            name = local(one)
            if name == "r":
                self._run(one, pieces, properties)
            elif name == "sdt":
                content = child(one, "sdtContent")
                if switch(child(one, "sdtPr"), "showingPlcHdr"):
                    self._document.leave_out(LeftOutKind.OTHER, _all_words(one))
                elif content is not None:
                    self._inline(content, pieces, properties)
            elif name in _GONE:
                self._document.leave_out(LeftOutKind.DELETED, _all_words(one))
            elif name == "AlternateContent":
                self._inline(_alternative(one), pieces, properties)
            elif name in _DRAWN:
                self._draw(one)
            elif name == "sSup":
                self._power(one, pieces, properties)
            elif name in _SEEN_THROUGH or _is_math(one):
                self._inline(one, pieces, properties)

    def _power(self, element: _Element, pieces: list[str], properties: _Element | None) -> None:
        """A base and its exponent in a formula."""
        for name in ("e", "sup"):
            found = child(element, name)
            inner: list[str] = []
            if found is not None:
                self._inline(found, inner, properties)
            words = "".join(inner)
            pieces.append(raised(words) if name == "sup" else words)

    def _run(self, run: _Element, pieces: list[str], properties: _Element | None) -> None:
        own = child(run, "rPr")
        words: list[str] = []
        self._run_parts(run, words, properties)
        text = "".join(words)
        height = child(own, "vertAlign")
        if height is not None and attribute(height, "val") == "superscript":
            text = raised(text)
        if self._styles.hides(properties, own):
            self._document.leave_out(LeftOutKind.HIDDEN, text)
        else:
            pieces.append(text)

    def _run_parts(
        self, holder: _Element, words: list[str], properties: _Element | None
    ) -> None:
        for one in holder:
            name = local(one)
            if name == "fldChar":
                self._field(one, words)
            elif name in _REFERENCES:
                self._notes[_REFERENCES[name]].append(attribute(one, "id") or "")
            elif name == "delText":
                self._document.leave_out(LeftOutKind.DELETED, one.text or "")
            elif name in _DRAWN:
                self._draw(one)
            elif name == "AlternateContent":
                self._run_parts(_alternative(one), words, properties)
            elif name == "ruby":
                self._inline(one, words, properties)
            elif all(self._fields):
                words.append(_sign(one, name))

    def _field(self, element: _Element, words: list[str]) -> None:
        """Follow a field: what stands before its result is an order to the program."""
        what = attribute(element, "fldCharType")
        if what == "begin":
            chosen = _chosen(child(element, "ffData", "ddList"))
            if chosen and all(self._fields):
                words.append(chosen)
            self._fields.append(False)
        elif what == "separate" and self._fields:
            self._fields[-1] = True
        elif what == "end" and self._fields:
            self._fields.pop()

    def _draw(self, element: _Element) -> None:
        """Keep what of a drawing holds words, for after its paragraph."""
        waiting = [element]
        while waiting:
            one = waiting.pop()
            name = local(one)
            if name == "AlternateContent":
                waiting.append(_alternative(one))
            elif name in ("txbxContent", "txBody"):
                self._boxes.append(one)
            elif name == "textpath":
                self._boxes.append(_as_box([attribute(one, "string") or ""]))
            elif name == "relIds":
                _, part = self._named.get(attribute(one, "dm") or "", ("", ""))
                root = self._parts.xml(part)
                every = root.iter() if root is not None else ()
                self._boxes.append(_as_box([_all_words(p) for p in every if local(p) == "p"]))
            else:
                waiting.extend(reversed(one))

    def _chunk(self, element: _Element, kind: PlaceKind) -> None:
        """Read a page that was put into the file as it was."""
        _, part = self._named.get(attribute(element, "id") or "", ("", ""))
        content = self._parts.read(part) if part.lower().endswith((".htm", ".html")) else None
        for paragraph in paragraphs(content).split("\n\n") if content else ():
            self._document.add(paragraph, kind)

    def _table(self, table: _Element, kind: PlaceKind) -> None:
        rows = list(_held(table, "tr"))
        cells = [cell for row in rows for cell in _held(row, "tc")]
        if len(cells) == 1:
            self.read(cells[0], PlaceKind.BOX if kind is PlaceKind.PARAGRAPH else kind)
            return
        for number, row in enumerate(rows, 1):
            properties = child(row, "trPr")
            if child(properties, "del") is not None:
                self._document.leave_out(LeftOutKind.DELETED, _all_words(row))
            elif switch(properties, "hidden"):
                self._document.leave_out(LeftOutKind.HIDDEN, _all_words(row))
            else:
                found = [self._cell(cell, number) for cell in _held(row, "tc")]
                self._document.add_row(found, number)

    def _cell(self, cell: _Element, number: int) -> list[Block]:
        """The blocks of a cell; of one that is merged with the one above, none are seen."""
        properties = child(cell, "tcPr")
        if child(properties, "cellDel") is not None:
            self._document.leave_out(LeftOutKind.DELETED, _all_words(cell))
            return []
        merged = child(properties, "vMerge")
        if merged is not None and attribute(merged, "val") != "restart":
            self._document.leave_out(LeftOutKind.HIDDEN, _all_words(cell))
            return []
        outer, self._document.blocks = self._document.blocks, []
        self.read(cell, PlaceKind.TABLE, number)
        found, self._document.blocks = self._document.blocks, outer
        return found


def _held(holder: _Element, name: str) -> Iterator[_Element]:
    """The rows of a table or the cells of a row, through what holds them."""
    for one in holder:
        if local(one) == name:
            yield one
        elif local(one) == "sdt":
            content = child(one, "sdtContent")
            yield from _held(content, name) if content is not None else ()
        elif local(one) in _SEEN_THROUGH:
            yield from _held(one, name)


def _alternative(element: _Element) -> _Element:
    """Of several ways to draw the same, the first that holds words."""
    ways = [one for one in element if local(one) in ("Choice", "Fallback")]
    return next((one for one in ways if _all_words(one).strip()), ways[0] if ways else element)


def _sign(element: _Element, name: str) -> str:
    if name == "t":
        return str(element.text or "")
    if name == "sym":
        written = attribute(element, "char") or ""
        try:
            number = int(written, 16)
        except ValueError:
            return ""
        return "" if number in _PRIVATE or number > 0x10FFFF else chr(number)
    return "-" if name == "noBreakHyphen" else _SIGNS.get(name, "")


def _is_math(element: _Element) -> bool:
    return isinstance(element.tag, str) and "/math}" in element.tag.lower()


def _chosen(choices: _Element | None) -> str:
    """What is chosen of a drop-down list."""
    if choices is None:
        return ""
    entries = [attribute(one, "val") or "" for one in children(choices, "listEntry")]
    result = child(choices, "result")
    number = attribute(result, "val") if result is not None else "0"
    place = int(number) if number and number.isdecimal() else 0
    return entries[place] if place < len(entries) else ""


def _all_words(element: _Element) -> str:
    """Every word in ``element``, deleted or not, a space between paragraphs."""
    words: list[str] = []
    for one in element.iter():
        name = local(one)
        if name in ("t", "delText"):
            words.append(one.text or "")
        elif name in ("p", "tab", "br", "cr"):
            words.append(" ")
    return " ".join("".join(words).split())


def _as_box(paragraphs_of_box: list[str]) -> _Element:
    """Words that stand nowhere as paragraphs, as if they did."""
    from lxml import etree

    box = etree.Element("txbxContent")
    for words in paragraphs_of_box:
        run = etree.SubElement(etree.SubElement(box, "p"), "r")
        etree.SubElement(run, "t").text = words
    return box
