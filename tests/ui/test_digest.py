"""What is new, on a page of the chat and as a page alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rag.answering.assistant import Assistant
from rag.answering.digest import Digest, DigestStory
from rag.errors import IndexDamagedError
from rag.index import Index
from rag.types import Quote
from rag.ui.digest_page import DIGEST_COOKIE, last_visit, render_digest
from rag.ui.digest_route import add_digest_route
from rag.ui.texts import TEXTS
from tests.answering.test_digest import BRIDGE, MARCH, index
from tests.fakes import CountingEncoder, make_article, settings_for
from tests.ingest.page_reading import Page

__all__ = ["index"]
FRENCH = TEXTS["fr"].digest
TODAY = dt.date(2025, 5, 6)


@pytest.fixture
def client(index: Index) -> Iterator[TestClient]:
    app = FastAPI()
    settings = settings_for(index.folder.parent.parent)
    add_digest_route(app, Assistant(settings, CountingEncoder()), lambda: TODAY)
    with TestClient(app, headers={"accept-language": "fr"}) as opened:
        yield opened


def titles(page: Page) -> list[str]:
    return [one.words for one in page.all("h2")]


def test_the_page_shows_a_week_then_what_came_since_the_last_visit(client: TestClient) -> None:
    answer = client.get("/digest")
    page = Page(answer.text)
    assert titles(page) == ["La fête"]
    assert "Depuis le 26 avril 2025" in page.words
    assert answer.cookies[DIGEST_COOKIE] == "2025-05-06.2025-05-06"
    client.cookies.clear()
    client.cookies.set(DIGEST_COOKIE, "2025-02-01.2025-03-01")
    answer = client.get("/digest")
    assert "Depuis le 1er mars 2025" in Page(answer.text).words
    assert titles(Page(answer.text)) == ["La fête", "L’école ouvre"]


def test_days_can_be_chosen_and_quotes_open_in_the_chat(client: TestClient) -> None:
    page = Page(client.get("/digest?since=2025-03-01&until=2025-04-10").text)
    assert titles(page) == ["Le pont", "L’école ouvre"]
    assert "Du 1er mars 2025 au 10 avril 2025" in page.words
    places = [str(one.attributes["href"]) for one in page.of_class("place")]
    assert places
    assert all(one.startswith("./#source?article=") for one in places)


@pytest.mark.parametrize("query", ["since=hier", "since=2025-04-01&until=2025-03-01"])
def test_days_that_cannot_be_are_told(client: TestClient, query: str) -> None:
    answer = client.get(f"/digest?{query}")
    assert answer.status_code == 422
    assert FRENCH.wrong_days in Page(answer.text).words


@pytest.mark.parametrize(
    ("cookie", "before", "kept"),
    [
        ("", None, "2025-05-06.2025-05-06"),
        ("nonsense.", None, "2025-05-06.2025-05-06"),
        ("2025-05-06.2025-05-06", None, "2025-05-06.2025-05-06"),
        ("2025-05-01.2025-05-06", dt.date(2025, 5, 1), "2025-05-01.2025-05-06"),
        ("2025-04-01.2025-05-01", dt.date(2025, 5, 1), "2025-05-01.2025-05-06"),
    ],
)
def test_the_visit_before_is_of_another_day(
    cookie: str, before: dt.date | None, kept: str
) -> None:
    assert last_visit(cookie, TODAY) == (before, kept)


def digest_of(title: str, words: str) -> Digest:
    article = make_article(words, title=title, date=MARCH)
    quote = Quote(article.id, words, 0, len(words), 0, len(words), 1.0)
    return Digest(MARCH, None, 1, (DigestStory(article, (quote,), (BRIDGE,), MARCH),), 0)


def test_a_page_alone_asks_for_nothing_and_escapes() -> None:
    page = str(
        render_digest(digest_of("<script>x</script>", "Il dit « oui » & <b>non</b>."), "en")
    )
    assert "<script" not in page
    assert "<b>" not in page
    for outside in ("src=", "<link", "http://", "<form", "href="):
        assert outside not in page
    assert "«\u202fIl dit « oui » & <b>non</b>.\u202f»" in Page(page).words


def test_a_quote_that_is_not_in_its_article_is_no_quote() -> None:
    digest = digest_of("Titre", "Il dit oui.")
    (story,) = digest.stories
    wrong = DigestStory(BRIDGE, story.quotes, (), MARCH)
    with pytest.raises(IndexDamagedError):
        render_digest(Digest(MARCH, None, 1, (wrong,), 0), "fr")
