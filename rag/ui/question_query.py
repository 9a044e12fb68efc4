"""A question with what goes around it, as a page, a link and the assistant take it."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from rag.types import Answer, Filters
from rag.ui.filters import TitleOf, filter_query, no_titles, read_filters

LONGEST_QUESTION = 1000
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a question is asked with: the question before it, and filters."""

    previous: str | None = None
    filters: Filters = field(default_factory=Filters)


def read_surroundings(
    query: str, sources: Collection[str], language: str, title_of: TitleOf = no_titles
) -> Surroundings:
    """Read them from ``query``, written like the query of an address.

    A previous question longer than a question may be is none. Raises FilterError.
    """
    written = parse_qsl(query)
    previous = dict(written).get("previous", "").strip()
    if len(previous) > LONGEST_QUESTION:
        previous = ""
    filters = read_filters(written, sources, language, title_of)
    return Surroundings(previous or None, filters)


def read_question(query: str) -> str:
    """Return the question that ``query`` asks, "" for none."""
    return dict(parse_qsl(query)).get("q", "").strip()


def question_query(question: str) -> str:
    """Write what ``read_question`` reads."""
    return urlencode({"q": question})


def link_query(answer: Answer, filters: Filters) -> str:
    """Return the query of the page's address that asks for ``answer`` again.

    It stands alone: it asks the question as it was understood.
    """
    asked = question_query(standalone_question(answer))
    if answer.as_of is not None:
        filters = dataclasses.replace(filters, as_of=answer.as_of)
    narrowed = filter_query(filters)
    return f"{asked}&{narrowed}" if narrowed else asked


def standalone_question(answer: Answer) -> str:
    """Return the question that gets ``answer`` without the question before it."""
    understood = answer.understood
    if understood is None or len(understood) > LONGEST_QUESTION:
        return answer.question
    return understood


def asked_questions(conversation: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what a reader asked, in the messages of a conversation as the page shows it."""
    shown = (_words(one.get("content")) for one in conversation if one.get("role") == "user")
    return [html.unescape(_TAG.sub("", words)) for words in shown]


def _words(content: object) -> str:
    # Gradio wraps a message's text in one part or several.
    if isinstance(content, list):
        return "".join(map(_words, content))
    if isinstance(content, Mapping):
        content = content.get("text")
    return content if isinstance(content, str) else ""
