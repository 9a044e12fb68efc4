"""The day of a web page's article: declared, or written above it; and why that one.

A publication goes before an update wherever the two stand. What stands in a footer, beside
the article or in what is told of an event is the day of neither.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rag.ingest.formats.dated_lines import LONGEST_LINE, dated_line
from rag.ingest.formats.dates import Dated, find_dated
from rag.language.analysis import fold
from rag.language.written_dates import Said, said_before
from rag.types.provenance import DateFrom

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# In the order in which they are believed.
_PUBLISHED_META = (
    *("article:published_time", "og:article:published_time", "article:published"),
    *("og:published_time", "datepublished", "publishdate", "publish-date", "publish_date"),
    *("published_time", "publication_date", "publicationdate", "pubdate", "parsely-pub-date"),
    *("sailthru.date", "cxenseparse:recs:publishtime", "rnews:datepublished"),
    *("citation_publication_date", "dc.date.issued", "dcterms.issued", "dcterms.date"),
    *("dc.date", "dc.date.created", "dcterms.created", "date", "article.published"),
    *("originalpublicationdate", "displaydate", "article_date_original", "ptime", "bt:pubdate"),
)
_UPDATED_META = (
    *("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified"),
    *("dc.date.modified", "last-modified", "revised", "lastmod", "article:modified"),
)
_PUBLISHED_ITEM = re.compile(r"\b(?:datepublished|dc:date|dc:issued|datecreated)\b", re.I)
_UPDATED_ITEM = re.compile(r"\bdatemodified\b", re.I)
_EVENT_ITEM = re.compile(
    r"\b(?:startdate|enddate|doortime|birthdate|deathdate|uploaddate|commenttime"
    r"|validthrough|expires|copyrightyear)\b",
    re.I,
)
_PUBLISHED_CLASS = re.compile(
    r"(?:^|[\s_-])(?:pub(?:li\w*)?|published?|entry-date|post-date|dt-published|parution)"
    r"(?:$|[\s_-])",
    re.I,
)
_UPDATED_CLASS = re.compile(
    r"(?:^|[\s_-])(?:updated?|modified|maj|dt-updated)(?:$|[\s_-])", re.I
)
# What goes with the page or with other articles, by the elements' names and classes.
_AROUND = frozenset("footer nav aside form figure figcaption button select".split())
_AROUND_CLASS = re.compile(
    r"(?:^|[\s_-])(?:footer|copyright|legal|mentions|related|sidebar|comments?|commentaires?"
    r"|widget|agenda|events?|evenements?|newsletter|teasers?|recirc\w*|recommend\w*|suggest\w*"
    r"|promo|breadcrumbs?|menu|nav|most-read|plus-lus|lire-aussi|a-lire|cards?|infos?-pratiques|practical|quand)"
    r"(?:$|[\s_-])",
    re.I,
)
_BLOCKS = frozenset(
    """address article blockquote body dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5
    h6 header hr li main ol p pre section table td th tr ul""".split()
)
_LINES = frozenset("span time small em strong b i a".split())
_BEGUN = 200
_ADDRESS = re.compile(
    r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)"
    r"|[/_-]((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)"
)


class _Rank(enum.Enum):
    """How far a day is believed that stands in the page, the first most."""

    MARKED = 0
    SAID = 1
    BARE = 2
    ABOVE_TITLE = 3
    UPDATED = 4


def page_date(
    root: HtmlElement,
    linked: Mapping[str, Any],
    meta: Mapping[str, str],
    language: str | None,
    url: str | None,
) -> Dated | None:
    """The day, or the instant in UTC, of the page's article and why; None for none.

    ``linked`` is the article in the page's JSON-LD, ``meta`` are its meta elements by their
    names in small letters. Looked for, in this order: a publication that is declared, that
    an element is marked as, that is written above the text or below it; the address of the
    page; an update, declared, then written.
    """
    declared = _first_dated((linked.get("datePublished"),), language) or _first_dated(
        (meta.get(name) for name in _PUBLISHED_META), language
    )
    if declared is not None:
        return Dated(declared.day, DateFrom.PUBLISHED)
    written = sorted(_written(root, language), key=lambda one: one[0].value)
    if written and written[0][0] is not _Rank.UPDATED:
        return written[0][1]
    found = _first_dated((linked.get("dateCreated"),), language)
    if found is not None:
        return Dated(found.day, DateFrom.PUBLISHED)
    in_address = date_in_address(url)
    if in_address is not None:
        return in_address
    updated = (linked.get("dateModified"), *(meta.get(name) for name in _UPDATED_META))
    found = _first_dated(updated, language)
    if found is not None:
        return Dated(found.day, DateFrom.UPDATED)
    return written[0][1] if written else None


def date_in_address(url: str | None) -> Dated | None:
    """The day in the path of an address, such as /2025/08/15/titre."""
    found = _ADDRESS.search(url or "")
    if found is None:
        return None
    year, month, day = (part for part in found.groups() if part)
    dated = find_dated(f"{year}-{month:0>2}-{day:0>2}")
    return Dated(dated.day, DateFrom.ADDRESS) if dated else None


def _first_dated(values: Iterator[Any] | tuple[Any, ...], language: str | None) -> Dated | None:
    for value in values:
        one = value[0] if isinstance(value, list) and value else value
        if isinstance(one, int | float) and not isinstance(one, bool):
            # Seconds or thousandths since 1970.
            one = f"{one:.0f}"
        found = find_dated(one, language) if isinstance(one, str) else None
        if found is not None:
            return found
    return None


def _written(root: HtmlElement, language: str | None) -> list[tuple[_Rank, Dated]]:
    """The days that elements are marked with and lines of the page say, in its order."""
    found: list[tuple[_Rank, Dated]] = []
    has_begun = has_title = False
    for element in _seen(root):
        bare = _Rank.BARE if has_title else _Rank.ABOVE_TITLE
        dated = _marked(element, language)
        if dated is None and _is_line(element):
            words = " ".join(element.text_content().split())
            has_begun = has_begun or (element.tag == "p" and len(words) >= _BEGUN)
            if len(words) <= LONGEST_LINE:
                dated = _said_by_line(words, element, bare, language, has_begun=has_begun)
        elif dated is not None and dated[0] is _Rank.BARE:
            dated = None if has_begun else (bare, dated[1])
        if dated is not None:
            found.append(dated)
        has_title = has_title or element.tag == "h1"
    return found


def _said_by_line(
    words: str, element: HtmlElement, bare: _Rank, language: str | None, *, has_begun: bool
) -> tuple[_Rank, Dated] | None:
    """The day that a line tells, and how far it is to be believed."""
    dated = dated_line(words, language, bare=False)
    if dated is not None:
        return (_Rank.UPDATED if dated.why is DateFrom.UPDATED else _Rank.SAID), dated
    is_dateline = _PUBLISHED_CLASS.search(_names(element)) is not None
    if has_begun and not is_dateline:
        return None
    dated = dated_line(words, language)
    if dated is None:
        return None
    return (_Rank.SAID if is_dateline else bare), dated


def _seen(root: HtmlElement) -> Iterator[HtmlElement]:
    """The elements of the page's body that go with its article, in their order."""
    body = root.find(".//body")
    waiting = list(reversed(root if body is None else body))
    while waiting:
        element = waiting.pop()
        if isinstance(element.tag, str) and not _is_around(element):
            yield element
            waiting.extend(reversed(element))


def _is_line(element: HtmlElement) -> bool:
    """Whether the words of an element stand by themselves, not in a longer line."""
    if any(child.tag in _BLOCKS for child in element.iterdescendants()):
        return False
    if element.tag in _BLOCKS:
        return True
    parent = element.getparent()
    if element.tag not in _LINES or parent is None or parent.tag not in _BLOCKS - {"p"}:
        return False
    return not (parent.text or "").strip() and not (element.tail or "").strip()


def _marked(element: HtmlElement, language: str | None) -> tuple[_Rank, Dated] | None:
    """The day of an element that is marked as one, where it is the article's."""
    item = f"{element.get('itemprop') or ''} {element.get('property') or ''}"
    is_published = bool(_PUBLISHED_ITEM.search(item)) or element.get("pubdate") is not None
    is_updated = bool(_UPDATED_ITEM.search(item))
    is_time = element.tag == "time"
    if _EVENT_ITEM.search(item) or not (is_published or is_updated or is_time):
        return None
    found = find_dated(element.get("datetime") or element.get("content"), language)
    found = found or find_dated(element.text_content(), language)
    said = said_before(_words_before(element))
    if found is None or said is Said.OTHER:
        return None
    if is_published or (said is Said.PUBLISHED and not is_updated):
        return _Rank.MARKED, Dated(found.day, DateFrom.PUBLISHED)
    names = _names(element)
    if is_updated or said is Said.UPDATED or _UPDATED_CLASS.search(names):
        return _Rank.UPDATED, Dated(found.day, DateFrom.UPDATED)
    if _PUBLISHED_CLASS.search(names):
        return _Rank.MARKED, Dated(found.day, DateFrom.PUBLISHED)
    if _is_alone(element, language):
        return _Rank.BARE, Dated(found.day, DateFrom.TEXT)
    return None


def _words_before(element: HtmlElement) -> str:
    """The words just before an element in its line, from the time element before it on."""
    parts: list[str] = []
    before = element.getprevious()
    while before is not None and before.tag != "time":
        parts += (before.tail or "", _text(before))
        before = before.getprevious()
    if before is not None:
        parts.append(before.tail or "")
    elif (parent := element.getparent()) is not None:
        parts.append(parent.text or "")
    return fold(" ".join(" ".join(reversed(parts)).split()))[-LONGEST_LINE:]


def _is_alone(element: HtmlElement, language: str | None) -> bool:
    """Whether a time element stands in a line that holds it and no more than a byline."""
    block = element.getparent()
    while block is not None and block.tag not in _BLOCKS:
        block = block.getparent()
    if block is None or _is_line(element) or not _is_line(block):
        return _is_line(element)
    line, own = " ".join(_text(block).split()), " ".join(_text(element).split())
    # Its words may lack the year that its attribute has: « 5 septembre ».
    return dated_line(line.replace(own, "1er mars 2024", 1), language) is not None


def _is_around(element: HtmlElement) -> bool:
    """Whether an element is of the page or of another article."""
    is_event = (element.get("itemtype") or "").lower().endswith("event")
    is_around = element.tag in _AROUND or _AROUND_CLASS.search(_names(element)) is not None
    if element.tag == "header":
        # The page's own, not the article's.
        is_around = not any(one.tag in ("article", "main") for one in element.iterancestors())
    return is_event or (is_around and element.find(".//h1") is None)


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _text(element: HtmlElement) -> str:
    return str(element.text_content()) if isinstance(element.tag, str) else ""
