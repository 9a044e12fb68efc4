"""What stands between a browser and the application, as plain ASGI.

Plain, because answers are streamed and must not be collected on their way.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.ui.behind_proxy import cookie_place, is_front_page, path_below
from rag.ui.choose_language import LANGUAGE_COOKIE, choose_language
from rag.ui.texts import TEXTS

# Gradio's page does not start without the two 'unsafe' sources for scripts; the
# rest keeps every request on this machine.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)
_YEAR = 365 * 24 * 3600


class PolicyHeaders:
    """Adds to every response the headers that keep a page from reaching out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = CONTENT_POLICY
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "no-referrer"
            await send(message)

        await self.app(scope, receive, send_with_policy)


class Password:
    """Asks for a password (HTTP Basic, RFC 7617; any user name) for all but ``open_path``."""

    def __init__(self, app: ASGIApp, password: str, open_path: str = "") -> None:
        self.app = app
        self.open_path = open_path
        self.password = password.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with 401."""
        if scope["type"] == "lifespan" or self._lets_in(scope):
            await self.app(scope, receive, send)
            return
        challenge = {"www-authenticate": 'Basic realm="Guillemets", charset="UTF-8"'}
        refusal = PlainTextResponse("401", status_code=401, headers=challenge)
        await refusal(scope, receive, send)

    def _lets_in(self, scope: Scope) -> bool:
        return path_below(scope) == self.open_path or self._is_given(Headers(scope=scope))

    def _is_given(self, headers: Headers) -> bool:
        scheme, _, encoded = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            _, _, given = base64.b64decode(encoded, validate=True).partition(b":")
        except ValueError:
            return False
        return hmac.compare_digest(given, self.password)


class FrontPage:
    """Rewrites the front page, in the reader's language, and remembers the language.

    ``dress`` gets the page as Gradio sends it and the language.
    """

    def __init__(self, app: ASGIApp, dress: Callable[[str, str], str]) -> None:
        self.app = app
        self.dress = dress

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not is_front_page(scope):
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        await self.app(_uncompressed(scope), receive, collect)
        if start["status"] == 200:
            language = request_language(Headers(scope=scope), scope["query_string"])
            page = await run_in_threadpool(self.dress, body.decode(), language)
            body[:] = page.encode()
            headers = MutableHeaders(scope=start)
            headers["content-length"] = str(len(body))
            headers["cache-control"] = "no-store"
            if b"lang=" in scope["query_string"]:
                headers.append("set-cookie", language_cookie(language, scope))
        await send(start)
        await send({"type": "http.response.body", "body": bytes(body)})


def language_cookie(language: str, scope: Scope) -> str:
    """Write the cookie that remembers a language for a year, for who asks by ``scope``."""
    place = cookie_place(scope)
    return f"{LANGUAGE_COOKIE}={language}; {place}; Max-Age={_YEAR}; SameSite=Lax"


def request_language(headers: Headers, query: bytes = b"") -> str:
    """Tell a request's language: ``?lang=``, else the remembered, else the browser's."""
    asked = parse_qs(query.decode("latin-1")).get("lang", [""])[-1]
    chosen = asked if asked in TEXTS else _remembered(headers)
    return choose_language(chosen, headers.get("accept-language"))


def _remembered(headers: Headers) -> str | None:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    found = cookies.get(LANGUAGE_COOKIE)
    return found.value if found else None


def _uncompressed(scope: Scope) -> Scope:
    kept = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": kept}
