"""Whether the chat can be used, for what starts and watches it; told without the password."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.responses import JSONResponse

from rag.errors import RagError

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant

HEALTH_PATH = "/health"
_UNAVAILABLE = 503


def add_health_route(
    app: FastAPI, assistant: Assistant, model_is_ready: Callable[[], bool]
) -> None:
    """Let ``app`` say in a word how it is, and whether by a status of 200.

    While the model is loaded questions are taken and wait, so that is well too.
    """

    @app.get(HEALTH_PATH)
    def health() -> JSONResponse:
        try:
            assistant.overview()
        except RagError:
            return JSONResponse({"status": "no index"}, _UNAVAILABLE)
        return JSONResponse({"status": "ok" if model_is_ready() else "loading"})
