"""EPUB files: an article a chapter, in reading order.

A chapter is what has a title of its own and what a reader would cite; a whole book or
issue as one article would have every quote under one title. Read with zipfile and lxml:
the known library for EPUB, ebooklib, is under the AGPL.
"""

from __future__ import annotations

import posixpath
import urllib.parse
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.dates import find_date
from rag.ingest.formats.encoding import decode_xml
from rag.ingest.formats.markup import heading, marked_paragraphs
from rag.ingest.formats.member import Draft, Member, Opened
from rag.ingest.formats.zip_archive import DAMAGED

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMES = {
    "container": "urn:oasis:names:tc:opendocument:xmlns:container",
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ncx": "http://www.daisy.org/z3986/2005/ncx/",
    "xhtml": "http://www.w3.org/1999/xhtml",
}
_CHAPTER_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
# Where a book that is encrypted says so; fonts alone may be, and do no harm.
_ENCRYPTION = "META-INF/encryption.xml"
_RIGHTS = "META-INF/rights.xml"


def read_epub(opened: Opened) -> Iterator[Member]:
    """The chapters of an EPUB file (https://www.w3.org/TR/epub-33/) that hold words.

    Raises ArticleError when it is damaged, encrypted or without chapters.
    """
    opened.check_container()
    try:
        with zipfile.ZipFile(opened.stream) as archive:
            book = _Book.of(archive, opened)
            found = False
            for path in book.chapters:
                member = _chapter(archive, path, book, opened)
                if member is not None:
                    found = True
                    yield member
            if not found:
                raise ArticleError(Problem.of(Code.BOOK_WITHOUT_WORDS))
    except (*DAMAGED, NotImplementedError, KeyError, ValueError) as error:
        raise ArticleError(Problem.of(Code.BOOK_DAMAGED)) from error


@dataclass(frozen=True, slots=True)
class _Book:
    """What an EPUB file says about itself; paths are the archive's."""

    about: Draft
    chapters: tuple[str, ...]
    titles: Mapping[str, str]

    @classmethod
    def of(cls, archive: zipfile.ZipFile, opened: Opened) -> _Book:
        names = set(archive.namelist())
        if _RIGHTS in names or (_ENCRYPTION in names and _is_encrypted(archive, opened)):
            raise ArticleError(Problem.of(Code.BOOK_ENCRYPTED))
        total = sum(info.file_size for info in archive.infolist())
        most = opened.options.container_bytes
        if total > most:
            raise ArticleError(Problem.of(Code.BOOK_UNPACKS_TOO_LARGE, size=total, most=most))
        place = _tree(archive, "META-INF/container.xml", opened).find(".//{*}rootfile")
        path = place.get("full-path") if place is not None else None
        if not path:
            raise ArticleError(Problem.of(Code.BOOK_NAMES_NO_CONTENTS))
        package = _tree(archive, path, opened)
        items = {
            item.get("id"): item
            for item in package.iterfind(".//opf:manifest/opf:item", _NAMES)
        }
        read = [
            items[reference.get("idref")]
            for reference in package.iterfind(".//opf:spine/opf:itemref", _NAMES)
            if reference.get("idref") in items
        ]
        chapters = tuple(
            _resolve(path, item.get("href", ""))
            for item in read
            if item.get("media-type") in _CHAPTER_TYPES
            and "nav" not in item.get("properties", "").split()
        )
        count, most = len(chapters), opened.options.members
        if count > most:
            raise ArticleError(Problem.of(Code.TOO_MANY_CHAPTERS, count=count, most=most))
        return cls(_about(package), chapters, dict(_titles(archive, path, items, opened)))


def _chapter(archive: zipfile.ZipFile, path: str, book: _Book, opened: Opened) -> Member | None:
    """A chapter; None where it is a cover or a blank page."""
    about = book.about
    try:
        content = _content(archive, path, opened)
    except ArticleError as error:
        return Member(error, key=path)
    markup = decode_xml(content)
    marked = marked_paragraphs(markup)
    if not any(sign.isalnum() for sign in marked.text):
        return None
    own = book.titles.get(path) or heading(markup)
    return Member(
        Draft(
            marked.text,
            title=own or about.title,
            date=about.date,
            source=about.source,
            url=about.url,
            author=about.author,
            language=about.language,
            places=marked.places,
            left_out=marked.left_out,
        ),
        key=path,
    )


def _about(package: _Element) -> Draft:
    def first(name: str) -> str | None:
        values = (value.text for value in package.iterfind(f".//dc:{name}", _NAMES))
        return next((value.strip() for value in values if value and value.strip()), None)

    authors = [
        one.text.strip() for one in package.iterfind(".//dc:creator", _NAMES) if one.text
    ]
    address = first("identifier") or ""
    return Draft(
        "",
        title=first("title"),
        date=find_date(first("date")),
        source=first("publisher") or first("title"),
        url=address if address.startswith(("http://", "https://")) else None,
        author=", ".join(filter(None, authors)) or None,
        language=first("language"),
    )


def _titles(
    archive: zipfile.ZipFile, package: str, items: Mapping[str | None, _Element], opened: Opened
) -> Iterator[tuple[str, str]]:
    """Chapter titles from the table of contents, EPUB 2's or EPUB 3's."""
    for item in items.values():
        is_nav = "nav" in item.get("properties", "").split()
        if not is_nav and item.get("media-type") != "application/x-dtbncx+xml":
            continue
        path = _resolve(package, item.get("href", ""))
        try:
            tree = _tree(archive, path, opened)
        except (ArticleError, KeyError):
            continue
        if is_nav:
            entries = [
                (link.get("href"), "".join(link.itertext()))
                for link in tree.iterfind(".//xhtml:nav//xhtml:a", _NAMES)
            ]
        else:
            entries = [
                (
                    point.find("ncx:content", _NAMES).get("src"),
                    point.findtext("ncx:navLabel/ncx:text", "", _NAMES),
                )
                for point in tree.iterfind(".//ncx:navPoint", _NAMES)
                if point.find("ncx:content", _NAMES) is not None
            ]
        # Of several entries into one chapter the last in a reversed walk is the first.
        for target, words in reversed(entries):
            title = " ".join(words.split())
            if target and title:
                yield _resolve(path, target), title


def _resolve(base: str, href: str) -> str:
    target = urllib.parse.unquote(href.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), target))


def _tree(archive: zipfile.ZipFile, path: str, opened: Opened) -> _Element:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(_content(archive, path, opened), parser=parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise ArticleError(Problem.of(Code.BOOK_PART_DAMAGED, path=path))
    return root


def _content(archive: zipfile.ZipFile, path: str, opened: Opened) -> bytes:
    try:
        info = archive.getinfo(path)
        size, most = info.file_size, opened.options.file_bytes
        if size > most:
            raise ArticleError(Problem.of(Code.BOOK_PART_TOO_LARGE, size=size, most=most))
        return archive.read(info)
    except KeyError as error:
        raise ArticleError(Problem.of(Code.BOOK_PART_MISSING, path=path)) from error
    except (*DAMAGED, NotImplementedError, RuntimeError) as error:
        problem = Problem.of(Code.BOOK_PART_NOT_UNPACKED, kind=type(error).__name__)
        raise ArticleError(problem) from error


def _is_encrypted(archive: zipfile.ZipFile, opened: Opened) -> bool:
    targets = _tree(archive, _ENCRYPTION, opened).iterfind(".//{*}CipherReference")
    return any(
        posixpath.splitext(target.get("URI", ""))[1] in (".xhtml", ".html", ".htm", ".xml")
        for target in targets
    )
