"""Markdown files: front matter for the metadata, the words without the marks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.ingest.formats.dates import Dated, find_dated
from rag.ingest.formats.front_matter import split_front_matter
from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.markup import paragraphs
from rag.ingest.formats.member import Draft
from rag.types.provenance import DateFrom, LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from markdown_it.token import Token

_TITLE_KEYS = ("title", "titre")
_SOURCE_KEYS = ("source", "publication", "outlet", "journal")
_AUTHOR_KEYS = ("author", "auteur", "authors", "auteurs")
_URL_KEYS = ("url", "link", "lien")
_DATE_KEYS = ("date", "published", "publié", "date_publication", "pubdate", "created")
_UPDATED_KEYS = ("updated", "lastmod", "modified", "date_modification")
_LANGUAGE_KEYS = ("language", "lang", "langue")
# Fields that are told of the article, or only of how it is shown.
_KNOWN_KEYS = frozenset(
    (
        *(*_TITLE_KEYS, *_SOURCE_KEYS, *_AUTHOR_KEYS, *_URL_KEYS, *_LANGUAGE_KEYS),
        *(*_DATE_KEYS, *_UPDATED_KEYS),
    )
)
_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), PlaceKind.HEADING),
    "li": PlaceKind.LIST,
}


def read_markdown(text: str) -> Draft:
    """A Markdown file; its first heading of level 1 is its title when it names none."""
    from markdown_it import MarkdownIt

    about, body, problems = split_front_matter(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    dated = _dated(about)
    marked = MarkedText()
    _add_blocks(marked, tokens)
    for name, value in about.items():
        if name.lower() not in _KNOWN_KEYS and (words := _line(value)) and " " in words:
            marked.leave_out(LeftOutKind.OTHER, words)
    return Draft(
        marked.text,
        title=_first(about, _TITLE_KEYS) or _heading(tokens),
        date=dated.day if dated else None,
        date_from=dated.why if dated else None,
        source=_first(about, _SOURCE_KEYS),
        url=_first(about, _URL_KEYS),
        author=_first(about, _AUTHOR_KEYS),
        language=_first(about, _LANGUAGE_KEYS),
        places=marked.places,
        left_out=marked.left_out,
        problems=problems,
    )


def _first(about: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    return next(filter(None, (_line(about.get(key)) for key in keys)), None)


def _line(value: Any) -> str:
    """A field's value on one line; names of a list behind each other."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_line, value)))
    if isinstance(value, dict):
        return ", ".join(filter(None, map(_line, value.values())))
    return "" if value is None else " ".join(str(value).split())


def _dated(about: Mapping[str, Any]) -> Dated | None:
    """The day of publication, else of an update."""
    language = _first(about, _LANGUAGE_KEYS)
    updated: Dated | None = None
    for key in (*_DATE_KEYS, *_UPDATED_KEYS):
        found = find_dated(about.get(key), language)
        if found is not None and key in _UPDATED_KEYS:
            found = Dated(found.day, DateFrom.UPDATED)
        if found is not None and found.why is not DateFrom.UPDATED:
            return found
        updated = updated or found
    return updated


def _add_blocks(marked: MarkedText, tokens: Sequence[Token]) -> None:
    """The words of every paragraph, heading, item, row and code block, in order."""
    inside: list[str] = []
    cells: list[str] = []
    row = 0
    for token in tokens:
        if token.type == "inline":
            _leave_out_pictures(marked, token)
            if "td" in inside or "th" in inside:
                cells.append(_words(token))
                continue
            kind = next((_KINDS[tag] for tag in reversed(inside) if tag in _KINDS), None)
            marked.add(_words(token), kind or PlaceKind.PARAGRAPH)
        elif token.type in ("fence", "code_block"):
            marked.add(token.content.rstrip())
        elif token.type == "html_block":
            marked.add(paragraphs(token.content))
        elif token.nesting > 0:
            row = 0 if token.tag == "table" else row + (token.tag == "tr")
            inside.append(token.tag)
        elif token.nesting < 0:
            inside.pop()
            if token.tag == "tr":
                marked.add(" · ".join(filter(None, cells)), PlaceKind.TABLE, row=row)
                cells.clear()


def _leave_out_pictures(marked: MarkedText, inline: Token) -> None:
    """Note what is written for those who do not see a picture."""
    for child in inline.children or ():
        if child.type == "image":
            marked.leave_out(LeftOutKind.CAPTION, child.content)


def _words(inline: Token) -> str:
    parts: list[str] = []
    for child in inline.children or ():
        if child.type in ("text", "text_special", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or _is_line_end(child):
            parts.append("\n")
    return "".join(parts).strip()


def _is_line_end(inline: Token) -> bool:
    return inline.type == "html_inline" and inline.content.lower().startswith("<br")


def _heading(tokens: Sequence[Token]) -> str | None:
    for token, following in itertools.pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            return " ".join(_words(following).split()) or None
    return None
