"""Pages as browsers save them: in one file, .mhtml or .webarchive, or beside a folder."""

from __future__ import annotations

import dataclasses
import email.parser
import email.policy
import plistlib
from collections.abc import Collection, Iterator
from email.message import Message
from pathlib import PurePath
from typing import Any
from xml.parsers.expat import ExpatError

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.encoding import decode_html
from rag.ingest.formats.html import read_html
from rag.ingest.formats.member import Member, Opened

# How browsers call the folder of a page's pictures and frames, in several languages.
_BESIDE = ("_files", "_fichiers", "-dateien", "_archivos", "_file", "_bestanden", ".files")
_PAGES = (".html", ".htm", ".xhtml")


def read_mhtml(opened: Opened) -> Iterator[Member]:
    """The article of a page that a browser saved as .mhtml (RFC 2557).

    Raises ArticleError when it holds no page.
    """
    parser = email.parser.BytesParser(policy=email.policy.compat32)
    message = parser.parsebytes(opened.content())
    part = _main_part(message)
    if part is None:
        raise ArticleError(Problem.of(Code.PAGE_NOT_SAVED))
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    address = message.get("Snapshot-Content-Location") or part.get("Content-Location")
    yield from _read(content, part.get_content_charset(), address)


def read_webarchive(opened: Opened) -> Iterator[Member]:
    """The article of a page that Safari saved as .webarchive.

    Raises ArticleError when it holds no page.
    """
    try:
        archive = plistlib.loads(opened.content())
    except (plistlib.InvalidFileException, ExpatError, ValueError, OverflowError) as error:
        raise ArticleError(Problem.of(Code.PAGE_NOT_SAVED)) from error
    except (TypeError, IndexError, KeyError, AttributeError, RecursionError) as error:
        raise ArticleError(Problem.of(Code.PAGE_NOT_SAVED)) from error
    main: Any = archive.get("WebMainResource") if isinstance(archive, dict) else None
    content = main.get("WebResourceData") if isinstance(main, dict) else None
    if not isinstance(content, bytes):
        raise ArticleError(Problem.of(Code.PAGE_NOT_SAVED))
    encoding, address = main.get("WebResourceTextEncodingName"), main.get("WebResourceURL")
    yield from _read(content, encoding, address)


def is_beside_page(folder: str, names: Collection[str]) -> bool:
    """Whether a folder holds what belongs to a page saved next to it, one of ``names``."""
    lowered = folder.lower()
    for ending in _BESIDE:
        if lowered.endswith(ending) and len(folder) > len(ending):
            stem = folder[: -len(ending)]
            return any(
                PurePath(name).stem == stem and PurePath(name).suffix.lower() in _PAGES
                for name in names
            )
    return False


def _main_part(message: Message) -> Message | None:
    """The page: the part that the message starts with, else the first that is a page."""
    pages = [
        part
        for part in message.walk()
        if part.get_content_type() in ("text/html", "application/xhtml+xml")
    ]
    start = message.get_param("start")
    for part in pages:
        if start and part.get("Content-ID") == start:
            return part
    return pages[0] if pages else None


def _read(content: bytes, encoding: object, address: object) -> Iterator[Member]:
    page = None
    if isinstance(encoding, str):
        try:
            page = content.decode(encoding)
        except (LookupError, UnicodeError):
            page = None
    for member in read_html(decode_html(content) if page is None else page):
        draft = member.draft
        if (
            not isinstance(draft, ArticleError)
            and draft.url is None
            and isinstance(address, str)
        ):
            draft = dataclasses.replace(draft, url=address)
        yield dataclasses.replace(member, draft=draft)
