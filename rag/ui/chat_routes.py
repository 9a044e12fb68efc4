"""The addresses that the chat's scripts ask: the article of a quote, and the filters."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from rag.errors import RagError
from rag.ui.article_list import title_finder
from rag.ui.filters import FilterError, read_filters, render_filters, source_names
from rag.ui.messages import render_notice
from rag.ui.middleware import request_language
from rag.ui.reading_facts import render_left_out
from rag.ui.source_panel import Span, render_source
from rag.ui.texts import TEXTS

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant

logger = logging.getLogger(__name__)

_LONGEST_WAIT_S = 20

SpanText = Annotated[str, Query(pattern=r"^\d{1,9}-\d{1,9}$")]


def add_chat_routes(app: FastAPI, assistant: Assistant) -> None:
    """Let ``app`` show an article with its quotes, and filters as they are understood."""

    @app.get("/source")
    def source(
        request: Request,
        article: Annotated[str, Query(max_length=200)],
        quote: SpanText = "0-0",
        other: Annotated[list[SpanText], Query(max_length=100)] = [],  # noqa: B006
    ) -> HTMLResponse:
        language = request_language(request.headers)
        return _source(assistant, article, quote, other, language)

    # Reading a file can be long work; many at once would keep the chat from answering.
    one_at_a_time = threading.Lock()

    @app.get("/left_out")
    def left_out(
        request: Request, article: Annotated[str, Query(max_length=200)]
    ) -> HTMLResponse:
        language = request_language(request.headers)
        return _left_out(assistant, one_at_a_time, article, language)

    @app.get("/filters")
    def filters(request: Request) -> Response:
        language = request_language(request.headers)
        return _filters(assistant, request.query_params.multi_items(), language)


def _source(
    assistant: Assistant, article_id: str, quote: str, others: list[str], language: str
) -> HTMLResponse:
    try:
        with assistant.snapshot() as snapshot:
            article = snapshot.article(article_id)
            versions = snapshot.versions(article_id)
            broken = snapshot.overview().broken
    except RagError as error:
        logger.info("%s", error)
        return HTMLResponse(render_notice(TEXTS[language].source.missing), 404)
    problems = [one for one in broken if one.path == article.path]
    content = render_source(
        article, _span(quote), map(_span, others), language, versions, problems
    )
    return HTMLResponse(content)


def _left_out(
    assistant: Assistant, one_at_a_time: threading.Lock, article_id: str, language: str
) -> HTMLResponse:
    """What of its file is not in an article; the file is read for it."""
    texts = TEXTS[language]
    try:
        article = assistant.article(article_id)
    except RagError as error:
        logger.info("%s", error)
        return HTMLResponse(render_notice(texts.source.missing), 404)
    if not one_at_a_time.acquire(timeout=_LONGEST_WAIT_S):
        return HTMLResponse(render_notice(texts.reading.busy), 503)
    try:
        now = assistant.read_again(article)
    finally:
        one_at_a_time.release()
    # Of an index there are only the counts, which are told as what cannot be shown.
    return HTMLResponse(render_left_out(now or article, language))


def _filters(
    assistant: Assistant, written: Sequence[tuple[str, str]], language: str
) -> Response:
    """The filters as the page shows them, or why they cannot be, and which of them."""
    try:
        with assistant.snapshot() as snapshot:
            overview = snapshot.overview()
            title_of = title_finder(snapshot)
            filters = read_filters(written, source_names(overview), language, title_of)
            return HTMLResponse(render_filters(filters, overview, language, title_of))
    except FilterError as error:
        # No error of the page's, which a browser's console would make of a status 422.
        return JSONResponse({"field": error.field, "message": str(error)})
    except RagError as error:
        logger.info("%s", error)
        return JSONResponse({"field": "", "message": TEXTS[language].failures.index})


def _span(written: str) -> Span:
    start, _, end = written.partition("-")
    return Span(int(start), int(end))
