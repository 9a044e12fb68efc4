"""Where the page of what is new is."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.requests import cookie_parser

from rag.answering.digest import default_since
from rag.errors import RagError
from rag.types import Filters
from rag.ui.digest_page import DIGEST_COOKIE, DIGEST_PATH, last_visit, render_digest
from rag.ui.messages import render_error, render_notice
from rag.ui.middleware import language_cookie, request_language
from rag.ui.page_frame import STATIC_PATH
from rag.ui.texts import TEXTS

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant

_YEAR = 365 * 24 * 3600

logger = logging.getLogger(__name__)


def add_digest_route(
    app: FastAPI,
    assistant: Assistant,
    today: Callable[[], datetime.date] = datetime.date.today,
) -> None:
    """Let ``app`` tell what is new since a day or, without one, since the last visit."""

    @app.get(DIGEST_PATH)
    def page(request: Request, since: str = "", until: str = "") -> HTMLResponse:
        language = request_language(request.headers, request.scope["query_string"])
        written = cookie_parser(request.headers.get("cookie", "")).get(DIGEST_COOKIE, "")
        before, visit = last_visit(written, today())
        try:
            first, last = _day(since), _day(until)
            if first and last and last < first:
                raise ValueError("the last day is before the first")
            with assistant.snapshot() as snapshot:
                newest = snapshot.overview().last_date
                wanted = Filters(first or before or default_since(today(), newest), last)
                content = render_digest(snapshot.digest(wanted), language, STATIC_PATH)
        except ValueError:
            return HTMLResponse(render_notice(TEXTS[language].digest.wrong_days), 422)
        except RagError as error:
            logger.warning("%s", error)
            return HTMLResponse(render_error(error, language), 500)
        response = HTMLResponse(content, headers={"cache-control": "no-store"})
        path = request.scope.get("root_path", "") or "/"
        response.set_cookie(
            DIGEST_COOKIE, visit, max_age=_YEAR, path=path, httponly=True, samesite="lax"
        )
        if "lang" in request.query_params:
            response.headers.append("set-cookie", language_cookie(language, request.scope))
        return response


def _day(written: str) -> datetime.date | None:
    return datetime.date.fromisoformat(written) if written else None
