"""Citations read back from what was exported: the page's Markdown or HTML, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, NonNegativeInt, TypeAdapter, ValidationError

from rag.errors import QuotesFileError

_COMMENT = re.compile(r"<!-- guillemets (\{.*\}) -->")
_OPENING, _CLOSING = "«\u202f", "\u202f» [{number}]"


@dataclass(frozen=True, slots=True)
class CitedWords:
    """What a citation said: these words, at those characters of the article at ``path``."""

    number: str
    text: str
    path: str
    start: int
    end: int


class _Place(BaseModel):
    number: str = ""
    path: str = Field(min_length=1)
    start: NonNegativeInt
    end: NonNegativeInt


class _Quote(_Place):
    text: str = Field(pattern=r"\S")


class _Abstention(BaseModel):
    nearest: list[_Quote] = []


class _Answer(BaseModel):
    quotes: list[_Quote]
    abstention: _Abstention | None = None


def read_quotes(file: Path) -> tuple[CitedWords, ...]:
    """The citations in ``file``, in its order.

    Raises QuotesFileError, naming the file, when it cannot be read or holds none.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise QuotesFileError(f"{file} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise QuotesFileError(f"{file} is not UTF-8; {_EXPECTED}") from error
    try:
        found = tuple(_reader(text)(text))
    except (ValueError, RecursionError) as error:
        raise QuotesFileError(
            f"{file} is damaged ({_first_line(error)}); {_EXPECTED}"
        ) from error
    if not found:
        raise QuotesFileError(f"{file} holds no citation; {_EXPECTED}")
    return found


_EXPECTED = (
    "give a conversation as the page exports it (Markdown or HTML), or what "
    "rag ask --json prints"
)


def _reader(text: str) -> Any:
    start = text.lstrip()[:1]
    return _read_json if start in ("{", "[") else _read_html if start == "<" else _read_markdown


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg'].lower()}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _read_json(text: str) -> Iterator[CitedWords]:
    """One answer, or a list of them."""
    written = json.loads(text)
    answers = TypeAdapter(list[_Answer]).validate_python(
        written if isinstance(written, list) else [written]
    )
    for answer in answers:
        nearest = answer.abstention.nearest if answer.abstention else []
        for number, quote in enumerate([*answer.quotes, *nearest], 1):
            yield CitedWords(str(number), quote.text, quote.path, quote.start, quote.end)


def _read_html(text: str) -> Iterator[CitedWords]:
    parser = _Figures()
    parser.feed(text)
    parser.close()
    yield from parser.found


class _Figures(HTMLParser):
    """The figures that carry a place, with the words in them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[CitedWords] = []
        self._place: _Place | None = None
        self._words: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "figure" and "data-path" in given:
            data = {name.removeprefix("data-"): value for name, value in attrs}
            self._place = _Place.model_validate(data)
        elif tag == "span" and given.get("class") == "words" and self._place:
            self._words = []

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag != "span" or self._words is None or self._place is None:
            return
        words = "".join(self._words)
        if words.strip():
            self.found.append(_cited(self._place, words))
        self._place = self._words = None


def _read_markdown(text: str) -> Iterator[CitedWords]:
    """Quotes whose place stands in a comment at their end."""
    from markdown_it import MarkdownIt

    paragraphs: list[str] = []
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "blockquote_open":
            paragraphs.clear()
        elif token.type == "inline":
            paragraphs.append("".join(_shown(child) for child in token.children or ()))
        elif token.type == "html_block" and (comment := _COMMENT.search(token.content)):
            place = _Place.model_validate_json(comment[1])
            words = _words(paragraphs, place.number)
            if words.strip():
                yield _cited(place, words)


def _shown(token: Any) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else str(token.content)


def _words(paragraphs: list[str], number: str) -> str:
    """What stands in quotation marks before ``number``; context may come before it."""
    first = next((at for at, one in enumerate(paragraphs) if one.startswith(_OPENING)), None)
    if first is None:
        return ""
    quoted = "\n\n".join(paragraphs[first:])
    before, closing, _ = quoted.rpartition(_CLOSING.format(number=number))
    return before.removeprefix(_OPENING) if closing else ""


def _cited(place: _Place, words: str) -> CitedWords:
    return CitedWords(place.number, words, place.path, place.start, place.end)
