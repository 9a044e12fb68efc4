"""What RTF puts on a page: streams of paragraphs, rows of tables, notes and boxes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from rag.ingest.formats.office import Block, Document, raised
from rag.types.provenance import LeftOutKind, PlaceKind

_STREAMS = {
    "footnote": PlaceKind.NOTE,
    "shptxt": PlaceKind.BOX,
    "dptxbxtext": PlaceKind.BOX,
}
_AROUND = {
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), LeftOutKind.HEADER),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), LeftOutKind.FOOTER),
    "annotation": LeftOutKind.NOTE,
}
# The groups whose words stand apart from the paragraph that they are written in.
APART = frozenset((*_STREAMS, *_AROUND))
BODY_LEVEL = 9
_LONGEST_TITLE = 200
_KINDS = (
    (("caption", "légende"), PlaceKind.CAPTION),
    (("subtitle", "sous-titre", "chap"), PlaceKind.STANDFIRST),
    (("heading", "title", "titre"), PlaceKind.HEADING),
)


@dataclass(slots=True)
class Look:
    """How words are set, and their paragraph: ``depth`` is in how many tables it is.

    ``style`` is the name of the paragraph's style, in small letters.
    """

    bold: bool = False
    hidden: bool = False
    deleted: bool = False
    raised: bool = False
    style: str = ""
    level: int = BODY_LEVEL
    is_item: bool = False
    depth: int = 0

    def plain(self) -> None:
        """Set words as a paragraph's style does (``\\plain``)."""
        self.bold = self.hidden = self.deleted = self.raised = False

    def new_paragraph(self) -> None:
        """Set paragraphs as the file does (``\\pard``)."""
        self.style, self.level, self.depth, self.is_item = "", BODY_LEVEL, 0, False


@dataclass(slots=True)
class _Row:
    """A row of a table that is being read, ``number`` of those before it."""

    cells: list[list[Block]] = field(default_factory=list)
    cell: list[Block] = field(default_factory=list)
    number: int = 0


@dataclass(slots=True)
class _Stream:
    """Paragraphs that follow each other: the text's, a note's, a box's, a header's.

    ``group`` is how deep the group is that it ends with, ``rows`` are by the depth of tables.
    """

    kind: PlaceKind
    around: LeftOutKind | None
    group: int
    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    is_bold: bool = True
    rows: dict[int, _Row] = field(default_factory=dict)
    boxes: list[Block] = field(default_factory=list)


class RtfPage:
    """Puts words and ends of paragraphs together, and all of it into ``document``."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._streams = [_Stream(PlaceKind.PARAGRAPH, None, 0)]
        self._notes: list[Block] = []
        self._removed: dict[LeftOutKind, list[str]] = {}

    def say(self, words: str, look: Look) -> None:
        """Add words to the paragraph."""
        stream = self._streams[-1]
        if look.deleted or look.hidden:
            kind = LeftOutKind.DELETED if look.deleted else LeftOutKind.HIDDEN
            self._removed.setdefault(kind, []).append(words)
            return
        if words.strip():
            stream.is_bold = stream.is_bold and look.bold
        stream.pieces.append(raised(words) if look.raised else words)

    def begin_apart(self, name: str, group: int) -> None:
        """Go on apart, in what ``name`` of APART begins, until the group ends."""
        kind = _STREAMS.get(name, PlaceKind.PARAGRAPH)
        self._streams.append(_Stream(kind, _AROUND.get(name), group))

    def end_group(self, depth: int) -> None:
        """Go back from what stands apart, where only ``depth`` groups are open still."""
        while len(self._streams) > 1 and self._streams[-1].group > depth:
            self._end_stream()

    def end_paragraph(self, look: Look) -> None:
        """End the paragraph."""
        stream = self._streams[-1]
        text = "".join(stream.pieces).replace("\0", "").strip()
        stream.pieces.clear()
        for kind, words in self._removed.items():
            self._document.leave_out(kind, "".join(words))
        self._removed.clear()
        if not look.depth:
            _end_rows(stream)
        target = _row(stream, look.depth).cell if look.depth else stream.blocks
        if text:
            target.append(Block(text, _kind(stream, look, text)))
        target.extend(stream.boxes)
        stream.boxes = []
        stream.is_bold = True

    def end_cell(self, look: Look, depth: int) -> None:
        """End a cell of a table that is in ``depth - 1`` others."""
        self.end_paragraph(dataclasses.replace(look, depth=depth))
        row = _row(self._streams[-1], depth)
        row.cells.append(row.cell)
        row.cell = []

    def end_row(self, depth: int) -> None:
        """End a row of such a table."""
        stream = self._streams[-1]
        row = _row(stream, depth)
        row.number += 1
        cells = [
            [dataclasses.replace(one, row=row.number) for one in cell] for cell in row.cells
        ]
        row.cells = []
        table = Document()
        table.add_row(cells, row.number)
        target = stream.blocks if depth == 1 else _row(stream, depth - 1).cell
        target.extend(table.blocks)

    def finish(self) -> None:
        """Put what was read into the document, its notes last."""
        self.end_group(0)
        self.end_paragraph(Look())
        (stream,) = self._streams
        self._document.blocks.extend(stream.blocks)
        self._document.blocks.extend(self._notes)

    def _end_stream(self) -> None:
        self.end_paragraph(Look())
        stream = self._streams.pop()
        if stream.around is not None:
            words = " ".join(block.text for block in stream.blocks)
            if (stream.around, words) not in self._document.left_out:
                self._document.leave_out(stream.around, words)
        elif stream.kind is PlaceKind.NOTE:
            self._notes.extend(stream.blocks)
        else:
            self._streams[-1].boxes.extend(stream.blocks)


def _row(stream: _Stream, depth: int) -> _Row:
    return stream.rows.setdefault(depth, _Row())


def _end_rows(stream: _Stream) -> None:
    """The tables are over; cells whose row did not end are kept."""
    for level in sorted(stream.rows):
        row = stream.rows.pop(level)
        for cell in (*row.cells, row.cell):
            stream.blocks.extend(cell)


def _kind(stream: _Stream, look: Look, text: str) -> PlaceKind:
    if stream.kind is not PlaceKind.PARAGRAPH:
        return stream.kind
    if look.depth:
        return PlaceKind.TABLE
    for beginnings, kind in _KINDS:
        if look.style.startswith(beginnings):
            return kind
    if look.level < BODY_LEVEL:
        return PlaceKind.HEADING
    if look.is_item:
        return PlaceKind.LIST
    # In bold letters as a whole: a title, if it is no first paragraph that is set like one.
    is_title = stream.is_bold and len(text) <= _LONGEST_TITLE and not text.endswith((".", "…"))
    return PlaceKind.HEADING if is_title else PlaceKind.PARAGRAPH
