"""What the fields of a record say: words, paragraphs, and what is no article's."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from rag.ingest.formats.escaped import line_of_field, words_of_field
from rag.ingest.formats.marked_text import MarkedText
from rag.types.provenance import LeftOut, LeftOutKind, Place, PlaceKind

# What of a dictionary is its words, as WordPress, JSON-LD and news interfaces have it.
_NAMED = (
    "rendered",
    "name",
    "title",
    "main",
    "value",
    "@value",
    "#text",
    "label",
    "$date",
    "text",
)
# And where its paragraphs are, as editors of pages keep them.
_TEXT_NAMED = (
    *("rendered", "text", "value", "@value", "#text", "html", "body", "content", "contenu"),
    *("data", "children", "blocks", "paragraphs", "items", "texte", "corps", "caption"),
)
# So deep may paragraphs lie in what holds them.
_DEEPEST = 20
_MOST_LEFT_OUT = 100


def plain_name(name: str) -> str:
    """A field's name without case, accents and signs: « Publié le » is publiele."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return re.sub(r"[^a-z0-9]", "", decomposed)


def words_of(value: Any) -> str | None:
    """A field's value as words: of a list all, of a dictionary what it is called."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(words_of, value))) or None
    if isinstance(value, dict):
        return next(filter(None, (words_of(value.get(name)) for name in _NAMED)), None)
    if value is None or isinstance(value, bool):
        return None
    # Half of a letter beyond the first plane cannot be stored.
    return str(value).encode("utf-8", "replace").decode().strip() or None


def line_of(words: str | None) -> str | None:
    """The words of a title or the like, without markup."""
    if words and ("<" in words or "&" in words):
        return line_of_field(words) or None
    return words


def text_of_record(
    text: Any,
    standfirst: Any,
    title: str | None,
    others: Iterable[Any],
    row: int | None = None,
) -> tuple[str, tuple[Place, ...], tuple[LeftOut, ...]]:
    """The text of a record, its standfirst before it, and what its ``others`` say besides.

    ``row`` is the record's in its table.
    """
    body = words_of_field("\n\n".join(_paragraphs(text)))
    opening = words_of_field("\n\n".join(_paragraphs(standfirst)))
    places: tuple[Place, ...] = ()
    said = _Said(f"{title} {body}")
    if body and opening and not said.holds(opening):
        # Tidied already, so that its place stays where it is.
        marked = MarkedText()
        marked.add(opening, PlaceKind.STANDFIRST, row=row)
        places = marked.places
        body = f"{marked.text}\n\n{body}"
    else:
        body = body or opening
    begun = len(body) - len(body[places[-1].end :].lstrip()) if places else 0
    if row is not None and begun < len(body):
        places = (*places, Place(begun, len(body), PlaceKind.PARAGRAPH, row=row))
    left_out = list(_others(others, _Said(f"{title} {body}")))
    return body, places, tuple(left_out[:_MOST_LEFT_OUT])


class _Said:
    """What an article says, whatever its spaces; looked into only where it is asked."""

    def __init__(self, text: str) -> None:
        self._text = text

    def holds(self, words: str) -> bool:
        return " ".join(words.split()) in self._words

    @functools.cached_property
    def _words(self) -> str:
        return " ".join(self._text.split())


def _others(values: Iterable[Any], said: _Said) -> Iterator[LeftOut]:
    """The words of ``values``, where they are more than a name or a number."""
    for value in values:
        words = " ".join(words_of_field("\n".join(_paragraphs(value))).split())
        has_letters = any(sign.isalpha() for sign in words)
        if " " in words and has_letters and not said.holds(words):
            yield LeftOut.of(LeftOutKind.OTHER, words)


def _paragraphs(value: Any, depth: int = 0) -> Iterator[str]:
    """The paragraphs of a text: a list's values, a dictionary's texts."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        if all(isinstance(one, dict) and one.get("type") == "text" for one in value):
            # Words of one paragraph, each in its own face.
            line = "".join(str(one.get("text") or "") for one in value)
            yield from _paragraphs(line, depth + 1)
            return
        for one in value:
            yield from _paragraphs(one, depth + 1)
    elif isinstance(value, dict):
        for name in _TEXT_NAMED:
            if value.get(name) not in (None, "", [], {}):
                yield from _paragraphs(value[name], depth + 1)
                return
    else:
        words = words_of(value)
        if words:
            yield words
