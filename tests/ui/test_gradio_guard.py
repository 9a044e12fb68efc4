"""What of Gradio can be reached, and what is answered where it cannot make out a request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gradio_client import Client
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from rag.ui.gradio_guard import API_PREFIX, GradioGuard
from tests.browser.fake_assistant import WIKA, FakeAssistant
from tests.browser.serving import app_over, served

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
FAILED: Message = {**START, "status": 500}


def asked(messages: list[Message], raised: Exception | None, path: str = "queue/join") -> Any:
    """The response of an interface that sends ``messages`` and then raises."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(dict(message))
        if raised is not None:
            raise raised

    return TestClient(GradioGuard(app)).get(f"{API_PREFIX}/{path}")


def body(content: bytes, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


def test_what_it_falls_over_is_refused() -> None:
    for sent in ([], [FAILED, body(b"Internal Server Error")]):
        response = asked(sent, KeyError("secret"))
        assert response.status_code == 400
        assert "secret" not in response.text


def test_what_was_begun_is_ended() -> None:
    response = asked([START, body(b"data", more=True)], KeyError("secret"))
    assert (response.status_code, response.content) == (200, b"data")
    assert asked([START, body(b"all")], KeyError("secret")).content == b"all"


def test_a_failure_in_words_is_passed_on() -> None:
    response = asked([FAILED, body(b'{"error": "why"}')], None)
    assert (response.status_code, response.json()) == (500, {"error": "why"})


@pytest.mark.parametrize(
    "path",
    [
        "upload",
        "file=/etc/passwd",
        "file/etc/passwd",
        "proxy=http://evil.invalid/",
        "vibe-edit",
        "deep_link",
        "",
    ],
)
def test_what_the_page_does_not_need_is_not_there(plain_chat: TestClient, path: str) -> None:
    for method in ("GET", "POST"):
        response = plain_chat.request(method, f"{API_PREFIX}/{path}")
        assert (response.status_code, response.text) == (404, "404")


@pytest.mark.parametrize("function", [-1, 99, "x", None, [], 2**80])
def test_a_function_that_is_none_is_refused(
    plain_chat: TestClient, function: object, capfd: pytest.CaptureFixture[str]
) -> None:
    sent = {"fn_index": function, "data": [WIKA], "session_hash": "one"}
    response = plain_chat.post(f"{API_PREFIX}/queue/join", content=json.dumps(sent))
    assert 400 <= response.status_code < 500
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.server
def test_programs_have_what_they_need() -> None:
    with served(app_over(FakeAssistant())) as address:
        chat = Client(address, verbose=False)
        assert chat.predict(WIKA, api_name="/ask")["answered"]
        assert chat.submit(WIKA, api_name="/search").result()["passages"]
        assert set(chat.view_api(return_format="dict")["named_endpoints"]) >= {"/ask"}
