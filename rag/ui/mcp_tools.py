"""The functions of ``rag/ui/api.py`` as tools for programs that speak MCP.

Gradio's own MCP server calls the page over HTTP, at the address that a request names and
without the page's password; this one calls the functions themselves.
"""

from __future__ import annotations

import importlib.util
import inspect
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import anyio
import anyio.to_thread
from pydantic import TypeAdapter
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from rag.errors import SettingsError
from rag.ui.api import Function, RequestRefusedError

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.types import Tool

MCP_PATH = "/mcp"
_WHAT_IT_IS = (
    "Guillemets quotes a folder of news articles word for word and writes nothing itself. "
    "Cite each quote with its title, date and file."
)


def require_mcp() -> None:
    """Raise SettingsError when the package that MCP needs is not installed."""
    if importlib.util.find_spec("mcp") is None:
        raise SettingsError(
            "MCP tools need the package 'mcp', which is not installed; install it beside "
            "this one with: pip install 'mcp>=1.21,<2'"
        )


class McpTools:
    """``functions`` as tools, over MCP's streamable HTTP transport, without sessions.

    At most ``at_once`` calls run at a time and ``waiting`` more wait; others are refused.
    """

    def __init__(self, functions: Sequence[Function], at_once: int, waiting: int) -> None:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        # It would log whatever malformed thing it is sent, with a traceback; what goes wrong in
        # the functions is logged by them.
        logging.getLogger("mcp").setLevel(logging.CRITICAL)
        self._functions = {one.__name__: one for one in functions}
        self._at_once = anyio.CapacityLimiter(at_once)
        self._waiting = waiting
        self._manager: StreamableHTTPSessionManager = StreamableHTTPSessionManager(
            self._server(), json_response=True, stateless=True
        )

    def route(self) -> Route:
        """Where the tools are called."""
        return Route(MCP_PATH, endpoint=_Endpoint(self._manager), methods=None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take calls as long as this lasts; once only."""
        async with self._manager.run():
            yield

    def _server(self) -> Server[Any, Any]:
        from mcp.server.lowlevel import Server

        server: Server[Any, Any] = Server("Guillemets", instructions=_WHAT_IT_IS)
        server.list_tools()(self._list)  # type: ignore[no-untyped-call]
        # The functions validate what they get, and say more plainly what is wrong.
        server.call_tool(validate_input=False)(self._call)
        return server

    async def _list(self) -> list[Tool]:
        from mcp.types import Tool

        return [
            Tool(
                name=name,
                description=inspect.getdoc(function),
                inputSchema=TypeAdapter(cast(Any, function)).json_schema(),
            )
            for name, function in self._functions.items()
        ]

    async def _call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if name not in self._functions:
            raise RequestRefusedError(
                f"there is no tool '{name}'; there are {', '.join(self._functions)}"
            )
        if self._at_once.statistics().tasks_waiting >= self._waiting:
            raise RequestRefusedError("too many questions are waiting; ask again in a moment")
        call = partial(self._functions[name], **arguments)
        return await anyio.to_thread.run_sync(call, limiter=self._at_once)


class _Endpoint:
    """An ASGI application, where a function would be taken for a handler of requests."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._manager.handle_request(scope, receive, send)
