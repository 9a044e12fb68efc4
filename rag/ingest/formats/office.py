"""What office documents have in common: their zip, their blocks, and the Draft of these."""

from __future__ import annotations

import datetime
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rag.ingest.formats.limits import ReadingOptions
from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.member import Draft
from rag.ingest.formats.zip_archive import DAMAGED, check_office_zip
from rag.types.provenance import LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from lxml.etree import _Element

# When the template of python-docx was made, at 23:15 UTC: it dates nothing.
_TEMPLATE_DAYS = (datetime.date(2013, 12, 23), datetime.date(2013, 12, 24))
# A cell that is longer holds prose, and stands by itself.
_LONGEST_CELL = 120
_SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_RAISED = re.compile(r"[-+−]?[0-9]+|n")
# What programs put where a title should stand.
_NO_TITLE = re.compile(
    r"untitled|sans (?:titre|nom)\s*\d*|document\s*\d*|microsoft word - .*"
    r"|.*\.(?:docx?|odt|rtf|pdf)",
    re.I,
)


def damage() -> tuple[type[Exception], ...]:
    """What reading a file of an office program fails with where it is damaged or locked."""
    from lxml import etree

    return (
        *DAMAGED,
        etree.LxmlError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        zipfile.LargeZipFile,
    )


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of a document, or a row of a table."""

    text: str
    kind: PlaceKind = PlaceKind.PARAGRAPH
    row: int | None = None
    cells: tuple[str, ...] = ()


@dataclass(slots=True)
class Document:
    """What a document holds and says about itself; its blocks are in the order of the pages.

    ``language`` is the one that its own properties name, ``style_language`` the one that its
    styles are set in, which may be no more than the program's.
    """

    blocks: list[Block] = field(default_factory=list)
    left_out: list[tuple[LeftOutKind, str]] = field(default_factory=list)
    title: str | None = None
    author: str | None = None
    language: str | None = None
    style_language: str | None = None
    made: datetime.date | None = None

    def add(self, text: str, kind: PlaceKind, row: int | None = None) -> None:
        """Add a paragraph, if it holds anything."""
        if text.strip():
            self.blocks.append(Block(text.strip(), kind, row))

    def add_row(self, cells: Sequence[Sequence[Block]], row: int) -> None:
        """Add a row of a table: as one paragraph, unless its cells hold several or prose."""
        filled = [cell for cell in cells if cell]
        is_short = all(
            len(cell) == 1 and len(cell[0].text) <= _LONGEST_CELL and not cell[0].cells
            for cell in filled
        )
        if is_short:
            words = tuple(" ".join(cell[0].text.split()) for cell in filled)
            if words:
                self.blocks.append(Block(" · ".join(words), PlaceKind.TABLE, row, words))
            return
        for cell in filled:
            self.blocks.extend(cell)

    def leave_out(self, kind: LeftOutKind, text: str) -> None:
        """Note words that a reader of the page does not see, or sees around the text."""
        if text.strip():
            self.left_out.append((kind, text.strip()))


def draft_of(document: Document) -> Draft:
    """The document as one article; its first heading is its title when it names none."""
    marked = MarkedText()
    for block in document.blocks:
        marked.add(block.text, block.kind, row=block.row)
    for kind, text in document.left_out:
        marked.leave_out(kind, text)
    return Draft(
        marked.text,
        title=own_title(document.title) or first_heading(document.blocks),
        author=author_of(document),
        language=language_of(document),
        made=None if document.made in _TEMPLATE_DAYS else document.made,
        places=marked.places,
        left_out=marked.left_out,
    )


def own_title(written: str | None) -> str | None:
    """The title that a document's properties name, None where a program put it there."""
    title = " ".join((written or "").split())
    return title if title and not _NO_TITLE.fullmatch(title) else None


def first_heading(blocks: Sequence[Block]) -> str | None:
    """The words of the first heading."""
    headings = (one.text for one in blocks if one.kind is PlaceKind.HEADING)
    return next((" ".join(text.split()) for text in headings), None)


_NO_AUTHOR = re.compile(
    r"python-docx|unknown|inconnue?|auteur inconnu|user|utilisateur|microsoft office user"
    r"|administrat(?:or|eur)|owner|propriétaire",
    re.I,
)
# Told apart by their words, so that a style left at the program's own language is no harm.
_TOLD_BY_WORDS = frozenset("fr en de es it nl pt".split())
_NO_LANGUAGE = frozenset(("x", "und", "zxx", "none"))


def language_of(document: Document) -> str | None:
    """The language that a document names, None where its words tell better.

    Programs write their own language with its country (en-US), whatever the words are in.
    """
    for written in (document.language, document.style_language):
        code, *country = re.split(r"[-_]", (written or "").strip().lower())
        is_own = written == document.language and not country
        if code and (is_own or code not in _TOLD_BY_WORDS) and code not in _NO_LANGUAGE:
            return written
    return None


def author_of(document: Document) -> str | None:
    """Who wrote a document, None where a program put a name there."""
    author = " ".join((document.author or "").split())
    return author if author and not _NO_AUTHOR.fullmatch(author) else None


def raised(text: str) -> str:
    """Words that are set above the line: figures as such signs, so that 10³ is not 103."""
    return text.translate(_SUPERSCRIPTS) if _RAISED.fullmatch(text.strip()) else text


class OfficeZip:
    """The parts of an office document, parsed; none of them is trusted."""

    def __init__(self, content: bytes, options: ReadingOptions) -> None:
        """Open it; raises BadZipFile, or ArticleError beyond the limits."""
        check_office_zip(content, options)
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        self._names = {name.lower(): name for name in self._archive.namelist()}

    def read(self, name: str) -> bytes | None:
        """The bytes of a part, None where it is not there."""
        found = self._names.get(name.lstrip("/").lower())
        return None if found is None else self._archive.read(found)

    def xml(self, name: str) -> _Element | None:
        """The root of a part, None where it is not there; raises XMLSyntaxError."""
        content = self.read(name)
        return None if content is None else parsed(content)

    def relationships(self, part: str) -> dict[str, tuple[str, str]]:
        """What ``part`` names by id: the last word of the kind, and the name of a part."""
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for one in root if root is not None else ():
            target = one.get("Target") if isinstance(one.tag, str) else None
            if not target or one.get("TargetMode") == "External":
                continue
            kind = (one.get("Type") or "").rsplit("/", 1)[-1]
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[one.get("Id") or ""] = (kind, path)
        return found


def parsed(content: bytes) -> _Element:
    """The root of an XML part; raises XMLSyntaxError."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    return etree.fromstring(content, parser)


def local(element: _Element) -> str:
    """An element's name without its namespace, "" for what is none."""
    tag: Any = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: _Element, name: str) -> str | None:
    """An attribute by its name, in whatever namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None


def children(element: _Element, name: str) -> Iterator[_Element]:
    """The children of that name."""
    return (one for one in element if local(one) == name)


def child(element: _Element | None, *names: str) -> _Element | None:
    """The element that a way of names leads to, None where it ends before."""
    for name in names:
        if element is None:
            return None
        element = next(children(element, name), None)
    return element


def first_text(root: _Element | None, name: str) -> str | None:
    """The words of the first element of that name."""
    for one in root.iter() if root is not None else ():
        if local(one) == name:
            words = " ".join("".join(one.itertext()).split())
            if words:
                return words
    return None
