"""What a file is, told by what it holds: its ending is what somebody wrote."""

from __future__ import annotations

import codecs
import json
import re
import zipfile
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import BinaryIO

from rag.ingest.formats.zip_archive import DAMAGED

# Endings of files that may hold a document in a format that is read, or none.
UNCERTAIN = frozenset(
    (
        *("", ".doc", ".docm", ".dot", ".dotx", ".dotm", ".ott", ".wps", ".text", ".asc"),
        *(".log", ".xht", ".shtml", ".php", ".asp", ".aspx", ".jsp", ".cgi"),
        *(".bak", ".old"),
    )
)
_LOOKED_AT = 8192
_ENDING = re.compile(r"\.(?=[a-z0-9]*[a-z])[a-z0-9]{1,11}\Z")
_ROOT = re.compile(
    r"(?:\s+|<\?[^>]{0,500}\?>|<!--.{0,2000}?-->)*(?:<!doctype\s+(?P<doctype>\w+)|<(?P<root>[\w:]+))",
    re.I | re.S,
)
_FEED_ROOTS = frozenset(("rss", "feed", "rdf:rdf"))
_PARTS_OF_PAGES = frozenset(
    "article body div h1 h2 head main meta p section span table title".split()
)
_PAGES = (".html", ".htm", ".xhtml")
_SAVED_PAGES = (".mhtml", ".mht")
_FEEDS = (".xml", ".rss", ".atom")
_SUBRIP = re.compile(r"\s*\d+[ \t]*\r?\n\d{1,2}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->")
_JSON = re.compile(r'\s*(?:\[\s*)?\{\s*"[^"\n]{1,100}"\s*:')
_HEADER = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,40}):", re.M)
_ONLY_IN_MAILS = frozenset(
    ("message-id", "mime-version", "received", "return-path", "content-type", "delivered-to")
)
_BYTE_ORDER = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def ending_of(name: str) -> str:
    """The ending of a file's name in lower case; "" for none, and for what is no ending."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if _ENDING.match(suffix) else ""


def format_of(name: str, stream: BinaryIO, known: Collection[str]) -> str:
    """The ending, of those that are ``known``, of the format that ``stream`` is in.

    It is the ending of ``name`` where the content tells no other; that may be none of
    ``known``. ``stream`` is at its start afterwards.
    """
    ending = ending_of(name)
    stream.seek(0)
    head = stream.read(_LOOKED_AT)
    told = _told_by_mark(head, stream, ending, known) or _told_by_words(head, ending)
    stream.seek(0)
    return told if told is not None and told in known else ending


def _told_by_mark(
    head: bytes, stream: BinaryIO, ending: str, known: Collection[str]
) -> str | None:
    """What the first bytes tell, which are there for that."""
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _told_by_members(stream, ending, known)
    if head.lstrip()[:5] == b"%PDF-":
        return ".pdf"
    if head.startswith(b"{\\rtf"):
        return ".rtf"
    return ".webarchive" if head.startswith(b"bplist00") else None


def _told_by_members(stream: BinaryIO, ending: str, known: Collection[str]) -> str | None:
    """Which of the formats that are zip archives this is."""
    try:
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            kind = b""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < _LOOKED_AT:
                kind = archive.read("mimetype").strip()
    except (*DAMAGED, NotImplementedError, ValueError, RuntimeError, OSError):
        return None
    if "word/document.xml" in names:
        return ".docx"
    if "META-INF/container.xml" in names or kind == b"application/epub+zip":
        return ".epub"
    if kind.startswith(b"application/vnd.oasis.opendocument.text"):
        return ".odt"
    if kind or "[Content_Types].xml" in names or "META-INF/manifest.xml" in names:
        # Tables, slides, programs.
        return None
    holds_articles = any(ending_of(name) in known for name in names)
    return ".zip" if holds_articles and ending != ".zip" else None


def _told_by_words(head: bytes, ending: str) -> str | None:
    """What the first words tell."""
    encoding = next((name for mark, name in _BYTE_ORDER.items() if head.startswith(mark)), None)
    text = head.decode(encoding or "utf-8", "replace").removeprefix("\ufeff")
    if text.startswith("WEBVTT"):
        return ".vtt"
    if _SUBRIP.match(text):
        return ".srt"
    root = _ROOT.match(text)
    if root:
        return _told_by_root((root["doctype"] or root["root"]).lower(), text, ending)
    if ending in _PAGES:
        return None if re.search(r"<[a-zA-Z!/?]", text) else ".txt"
    if _is_mail(text):
        is_page = "multipart/related" in text.lower() and ending != ".eml"
        return ".mhtml" if is_page or ending in _SAVED_PAGES else ".eml"
    if _JSON.match(text) and ending not in (".json", ".jsonl"):
        return ".jsonl" if _is_json_lines(text) else ".json"
    return None


def _told_by_root(root: str, text: str, ending: str) -> str | None:
    """What the first element tells."""
    if root in _FEED_ROOTS:
        return ending if ending in _FEEDS else ".rss"
    if root == "html":
        return ending if ending in _PAGES else ".html"
    is_part = root in _PARTS_OF_PAGES and f"</{root}" in text.lower()
    return ".html" if is_part and ending in (".txt", *UNCERTAIN) else None


def _is_mail(text: str) -> bool:
    """Whether ``text`` begins with the headers of a mail, and not only a few of them."""
    if not _HEADER.match(text):
        return False
    top = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    names = {found[1].lower() for found in _HEADER.finditer(top)}
    return "from" in names and "date" in names and not names.isdisjoint(_ONLY_IN_MAILS)


def _is_json_lines(text: str) -> bool:
    first, _, rest = text.lstrip().partition("\n")
    try:
        return isinstance(json.loads(first), dict) and rest.lstrip().startswith("{")
    except (ValueError, RecursionError):
        return False
