"""OpenDocument texts (.odt): what a reader of their pages sees, in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.dates import find_date
from rag.ingest.formats.member import Member, Opened
from rag.ingest.formats.office import (
    Block,
    Document,
    OfficeZip,
    attribute,
    child,
    children,
    damage,
    first_text,
    local,
    raised,
)
from rag.ingest.formats.press_exports import members_of
from rag.types.provenance import LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from lxml.etree import _Element

_SPACES = re.compile(r"[ \t\r\n]+")
# Of a whole document: changes that were made, and what its settings are.
_PASSED_OVER = frozenset(
    "sequence-decls forms variable-decls user-field-decls dde-connection-decls".split()
)
_CONTENTS = frozenset(
    "table-of-content alphabetical-index illustration-index table-index object-index"
    " user-index bibliography".split()
)
_HOLDERS = frozenset("section index-body index-title list-header soft-page-break".split())
_SHAPES = frozenset("custom-shape rect line ellipse polygon path connector caption".split())
_DRAWN = _SHAPES | {"frame", "g", "text-box"}
_MOST_REPEATED = 1000
_NO_STYLE: tuple[str | None, bool | None, bool] = (None, None, False)
_LONGEST_CHAIN = 20
_KINDS = (
    ("heading", PlaceKind.HEADING),
    ("title", PlaceKind.HEADING),
    ("titre", PlaceKind.HEADING),
    ("subtitle", PlaceKind.STANDFIRST),
    ("chap", PlaceKind.STANDFIRST),
    ("caption", PlaceKind.CAPTION),
    ("illustration", PlaceKind.CAPTION),
    ("figure", PlaceKind.CAPTION),
)


def read_odt(opened: Opened) -> Iterator[Member]:
    """The article of an .odt file, or the articles where it is an export of several.

    Deletions that are tracked are not read; notes come last, text boxes after the paragraph
    that they stand at. Raises ArticleError when it is damaged or behind a password.
    """
    content = opened.content()
    try:
        document = _document(OfficeZip(content, opened.options))
    except damage() as error:
        raise ArticleError(Problem.of(Code.OPEN_DOCUMENT_DAMAGED)) from error
    yield from members_of(document)


def _document(parts: OfficeZip) -> Document:
    manifest = parts.xml("META-INF/manifest.xml")
    if manifest is not None and any(local(one) == "encryption-data" for one in manifest.iter()):
        raise ArticleError(Problem.of(Code.OPEN_DOCUMENT_ENCRYPTED))
    root = parts.xml("content.xml")
    text = child(root, "body", "text")
    if root is None or text is None:
        raise KeyError("content.xml")
    styles = parts.xml("styles.xml")
    document = Document()
    reader = _TextReader(document, _Styles([one for one in (root, styles) if one is not None]))
    reader.read(text)
    reader.read_notes()
    _leave_out_around(document, styles, reader)
    about = parts.xml("meta.xml")
    document.title = first_text(about, "title")
    document.author = first_text(about, "initial-creator") or first_text(about, "creator")
    document.language = first_text(about, "language")
    document.made = find_date(first_text(about, "creation-date"))
    return document


def _leave_out_around(document: Document, styles: _Element | None, reader: _TextReader) -> None:
    """Note the words of headers and footers, each once."""
    told: set[tuple[LeftOutKind, str]] = set()
    for one in styles.iter() if styles is not None else ():
        name = local(one)
        for beginning, kind in (
            ("header", LeftOutKind.HEADER),
            ("footer", LeftOutKind.FOOTER),
        ):
            if name == beginning or (name.startswith(f"{beginning}-") and "style" not in name):
                for block in reader.apart(one, PlaceKind.PARAGRAPH):
                    if (kind, block.text) not in told:
                        told.add((kind, block.text))
                        document.leave_out(kind, block.text)


class _Styles:
    """What automatic and named styles say that bears on the words."""

    def __init__(self, roots: list[_Element]) -> None:
        self._by_name: dict[str, tuple[str | None, bool | None, bool]] = {}
        for root in roots:
            for one in root.iter():
                if local(one) == "style":
                    name = attribute(one, "name") or ""
                    self._by_name.setdefault(name, _style(one))

    def names(self, style: str | None) -> list[str]:
        """A style's name and those that it is based on, in small letters."""
        found: list[str] = []
        while style and len(found) < _LONGEST_CHAIN:
            found.append(style.lower().replace("_20_", " "))
            style = self._by_name.get(style, _NO_STYLE)[0]
        return found

    def hides(self, style: str | None) -> bool:
        """Whether a style hides its words."""
        for _ in range(_LONGEST_CHAIN):
            parent, hidden, _ = self._by_name.get(style or "", _NO_STYLE)
            if hidden is not None or parent is None:
                return bool(hidden)
            style = parent
        return False

    def raises(self, style: str | None) -> bool:
        """Whether a style sets its words above the line."""
        return self._by_name.get(style or "", _NO_STYLE)[2]


def _style(element: _Element) -> tuple[str | None, bool | None, bool]:
    """The parent, whether it hides its words (None: it does not say) and raises them."""
    properties = child(element, "text-properties")
    hidden: bool | None = None
    is_raised = False
    if properties is not None:
        display = attribute(properties, "display")
        hidden = None if display is None else display == "none"
        is_raised = (attribute(properties, "text-position") or "").startswith("super")
    return attribute(element, "parent-style-name"), hidden, is_raised


class _TextReader:
    """Puts what it reads into ``document``; notes wait until the end."""

    def __init__(self, document: Document, styles: _Styles) -> None:
        self._document = document
        self._styles = styles
        self._boxes: list[_Element] = []
        self._notes: list[_Element] = []

    def read(
        self, holder: _Element, kind: PlaceKind = PlaceKind.PARAGRAPH, row: int | None = None
    ) -> None:
        """Read the paragraphs, lists and tables of ``holder``, which are of ``kind``."""
        for one in holder:
            name = local(one)
            if name in ("p", "h"):
                self._paragraph(one, kind, row)
            elif name in ("list", "list-item"):
                inner = PlaceKind.LIST if kind is PlaceKind.PARAGRAPH else kind
                self.read(one, inner, row)
            elif name == "table":
                self._table(one, kind)
            elif name == "tracked-changes":
                for deleted in (two for two in one.iter() if local(two) == "deletion"):
                    self._document.leave_out(LeftOutKind.DELETED, _all_words(deleted))
            elif name in _CONTENTS:
                body = child(one, "index-body")
                if body is not None:
                    self._document.leave_out(LeftOutKind.NAVIGATION, _all_words(body))
            elif name == "section" and attribute(one, "display") == "none":
                self._document.leave_out(LeftOutKind.HIDDEN, _all_words(one))
            elif name in _DRAWN:
                self._draw(one)
                self._read_boxes()
            elif name in _HOLDERS or (name not in _PASSED_OVER and len(one)):
                self.read(one, kind, row)

    def read_notes(self) -> None:
        """Read the notes, in the order of their signs."""
        while self._notes:
            notes, self._notes = self._notes, []
            for note in notes:
                self.read(note, PlaceKind.NOTE)

    def apart(self, holder: _Element, kind: PlaceKind, row: int | None = None) -> list[Block]:
        """The blocks of ``holder``, without putting them into the document."""
        outer, self._document.blocks = self._document.blocks, []
        self.read(holder, kind, row)
        found, self._document.blocks = self._document.blocks, outer
        return found

    def _paragraph(self, element: _Element, kind: PlaceKind, row: int | None) -> None:
        style = attribute(element, "style-name")
        pieces: list[str] = []
        self._inline(element, pieces)
        text = _tidied("".join(pieces))
        if self._styles.hides(style):
            self._document.leave_out(LeftOutKind.HIDDEN, text)
        else:
            self._document.add(text, self._kind(element, style, kind), row)
        self._read_boxes()

    def _kind(self, element: _Element, style: str | None, kind: PlaceKind) -> PlaceKind:
        own = PlaceKind.HEADING if local(element) == "h" else self._styled(style)
        if kind is PlaceKind.BOX:
            return own if own is PlaceKind.CAPTION else kind
        return own or kind if kind in (PlaceKind.PARAGRAPH, PlaceKind.LIST) else kind

    def _styled(self, style: str | None) -> PlaceKind | None:
        for name in self._styles.names(style):
            for beginning, found in _KINDS:
                if name.startswith(beginning):
                    return found
        return None

    def _read_boxes(self) -> None:
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            self.read(box, PlaceKind.BOX)

    def _inline(self, element: _Element, pieces: list[str]) -> None:
        """Add the words of a paragraph to ``pieces``."""
        pieces.append(_SPACES.sub(" ", element.text or ""))
        for one in element:
            self._part(one, local(one), pieces)
            pieces.append(_SPACES.sub(" ", one.tail or ""))

    def _part(self, one: _Element, name: str, pieces: list[str]) -> None:
        if name == "s":
            count = attribute(one, "c") or "1"
            pieces.append(" " * min(int(count) if count.isdecimal() else 1, _MOST_REPEATED))
        elif name == "tab":
            pieces.append("\t")
        elif name == "line-break":
            pieces.append("\n")
        elif name == "note":
            self._notes.extend(children(one, "note-body"))
        elif name in ("annotation", "annotation-end"):
            self._document.leave_out(LeftOutKind.NOTE, _all_words(one))
        elif name in ("hidden-text", "hidden-paragraph", "ruby-text", "script"):
            if name == "hidden-text":
                self._document.leave_out(LeftOutKind.HIDDEN, _all_words(one))
        elif name in _DRAWN:
            self._draw(one)
        elif name == "span":
            self._span(one, pieces)
        elif name:
            self._inline(one, pieces)

    def _span(self, span: _Element, pieces: list[str]) -> None:
        style = attribute(span, "style-name")
        inner: list[str] = []
        self._inline(span, inner)
        text = "".join(inner)
        if self._styles.hides(style):
            self._document.leave_out(LeftOutKind.HIDDEN, text)
        else:
            pieces.append(raised(text) if self._styles.raises(style) else text)

    def _draw(self, element: _Element) -> None:
        """Keep what of a drawing holds paragraphs, for after its own."""
        waiting = [element]
        while waiting:
            one = waiting.pop()
            is_shape = local(one) in _SHAPES and child(one, "p") is not None
            if local(one) == "text-box" or is_shape:
                self._boxes.append(one)
            else:
                waiting.extend(reversed(one))

    def _table(self, table: _Element, kind: PlaceKind) -> None:
        rows = list(_held(table, "table-row"))
        cells = [cell for row in rows for cell in children(row, "table-cell")]
        if len(cells) == 1:
            self.read(cells[0], PlaceKind.BOX if kind is PlaceKind.PARAGRAPH else kind)
            return
        for number, row in enumerate(rows, 1):
            if attribute(row, "visibility") in ("collapse", "filter"):
                self._document.leave_out(LeftOutKind.HIDDEN, _all_words(row))
                continue
            for covered in children(row, "covered-table-cell"):
                self._document.leave_out(LeftOutKind.HIDDEN, _all_words(covered))
            seen = children(row, "table-cell")
            found = [self.apart(cell, PlaceKind.TABLE, number) for cell in seen]
            self._document.add_row(found, number)


def _held(table: _Element, name: str) -> Iterator[_Element]:
    """The rows of a table, through groups of rows."""
    for one in table:
        if local(one) == name:
            yield one
        elif local(one) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _held(one, name)


def _tidied(text: str) -> str:
    """Spaces before and after a line end go, as the program draws none."""
    return re.sub(r" *\n *", "\n", text).strip()


def _all_words(element: _Element) -> str:
    words: list[str] = []
    for one in element.iter():
        if local(one) in ("creator", "date", "initials"):
            continue
        words.extend((one.text or "", " " if local(one) in ("p", "h") else ""))
        words.append(one.tail or "" if one is not element else "")
    return " ".join("".join(words).split())
