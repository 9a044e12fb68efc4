"""The whole application over a fake assistant."""

from __future__ import annotations

import gc
import warnings
from typing import Any

from fastapi import FastAPI

from rag.ui.server import WarmUp, create_app
from tests.browser.fake_assistant import FakeAssistant


def warm_up_of(assistant: FakeAssistant) -> WarmUp:
    return WarmUp(assistant)  # type: ignore[arg-type]


def app_over(assistant: FakeAssistant, **options: Any) -> FastAPI:
    # Gradio makes event loops that it does not close; they are none of a test's.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        app = create_app(assistant, warm_up_of(assistant), **options)  # type: ignore[arg-type]
        gc.collect()
    return app
