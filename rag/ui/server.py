"""Serves the page: the application around it, the port, the start and the stop."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import uvicorn
from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from rag.answering.conversation_store import Keeping, open_keeping
from rag.config import PASSWORD_VARIABLE
from rag.errors import RagError, SettingsError
from rag.ui.api import Api
from rag.ui.article_list import title_finder
from rag.ui.article_routes import add_article_routes
from rag.ui.browser_identity import ReaderCookie
from rag.ui.conversation_routes import add_keeping_routes
from rag.ui.evaluation_page import EVALUATION_PATH
from rag.ui.evaluation_routes import add_evaluation_routes
from rag.ui.evaluation_runs import Evaluations, gold_asker
from rag.ui.filters import FilterError, read_filters, render_filters, source_names
from rag.ui.mcp_tools import McpTools, require_mcp
from rag.ui.messages import render_notice
from rag.ui.middleware import FrontPage, Password, PolicyHeaders, request_language
from rag.ui.page_frame import STATIC_PATH, dress_page
from rag.ui.source_panel import Span, render_source
from rag.ui.texts import TEXTS

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.config import Settings
    from rag.library.library import Library
    from rag.types import Overview

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860
PORTS_TRIED = 20
LAST_PORT = 65535
# A question travels with its conversation: some 10 kB an answer.
LARGEST_REQUEST = 8_000_000
LARGEST_UPLOAD = "1kb"
_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
_SHUTDOWN_SECONDS = 1

logger = logging.getLogger(__name__)

SpanText = Annotated[str, Query(pattern=r"^\d{1,9}-\d{1,9}$")]


def serve(
    settings: Settings,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    open_browser: bool = True,
    mcp: bool = False,
    password: str | None = None,
) -> None:
    """Serve the chat until it is interrupted; its address is printed once it is up.

    ``password`` is what readers must give; without one, that of the environment, if any.
    With ``mcp`` programs find tools under its address. When ``port`` is taken, the next
    free one serves. Raises SettingsError when ``host`` would let other machines in
    without a password or cannot be listened on, or when the package for ``mcp`` is not
    installed, and the errors of ``Assistant.open`` when there is no usable index.
    """
    from platformdirs import user_cache_path

    from rag.answering.assistant import Assistant
    from rag.library.library import Library

    password = password or os.environ.get(PASSWORD_VARIABLE)
    refuse_open_door(host, password)
    if mcp:
        require_mcp()
    assistant = Assistant.open(settings)
    library = Library(settings, assistant.encoder)
    listener = listen(host, port)
    warming = WarmUp(assistant)
    evaluations = Evaluations(
        settings.gold,
        user_cache_path("guillemets") / "reports",
        gold_asker(settings, assistant),
    )
    app = create_app(
        assistant,
        warming,
        host=host,
        password=password,
        library=library,
        keeping=open_keeping(settings),
        mcp=mcp,
        evaluations=evaluations,
    )
    if settings.watch:
        library.watch()
    try:
        _Server(app, listener, warming, open_browser).serve_until_interrupted()
    finally:
        evaluations.stop()
        library.stop()


class WarmUp:
    """Loads the model in the background, so that the page need not wait for it."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="model warm-up", daemon=True)

    def start(self) -> None:
        """Begin; an error is left to the first question, which meets it again."""
        self._thread.start()

    def wait(self) -> None:
        """Return once loading has ended, if it had begun.

        Python must not end before: the native code that loads would abort the process.
        """
        if self._thread.is_alive():
            self._thread.join()

    def is_done(self) -> bool:
        """Whether loading has ended."""
        return self._done.is_set()

    def _run(self) -> None:
        try:
            self._assistant.warm_up()
        except RagError as error:
            logger.warning("%s", error)
        finally:
            self._done.set()


def create_app(
    assistant: Assistant,
    warming: WarmUp,
    *,
    host: str = DEFAULT_HOST,
    password: str | None = None,
    library: Library | None = None,
    keeping: Keeping | None = None,
    mcp: bool = False,
    evaluations: Evaluations | None = None,
) -> FastAPI:
    """Build the whole application: the chat, its source panel and what guards them.

    Without a ``library`` the articles are listed and not changed, without ``evaluations``
    there is no page of evaluation. Conversations are kept in ``keeping``, if any, each for
    the browser that led it. With ``mcp`` it has the tools of ``rag/ui/mcp_tools.py`` too.

    When only this machine can reach ``host``, requests that name another are refused, so
    that a foreign page cannot reach in by a name that it points here.
    """
    # Read once, when gradio is imported.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    from rag.ui.page import CONCURRENT_QUESTIONS, WAITING_QUESTIONS, build_page

    tools = None
    if mcp:
        functions = Api(assistant).functions()
        tools = McpTools(functions, CONCURRENT_QUESTIONS, WAITING_QUESTIONS)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan(tools))
    if tools is not None:
        app.router.routes.append(tools.route())
    app.mount(STATIC_PATH, StaticFiles(directory=Path(__file__).parent / "static"))

    @app.get("/source")
    def source(
        request: Request,
        article: Annotated[str, Query(max_length=200)],
        quote: SpanText = "0-0",
        other: Annotated[list[SpanText], Query(max_length=100)] = [],  # noqa: B006
    ) -> HTMLResponse:
        language = request_language(request.headers)
        return _source(assistant, article, quote, other, language)

    @app.get("/filters")
    def filters(request: Request) -> Response:
        language = request_language(request.headers)
        return _filters(assistant, request.query_params.multi_items(), language)

    add_article_routes(app, assistant, library)
    changeable = library is not None and not library.read_only
    largest_file = library.settings.max_file_bytes if library and changeable else None
    if keeping is not None:
        add_keeping_routes(app, keeping)
        app.add_middleware(ReaderCookie)
    if evaluations is not None:
        add_evaluation_routes(app, evaluations)

    def dress(page: str, language: str) -> str:
        searched: Overview | RagError
        try:
            searched = assistant.overview()
        except RagError as error:
            searched = error
        evaluation = EVALUATION_PATH if evaluations is not None else None
        return dress_page(page, searched, language, largest_file, evaluation)

    app.add_middleware(FrontPage, dress=dress)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_REQUEST)
    if password:
        app.add_middleware(Password, password=password)
    if is_local(host):
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*_LOCAL_NAMES, host])
    app.add_middleware(PolicyHeaders)
    page = build_page(assistant, warming.is_done, keeping)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        ssr_mode=False,
        max_file_size=LARGEST_UPLOAD,
        i18n=page.i18n_instance,
    )
    return app


def _lifespan(
    tools: McpTools | None,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        if tools is None:
            yield
            return
        async with tools.running():
            yield

    return running


def is_local(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_open_door(host: str, password: str | None) -> None:
    """Raise SettingsError when others could reach ``host`` and no password is set."""
    if not is_local(host) and not password:
        raise SettingsError(
            f"listening on {host} would let other machines in without a password; "
            f"give --ask-password, or set {PASSWORD_VARIABLE}, or listen on {DEFAULT_HOST}"
        )


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket on ``port`` or the next free one.

    Raises SettingsError when ``host`` is not of this machine or no port is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    refusal: OSError | None = None
    last = min(port + PORTS_TRIED - 1, LAST_PORT)
    for candidate in range(port, last + 1):
        try:
            return socket.create_server((host, candidate), family=family)
        except OSError as error:
            refusal = error
    raise SettingsError(
        f"no port from {port} to {last} of {host} can be listened on "
        f"({refusal or f'{LAST_PORT} is the last'}); choose another with --port"
    )


def _source(
    assistant: Assistant, article_id: str, quote: str, others: list[str], language: str
) -> HTMLResponse:
    try:
        article = assistant.article(article_id)
        versions = assistant.versions(article_id)
    except RagError as error:
        logger.info("%s", error)
        return HTMLResponse(render_notice(TEXTS[language].source.missing), 404)
    content = render_source(article, _span(quote), map(_span, others), language, versions)
    return HTMLResponse(content)


def _filters(
    assistant: Assistant, written: Sequence[tuple[str, str]], language: str
) -> Response:
    """The filters as the page shows them, or why they cannot be, and which of them."""
    try:
        overview = assistant.overview()
        title_of = title_finder(assistant)
        filters = read_filters(written, source_names(overview), language, title_of)
    except FilterError as error:
        # No error of the page's, which a browser's console would make of a status 422.
        return JSONResponse({"field": error.field, "message": str(error)})
    except RagError as error:
        logger.info("%s", error)
        return JSONResponse({"field": "", "message": TEXTS[language].failures.index})
    return HTMLResponse(render_filters(filters, overview, language, title_of))


def _span(written: str) -> Span:
    start, _, end = written.partition("-")
    return Span(int(start), int(end))


class _Server(uvicorn.Server):
    """Uvicorn that says where it is, once it is there."""

    def __init__(
        self, app: FastAPI, listener: socket.socket, warming: WarmUp, open_browser: bool
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )
        self._listener = listener
        self._warming = warming
        self._open_browser = open_browser

    def serve_until_interrupted(self) -> None:
        try:
            self.run(sockets=[self._listener])
        except KeyboardInterrupt:
            logger.info("interrupted")
        finally:
            self._warming.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Uvicorn would take a second interrupt for an order to skip the application's
        # own end, which then complains; the wait is short as it is.
        if not self.should_exit:
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        host, port = self._listener.getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        print(address, flush=True)
        self._warming.start()
        if self._open_browser and _has_screen():
            webbrowser.open(address)


def _has_screen() -> bool:
    # Without one, webbrowser would start a text browser in this terminal.
    return sys.platform != "linux" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
