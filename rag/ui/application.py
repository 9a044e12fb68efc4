"""The whole application: the chat, what stands around it, and what guards them."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from rag.answering.conversation_store import Keeping
from rag.answering.following import Following
from rag.errors import RagError, SettingsError
from rag.ui.api import Api
from rag.ui.article_routes import add_article_routes
from rag.ui.behind_proxy import NO_PROXY, BehindProxy, OwnNames, Proxy
from rag.ui.browser_identity import ReaderCookie
from rag.ui.chat_routes import add_chat_routes
from rag.ui.conversation_routes import add_keeping_routes
from rag.ui.digest_page import DIGEST_PATH
from rag.ui.digest_route import add_digest_route
from rag.ui.evaluation_page import EVALUATION_PATH
from rag.ui.evaluation_routes import add_evaluation_routes
from rag.ui.evaluation_runs import Evaluations
from rag.ui.followed_page import FOLLOWED_PATH
from rag.ui.followed_routes import add_followed_routes
from rag.ui.gradio_guard import API_PREFIX, GradioGuard
from rag.ui.health import HEALTH_PATH, add_health_route
from rag.ui.limits import LIMITS, Limits
from rag.ui.masthead import Ways
from rag.ui.mcp_tools import McpTools
from rag.ui.metrics import CountedRequests, Metrics, add_metrics_route
from rag.ui.middleware import FrontPage, Password, PolicyHeaders
from rag.ui.page_frame import STATIC_PATH, dress_page
from rag.ui.questions_asked import Questions, Witness

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.library.library import Library
    from rag.types import Overview
    from rag.ui.gradio_quickly import gr
    from rag.ui.warm_up import WarmUp

DEFAULT_HOST = "127.0.0.1"
# A question travels with its conversation: some 10 kB an answer.
LARGEST_REQUEST = 8_000_000
LARGEST_UPLOAD = "1kb"
_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


def create_app(
    assistant: Assistant,
    warming: WarmUp,
    *,
    host: str = DEFAULT_HOST,
    password: str | None = None,
    library: Library | None = None,
    keeping: Keeping | None = None,
    following: Following | None = None,
    mcp: bool = False,
    evaluations: Evaluations | None = None,
    limits: Limits = LIMITS,
    proxy: Proxy = NO_PROXY,
    witnesses: Sequence[Witness] = (),
    metrics: Metrics | None = None,
    chat: bool = True,
) -> FastAPI:
    """Build the whole application: the chat, its source panel and what guards them.

    Without a ``library`` the articles are listed and not changed, without ``evaluations``
    there is no page of evaluation. Conversations are kept in ``keeping``, if any, each for
    the browser that led it, and questions followed in ``following``; who shares a chat that
    only this machine can reach follows the same ones. With ``mcp`` it has the tools of
    ``rag/ui/mcp_tools.py`` too.
    ``witnesses`` are told of each question, and ``metrics``, if any, count them.
    Without ``chat`` it is all but Gradio, whose import and set-up take most of the time.

    When only this machine can reach ``host``, requests that name another are refused, so
    that a foreign page cannot reach in by a name that it points here. Raises SettingsError
    when the prefix of ``proxy`` is an address of the application's own.
    """
    # Read once, when gradio is imported.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    counted = (metrics.count_question,) if metrics is not None else ()
    questions = Questions(*witnesses, *counted)
    tools = None
    if mcp:
        functions = Api(assistant, questions).functions()
        tools = McpTools(functions, limits.questions, limits.waiting)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan(tools))
    if tools is not None:
        app.router.routes.append(tools.route())
    app.mount(f"/{STATIC_PATH}", StaticFiles(directory=Path(__file__).parent / "static"))

    add_health_route(app, assistant, warming.is_done)
    add_chat_routes(app, assistant)
    add_article_routes(app, assistant, library, limits.files)
    changeable = library is not None and not library.read_only
    largest_file = library.settings.max_file_bytes if library and changeable else None
    if keeping is not None:
        add_keeping_routes(app, keeping)
        app.add_middleware(ReaderCookie)
    if evaluations is not None:
        add_evaluation_routes(app, evaluations)

    if metrics is not None:
        add_metrics_route(app, metrics)

    add_digest_route(app, assistant)
    if following is not None:
        one_reader = is_local(host) and not password and not proxy.root_path
        add_followed_routes(app, assistant, following, one_reader=one_reader)

    ways = Ways(
        evaluation=EVALUATION_PATH.lstrip("/") if evaluations is not None else None,
        digest=DIGEST_PATH.lstrip("/"),
        followed=FOLLOWED_PATH.lstrip("/") if following is not None else None,
    )

    def dress(page: str, language: str) -> str:
        searched: Overview | RagError
        try:
            searched = assistant.overview()
        except RagError as error:
            searched = error
        return dress_page(page, searched, language, largest_file, ways)

    app.add_middleware(FrontPage, dress=dress)
    own = _own_places(app)
    _refuse_own_prefix(own, proxy.root_path)
    if metrics is not None:
        app.add_middleware(CountedRequests, metrics=metrics, places=own)
    _guard(app, host, password, proxy)
    if chat:
        from rag.ui.chat import build_page

        _mount_chat(app, build_page(assistant, warming.is_done, limits, keeping, questions))
    return app


def _mount_chat(app: FastAPI, page: gr.Blocks) -> None:
    """Serve Gradio's ``page`` at the root of ``app``."""
    from rag.ui.gradio_quickly import gr

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


def _own_places(app: FastAPI) -> frozenset[str]:
    """What the paths of ``app`` and of Gradio's interface begin with, a slash and a word."""
    paths = [str(getattr(one, "path", "")) for one in app.routes]
    return frozenset(_first_part(path) for path in (*paths, API_PREFIX))


def _first_part(path: str) -> str:
    return "/".join(path.split("/", 2)[:2])


def _refuse_own_prefix(own: frozenset[str], root_path: str) -> None:
    # Of a path that begins with it nobody could tell whether the proxy took one away.
    first = _first_part(root_path)
    if first and first in own:
        raise SettingsError(
            f"setting 'root_path' begins with '{first}', where the chat has something of its "
            "own; choose another prefix"
        )


def _guard(app: FastAPI, host: str, password: str | None, proxy: Proxy) -> None:
    """Put before ``app`` what refuses requests; the last one stands in front."""
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_REQUEST)
    # Before the limit, which tells by exceptions of its own that it has answered.
    app.add_middleware(GradioGuard)
    if password:
        app.add_middleware(Password, password=password, open_path=HEALTH_PATH)
    app.add_middleware(BehindProxy, proxy=proxy)
    if is_local(host):
        app.add_middleware(OwnNames, names=(*_LOCAL_NAMES, host))
    app.add_middleware(PolicyHeaders)


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
