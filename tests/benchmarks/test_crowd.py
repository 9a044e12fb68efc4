"""The program that measures a crowd tells right answers from wrong, failed and refused ones."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rag.types import Answer
from rag.ui.limits import LIMITS, Limits
from rag.ui.metrics import Metrics
from tests.benchmarks.crowd import Crowd, measure, told
from tests.browser.fake_assistant import BRIDGE, WIKA, FakeAssistant
from tests.browser.serving import app_over, served

pytestmark = pytest.mark.server

PEOPLE = 4
SECONDS = 1.0


class Changing(FakeAssistant):
    """Answers otherwise once every question was asked alone."""

    def __init__(self, failing: bool) -> None:
        super().__init__()
        self._failing = failing
        self._asked = 0
        self._lock = threading.Lock()

    def ask(self, question: str, **options: Any) -> Answer:
        with self._lock:
            self._asked += 1
        if self._asked <= 2 * len((WIKA, BRIDGE)):
            return super().ask(question, **options)
        if self._failing:
            raise ZeroDivisionError
        return super().ask(BRIDGE if question == WIKA else WIKA, **options)


def crowd_before(assistant: FakeAssistant, limits: Limits = LIMITS) -> Crowd:
    metrics = Metrics(assistant)  # type: ignore[arg-type]
    with served(app_over(assistant, metrics=metrics, limits=limits)) as address:
        measuring = measure(address, [WIKA, BRIDGE], PEOPLE, SECONDS, 0)
        # This thread's loop is Gradio's, who leaves it open.
        with ThreadPoolExecutor(1) as other:
            crowd, _ = other.submit(asyncio.run, measuring).result()
    return crowd


def test_right_answers_are_neither_failed_nor_mixed() -> None:
    crowd = crowd_before(FakeAssistant())
    assert crowd.seconds
    assert (crowd.failed, crowd.mixed, crowd.full) == ([], [], 0)
    figures = told(crowd, PEOPLE, SECONDS)
    assert figures["answered"] == len(crowd.seconds)
    assert figures["p95 seconds"] >= figures["median seconds"]


@pytest.mark.parametrize("failing", [False, True])
def test_other_answers_are_told(failing: bool) -> None:
    crowd = crowd_before(Changing(failing))
    assert crowd.mixed
    assert bool(crowd.failed) == failing


def test_a_full_queue_is_told() -> None:
    assert crowd_before(FakeAssistant(), Limits(questions=1, waiting=1)).full
