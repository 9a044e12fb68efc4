"""RSS and Atom files, by feedparser: an article an entry."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from rag.errors import ArticleError
from rag.ingest.formats.dates import Dated, find_dated
from rag.ingest.formats.markup import paragraphs
from rag.ingest.formats.member import Draft, Member, Opened
from rag.ingest.formats.member_keys import Keys
from rag.problems import Code, Problem
from rag.provenance import DateFrom


def read_feed(opened: Opened) -> Iterator[Member]:
    """The entries of a feed. A feed is read whole, as a file of one article is.

    Raises ArticleError when the file is no feed or holds no entry.
    """
    import feedparser

    # From a stream: anything else it would take for an address or a file's name.
    found = feedparser.parse(io.BytesIO(opened.content()), sanitize_html=False)
    if not found.get("version"):
        raise ArticleError(Problem.of(Code.NO_FEED))
    if not found.entries:
        raise ArticleError(Problem.of(Code.FEED_WITHOUT_ENTRIES))
    keys = Keys()
    for number, entry in enumerate(found.entries, 1):
        most = opened.options.members
        if number > most:
            count = len(found.entries)
            raise ArticleError(Problem.of(Code.TOO_MANY_ENTRIES, count=count, most=most))
        draft = _draft(entry, found.feed)
        key = keys.of(entry.get("id"), draft.url, draft.title, draft.text)
        yield Member(draft, key=key)


def _draft(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> Draft:
    written = [content.get("value") or "" for content in entry.get("content", ())]
    text = max((paragraphs(one) for one in [*written, entry.get("summary") or ""]), key=len)
    title = paragraphs(entry.get("title") or "")
    authors = [one.get("name") for one in entry.get("authors", ()) if one.get("name")]
    link = entry.get("link")
    dated = _dated(entry, _language(entry) or feed.get("language"))
    return Draft(
        text,
        title=title or None,
        date=dated.day if dated else None,
        date_from=dated.why if dated else None,
        source=_title(entry.get("source")) or _title(feed),
        url=link if link and link.startswith(("http://", "https://")) else None,
        author=", ".join(dict.fromkeys(authors)) or entry.get("author"),
        language=_language(entry) or feed.get("language"),
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
