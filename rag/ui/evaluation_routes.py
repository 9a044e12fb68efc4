"""Where the page of evaluation is, and what it asks of the server."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.responses import Response

from rag.errors import EvaluationError
from rag.ui.evaluation_page import EVALUATION_PATH, render_evaluation
from rag.ui.evaluation_runs import Evaluations
from rag.ui.middleware import language_cookie, request_language
from rag.ui.page_frame import STATIC_PATH
from rag.ui.same_site import is_same_site

GoldName = Annotated[str, Query(max_length=255)]


def add_evaluation_routes(app: FastAPI, evaluations: Evaluations) -> None:
    """Add the page, what starts a run and what tells how far it is."""

    @app.get(EVALUATION_PATH)
    def page(request: Request, gold: GoldName = "") -> HTMLResponse:
        language = request_language(request.headers, request.scope["query_string"])
        content = render_evaluation(evaluations, gold or None, language, STATIC_PATH)
        response = HTMLResponse(content, headers={"cache-control": "no-store"})
        if "lang" in request.query_params:
            response.headers.append("set-cookie", language_cookie(language, request.scope))
        return response

    @app.post(EVALUATION_PATH)
    def start(request: Request, gold: GoldName) -> Response:
        if not is_same_site(request.headers):
            return PlainTextResponse("403: this comes from another site", 403)
        try:
            evaluations.start(gold)
        except EvaluationError as error:
            return PlainTextResponse(str(error), 409)
        return RedirectResponse(request.url.include_query_params(gold=gold), 303)

    @app.get(f"{EVALUATION_PATH}/progress")
    def progress() -> JSONResponse:
        running = evaluations.progress()
        return JSONResponse(
            {"done": running.done, "total": running.total} if running is not None else None
        )
