"""The whole application over a fake assistant."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from rag.ui.application import create_app
from rag.ui.server import listen
from rag.ui.warm_up import WarmUp
from tests.browser.fake_assistant import FakeAssistant

HERE = "127.0.0.1"
READY_SECONDS = 30


def warm_up_of(assistant: FakeAssistant) -> WarmUp:
    return WarmUp(assistant)  # type: ignore[arg-type]


def app_over(assistant: FakeAssistant, **options: Any) -> FastAPI:
    # Gradio makes event loops that it does not close; they are none of a test's.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            return create_app(assistant, warm_up_of(assistant), **options)  # type: ignore[arg-type]
        finally:
            gc.collect()


def routes_over(assistant: FakeAssistant, **options: Any) -> FastAPI:
    """All but Gradio, which takes half a second each time."""
    return create_app(assistant, warm_up_of(assistant), chat=False, **options)  # type: ignore[arg-type]


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve ``app`` on a free port of this machine; yields its address."""
    listener = listen(HERE, 0)
    address = f"http://{HERE}:{listener.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _wait_until_ready(server)
        yield address
    finally:
        server.should_exit = True
        thread.join(READY_SECONDS)
        listener.close()


def _wait_until_ready(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not server.started:
        if time.monotonic() > deadline:
            pytest.fail("the page is not served")
        time.sleep(0.02)
