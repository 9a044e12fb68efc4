"""A chat behind a password: the page's queue, the API and the tools all ask for it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import typer

import rag.ui
import rag.ui.server
from rag.cli.commands import main
from rag.config import PASSWORD_VARIABLE
from tests.browser.fake_assistant import WIKA, WIKA_CITATIONS, FakeAssistant
from tests.browser.serving import app_over, served
from tests.ui.test_many import answer_to_one

PASSWORD = "sésame : ouvre-toi"
KNOWN = {"Authorization": "Basic " + base64.b64encode(f"reader:{PASSWORD}".encode()).decode()}
WRONG = {"Authorization": "Basic " + base64.b64encode(b"reader:other").decode()}
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPTED = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(app_over(FakeAssistant(), password=PASSWORD, mcp=True)) as found:
        yield found


@pytest.mark.parametrize("headers", [{}, WRONG])
def test_nothing_is_given_without_the_password(address: str, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=address, headers=headers) as client:
        for path in ("/", "/gradio_api/info", "/source", "/page/page.css"):
            assert client.get(path).status_code == 401
        for path in ("/gradio_api/queue/join", "/gradio_api/call/ask", "/mcp", "/evaluation"):
            assert client.post(path, json={}).status_code == 401


def test_the_queue_answers_who_gives_it(address: str) -> None:
    reply = answer_to_one(address, "with a password", KNOWN)
    assert reply.count("<figure") == len(WIKA_CITATIONS)


def test_a_program_gives_it_as_a_header(address: str) -> None:
    from gradio_client import Client

    chat = Client(address, headers=KNOWN, verbose=False)
    assert chat.predict(WIKA, api_name="/ask")["answered"]


def test_tools_are_given_to_who_gives_it(address: str) -> None:
    response = httpx.post(f"{address}/mcp", json=LIST_TOOLS, headers=KNOWN | ACCEPTED)
    assert len(response.json()["result"]["tools"]) == 3


@pytest.fixture
def served_with(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the command would have served."""
    given: dict[str, Any] = {}

    def serve(settings: object, *values: object) -> None:
        given["password"] = values[-1]

    monkeypatch.setattr(rag.ui, "serve", serve)
    return given


def test_the_command_asks_for_a_password(
    served_with: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def prompt(text: str, **options: Any) -> str:
        asked.update(options)
        return PASSWORD

    monkeypatch.setattr(typer, "prompt", prompt)
    assert main(["serve", "--ask-password", "--host", "0.0.0.0"]) == 0
    assert served_with["password"] == PASSWORD
    assert asked == {"hide_input": True, "confirmation_prompt": True}


def test_the_command_asks_for_none_by_itself(served_with: dict[str, Any]) -> None:
    assert main(["serve"]) == 0
    assert served_with["password"] is None


def test_an_open_door_names_both_ways_to_close_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "0.0.0.0"]) == 2
    told = capsys.readouterr().err
    assert "--ask-password" in told
    assert PASSWORD_VARIABLE in told
