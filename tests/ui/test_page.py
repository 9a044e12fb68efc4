import json
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from rag.answering.answer_texts import ANSWER_TEXTS
from rag.errors import IndexDamagedError
from rag.types import Overview
from rag.ui.question_query import LONGEST_QUESTION
from rag.ui.texts import TEXTS
from tests.browser.fake_assistant import (
    AUSTRALIA,
    BRIDGE,
    BRIDGE_CITATIONS,
    DAMAGED,
    TRAP,
    UNDERSTOOD,
    UNEXPECTED,
    WHY,
    WIKA,
    WIKA_CITATIONS,
    FakeAssistant,
)
from tests.browser.serving import app_over
from tests.ingest.page_reading import Page

FRENCH = TEXTS["fr"]
ASK, ASK_EXAMPLE, ASK_AGAIN, GREET, OFFER_TOOLS = range(5)
Messages = list[dict[str, Any]]


class WithoutExamples(FakeAssistant):
    def examples(self, language: str, count: int = 4) -> tuple[str, ...]:
        raise IndexDamagedError("the index is <b>damaged</b>")


class WithoutOverview(FakeAssistant):
    def overview(self) -> Overview:
        raise IndexDamagedError("the index is <b>damaged</b>")


@pytest.fixture
def client(plain_chat: TestClient) -> TestClient:
    return plain_chat


def call(
    client: TestClient,
    function: int,
    data: list[Any],
    language: str = "fr",
    event: Any = None,
) -> list[Any]:
    """What a function of the page gives a browser in the end."""
    headers = {"accept-language": language}
    join = {
        "fn_index": function,
        "data": data,
        "event_data": event,
        "session_hash": f"session-{function}-{language}",
    }
    client.post("/gradio_api/queue/join", json=join, headers=headers).raise_for_status()
    query = {"session_hash": join["session_hash"]}
    stream = client.get("/gradio_api/queue/data", params=query, headers=headers)
    messages = [
        json.loads(line.removeprefix("data: "))
        for line in stream.text.splitlines()
        if line.startswith("data: ")
    ]
    done = [one for one in messages if one["msg"] == "process_completed"]
    assert [one["success"] for one in done] == [True]
    output: list[Any] = done[0]["output"]["data"]
    return output


def html_of(message: dict[str, Any]) -> str:
    """A message's HTML, which travels as one text part."""
    content = message["content"]
    if isinstance(content, str):
        return content
    (part,) = content
    assert part["type"] == "text"
    return str(part["text"])


def asked(client: TestClient, question: str, language: str = "fr", query: str = "") -> Messages:
    conversation: Messages = call(client, ASK, [question, query, []], language)[1]
    return conversation


def quotes(message: dict[str, Any]) -> list[str]:
    return [one.words for one in Page(html_of(message)).of_class("words")]


@pytest.mark.parametrize("language", TEXTS)
def test_a_question_is_answered_with_quotes(client: TestClient, language: str) -> None:
    question, answer = asked(client, WIKA, language)
    assert (question["role"], answer["role"]) == ("user", "assistant")
    assert Page(html_of(question)).words == WIKA
    page = Page(html_of(answer))
    assert [one.words for one in page.of_class("words")] == [
        citation.quote.text for citation in WIKA_CITATIONS
    ]
    assert TEXTS[language].answer.sources in page.words


def test_an_answer_follows_what_was_said_before(client: TestClient) -> None:
    before = asked(client, WIKA)
    after = call(client, ASK, [AUSTRALIA, "", before], "fr")[1]
    assert [message["role"] for message in after] == ["user", "assistant"] * 2
    assert [html_of(message) for message in after[:2]] == [html_of(one) for one in before]
    assert Page(html_of(after[3])).of_class("refusal")[0].words == ANSWER_TEXTS["fr"].refusal


def test_an_example_is_asked_when_it_is_chosen(client: TestClient) -> None:
    event = {"index": 0, "value": {"text": WIKA}}
    question, _ = call(client, ASK_EXAMPLE, ["", []], event=event)[0]
    assert Page(html_of(question)).words == WIKA


def test_a_hostile_question_and_answer_arrive_as_words(client: TestClient) -> None:
    question, answer = asked(client, TRAP)
    assert Page(html_of(question)).words == TRAP
    assert not {"script", "img", "iframe", "style", "b"} & set(Page(html_of(answer)).tags())


@pytest.mark.parametrize(
    ("question", "said"),
    [(DAMAGED, FRENCH.failures.index), (UNEXPECTED, FRENCH.failures.unexpected)],
)
def test_an_error_is_a_message(client: TestClient, question: str, said: str) -> None:
    page = Page(html_of(asked(client, question)[1]))
    assert page.of_class("failure")[0].words.startswith(said)
    assert "a secret of the inside" not in page.words


def test_a_question_that_is_too_long_is_told_so(client: TestClient) -> None:
    page = Page(html_of(asked(client, "a" * (LONGEST_QUESTION + 1))[1]))
    assert page.words == FRENCH.asking.too_long.format(
        found=LONGEST_QUESTION + 1, allowed=LONGEST_QUESTION
    )


def test_an_answer_is_followed_by_questions_that_were_not_asked(client: TestClient) -> None:
    def offered(conversation: Messages) -> list[str]:
        page = Page(html_of(conversation[-1]))
        return [one.words for one in page.of_class("ask")]

    before = asked(client, WIKA)
    assert offered(before) == [BRIDGE, TRAP]
    after = call(client, ASK, [TRAP, "", before])[1]
    assert offered(after) == [BRIDGE]


def test_an_empty_page_offers_questions(client: TestClient) -> None:
    (update,) = call(client, GREET, [])
    assert [example["text"] for example in update["examples"]] == list(
        FakeAssistant().examples("fr")
    )
    assert FRENCH.asking.invitation in Page(update["placeholder"]).words


def test_an_empty_page_says_that_the_index_cannot_be_read() -> None:
    with TestClient(app_over(WithoutExamples()), base_url="http://127.0.0.1") as client:
        (update,) = call(client, GREET, [])
    page = Page(update["placeholder"])
    assert page.words == f"{FRENCH.failures.index}the index is <b>damaged</b>"


def test_filters_narrow_an_answer(client: TestClient) -> None:
    within = asked(client, WIKA, query="since=2025-01-01")[1]
    assert quotes(within) == [citation.quote.text for citation in WIKA_CITATIONS]
    page = Page(html_of(asked(client, WIKA, query="until=2025-01-01")[1]))
    assert page.of_class("refusal") != []
    assert page.of_class("widen")[0].words == FRENCH.answer.widen
    assert page.of_class("asked-of")[0].words.endswith("jusqu’au 1er janvier 2025")


def test_a_filter_that_cannot_be_is_told_instead_of_an_answer(client: TestClient) -> None:
    page = Page(html_of(asked(client, WIKA, query="since=%3Cb%3E")[1]))
    assert page.words == FRENCH.filters.no_date.format(written="<b>")
    assert page.tags() == ["div", "p"]


def test_a_follow_up_is_understood_with_the_question_before(client: TestClient) -> None:
    answer = asked(client, WHY, query=urlencode({"previous": BRIDGE}))[1]
    assert UNDERSTOOD in Page(html_of(answer)).of_class("understood")[0].words
    assert quotes(answer) == [BRIDGE_CITATIONS[0].quote.text]
    assert Page(html_of(asked(client, WHY)[1])).of_class("understood") == []


def test_a_question_is_asked_again_without_the_question_box(client: TestClient) -> None:
    before = asked(client, AUSTRALIA)
    query = urlencode({"q": WIKA, "since": "2025-01-01"})
    (after,) = call(client, ASK_AGAIN, [query, before])
    assert len(after) == len(before) + 2
    assert Page(html_of(after[2])).words == WIKA
    assert quotes(after[3]) == [citation.quote.text for citation in WIKA_CITATIONS]


@pytest.mark.parametrize("language", TEXTS)
def test_the_tools_speak_the_readers_language(client: TestClient, language: str) -> None:
    (tools,) = call(client, OFFER_TOOLS, [], language)
    assert Page(tools).all("summary")[0].words == TEXTS[language].filters.title


def test_there_are_no_tools_without_an_index() -> None:
    with TestClient(app_over(WithoutOverview()), base_url="http://127.0.0.1") as client:
        assert call(client, OFFER_TOOLS, []) == [""]
