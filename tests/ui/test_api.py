"""What programs can ask of a chat, over the network, and what they cannot."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rag.config import load_settings
from rag.errors import SettingsError
from rag.ui import serve
from rag.ui.api import Api, description
from rag.ui.question_query import LONGEST_QUESTION
from tests.browser.fake_assistant import (
    AUSTRALIA,
    BRIDGE,
    BRIDGE_CITATIONS,
    DAMAGED,
    UNDERSTOOD,
    UNEXPECTED,
    WHY,
    WIKA,
    WIKA_ARTICLE,
    WIKA_CITATIONS,
    FakeAssistant,
)
from tests.browser.serving import app_over, served

# What programs use takes seconds to import; it is where it is used.
if TYPE_CHECKING:
    from gradio_client import Client
    from mcp import ClientSession
    from mcp.types import CallToolResult, ListToolsResult

OFFERED = {
    "ask": ["question", "since", "until", "sources", "top", "previous", "as_of"],
    "search": ["query", "since", "until", "sources", "count"],
    "get_article": ["article_id"],
}
ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
EXAMPLES = [
    example
    for file in DOCUMENTS
    for example in re.findall(r"^```python\n(.*?)^```", file.read_text("utf-8"), re.S | re.M)
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(app_over(FakeAssistant(), mcp=True)) as found:
        yield found


@pytest.fixture(scope="module")
def chat(address: str) -> Client:
    from gradio_client import Client

    return Client(address, verbose=False)


def test_programs_are_offered_three_functions_and_no_more(address: str) -> None:
    info = httpx.get(f"{address}/gradio_api/info").json()
    assert info["unnamed_endpoints"] == {}
    assert info["named_endpoints"].keys() == {f"/{name}" for name in OFFERED}
    for name, parameters in OFFERED.items():
        told = info["named_endpoints"][f"/{name}"]
        assert [one["parameter_name"] for one in told["parameters"]] == parameters
        assert all(one["type"] for one in (*told["parameters"], *told["returns"]))
        for parameter in parameters:
            assert f"\n{parameter}: " in told["description"]


def test_every_parameter_is_described() -> None:
    for function in Api(FakeAssistant()).functions():  # type: ignore[arg-type]
        lines = description(function).splitlines()
        assert [line.split(":")[0] for line in lines[-len(OFFERED[function.__name__]) :]] == (
            OFFERED[function.__name__]
        )


def test_a_program_gets_verbatim_quotes(chat: Client) -> None:
    answer = chat.predict(WIKA, api_name="/ask")
    assert answer["answered"] is True
    assert len(answer["quotes"]) == len(WIKA_CITATIONS)
    for quote in answer["quotes"]:
        article = chat.predict(quote["article_id"], api_name="/get_article")
        assert article["text"][quote["start"] : quote["end"]] == quote["text"]
        assert quote["file"] == article["file"] == WIKA_ARTICLE.path


def test_a_program_gets_a_refusal_with_its_reason(chat: Client) -> None:
    answer = chat.predict(AUSTRALIA, api_name="/ask")
    assert (answer["answered"], answer["quotes"]) == (False, [])
    assert answer["abstention"]["reason"] == "words_not_found"
    assert answer["abstention"]["nearest"][0]["article_id"] == WIKA_ARTICLE.id


def test_filters_and_the_question_before_go_along(chat: Client) -> None:
    def answered(**asked: Any) -> bool:
        return bool(chat.predict(api_name="/ask", **asked)["answered"])

    courier = str(BRIDGE_CITATIONS[0].article.source)
    assert answered(question=BRIDGE, since="2024-01-01", until="2024-12-31", sources=[courier])
    assert not answered(question=BRIDGE, since="2025-01-01")
    assert not answered(question=WHY)
    followed = chat.predict(WHY, previous=BRIDGE, api_name="/ask")
    assert (followed["answered"], followed["understood"]) == (True, UNDERSTOOD)


def test_a_search_gives_passages_as_they_stand(chat: Client) -> None:
    found = chat.predict(WIKA, count=2, api_name="/search")
    assert len(found["passages"]) == 2
    for passage in found["passages"]:
        assert WIKA_ARTICLE.text[passage["start"] : passage["end"]] == passage["text"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"question": WIKA, "top": 0}, "top is 0: input should be greater than or equal to 1"),
        ({"question": {"a": 1}}, "question is {'a': 1}: input should be a valid string"),
        ({"question": "a" * (LONGEST_QUESTION + 1)}, "at most 1000 characters"),
        ({"question": WIKA, "since": "hier"}, "“hier” is not a date"),
        ({"question": WIKA, "sources": ["x"]}, "No source of the articles is called “x”"),
        ({"question": WIKA, "sources": "x"}, "sources is 'x': input should be a valid list"),
        ({"question": DAMAGED}, "run 'rag build'"),
        ({"question": UNEXPECTED}, "ask failed unexpectedly"),
    ],
)
def test_what_is_wrong_is_told(chat: Client, asked: dict[str, Any], said: str) -> None:
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=re.escape(said)) as told:
        chat.predict(**asked, api_name="/ask")
    assert "secret" not in str(told.value)


def test_an_article_that_is_not_there_is_told(chat: Client) -> None:
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match="no article 'x'"):
        chat.predict("x", api_name="/get_article")


def test_the_page_is_not_a_programs(chat: Client) -> None:
    with pytest.raises(ValueError, match="ask_here"):
        chat.predict(WIKA, "", [], api_name="/ask_here")


def test_a_document_has_an_example() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_documents_run(
    address: str, capsys: pytest.CaptureFixture[str], example: str
) -> None:
    assert "http://127.0.0.1:7860" in example
    exec(example.replace("http://127.0.0.1:7860", address), {})
    printed = capsys.readouterr().out
    for citation in WIKA_CITATIONS:
        quote = citation.quote
        assert f"{quote.text} {WIKA_ARTICLE.title} {quote.start} {quote.end}" in printed


def with_tools(address: str, use: Callable[[ClientSession], Awaitable[Any]]) -> Any:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def run() -> Any:
        async with (
            streamable_http_client(f"{address}/mcp") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await use(session)

    # The browser tests leave an event loop running in this thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def test_the_tools_are_the_same_three(address: str) -> None:
    listed: ListToolsResult = with_tools(address, lambda session: session.list_tools())
    tools = {tool.name: tool for tool in listed.tools}
    assert tools.keys() == OFFERED.keys()
    for name, parameters in OFFERED.items():
        properties = tools[name].inputSchema["properties"]
        assert tools[name].description
        assert list(properties) == parameters
        assert all(one["type"] and one["description"] for one in properties.values())


def test_a_tool_gives_what_the_function_gives(address: str, chat: Client) -> None:
    called: CallToolResult = with_tools(
        address, lambda session: session.call_tool("ask", {"question": WIKA, "top": 3})
    )
    assert not called.isError
    assert called.structuredContent == chat.predict(WIKA, api_name="/ask")


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ask", {"question": WIKA, "top": 99}, "top is 99: input should be less than"),
        ("ask", {}, "question"),
        ("ask", {"question": WIKA, "colour": "red"}, "colour"),
        ("ask_here", {"question": WIKA}, "there is no tool 'ask_here'"),
    ],
)
def test_a_tool_tells_what_is_wrong(
    address: str, name: str, arguments: dict[str, Any], said: str
) -> None:
    from mcp.types import TextContent

    called: CallToolResult = with_tools(
        address, lambda session: session.call_tool(name, arguments)
    )
    assert called.isError
    (content,) = called.content
    assert isinstance(content, TextContent)
    assert said in content.text


@pytest.mark.server
def test_there_are_no_tools_unless_they_were_asked_for() -> None:
    with served(app_over(FakeAssistant())) as address:
        assert httpx.post(f"{address}/mcp", json={}).status_code in (404, 405)


def test_the_missing_package_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="pip install 'mcp"):
        serve(load_settings(index=tmp_path / "none"), mcp=True, open_browser=False)
