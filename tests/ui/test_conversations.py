"""Kept conversations and verdicts, as the page shows them and asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from rag.answering.conversation_store import Keeping
from rag.answering.conversations import ConversationLine, KeptTurn, Verdict
from rag.ui.browser_identity import READER_COOKIE
from rag.ui.conversations import (
    keep_and_render,
    read_conversation,
    render_conversations,
    render_turns,
)
from rag.ui.texts import TEXTS
from rag.ui.verdicts import render_verdicts
from tests.answering.turns import NOON, turn_of
from tests.browser.fake_assistant import AUSTRALIA, TRAP, WIKA, WIKA_CITATIONS, FakeAssistant
from tests.browser.serving import app_over
from tests.ingest.page_reading import Page
from tests.ui.test_page import ASK, call, html_of

HERE = "http://127.0.0.1"
FRENCH = TEXTS["fr"]
ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    return Keeping(tmp_path / "kept.sqlite")


@pytest.fixture(scope="module")
def kept_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "kept.sqlite"


@pytest.fixture(scope="module")
def served(kept_file: Path) -> Iterator[TestClient]:
    app = app_over(FakeAssistant(), keeping=Keeping(kept_file))
    with TestClient(app, base_url=HERE) as client:
        yield client


@pytest.fixture
def client(served: TestClient) -> TestClient:
    """A browser that has opened the page, and asked nothing yet."""
    served.cookies.clear()
    served.get("/")
    return served


def ask(client: TestClient, question: str, conversation: str) -> str:
    """The answer's message."""
    shown = call(client, ASK, [question, f"conversation={conversation}", []])[1]
    return html_of(shown[-1])


def turn_number(message: str) -> int:
    (kept,) = Page(message).of_class("kept")
    return int(str(kept.attributes["id"]).rsplit("-", 1)[1])


def opened(client: TestClient, conversation: str) -> list[str]:
    # Other events may come before it.
    events = client.get("/config").json()["dependencies"]
    (opens,) = [one["id"] for one in events if "opening" in str(one["js"])]
    (update,) = call(client, opens, [f"conversation={conversation}"])
    return [html_of(message) for message in update["value"]]


def listed(client: TestClient) -> list[str]:
    response = client.get("/conversations")
    assert response.headers["content-type"].startswith("text/html")
    return [one.words for one in Page(response.text).of_class("first")]


def test_a_browser_gets_a_name_that_no_script_reads(served: TestClient) -> None:
    served.cookies.clear()
    given = served.get("/").headers["set-cookie"]
    assert re.match(rf"{READER_COOKIE}=[0-9a-f]{{64}}; Path=/; Max-Age=\d+; ", given)
    assert given.endswith("HttpOnly; SameSite=Lax")
    name = served.cookies[READER_COOKIE]
    served.get("/")
    assert served.cookies[READER_COOKIE] == name
    served.cookies.clear()
    served.get("/")
    assert served.cookies[READER_COOKIE] != name


def test_a_name_that_is_not_ours_is_replaced(served: TestClient) -> None:
    served.cookies.clear()
    for foreign in ("x", "A" * 64, "1" * 65):
        response = served.get("/", headers={"cookie": f'o="a b"; {READER_COOKIE}={foreign}'})
        assert foreign not in response.headers["set-cookie"].partition(";")[0].split("=")
    served.cookies.clear()


def test_without_keeping_there_is_neither_name_nor_menu(plain_chat: TestClient) -> None:
    assert "set-cookie" not in plain_chat.get("/").headers
    message = ask(plain_chat, WIKA, ONE)
    assert plain_chat.get("/conversations").status_code == 404
    assert Page(message).of_class("verdict") == Page(message).of_class("kept") == []


def test_a_conversation_is_opened_as_it_was(client: TestClient) -> None:
    answers = [ask(client, question, ONE) for question in (WIKA, AUSTRALIA, TRAP)]
    shown = opened(client, ONE)
    # Questions to go on with are offered once, and not kept.
    offered = re.compile(r'<section class="follow-ups">.*?</section>')
    assert len(offered.findall("".join(answers))) == 2
    assert shown[1::2] == [offered.sub("", answer) for answer in answers]
    assert [Page(one).words for one in shown[::2]] == [WIKA, AUSTRALIA, TRAP]


def test_what_names_no_conversation_opens_an_empty_one(client: TestClient) -> None:
    for name in ("", "x", "../..", ONE + "\n", TWO):
        assert opened(client, name) == []


def test_another_browser_neither_lists_nor_opens_nor_changes_it(client: TestClient) -> None:
    conversation = "3" * 32
    number = turn_number(ask(client, WIKA, conversation))
    mine = client.cookies[READER_COOKIE]
    client.cookies.clear()
    assert (listed(client), opened(client, conversation)) == ([], [])
    client.get("/")
    assert (listed(client), opened(client, conversation)) == ([], [])
    client.delete(f"/conversations/{conversation}")
    client.delete("/conversations")
    assert client.put(f"/verdicts/{number}/1?as=good").json() == {
        "message": FRENCH.verdicts.nowhere
    }
    assert "kept" not in ask(client, WIKA, conversation)
    client.cookies.clear()
    client.cookies.set(READER_COOKIE, mine, domain="127.0.0.1")
    assert listed(client) == [WIKA]
    assert len(opened(client, conversation)) == 2


def test_a_conversation_is_deleted_and_brought_back(client: TestClient) -> None:
    conversation = "4" * 32
    ask(client, WIKA, conversation)
    left = Page(client.delete(f"/conversations/{conversation}").text)
    assert left.of_class("first") == []
    (undo,) = [one for one in left.all("button") if "data-restore" in one.attributes]
    assert undo.attributes["data-restore"] == conversation
    assert listed(client) == []
    assert WIKA in Page(client.put(f"/conversations/{conversation}").text).words
    assert listed(client) == [WIKA]
    assert FRENCH.conversations.none in Page(client.delete("/conversations").text).words
    client.put(f"/conversations/{conversation}")
    assert listed(client) == []


def test_a_verdict_is_kept_and_shown_again(client: TestClient, kept_file: Path) -> None:
    conversation = "5" * 32
    number = turn_number(ask(client, WIKA, conversation))
    assert client.put(f"/verdicts/{number}/2?as=wrong").json() == {"verdict": "wrong"}
    (pressed,) = Page(opened(client, conversation)[1]).of_class("pressed")
    assert pressed.attributes["href"] == "#verdict?citation=2&as=wrong"
    given = Keeping(kept_file).feedback()[-1]
    assert (given.text, given.verdict) == (WIKA_CITATIONS[1].quote.text, Verdict.WRONG)
    assert client.delete(f"/verdicts/{number}/2").json() == {"verdict": ""}
    assert Page(opened(client, conversation)[1]).of_class("pressed") == []


@pytest.mark.parametrize(
    "address",
    [
        "/verdicts/1/1?as=<b>",
        "/verdicts/1/1",
        "/verdicts/0/1?as=good",
        "/verdicts/1/-1?as=good",
        f"/verdicts/{2**63}/1?as=good",
        "/verdicts/1/x?as=good",
        f"/conversations/{'g' * 32}",
        f"/conversations/{'1' * 31}",
    ],
)
def test_what_is_not_written_as_the_page_does_is_refused(
    client: TestClient, address: str
) -> None:
    response = client.put(address)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/json"


def test_a_form_of_another_page_changes_nothing(client: TestClient) -> None:
    conversation = "6" * 32
    number = turn_number(ask(client, WIKA, conversation))
    for address in (
        "/conversations",
        f"/conversations/{conversation}",
        f"/verdicts/{number}/1?as=good",
    ):
        assert client.post(address).status_code in (404, 405)
        asked = {"origin": "http://evil.invalid", "access-control-request-method": "PUT"}
        answer = client.options(address, headers=asked)
        assert "access-control-allow-origin" not in answer.headers
    assert listed(client) == [WIKA]
    assert Page(opened(client, conversation)[1]).of_class("pressed") == []


def test_what_cannot_be_kept_is_shown_and_told(tmp_path: Path) -> None:
    app = app_over(FakeAssistant(), keeping=Keeping(tmp_path))
    with TestClient(app, base_url=HERE) as client:
        client.get("/")
        page = Page(ask(client, WIKA, ONE))
        assert FRENCH.failures.conversations in Page(client.get("/conversations").text).words
        judged = client.put("/verdicts/1/1?as=good").json()
        (failure,) = [Page(one) for one in opened(client, ONE)]
    assert len(page.of_class("citation")) == len(WIKA_CITATIONS)
    assert page.words.endswith(FRENCH.conversations.not_kept)
    assert page.of_class("verdict") == page.of_class("kept") == []
    assert judged == {"message": FRENCH.verdicts.not_kept}
    assert FRENCH.failures.conversations in failure.words


def test_a_reader_or_conversation_without_a_name_is_not_kept(keeping: Keeping) -> None:
    for reader, conversation in ((None, ONE), ("me", None)):
        message = keep_and_render(turn_of(WIKA), keeping, reader, conversation, "fr")
        assert Page(message).of_class("kept") == []
    assert not keeping.file.exists()


@pytest.mark.parametrize(
    ("query", "named"),
    [
        (f"conversation={ONE}&previous=x", ONE),
        (f"conversation={TWO}&conversation={ONE}", ONE),
        ("", None),
        ("conversation=", None),
        (f"conversation={ONE}%0a", None),
        (f"conversation={ONE}1", None),
        (f"conversation={'A' * 32}", None),
        (f"conversation={'١' * 32}", None),
    ],
)
def test_a_conversation_is_named_in_the_query(query: str, named: str | None) -> None:
    assert read_conversation(query) == named


@pytest.mark.parametrize("language", TEXTS)
def test_conversations_are_listed_with_day_and_questions(language: str) -> None:
    one = ConversationLine(ONE, WIKA, 1, NOON)
    texts = TEXTS[language]
    page = Page(render_conversations([one, replace(one, id=TWO, questions=2)], language))
    assert [item.words for item in page.of_class("first")] == [WIKA, WIKA]
    day = {"fr": "2 septembre 2025", "en": "2 September 2025"}[language]
    assert [item.words for item in page.of_class("meta")] == [
        f"{day} · {texts.conversations.questions(1)}",
        f"{day} · {texts.conversations.questions(2)}",
    ]


def test_hostile_and_long_questions_are_listed_as_words() -> None:
    page = Page(render_conversations([ConversationLine(ONE, TRAP * 30, 1, NOON)], "fr"))
    (first,) = page.of_class("first")
    assert first.words == (TRAP * 30)[:120] + "…"
    assert set(page.tags()) <= {"button", "ul", "li", "span", "div", "p"}


def test_a_turn_that_cannot_be_read_is_told() -> None:
    ((asked, answered),) = render_turns([KeptTurn(3, TRAP, None, {})], ONE, "fr")
    assert Page(asked).words == TRAP
    assert Page(answered).words == FRENCH.conversations.turn_unreadable


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("given", [None, *Verdict])
def test_verdicts_are_buttons_of_which_one_is_pressed(
    language: str, given: Verdict | None
) -> None:
    texts = TEXTS[language]
    page = Page(render_verdicts(2, given, language))
    assert [one.attributes["role"] for one in page.all("a")] == ["button"] * 3
    spoken = texts.verdicts.on_quote.format(number=2)
    assert [one.words for one in page.all("a")] == [
        f"{spoken} {label}"
        for label in (texts.verdicts.good, texts.verdicts.does_not_answer, texts.verdicts.wrong)
    ]
    pressed = [one.attributes["href"] for one in page.of_class("pressed")]
    assert pressed == ([f"#verdict?citation=2&as={given}"] if given else [])
