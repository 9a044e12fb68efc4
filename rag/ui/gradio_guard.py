"""What of Gradio can be reached, and what it answers where it would fall over."""

from __future__ import annotations

import logging

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.ui.behind_proxy import path_below

API_PREFIX = "/gradio_api"
# What the page and programs use. Gradio has more: uploads, files, addresses that it fetches.
_NEEDED = frozenset(
    (
        *("info", "info/", "openapi.json", "startup-events", "theme.css", "heartbeat"),
        *("queue", "call", "run", "api", "cancel", "reset"),
    )
)
_BAD_REQUEST, _NOT_FOUND, _FAILED = 400, 404, 500
_REFUSAL = "400: this request cannot be understood"

logger = logging.getLogger(__name__)


class GradioGuard:
    """Lets requests to Gradio's interface pass if the page needs them, and answers for it.

    What its interface was sent and could not make out raises, which a server prints as a
    traceback; here it is refused with 400, or what was begun is ended.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = path_below(scope) if scope["type"] == "http" else ""
        if not path.startswith(f"{API_PREFIX}/"):
            await self.app(scope, receive, send)
            return
        if path.split("/", 3)[2] not in _NEEDED:
            await PlainTextResponse("404", _NOT_FOUND)(scope, receive, send)
            return
        reply = _Reply(send)
        try:
            await self.app(scope, receive, reply.send)
        except Exception as error:
            logger.warning("a request was refused: %s", type(error).__name__)
            logger.debug("this is where", exc_info=error)
            await reply.refuse(scope, receive)
        else:
            await reply.end()


class _Reply:
    """What is sent in reply; a failure is kept back until it is known whose it is."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._kept: list[Message] = []
        self._is_begun = self._is_ended = False

    async def send(self, message: Message) -> None:
        is_start = message["type"] == "http.response.start"
        if self._kept or (is_start and message["status"] == _FAILED):
            self._kept.append(message)
            return
        self._is_begun = True
        self._is_ended = not is_start and not message.get("more_body", False)
        await self._send(message)

    async def end(self) -> None:
        for message in self._kept:
            await self._send(message)

    async def refuse(self, scope: Scope, receive: Receive) -> None:
        if not self._is_begun:
            await PlainTextResponse(_REFUSAL, _BAD_REQUEST)(scope, receive, self._send)
        elif not self._is_ended:
            await self._send({"type": "http.response.body", "body": b""})
