"""What a program can ask of a chat that is served: three functions, typed and described.

The page offers them to ``gradio_client`` and, where it was asked for, ``mcp_tools`` to
programs that speak MCP.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError, validate_call

from rag.answering.answer_json import answer_to_json, article_to_json, hit_to_json
from rag.errors import IndexDamagedError, RagError
from rag.ui.filters import FilterError, read_filters, source_names
from rag.ui.question_query import LONGEST_QUESTION
from rag.ui.questions_asked import UNWATCHED, Questions
from rag.ui.texts import ENGLISH

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.types import Filters, Overview

MOST_QUOTES = 20
MOST_PASSAGES = 50
_LONGEST_ID = 200

logger = logging.getLogger(__name__)

Question = Annotated[
    str, Field(max_length=LONGEST_QUESTION, description="A question, in French or English.")
]
Query = Annotated[
    str, Field(max_length=LONGEST_QUESTION, description="A question, or words to look for.")
]
Since = Annotated[
    str, Field(description="Only articles from that day on, such as 2025-08-15; '' for all.")
]
Until = Annotated[
    str, Field(description="Only articles up to that day, such as 2025-08-15; '' for all.")
]
AsOf = Annotated[
    str,
    Field(description="As on that day: only what was published by then; '' for today."),
]
Sources = Annotated[
    list[str], Field(max_length=100, description="Only articles of these sources; [] for all.")
]
Top = Annotated[int, Field(ge=1, le=MOST_QUOTES, description="At most so many quotes.")]
Count = Annotated[int, Field(ge=1, le=MOST_PASSAGES, description="At most so many passages.")]
Previous = Annotated[
    str,
    Field(
        max_length=LONGEST_QUESTION,
        description="The question before, from which « Et pourquoi ? » is understood.",
    ),
]
ArticleId = Annotated[
    str,
    Field(max_length=_LONGEST_ID, description="An article_id that ask or search returned."),
]

Function = Callable[..., dict[str, Any]]


class RequestRefusedError(RagError):
    """A program asked for what cannot be given; the message says what and why."""


class Api:
    """The functions, over an assistant. Each returns JSON values."""

    def __init__(self, assistant: Assistant, questions: Questions = UNWATCHED) -> None:
        self._assistant = assistant
        self._questions = questions

    def functions(self) -> tuple[Function, ...]:
        """Return what is offered: these and no others."""
        return tuple(_guarded(one) for one in (self.ask, self.search, self.get_article))

    def ask(
        self,
        question: Question,
        since: Since = "",
        until: Until = "",
        sources: Sources = [],  # noqa: B006
        top: Top = 3,
        previous: Previous = "",
        as_of: AsOf = "",
    ) -> dict[str, Any]:
        """Ask the articles a question; get their own sentences, verbatim and cited.

        Nothing is written by a model. "quotes" holds the sentences with their article and
        their characters [start, end) in its text; when the articles do not say, "answered"
        is false and "abstention" gives the reason, with what comes nearest, which is not
        an answer. Dates are ISO 8601, scores are higher for better.
        """
        with (
            self._questions.asked(question, "program") as asked,
            self._assistant.snapshot() as snapshot,
        ):
            overview = snapshot.overview()
            asked.answer = answer = snapshot.ask(
                question,
                filters=_filters(overview, since, until, sources, as_of),
                top=top,
                previous=previous.strip() or None,
            )
        return _without_paths(answer_to_json(answer, overview))

    def search(
        self,
        query: Query,
        since: Since = "",
        until: Until = "",
        sources: Sources = [],  # noqa: B006
        count: Count = 10,
    ) -> dict[str, Any]:
        """Find the passages nearest to a query by meaning and words, best first.

        Each comes with its article, its text and its characters [start, end) in the
        article's text. They are what was found, whether they answer or not.
        """
        with self._assistant.snapshot() as snapshot:
            filters = _filters(snapshot.overview(), since, until, sources)
            hits = snapshot.search(query, filters=filters, count=count)
            found = [hit_to_json(hit, snapshot.article(hit.passage.article_id)) for hit in hits]
        return _without_paths({"query": query, "passages": found})

    def get_article(self, article_id: ArticleId) -> dict[str, Any]:
        """Get a whole article: its text, title, date, source, author and address.

        The characters that ask and search give count in this text.
        """
        try:
            article = self._assistant.article(article_id)
        except IndexDamagedError as error:
            logger.info("%s", error)
            raise RequestRefusedError(
                f"the index holds no article '{article_id}'; give an article_id that ask or "
                "search returned"
            ) from error
        return _without_paths(article_to_json(article))


def description(function: Function) -> str:
    """Say what ``function`` does and what each of its parameters is."""
    named = inspect.signature(function, eval_str=True).parameters.values()
    parameters = [
        f"{one.name}: {field.description}"
        for one in named
        for field in one.annotation.__metadata__
    ]
    return "\n".join([inspect.getdoc(function) or "", "", *parameters])


def _without_paths(content: dict[str, Any]) -> dict[str, Any]:
    """``content`` with every "path" called "file", however deep.

    Gradio's client takes what has a "path" for a file, and would fetch it.
    """

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return _without_paths(value)
        return [renamed(one) for one in value] if isinstance(value, list) else value

    return {
        "file" if name == "path" else name: renamed(value) for name, value in content.items()
    }


def _filters(
    overview: Overview, since: str, until: str, sources: list[str], as_of: str = ""
) -> Filters:
    days = [("since", since), ("until", until), ("as_of", as_of)]
    written = [*days, *(("source", one) for one in sources)]
    return read_filters(written, source_names(overview), ENGLISH)


def _guarded(function: Function) -> Function:
    """``function`` with its arguments validated; it raises RequestRefusedError only."""
    validated = validate_call(function)

    @functools.wraps(function)
    def guarded(*values: Any, **named: Any) -> dict[str, Any]:
        try:
            return validated(*values, **named)
        except ValidationError as error:
            raise RequestRefusedError(_problem(error, function)) from None
        except (FilterError, RagError) as error:
            raise RequestRefusedError(str(error)) from error
        except Exception as error:
            logger.exception("%s failed", function.__name__)
            raise RequestRefusedError(
                f"{function.__name__} failed unexpectedly; the details are in the terminal "
                "where the page was started"
            ) from error

    return guarded


def _problem(error: ValidationError, function: Function) -> str:
    first = error.errors(include_url=False)[0]
    names = list(inspect.signature(function).parameters)
    place, *deeper = first["loc"]
    named = [names[place] if isinstance(place, int) and place < len(names) else place, *deeper]
    found = repr(first["input"])
    shown = found if len(found) <= 60 else f"{found[:60]}…"
    message = first["msg"][:1].lower() + first["msg"][1:]
    return f"{'.'.join(map(str, named))} is {shown}: {message}"
