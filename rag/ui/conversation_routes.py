"""The addresses that the scripts of kept conversations and of feedback ask.

What changes something is asked for by a method that a page from elsewhere may not use
without leave, which is never given.
"""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse

from rag.answering.conversation_store import Keeping
from rag.answering.conversations import Verdict
from rag.errors import KeepingError
from rag.ui.browser_identity import read_reader
from rag.ui.conversations import CONVERSATION_PATTERN, render_conversations
from rag.ui.messages import render_error
from rag.ui.middleware import request_language
from rag.ui.texts import TEXTS

logger = logging.getLogger(__name__)

ConversationId = Annotated[str, Path(pattern=CONVERSATION_PATTERN)]
Number = Annotated[int, Path(ge=1, lt=2**63)]


def add_keeping_routes(app: FastAPI, keeping: Keeping) -> None:
    """Let ``app`` list, delete and bring back conversations, and take verdicts."""

    @app.get("/conversations")
    def conversations(request: Request) -> HTMLResponse:
        return _listed(keeping, request)

    @app.delete("/conversations")
    def clear(request: Request) -> HTMLResponse:
        return _listed(keeping, request, clear=True)

    @app.delete("/conversations/{conversation}")
    def delete(request: Request, conversation: ConversationId) -> HTMLResponse:
        return _listed(keeping, request, delete=conversation)

    @app.put("/conversations/{conversation}")
    def restore(request: Request, conversation: ConversationId) -> HTMLResponse:
        return _listed(keeping, request, restore=conversation)

    @app.put("/verdicts/{turn}/{citation}")
    def judge(
        request: Request,
        turn: Number,
        citation: Number,
        verdict: Annotated[Verdict, Query(alias="as")],
    ) -> JSONResponse:
        return _judged(keeping, request, turn, citation, verdict)

    @app.delete("/verdicts/{turn}/{citation}")
    def take_back(request: Request, turn: Number, citation: Number) -> JSONResponse:
        return _judged(keeping, request, turn, citation, None)


def _listed(
    keeping: Keeping,
    request: Request,
    *,
    delete: str | None = None,
    restore: str | None = None,
    clear: bool = False,
) -> HTMLResponse:
    """Do what is asked and return the reader's list; an error is shown in its place."""
    language = request_language(request.headers)
    reader = read_reader(request.headers)
    if reader is None:
        return HTMLResponse(render_conversations((), language))
    deleted = None
    try:
        if clear:
            keeping.clear(reader)
        elif delete is not None:
            deleted = delete if keeping.delete(reader, delete) else None
        elif restore is not None:
            keeping.restore(reader, restore)
        kept = keeping.conversations(reader)
    except KeepingError as error:
        logger.warning("%s", error)
        return HTMLResponse(render_error(error, language))
    return HTMLResponse(render_conversations(kept, language, deleted))


def _judged(
    keeping: Keeping, request: Request, turn: int, citation: int, verdict: Verdict | None
) -> JSONResponse:
    texts = TEXTS[request_language(request.headers)]
    reader = read_reader(request.headers)
    try:
        found = reader is not None and keeping.judge(reader, turn, citation, verdict)
    except KeepingError as error:
        logger.warning("%s", error)
        return JSONResponse({"message": texts.verdicts.not_kept})
    # No error of the page's, which a browser's console would make of a status 404.
    return JSONResponse(
        {"verdict": verdict or ""} if found else {"message": texts.verdicts.nowhere}
    )
