"""What a proxy in front changes: the prefix of every address, and who asks, where and how.

It tells that in headers, which anybody can write: they count from trusted addresses only,
and nobody behind this sees them, as Gradio would believe them of all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_HOST = re.compile(r"(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
_PERMANENT, _BAD_REQUEST = 308, 400
_WRONG_NAME = (
    "400: this chat is asked by a name that is not of its machine. A proxy before it must send "
    "the address it asks as Host, and the reader's as X-Forwarded-Host."
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """What stands before every path, "" for nothing, and whose word counts.

    ``trusted`` are addresses and networks, such as 10.0.0.0/8.
    """

    root_path: str = ""
    trusted: tuple[str, ...] = ()


NO_PROXY = Proxy()


class BehindProxy:
    """Makes of each request what it was before the proxy passed it on.

    Whether the proxy keeps the prefix of a path or takes it away, the path has it then.
    """

    def __init__(self, app: ASGIApp, proxy: Proxy) -> None:
        self.app = app
        self.root_path = proxy.root_path
        self._told = ProxyHeadersMiddleware(
            self._pass_on,  # type: ignore[arg-type]
            list(proxy.trusted),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        if client is None or client[0] not in self._told.trusted_hosts:
            await self._pass_on(scope, receive, send)
            return
        await self._told(_with_told_host(scope), receive, send)  # type: ignore[arg-type]

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, root_path = scope["path"], self.root_path
        if root_path and path == root_path:
            query = scope["query_string"].decode("latin-1")
            address = f"{root_path}/{'?' if query else ''}{query}"
            await RedirectResponse(address, _PERMANENT)(scope, receive, send)
            return
        if not path.startswith(f"{root_path}/"):
            path = root_path + path
        headers = [pair for pair in scope["headers"] if not _is_told(pair[0])]
        passed = {**scope, "path": path, "root_path": root_path, "headers": headers}
        await self.app(passed, receive, send)


class OwnNames:
    """Refuses requests that name another machine than ``names``, whatever the port.

    A foreign page could otherwise reach in by a name of its own that it points here.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self.app = app
        self.names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with 400."""
        if scope["type"] != "lifespan":
            host = Headers(scope=scope).get("host", "")
            if re.sub(r":\d*$", "", host.lower(), flags=re.ASCII) not in self.names:
                refusal = PlainTextResponse(_WRONG_NAME, _BAD_REQUEST)
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


def is_front_page(scope: Scope) -> bool:
    """Whether a request asks for the chat itself."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return path_below(scope) == "/"


def path_below(scope: Scope) -> str:
    """The path of a request without the prefix."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def cookie_place(scope: Scope) -> str:
    """Where a cookie counts, as it stands in one: below the prefix, and as secure as now."""
    secure = "; Secure" if scope["scheme"] == "https" else ""
    return f"Path={scope.get('root_path', '')}/{secure}"


def _is_told(name: bytes) -> bool:
    return name.startswith(b"x-forwarded-") or name in (b"forwarded", b"x-gradio-server")


def _with_told_host(scope: Scope) -> Scope:
    """``scope`` with the host that the proxy was asked by, if it tells one that can be."""
    told = Headers(scope=scope).getlist("x-forwarded-host")
    # The last one is of the proxy itself, those before are what it was told.
    host = told[-1].rpartition(",")[2].strip() if told else ""
    if not _HOST.fullmatch(host):
        return scope
    headers = [pair for pair in scope["headers"] if pair[0] != b"host"]
    return {**scope, "headers": [*headers, (b"host", host.encode("ascii"))]}
