"""What the program tells whoever watches it: health, figures and logs, without words."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from rag.config import load_settings
from rag.errors import IndexMissingError
from rag.types import Answer, Overview
from rag.ui.logs import JsonLines, log_as_json, question_logger
from rag.ui.metrics import Metrics
from rag.ui.questions_asked import Asked, Questions
from tests.browser.fake_assistant import AUSTRALIA, WIKA, WIKA_CITATIONS, FakeAssistant
from tests.browser.serving import app_over, routes_over
from tests.ui.test_many import reply
from tests.ui.test_middleware import basic

HERE = "http://127.0.0.1"
SECRET = "Zéphyrine-4711"


class Talkative(FakeAssistant):
    """Fails with the question in its mouth."""

    def ask(self, question: str, **options: Any) -> Answer:
        if SECRET in question:
            raise ZeroDivisionError(f"cannot divide {question}")
        return super().ask(question, **options)


class WithoutIndex(FakeAssistant):
    def overview(self) -> Overview:
        raise IndexMissingError("there is no index")


def metrics_of(assistant: FakeAssistant) -> Metrics:
    return Metrics(assistant)  # type: ignore[arg-type]


def ask_page(client: TestClient, question: str, session: str) -> str:
    body = {"fn_index": 0, "data": [question, "", []], "session_hash": session}
    client.post("/gradio_api/queue/join", json=body).raise_for_status()
    return reply(client, session)  # type: ignore[arg-type]


def ask_api(client: TestClient, question: str) -> None:
    call(client, "v2/ask", {"question": question})


def call(client: TestClient, function: str, sent: dict[str, Any]) -> None:
    event = client.post(f"/gradio_api/call/{function}", json=sent).json()["event_id"]
    client.get(f"/gradio_api/call/ask/{event}")


def figure(written: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", written, re.M)
    assert found is not None, written
    return float(found[1])


@pytest.mark.parametrize("password", [None, "sésame"])
@pytest.mark.parametrize(
    ("assistant", "status", "word"),
    [(FakeAssistant(), 200, "loading"), (WithoutIndex(), 503, "no index")],
)
def test_health_is_told_without_a_password(
    assistant: FakeAssistant, status: int, word: str, password: str | None
) -> None:
    client = TestClient(routes_over(assistant, password=password), base_url=HERE)
    response = client.get("/health")
    assert (response.status_code, response.json()) == (status, {"status": word})


def test_figures_are_told_to_who_gives_the_password() -> None:
    metrics = metrics_of(FakeAssistant())
    app = routes_over(FakeAssistant(), password="sésame", metrics=metrics)
    client = TestClient(app, base_url=HERE)
    assert client.get("/metrics").status_code == 401
    known = {"authorization": basic("x:sésame")}
    response = client.get("/metrics", headers=known)
    assert response.headers["content-type"].startswith("text/plain")
    assert figure(response.text, "guillemets_articles") == 3


def test_there_are_no_figures_unasked(plain_chat: TestClient) -> None:
    assert plain_chat.get("/metrics").status_code == 404


def test_figures_without_an_index_say_so() -> None:
    written, _ = metrics_of(WithoutIndex()).written()
    assert figure(written.decode(), "guillemets_index_usable") == 0


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged as JSON; logging is as it was afterwards."""
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    for handler in before:
        root.removeHandler(handler)
    written = io.StringIO()
    log_as_json(with_questions=False, stream=written)
    yield written
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler)
    root.setLevel(level)


def test_questions_are_counted_and_logged_without_their_words(
    log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    assistant = Talkative()
    metrics = metrics_of(assistant)
    watching = question_logger(load_settings(log="json"))
    app = app_over(assistant, metrics=metrics, witnesses=[watching], mcp=True)
    with TestClient(app, base_url=HERE) as client:
        assert "<figure" in ask_page(client, WIKA, "one")
        ask_page(client, AUSTRALIA, "two")
        ask_page(client, f"Où est {SECRET} ?", "three")
        ask_api(client, f"Où est {SECRET} ?")
        call(client, "ask", {"data": [f"Où est {SECRET} ?"]})
        call(client, "v2/ask", {"question": {SECRET: SECRET}, "top": SECRET})
        asking = {"name": "ask", "arguments": {"question": f"Où est {SECRET} ?", "top": SECRET}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asking}
        accepted = {"accept": "application/json, text/event-stream"}
        client.post("/mcp", json=body, headers=accepted)
        client.post("/mcp", content=SECRET, headers=accepted)
        client.get(f"/{SECRET}", params={"q": SECRET})
        figures = client.get("/metrics").text

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    events = [line for line in lines if line["event"] == "question"]
    assert [(one["by"], one["outcome"]) for one in events] == [
        ("page", "answered"),
        ("page", "refused"),
        ("page", "failed"),
        ("program", "failed"),
    ]
    assert events[0]["quotes"] == len(WIKA_CITATIONS)
    assert events[1]["reason"] == "words_not_found"
    failures = [line["exception"]["kind"] for line in lines if "exception" in line]
    assert failures.count("ZeroDivisionError") == 2

    printed, complained = capfd.readouterr()
    assert "Traceback" not in complained
    told = log.getvalue() + figures + printed + complained
    for words in (SECRET, "Zéphyrine", "Wika", "fiançailles", "Australie", "Grok"):
        assert words not in told
    answered = 'guillemets_questions_total{by="page",outcome="answered"}'
    assert figure(figures, answered) == 1
    assert figure(figures, 'guillemets_question_seconds_count{by="program"}') == 1
    assert figure(figures, 'guillemets_requests_total{place="other",status="404"}') == 1


def test_words_are_logged_where_they_are_wanted(log: io.StringIO) -> None:
    log_as_json(with_questions=True, stream=log)
    watching = question_logger(load_settings(log="json", log_questions=True))
    questions = Questions(watching, clock=iter([1.0, 3.25]).__next__)
    with questions.asked(WIKA, "page") as asked:
        asked.answer = FakeAssistant().ask(WIKA)
    line = json.loads(log.getvalue())
    assert (line["question"], line["seconds"]) == (WIKA, 3.25 - 1.0)


def test_a_question_that_fails_is_told_too() -> None:
    told: list[Asked] = []
    with pytest.raises(ZeroDivisionError), Questions(told.append).asked(WIKA, "page"):
        raise ZeroDivisionError
    assert [one.outcome for one in told] == ["failed"]


def test_a_library_is_not_quoted() -> None:
    record = logging.LogRecord("mcp", logging.WARNING, "a.py", 7, SECRET, None, None)
    line = json.loads(JsonLines(with_questions=False).format(record))
    assert line["place"] == "a.py:7"
    assert SECRET not in json.dumps(line, ensure_ascii=False)
    own = logging.LogRecord("rag.x", logging.WARNING, "a.py", 7, "mind %s\nthis", ("a",), None)
    assert json.loads(JsonLines(with_questions=False).format(own))["message"] == "mind a\nthis"
