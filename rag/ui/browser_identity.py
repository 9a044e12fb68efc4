"""Which browser asks: a random name in a cookie keeps one reader's things from another."""

from __future__ import annotations

import hashlib
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.ui.behind_proxy import cookie_place, is_front_page

READER_COOKIE = "guillemets_reader"
_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
# Browsers keep a cookie for 400 days at most; every visit begins them anew.
_DAYS = 400


def read_reader(headers: Headers) -> str | None:
    """Tell whose request this is, None for a browser that has not opened the page.

    It is made from the cookie, which is a secret, and does not tell it.
    """
    name = _cookie(headers)
    return hashlib.sha256(name.encode()).hexdigest() if name else None


class ReaderCookie:
    """Gives each browser that opens the front page a name of its own, which it keeps."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not is_front_page(scope):
            await self.app(scope, receive, send)
            return
        name = _cookie(Headers(scope=scope)) or secrets.token_hex(32)
        place = cookie_place(scope)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message).append(
                    "set-cookie",
                    f"{READER_COOKIE}={name}; {place}; Max-Age={_DAYS * 24 * 3600}; "
                    "HttpOnly; SameSite=Lax",
                )
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _cookie(headers: Headers) -> str | None:
    name = cookie_parser(headers.get("cookie", "")).get(READER_COOKIE, "")
    return name if _NAME.fullmatch(name) else None
