"""Where the page of followed questions and their feeds are, and what follows a question."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.responses import Response

from rag.answering.following import THIS_MACHINE, Following
from rag.errors import KeepingError, RagError
from rag.ui.article_list import title_finder
from rag.ui.browser_identity import read_reader
from rag.ui.filters import FilterError, read_filters, source_names
from rag.ui.followed_feed import FEED_PATH, FEED_TYPE, write_feed
from rag.ui.followed_page import FOLLOWED_PATH, removed_query, render_followed
from rag.ui.messages import render_error
from rag.ui.middleware import language_cookie, request_language
from rag.ui.page_frame import STATIC_PATH
from rag.ui.question_query import LONGEST_QUESTION, read_question
from rag.ui.same_site import is_same_site
from rag.ui.texts import TEXTS

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant

_FEED_NEWS = 100
_BACK = f"../..{FOLLOWED_PATH}"

logger = logging.getLogger(__name__)

Number = Annotated[int, Path(ge=1, lt=2**63)]
Secret = Annotated[str, Path(pattern=r"^[\w-]{32}$")]
ReaderOf = Callable[[Request], str | None]


def add_followed_routes(
    app: FastAPI, assistant: Assistant, following: Following, *, one_reader: bool
) -> None:
    """Let ``app`` follow questions.

    With ``one_reader`` all who ask are this machine's reader, as the terminal is; else each
    browser follows its own.
    """

    def reader_of(request: Request) -> str | None:
        return THIS_MACHINE if one_reader else read_reader(request.headers)

    _add_page(app, following, reader_of)
    _add_changes(app, following, reader_of)

    @app.put(FOLLOWED_PATH)
    def follow(request: Request) -> JSONResponse:
        return _follow(assistant, following, reader_of(request), request)

    @app.get(f"{FOLLOWED_PATH}/waiting")
    def waiting(request: Request) -> JSONResponse:
        language, reader = request_language(request.headers), reader_of(request)
        try:
            count = following.waiting(reader) if reader is not None else 0
        except KeepingError as error:
            logger.warning("%s", error)
            count = 0
        words = TEXTS[language].following.waiting(count)
        return JSONResponse({"count": count, "words": words})

    @app.get(f"{FEED_PATH}/{{secret}}.atom")
    def feed(request: Request, secret: Secret) -> Response:
        return _feed(following, secret, request)


def _add_page(app: FastAPI, following: Following, reader_of: ReaderOf) -> None:
    @app.get(FOLLOWED_PATH)
    def page(request: Request, removed: Annotated[int, Query(ge=0, lt=2**63)] = 0) -> Response:
        language = request_language(request.headers, request.scope["query_string"])
        reader = reader_of(request)
        if reader is None:
            # The front page gives a browser its name.
            return RedirectResponse("./")
        try:
            content = render_followed(
                following.questions(reader),
                following.news(reader),
                language,
                STATIC_PATH,
                f"{FEED_PATH.lstrip('/')}/{following.feed_of(reader)}.atom",
                following.removed(reader, removed),
            )
        except RagError as error:
            logger.warning("%s", error)
            return HTMLResponse(render_error(error, language), 500)
        response = HTMLResponse(content, headers={"cache-control": "no-store"})
        if "lang" in request.query_params:
            response.headers.append("set-cookie", language_cookie(language, request.scope))
        return response


def _add_changes(app: FastAPI, following: Following, reader_of: ReaderOf) -> None:
    def change(
        request: Request, what: Callable[[str], object], back: str | None = _BACK
    ) -> Response:
        reader = reader_of(request)
        if reader is None or not is_same_site(request.headers):
            return PlainTextResponse("403: this comes from another site", 403)
        try:
            what(reader)
        except KeepingError as error:
            return PlainTextResponse(str(error), 500)
        return RedirectResponse(back, 303) if back is not None else Response(status_code=204)

    @app.post(f"{FOLLOWED_PATH}/{{number}}/remove")
    def remove(request: Request, number: Number) -> Response:
        back = f"{_BACK}?{removed_query(number)}"
        return change(request, lambda reader: following.remove(reader, number), back)

    @app.post(f"{FOLLOWED_PATH}/{{number}}/restore")
    def restore(request: Request, number: Number) -> Response:
        return change(request, lambda reader: following.restore(reader, number))

    @app.post(f"{FOLLOWED_PATH}/feed")
    def renew_feed(request: Request) -> Response:
        return change(request, following.renew_feed, f"..{FOLLOWED_PATH}")

    @app.put(f"{FOLLOWED_PATH}/seen")
    def seen(request: Request, last: Annotated[int, Query(ge=0, lt=2**63)]) -> Response:
        return change(request, lambda reader: following.see(reader, last), None)


def _follow(
    assistant: Assistant, following: Following, reader: str | None, request: Request
) -> JSONResponse:
    """Follow the question of an address; what stands in the way is a message."""
    texts = TEXTS[request_language(request.headers)]
    written = request.query_params.multi_items()
    question = read_question(request.url.query)[:LONGEST_QUESTION]
    if reader is None or not any(map(str.isalnum, question)):
        return JSONResponse({"message": texts.following.not_kept})
    try:
        with assistant.snapshot() as snapshot:
            overview = snapshot.overview()
            filters = read_filters(
                written,
                source_names(overview),
                request_language(request.headers),
                title_finder(snapshot),
            )
            followed = following.follow(
                reader, question, filters, overview.generation, snapshot.articles.hashes_by_id
            )
    except FilterError as error:
        return JSONResponse({"message": str(error)})
    except RagError as error:
        logger.warning("%s", error)
        return JSONResponse({"message": texts.following.not_kept})
    return JSONResponse({"message": texts.following.followed, "number": followed.number})


def _feed(following: Following, secret: str, request: Request) -> Response:
    language = request_language(request.headers)
    try:
        reader = following.reader_of(secret)
        if reader is None:
            return PlainTextResponse("404: there is no such feed", 404)
        questions = {one.number: one.question for one in following.questions(reader)}
        news = following.news(reader, _FEED_NEWS)
        address = str(request.url.replace(query=""))
        page = address.partition(f"{FEED_PATH}/")[0] + "/"
        content = write_feed(news, questions, address, page, language)
    except RagError as error:
        logger.warning("%s", error)
        return PlainTextResponse("500: the feed cannot be read", 500)
    return Response(content, media_type=FEED_TYPE)
