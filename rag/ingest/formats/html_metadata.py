"""What a web page says about itself to machines: JSON-LD, Open Graph, meta elements."""

from __future__ import annotations

import datetime
import html as entities
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.ingest.formats.page_date import page_date
from rag.types.provenance import DateFrom

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DESCRIPTIONS = ("og:description", "description", "twitter:description")
_ARTICLE_ENDINGS = ("article", "posting", "report")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a page declares; None or empty where it says nothing.

    ``body`` is its articleBody, ``titles`` the headline and others, in order of trust,
    ``sites`` what the page's outlet calls itself, ``descriptions`` what is to be shown of it
    elsewhere, which often is its standfirst.
    """

    body: str
    titles: tuple[str, ...]
    date: datetime.date | None
    date_from: DateFrom | None
    source: str | None
    sites: tuple[str, ...]
    url: str | None
    author: str | None
    language: str | None
    descriptions: tuple[str, ...] = ()


def page_metadata(root: HtmlElement) -> Declared:
    """What the page under ``root`` declares."""
    linked = next(_linked_articles(root), {})
    meta = _meta(root)
    canonical = root.xpath("//link[@rel='canonical']/@href")
    url = (
        _address(linked.get("url") or linked.get("mainEntityOfPage"))
        or _address(meta.get("og:url"))
        or _address(next(iter(canonical), None))
    )
    publisher = _text(linked.get("publisher"))
    sites = [
        publisher,
        *(meta.get(name) for name in ("og:site_name", "dc.publisher", "application-name")),
    ]
    titles = (
        _text(linked.get("headline")) or _text(linked.get("name")),
        *(meta.get(name) for name in ("og:title", "twitter:title", "dc.title")),
    )
    language = (
        _text(linked.get("inLanguage"))
        or next(iter(root.xpath("/html/@lang | /html/@xml:lang")), None)
        or _first(meta, "og:locale", "dc.language", "content-language")
    )
    dated = page_date(root, linked, meta, language, url)
    return Declared(
        _body(linked),
        titles=tuple(filter(None, titles)),
        date=dated.day if dated else None,
        date_from=dated.why if dated else None,
        source=next(filter(None, sites), None),
        sites=tuple(filter(None, (*sites, meta.get("twitter:site", "").lstrip("@")))),
        url=url,
        author=_name(linked.get("author") or linked.get("creator"))
        or _name(_first(meta, "author", "article:author", "dc.creator")),
        language=language,
        descriptions=tuple(
            filter(
                None,
                (
                    _text(linked.get("description")),
                    *(meta.get(name) for name in _DESCRIPTIONS),
                ),
            )
        ),
    )


def _body(linked: Mapping[str, Any]) -> str:
    """An articleBody; of a live page those of its updates."""
    body = _text(linked.get("articleBody")) or ""
    updates = linked.get("liveBlogUpdate")
    if isinstance(updates, list):
        parts = [body]
        for update in updates:
            if isinstance(update, dict):
                parts += [_text(update.get(key)) or "" for key in ("headline", "articleBody")]
        body = "\n\n".join(filter(None, parts))
    return body


def _linked_articles(root: HtmlElement) -> Iterator[Mapping[str, Any]]:
    """The articles that the page's JSON-LD describes, https://schema.org/Article."""
    for script in root.xpath("//script[@type='application/ld+json']/text()"):
        try:
            waiting = [json.loads(script, strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            one = waiting.pop(0)
            if isinstance(one, list):
                waiting.extend(one)
            elif isinstance(one, dict):
                kinds = one.get("@type")
                for kind in kinds if isinstance(kinds, list) else [kinds]:
                    if str(kind).lower().endswith(_ARTICLE_ENDINGS):
                        yield one
                        break
                waiting.extend(one[key] for key in ("@graph", "mainEntity") if key in one)


def _meta(root: HtmlElement) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = (
            element.get("property")
            or element.get("name")
            or element.get("itemprop")
            or element.get("http-equiv")
        )
        content = (element.get("content") or "").strip()
        if name and content:
            found.setdefault(name.lower(), content)
    return found


def _first(meta: Mapping[str, str], *names: str) -> str | None:
    return next((meta[name] for name in names if name in meta), None)


def _text(value: object) -> str | None:
    """The words of a value of JSON-LD: a string, or something that has a name."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value))) or None
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@value") or value.get("alternateName"))
    if not isinstance(value, str):
        return None
    return entities.unescape(value).strip() or None


def _name(value: object) -> str | None:
    """Who wrote it; an address of a profile is no name."""
    names: Sequence[object] = value if isinstance(value, list) else [value]
    found = dict.fromkeys(filter(None, map(_text, names)))
    return ", ".join(name for name in found if _address(name) is None) or None


def _address(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return value.strip()
    return None
