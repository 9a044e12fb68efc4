"""Markdown files: front matter for the metadata, the words without the marks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import ArticleError
from rag.ingest.formats.dates import Dated, find_dated
from rag.ingest.formats.member import Draft
from rag.problems import Code, Problem
from rag.provenance import DateFrom

if TYPE_CHECKING:
    from markdown_it.token import Token

_TITLE_KEYS = ("title", "titre")
_SOURCE_KEYS = ("source", "publication", "outlet", "journal")
_AUTHOR_KEYS = ("author", "auteur", "authors", "auteurs")
_URL_KEYS = ("url", "link", "lien")
_DATE_KEYS = ("date", "published", "publié", "date_publication", "pubdate", "created")
_UPDATED_KEYS = ("updated", "lastmod", "modified", "date_modification")
_LANGUAGE_KEYS = ("language", "lang", "langue")


def read_markdown(text: str) -> Draft:
    """A Markdown file; its first heading of level 1 is its title when it names none.

    Raises ArticleError when its front matter is not YAML.
    """
    from markdown_it import MarkdownIt

    about, body = _front_matter(text)
    tokens = MarkdownIt("commonmark").parse(body)
    dated = _dated(about)
    return Draft(
        "\n\n".join(block for block in _blocks(tokens) if block.strip()),
        title=_first(about, _TITLE_KEYS) or _heading(tokens),
        date=dated.day if dated else None,
        date_from=dated.why if dated else None,
        source=_first(about, _SOURCE_KEYS),
        url=_first(about, _URL_KEYS),
        author=_first(about, _AUTHOR_KEYS),
        language=_first(about, _LANGUAGE_KEYS),
    )


def _front_matter(text: str) -> tuple[Mapping[str, Any], str]:
    """What stands in YAML between two lines of dashes at the start, and the rest."""
    import yaml
    from frontmatter.default_handlers import YAMLHandler

    # Not the library's own parse: it drops what stands there and is no mapping.
    handler = YAMLHandler()
    text = text.strip()
    if not handler.detect(text):
        return {}, text
    try:
        front, body = handler.split(text)
    except ValueError:
        # One line of dashes only: a rule above the text.
        return {}, text
    try:
        about = handler.load(front)
    except (yaml.YAMLError, ValueError) as error:
        line = str(error).splitlines()[0]
        raise ArticleError(Problem.of(Code.FRONT_MATTER, detail=line)) from error
    if about is None:
        return {}, body
    # Words between two rules are YAML too, but they tell nothing about the article.
    return (about, body) if isinstance(about, dict) else ({}, text)


def _first(about: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    for key in keys:
        value = about.get(key)
        if isinstance(value, list):
            value = ", ".join(str(one) for one in value)
        if value not in (None, ""):
            return str(value).strip()
    return None


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


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    """The words of every paragraph, heading, item and code block, in order."""
    for token in tokens:
        if token.type == "inline":
            yield _words(token)
        elif token.type in ("fence", "code_block"):
            yield token.content.rstrip()


def _words(inline: Token) -> str:
    parts: list[str] = []
    for child in inline.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts).strip()


def _heading(tokens: Sequence[Token]) -> str | None:
    for token, following in itertools.pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            return " ".join(_words(following).split()) or None
    return None
