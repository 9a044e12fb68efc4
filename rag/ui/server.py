"""Serves the page: the port, the start and the stop."""

from __future__ import annotations

import functools
import logging
import os
import socket
import sys
import webbrowser
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from rag.answering.conversation_store import open_keeping
from rag.answering.following import open_following
from rag.config import PASSWORD_VARIABLE
from rag.errors import SettingsError
from rag.ui.application import DEFAULT_HOST, create_app, is_local
from rag.ui.behind_proxy import Proxy
from rag.ui.evaluation_runs import Evaluations, gold_asker
from rag.ui.logs import log_as_json, question_logger
from rag.ui.mcp_tools import require_mcp
from rag.ui.metrics import Metrics, require_metrics
from rag.ui.warm_up import WarmUp

if TYPE_CHECKING:
    from rag.config import Settings

DEFAULT_PORT = 7860
PORTS_TRIED = 20
LAST_PORT = 65535
_SHUTDOWN_SECONDS = 1

logger = logging.getLogger(__name__)


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
    from rag.library.build import build_folder
    from rag.library.library import Library
    from rag.library.updater import Updater
    from rag.ui.followed_checks import FollowedChecks

    password = password or os.environ.get(PASSWORD_VARIABLE)
    refuse_open_door(host, password)
    if mcp:
        require_mcp()
    if settings.metrics:
        require_metrics()
    if settings.log == "json":
        log_as_json(settings.log_questions)
    assistant = Assistant.open(settings)
    following = open_following(settings)
    checks = FollowedChecks(assistant, following) if following is not None else None
    build = functools.partial(build_folder, settings, assistant.encoder)
    updater = Updater(settings, build, on_built=checks.after_build if checks else None)
    library = Library(settings, assistant.encoder, updater)
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
        following=following,
        mcp=mcp,
        evaluations=evaluations,
        proxy=Proxy(settings.root_path, settings.trusted_proxies),
        witnesses=(question_logger(settings),) if settings.log == "json" else (),
        metrics=Metrics(assistant) if settings.metrics else None,
    )
    if checks is not None:
        checks.start()
    if settings.watch:
        library.watch()
    try:
        ChatServer(
            app, listener, warming, open_browser, settings.root_path
        ).serve_until_interrupted()
    finally:
        evaluations.stop()
        library.stop()
        if checks is not None:
            checks.stop()


def refuse_open_door(host: str, password: str | None) -> None:
    """Raise SettingsError when others could reach ``host`` and no password is set."""
    if not is_local(host) and not password:
        raise SettingsError(
            f"listening on {host} would let other machines in without a password; "
            f"give --ask-password, or set {PASSWORD_VARIABLE}, or listen on {DEFAULT_HOST}"
        )


def listen(host: str, port: int, tried: int = PORTS_TRIED) -> socket.socket:
    """Open a listening socket on ``port`` or the next free one of the ``tried`` from there.

    Raises SettingsError when ``host`` is not of this machine or no port is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    refusal: OSError | None = None
    last = min(port + tried - 1, LAST_PORT)
    for candidate in range(port, last + 1):
        try:
            return socket.create_server((host, candidate), family=family)
        except OSError as error:
            refusal = error
    raise SettingsError(
        f"no port from {port} to {last} of {host} can be listened on "
        f"({refusal or f'{LAST_PORT} is the last'}); choose another with --port"
    )


class ChatServer(uvicorn.Server):
    """Uvicorn that says where it is, once it is there."""

    def __init__(
        self,
        app: FastAPI,
        listener: socket.socket,
        warming: WarmUp,
        open_browser: bool,
        root_path: str = "",
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                # What is logged is for the program to arrange.
                log_config=None,
                # The application does, for every address that is trusted.
                proxy_headers=False,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            )
        )
        self._listener = listener
        self._warming = warming
        self._open_browser = open_browser
        self._root_path = root_path

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
        if self._root_path:
            address += f"{self._root_path}/"
        print(address, flush=True)
        self._warming.start()
        if self._open_browser and _has_screen():
            webbrowser.open(address)


def _has_screen() -> bool:
    # Without one, webbrowser would start a text browser in this terminal.
    return sys.platform != "linux" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
