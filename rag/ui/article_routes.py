"""The addresses behind the list of articles; what changes something is a POST."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.requests import Request as PlainRequest
from starlette.routing import Route

from rag.errors import ArticleError, Code, Problem, RagError
from rag.index.article_list import Order
from rag.library.bring_files import Brought, Clash, Outcome
from rag.ui.article_list import LINES_A_PAGE, render_articles
from rag.ui.masthead import index_facts
from rag.ui.messages import render_error
from rag.ui.middleware import request_language
from rag.ui.same_site import is_same_site
from rag.ui.texts import TEXTS
from rag.ui.update_status import upkeep_to_json

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.library.library import Library

_BAD_REQUEST, _FORBIDDEN, _BUSY = 400, 403, 503

logger = logging.getLogger(__name__)

Search = Annotated[str, Query(max_length=200)]
ShortText = Annotated[str, Query(max_length=200)]


def add_article_routes(
    app: FastAPI, assistant: Assistant, library: Library | None, files_at_once: int
) -> None:
    """Add the addresses to ``app``; those that change answer 403 where nothing may be."""
    routes = _Routes(assistant, library, files_at_once)
    app.get("/articles")(routes.articles)
    app.get("/articles/state")(routes.state)
    app.post("/articles/update")(routes.update)
    app.post("/articles/remove")(routes.remove)
    app.post("/articles/restore")(routes.restore)
    largest = library.settings.max_file_bytes if library else 0
    # A file is larger than any other request may be.
    bring = Route(
        "/articles/bring", routes.bring, methods=["POST"], max_body_size=largest or None
    )
    app.router.routes.append(bring)


class _Routes:
    """What each address answers. Words are in the reader's language, in JSON not escaped."""

    def __init__(
        self, assistant: Assistant, library: Library | None, files_at_once: int
    ) -> None:
        self._assistant = assistant
        self._library = library
        self._files_at_once = files_at_once
        self._arriving = 0

    def articles(
        self,
        request: Request,
        search: Search = "",
        order: Order = Order.DATE,
        descending: bool = True,
        first: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> Response:
        """Answer with a page of the list of articles."""
        language = request_language(request.headers)
        try:
            with self._assistant.snapshot() as snapshot:
                found = snapshot.list_articles(search, order, descending, first, LINES_A_PAGE)
        except RagError as error:
            logger.info("%s", error)
            return HTMLResponse(render_error(error, language))
        can_change = self._library is not None and not self._library.read_only
        return HTMLResponse(render_articles(found, order, descending, language, can_change))

    def state(self, request: Request) -> Response:
        """Answer with what waits, how far a rebuild is, and what the index holds now."""
        return JSONResponse(self._state(request_language(request.headers)))

    def update(self, request: Request) -> Response:
        """Begin a rebuild."""
        self._changeable(request).update()
        return JSONResponse(self._state(request_language(request.headers)))

    def remove(self, request: Request, article: ShortText) -> Response:
        """Put the file of an article into the trash and begin a rebuild."""
        library, language = self._changeable(request), request_language(request.headers)
        texts = TEXTS[language]
        try:
            found = self._assistant.article(article)
        except RagError as error:
            logger.info("%s", error)
            return _refusal("", Problem.of(Code.NOT_IN_FOLDER), language)
        try:
            removal = library.remove(found.path)
        except ArticleError as error:
            return _refusal(found.title, error.problem, language)
        said = texts.articles.removed.format(title=found.title)
        return JSONResponse({"said": said, "language": language, "token": removal.token})

    def restore(self, request: Request, token: ShortText) -> Response:
        """Put a removed file back and begin a rebuild."""
        library, language = self._changeable(request), request_language(request.headers)
        try:
            path = library.restore(token)
        except ArticleError as error:
            return _refusal("", error.problem, language)
        said = TEXTS[language].articles.restored.format(path=path)
        return JSONResponse({"said": said, "language": language})

    async def bring(self, request: PlainRequest) -> Response:
        """Store the file that the body is, under the name that the address gives it."""
        library = self._changeable(request)
        try:
            clash = Clash(request.query_params.get("clash", Clash.ASK))
        except ValueError as error:
            raise HTTPException(_BAD_REQUEST) from error
        language = request_language(request.headers)
        if self._arriving >= self._files_at_once:
            return JSONResponse({"said": TEXTS[language].bringing.sending_busy}, _BUSY)
        self._arriving += 1
        try:
            content = await request.body()
            name = request.query_params.get("name", "")
            brought = await run_in_threadpool(library.bring, name, content, clash)
        except ClientDisconnect:
            # Nothing was stored, and nobody is there to be told.
            return Response(status_code=_BAD_REQUEST)
        finally:
            self._arriving -= 1
        return JSONResponse(_brought_to_json(brought, language))

    def _changeable(self, request: PlainRequest) -> Library:
        """Return the library if this request may change it, else answer 403."""
        if self._library is None or self._library.read_only:
            language = request_language(request.headers)
            raise HTTPException(_FORBIDDEN, TEXTS[language].articles.read_only)
        if not is_same_site(request.headers):
            raise HTTPException(_FORBIDDEN, "the request comes from another page")
        return self._library

    def _state(self, language: str) -> dict[str, Any]:
        state = upkeep_to_json(self._library, language)
        try:
            state["facts"] = index_facts(self._assistant.overview(), language)
        except RagError as error:
            logger.info("%s", error)
        return state


def _refusal(name: str, problem: Problem, language: str) -> JSONResponse:
    reason, spoken = problem.said_in(language)
    said = f"«\N{NARROW NO-BREAK SPACE}{name}\N{NARROW NO-BREAK SPACE}» " if name else ""
    return JSONResponse({"said": f"{said}{reason}", "language": spoken})


def _brought_to_json(brought: Brought, language: str) -> dict[str, str]:
    texts = TEXTS[language]
    problem = brought.problem
    reason, spoken = problem.said_in(language) if problem else ("", language)
    said = {
        Outcome.BROUGHT: texts.bringing.brought,
        Outcome.REPLACED: texts.bringing.replaced,
        Outcome.KEPT_BOTH: texts.bringing.kept_both.format(name=brought.name),
        Outcome.ALREADY_THERE: texts.bringing.already_there,
        Outcome.CLASHES: texts.bringing.clashes,
        Outcome.REFUSED: texts.bringing.refused,
    }[brought.outcome]
    return {"outcome": brought.outcome, "said": said, "reason": reason, "language": spoken}
