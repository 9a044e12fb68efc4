"""Where in its file a quote stands, as a line for readers and as values for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rag.language.typography import quoted
from rag.types import Article, Citation
from rag.types.provenance import PlaceKind, QuotePlace

_SHOWN_DOUBTFUL = 5


@dataclass(frozen=True, slots=True)
class _Words:
    """How a place is told, in one language."""

    page: str
    row: str
    doubtful: str
    parts: Mapping[PlaceKind, str]


_WORDS: Mapping[str, _Words] = {
    "fr": _Words(
        page="p. {page}",
        row="ligne {row}",
        doubtful="lecture incertaine\N{NO-BREAK SPACE}: {words}",
        parts={
            PlaceKind.CAPTION: "légende",
            PlaceKind.TABLE: "tableau",
            PlaceKind.BOX: "encadré",
            PlaceKind.NOTE: "note",
            PlaceKind.QUESTION: "question",
        },
    ),
    "en": _Words(
        page="p. {page}",
        row="row {row}",
        doubtful="uncertain reading: {words}",
        parts={
            PlaceKind.CAPTION: "caption",
            PlaceKind.TABLE: "table",
            PlaceKind.BOX: "box",
            PlaceKind.NOTE: "note",
            PlaceKind.QUESTION: "question",
        },
    ),
}


def place_line(citation: Citation, language: str) -> str:
    """Where the quote stands in its file, in a few words (not escaped); "" if not known."""
    return ", ".join(_told(citation, _WORDS[language], language))


def pages_of(place: QuotePlace) -> str:
    """The page that a quote stands on, or the first and last; "" where that is not known."""
    if place.page is None:
        return ""
    return (
        str(place.page) if place.page == place.last_page else f"{place.page}-{place.last_page}"
    )


def place_to_json(article: Article, start: int, end: int) -> dict[str, Any]:
    """Where ``article.text[start:end]`` stands in its file, as JSON values."""
    place = article.place_of(start, end)
    return {
        "part": place.part.value,
        "page": place.page,
        "last_page": place.last_page,
        "row": place.row,
        "time": place.time,
        "speaker": place.speaker,
        "doubtful": [list(span) for span in place.doubtful],
    }


def _told(citation: Citation, words: _Words, language: str) -> Iterator[str]:
    place, text = citation.place, citation.article.text
    if place.page is not None:
        yield words.page.format(page=pages_of(place))
    if place.part in words.parts:
        yield words.parts[place.part]
    if place.row is not None:
        yield words.row.format(row=place.row)
    if place.time is not None:
        yield place.time
    if place.speaker is not None:
        yield place.speaker
    if place.doubtful:
        read = [quoted(text[start:end], language) for start, end in place.doubtful]
        more = ["…"] if len(read) > _SHOWN_DOUBTFUL else []
        yield words.doubtful.format(words=", ".join(read[:_SHOWN_DOUBTFUL] + more))
