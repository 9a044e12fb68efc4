"""RSS and Atom files, by feedparser: an article an entry."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.dates import Dated, find_dated
from rag.ingest.formats.encoding import decode_xml
from rag.ingest.formats.escaped import line_of_field, words_of_field
from rag.ingest.formats.markup import paragraphs
from rag.ingest.formats.member import Draft, Member, Opened
from rag.ingest.formats.member_keys import Named, tell_apart
from rag.types.provenance import DateFrom, LeftOut, LeftOutKind

# However often it was escaped.
_REFERENCE = re.compile(r"&(?:amp;)*#(?:[xX]0*([0-9a-fA-F]{1,50})|0*([0-9]{1,50}));?")


def read_feed(opened: Opened) -> Iterator[Member]:
    """The entries of a feed. A feed is read whole, as a file of one article is.

    Raises ArticleError when the file is no feed or holds no entry.
    """
    import feedparser

    # One stray byte, and the library would read all of it as Windows writes.
    text = _REFERENCE.sub(_possible, decode_xml(opened.content()))
    content = text.encode("utf-8", "replace")
    # From a stream: anything else it would take for an address or a file's name.
    found = feedparser.parse(io.BytesIO(content), sanitize_html=False)
    if not found.get("version"):
        raise ArticleError(Problem.of(Code.NO_FEED))
    if not found.entries:
        raise ArticleError(Problem.of(Code.FEED_WITHOUT_ENTRIES))
    keys = tell_apart(map(_named, found.entries))
    for number, (entry, key) in enumerate(zip(found.entries, keys, strict=True), 1):
        most = opened.options.members
        if number > most:
            count = len(found.entries)
            raise ArticleError(Problem.of(Code.TOO_MANY_ENTRIES, count=count, most=most))
        yield Member(_draft(entry, found.feed), key=key)


def _possible(reference: re.Match[str]) -> str:
    """A reference to a character that there is; the library fails over others."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return reference[0] if 0 < number < sys.maxunicode else "\N{REPLACEMENT CHARACTER}"


def _named(entry: Mapping[str, Any]) -> Named:
    """What an entry is called."""
    title = line_of_field(entry.get("title") or "")
    return Named.of(
        entry.get("id"),
        _link(entry),
        title,
        entry.get("published") or entry.get("created"),
        "\n".join([title, *_texts(entry)]),
    )


def _link(entry: Mapping[str, Any]) -> str | None:
    link = entry.get("link")
    return link if link and link.startswith(("http://", "https://")) else None


def _texts(entry: Mapping[str, Any]) -> list[str]:
    """Everything that may be an entry's text, as written."""
    return [
        *(str(content.get("value") or "") for content in entry.get("content", ())),
        str(entry.get("summary") or ""),
    ]


def _draft(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> Draft:
    texts = [words_of_field(one) for one in _texts(entry)]
    text = max(texts, key=len)
    title = line_of_field(entry.get("title") or "")
    whole = " ".join(text.split())
    authors = [one.get("name") for one in entry.get("authors", ()) if one.get("name")]
    dated = _dated(entry, _language(entry) or feed.get("language"))
    return Draft(
        text,
        title=title or None,
        date=dated.day if dated else None,
        date_from=dated.why if dated else None,
        source=_title(entry.get("source")) or _title(feed),
        url=_link(entry),
        author=", ".join(dict.fromkeys(authors)) or entry.get("author"),
        language=_language(entry) or feed.get("language"),
        left_out=tuple(
            LeftOut.of(LeftOutKind.OTHER, one)
            for one in dict.fromkeys(texts)
            if one and one != title and " ".join(one.split()) not in whole
        ),
    )


def _dated(entry: Mapping[str, Any], language: str | None) -> Dated | None:
    """The day of publication, else of an update."""
    for name in ("published", "created"):
        found = find_dated(entry.get(name), language)
        if found is not None:
            return found
    found = find_dated(entry.get("updated"), language)
    return Dated(found.day, DateFrom.UPDATED) if found else None


def _title(feed: Mapping[str, Any] | None) -> str | None:
    return paragraphs((feed or {}).get("title") or "") or None


def _language(entry: Mapping[str, Any]) -> str | None:
    details = [*entry.get("content", ()), entry.get("title_detail") or {}]
    return next((str(one["language"]) for one in details if one.get("language")), None)
