"""Many readers at once: all are served, and when the queue is full it says so."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from rag.types import Answer
from rag.ui.limits import Limits
from tests.browser.fake_assistant import WIKA, WIKA_CITATIONS, FakeAssistant
from tests.browser.serving import app_over, served

pytestmark = pytest.mark.server

PEOPLE = 10
PATIENCE_SECONDS = 60
ASK = 0


class Together(FakeAssistant):
    """Answers only when another question is being answered at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self._pair = threading.Barrier(2, timeout=PATIENCE_SECONDS)

    def ask(self, question: str, **options: Any) -> Answer:
        self._pair.wait()
        return super().ask(question, **options)


class Held(FakeAssistant):
    """Tells when a question has come in, and answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.came_in = threading.Semaphore(0)
        self.may_answer = threading.Event()

    def ask(self, question: str, **options: Any) -> Answer:
        self.came_in.release()
        assert self.may_answer.wait(PATIENCE_SECONDS)
        return super().ask(question, **options)


def join(client: httpx.Client, session: str) -> httpx.Response:
    body = {"fn_index": ASK, "data": [WIKA, "", []], "session_hash": session}
    return client.post("/gradio_api/queue/join", json=body)


def reply(client: httpx.Client, session: str) -> str:
    """The last message of the conversation that a session gets in the end."""
    query = {"session_hash": session}
    with client.stream("GET", "/gradio_api/queue/data", params=query) as stream:
        for line in stream.iter_lines():
            message = json.loads(line.removeprefix("data: ")) if line else {}
            if message.get("msg") == "process_completed":
                assert message["success"]
                return json.dumps(message["output"]["data"][1][-1])
    raise AssertionError("the answer never came")


def answer_to_one(address: str, session: str, headers: dict[str, str] | None = None) -> str:
    """What a session that asks a question is shown in the end."""
    options: Any = {"base_url": address, "timeout": PATIENCE_SECONDS, "headers": headers}
    with httpx.Client(**options) as client:
        join(client, session).raise_for_status()
        return reply(client, session)


def test_ten_people_who_ask_at_once_are_all_served() -> None:
    with served(app_over(Together())) as address, ThreadPoolExecutor(PEOPLE) as people:
        replies = list(
            people.map(lambda number: answer_to_one(address, f"s{number}"), range(PEOPLE))
        )
    for one in replies:
        assert one.count("<figure") == len(WIKA_CITATIONS)


def test_a_full_queue_refuses_and_loses_nothing() -> None:
    limits = Limits(waiting=2)
    assistant = Held()
    with (
        served(app_over(assistant, limits=limits)) as address,
        httpx.Client(base_url=address, timeout=PATIENCE_SECONDS) as client,
    ):
        sessions = [f"s{number}" for number in range(limits.questions + limits.waiting)]
        for number, session in enumerate(sessions):
            join(client, session).raise_for_status()
            if number < limits.questions:
                assert assistant.came_in.acquire(timeout=PATIENCE_SECONDS)
        assert join(client, "one too many").status_code == 503
        assistant.may_answer.set()
        for session in sessions:
            assert reply(client, session).count("<figure") == len(WIKA_CITATIONS)
