"""Word files: what a reader of their pages sees, in its order, read from their XML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.dates import find_date
from rag.ingest.formats.member import Member, Opened
from rag.ingest.formats.office import Document, OfficeZip, damage, first_text, local
from rag.ingest.formats.press_exports import members_of
from rag.ingest.formats.word_body import BodyReader
from rag.ingest.formats.word_styles import Styles
from rag.types.provenance import LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from lxml.etree import _Element

# How a file begins that is no zip: Word's old format, or one behind a password.
_OLE = b"\xd0\xcf\x11\xe0"
_AROUND = {
    "header": LeftOutKind.HEADER,
    "footer": LeftOutKind.FOOTER,
    "comments": LeftOutKind.NOTE,
}


def read_docx(opened: Opened) -> Iterator[Member]:
    """The article of a .docx file, or the articles where it is an export of several.

    Insertions are read and deletions are not, as where all changes are accepted; notes come
    last, text boxes after the paragraph that they stand at. Raises ArticleError when it is
    damaged, in another format or behind a password.
    """
    content = opened.content()
    if content.startswith(_OLE):
        raise ArticleError(Problem.of(Code.WORD_ENCRYPTED))
    try:
        document = _document(OfficeZip(content, opened.options))
    except damage() as error:
        raise ArticleError(Problem.of(Code.WORD_DAMAGED)) from error
    yield from members_of(document)


def _document(parts: OfficeZip) -> Document:
    name, root = _main_part(parts)
    named = parts.relationships(name)
    by_kind = dict(named.values())
    styles = Styles(parts.xml(by_kind.get("styles", "")))
    document = Document()
    reader = BodyReader(document, styles, parts, named)
    reader.read(next(one for one in root if local(one) == "body"))
    for kind in ("footnotes", "endnotes"):
        notes = parts.xml(by_kind.get(kind, ""))
        if notes is not None:
            reader.read_notes(kind, notes)
    _leave_out_around(document, parts, styles, named)
    core = _core(parts)
    document.title = first_text(core, "title")
    document.author = first_text(core, "creator")
    document.language = first_text(core, "language")
    document.style_language = styles.language
    document.made = find_date(first_text(core, "created"))
    return document


def _main_part(parts: OfficeZip) -> tuple[str, _Element]:
    """The name and the root of the part that holds the text; KeyError without one."""
    for name in (*_targets(parts, "officeDocument"), "word/document.xml"):
        root = parts.xml(name)
        if root is not None and any(local(one) == "body" for one in root):
            return name, root
    raise KeyError("word/document.xml")


def _core(parts: OfficeZip) -> _Element | None:
    return parts.xml(next(_targets(parts, "core-properties"), "docProps/core.xml"))


def _targets(parts: OfficeZip, kind: str) -> Iterator[str]:
    """The parts of that kind that the whole file names."""
    return (part for found, part in parts.relationships("").values() if found == kind)


def _leave_out_around(
    document: Document, parts: OfficeZip, styles: Styles, named: dict[str, tuple[str, str]]
) -> None:
    """Note the words of headers, footers and comments, each once."""
    told: set[tuple[LeftOutKind, str]] = set()
    for kind, part in sorted(set(named.values())):
        root = parts.xml(part) if kind in _AROUND else None
        if root is None:
            continue
        around = Document()
        reader = BodyReader(around, styles, parts, parts.relationships(part))
        for holder in root if kind == "comments" else (root,):
            reader.read(holder, PlaceKind.NOTE)
        for block in around.blocks:
            one = (_AROUND[kind], block.text)
            if one not in told:
                told.add(one)
                document.leave_out(*one)
