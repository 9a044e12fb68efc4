"""News of followed questions as an Atom feed (RFC 4287)."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

from rag.answering.followed import News
from rag.language.typography import quoted
from rag.types import Citation
from rag.ui.answer_message import checked_words
from rag.ui.article_facts import safe_url, source_line, source_reference
from rag.ui.texts import TEXTS

FEED_PATH = "/feeds"
FEED_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
# XML 1.0 has no place for these, not even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_feed(
    news: Iterable[News], questions: Mapping[int, str], address: str, page: str, language: str
) -> bytes:
    """The feed that is at ``address``; an entry a quote, newest first.

    ``questions`` are the followed ones by number, ``page`` is the chat's address. Where an
    article has no address of its own, an entry leads into the chat. The names of entries
    never change. Raises IndexDamagedError when a quote is not in its article.
    """
    ElementTree.register_namespace("", _ATOM)
    feed = ElementTree.Element(f"{{{_ATOM}}}feed")
    named = uuid.uuid5(uuid.NAMESPACE_URL, address)
    found = [one for one in news if one.turn is not None]
    never = datetime.datetime.fromtimestamp(0, datetime.UTC)
    _add(feed, "title", f"{TEXTS[language].following.title} · Guillemets")
    _add(feed, "id", named.urn)
    _add(feed, "updated", max((one.found_at for one in found), default=never).isoformat())
    _add(feed, "link", rel="self", href=address, type=FEED_TYPE)
    _add(feed, "link", rel="alternate", href=page, type="text/html")
    _add(_add(feed, "author"), "name", "Guillemets")
    for one in found:
        for citation in one.turn.answer.citations if one.turn else ():
            name = uuid.uuid5(named, f"{one.number} {citation.number}").urn
            question = questions.get(one.question, "")
            _entry(feed, name, one, citation, question, page, language)
    written: bytes = ElementTree.tostring(feed, "utf-8", xml_declaration=True)
    return written


def _entry(
    feed: ElementTree.Element,
    name: str,
    found: News,
    citation: Citation,
    question: str,
    page: str,
    language: str,
) -> None:
    article, quote = citation.article, citation.quote
    entry = _add(feed, "entry")
    about = source_line(article, language)
    words = quoted(checked_words(article, quote), article.language)
    _add(entry, "title", f"{article.title} — {question}")
    _add(entry, "id", name)
    _add(entry, "updated", found.found_at.isoformat())
    link = safe_url(article.url) or f"{page}{source_reference(quote)}"
    _add(entry, "link", rel="alternate", href=link)
    _add(_add(entry, "author"), "name", article.outlet or article.title)
    _add(entry, "summary", f"{question}\n{words}\n{about}", type="text")


def _add(
    parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    clean = {name: _NO_XML.sub("", value) for name, value in attributes.items()}
    child = ElementTree.SubElement(parent, f"{{{_ATOM}}}{tag}", clean)
    child.text = None if text is None else _NO_XML.sub("", text)
    return child
