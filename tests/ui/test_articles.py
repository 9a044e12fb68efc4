"""The addresses that bring, list, remove and restore articles, without a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import SENTENCES, ArticleError, Code, ModelError, Problem, RagError
from rag.ingest import FORMATS
from rag.library.bring_files import TRASH
from rag.library.build import build_folder
from rag.library.library import Library
from rag.ui.article_list import LINES_A_PAGE, render_articles_panel
from rag.ui.limits import Limits
from rag.ui.same_site import is_same_site
from rag.ui.texts import TEXTS
from tests.browser.serving import app_over, routes_over
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles
from tests.ingest.page_reading import Page
from tests.library.test_bring_files import everything
from tests.library.test_library import NEW
from tests.library.updating import PATIENCE, ByHand, Scripted

FRENCH, ENGLISH = TEXTS["fr"], TEXTS["en"]
SAID = SENTENCES["fr"]
HERE = "http://127.0.0.1"
NO_FOLDER = Problem.of(Code.NO_FOLDER, folder="seeds")
CHANGES = ["bring?name=a.txt", "remove?article=x", "restore?token=x", "update"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path, max_file_bytes=1_000)
    write_articles(found.articles)
    return found


@contextmanager
def served(
    settings: Settings,
    updater: ByHand | None = None,
    over: Callable[..., FastAPI] = routes_over,
    **options: Any,
) -> Iterator[tuple[TestClient, Library]]:
    encoder = CountingEncoder()
    build_folder(settings, encoder)
    assistant = Assistant(settings, encoder)
    library = Library(settings, encoder, updater)
    app = over(assistant, library=library, **options)
    with TestClient(app, base_url=HERE, headers={"accept-language": "fr"}) as client:
        yield client, library
    library.stop()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A chat over articles that no test changes."""
    settings = settings_for(tmp_path_factory.mktemp("untouched"), max_file_bytes=1_000)
    write_articles(settings.articles)
    with served(settings) as (client, library):
        before = everything(settings.articles)
        yield client
        assert library.state().ended == 0
        assert everything(settings.articles) == before


def post(client: TestClient, what: str, body: bytes = b"", **query: str) -> dict[str, Any]:
    response = client.post(f"/articles/{what}?{urlencode(query)}", content=body)
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def listed(client: TestClient, **query: str) -> list[str]:
    page = Page(client.get("/articles", params=query).text)
    return [one.words for one in page.all("button") if "data-article" in one.attributes]


def state_when(client: TestClient, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The state, once it is as wanted."""
    deadline = threading.Event()
    timer = threading.Timer(PATIENCE, deadline.set)
    timer.start()
    try:
        while not deadline.is_set():
            found: dict[str, Any] = client.get("/articles/state").json()
            if fits(found):
                return found
    finally:
        timer.cancel()
    raise AssertionError("the state never came")


def test_an_article_is_brought_indexed_removed_and_comes_back(settings: Settings) -> None:
    with served(settings) as (client, library):
        assert len(listed(client)) == 3
        found = post(client, "bring", NEW.encode(), name="piscine.txt")
        assert (found["outcome"], found["said"]) == ("brought", FRENCH.bringing.brought)
        waits = state_when(client, lambda state: bool(state["said"]))
        assert waits["update"]
        assert FRENCH.updating.waiting_added + "1" in waits["said"]
        post(client, "update")
        done = state_when(client, lambda state: state["ended"] == 1 and state["known"])
        assert (done["said"], done["update"], done["left_out"]) == ("", False, [])
        assert done["result"] == FRENCH.updating.done.format(added=1, changed=0, removed=0)
        assert done["facts"].startswith("4 articles")
        (title,) = listed(client, search="mairie piscine")
        page = Page(client.get("/articles", params={"search": "piscine"}).text)
        (button,) = [one for one in page.all("button") if "data-article" in one.attributes]
        article = str(button.attributes["data-article"])
        source = Page(client.get("/source", params={"article": article}).text)
        assert source.of_class("article-text")[0].words == NEW
        assert source.all("mark") == []
        (only,) = source.of_class("ask-only")
        assert only.attributes["data-ask-only"] == article
        removed = post(client, "remove", article=article)
        assert removed["said"] == FRENCH.articles.removed.format(title=title)
        library.wait(PATIENCE)
        assert len(listed(client)) == 3
        restored = post(client, "restore", token=removed["token"])
        assert "piscine.txt" in restored["said"]
        library.wait(PATIENCE)
        assert listed(client, search="piscine") == [title]


def test_a_file_of_a_name_that_is_taken_asks_first(settings: Settings) -> None:
    with served(settings) as (client, _):
        for clash, outcome in (
            ("", "clashes"),
            ("keep_both", "kept_both"),
            ("replace", "replaced"),
        ):
            query = {"clash": clash} if clash else {}
            found = post(client, "bring", NEW.encode(), name="pont.txt", **query)
            assert found["outcome"] == outcome
        found = post(client, "bring", NEW.encode(), name="pont.txt")
        assert found["said"] == FRENCH.bringing.already_there
    assert (settings.articles / "pont (2).txt").read_text("utf-8") == NEW
    assert len(list((settings.articles / TRASH).rglob("pont.txt"))) == 1


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("vide.txt", b"", Code.EMPTY),
        ("signes.txt", b"...", Code.NO_WORDS),
        ("image.txt", b"\0\0\0\0", Code.BINARY),
        ("programme.exe", b"MZ", Code.NO_FORMAT),
        ("../pont.txt", b"Le pont.", Code.NAME_IS_PATH),
        (".pont.txt", b"Le pont.", Code.NAME_HIDDEN),
        ("", b"Le pont.", Code.NAME_MISSING),
        ("é" * 200, b"Le pont.", Code.NAME_TOO_LONG),
        ("a\nb.txt", b"Le pont.", Code.NAME_NOT_SHOWN),
    ],
)
def test_a_refusal_says_why_in_the_readers_language(
    untouched: TestClient, name: str, content: bytes, code: Code, language: str
) -> None:
    query = urlencode({"name": name})
    response = untouched.post(
        f"/articles/bring?{query}", content=content, headers={"accept-language": language}
    )
    found = response.json()
    expected = SENTENCES[language][code].format(formats=", ".join(FORMATS), most=240)
    assert (found["outcome"], found["said"]) == ("refused", TEXTS[language].bringing.refused)
    assert (found["reason"], found["language"]) == (expected, language)


def test_a_file_may_be_as_large_as_the_setting_says_and_no_larger(settings: Settings) -> None:
    with served(settings) as (client, _):
        most = b"mot " * 250
        assert post(client, "bring", most, name="juste.txt")["outcome"] == "brought"
        response = client.post("/articles/bring?name=trop.txt", content=most + b"s")
        assert response.status_code == 413
        # Without a length, it is noticed on its way.
        parts = client.post("/articles/bring?name=trop.txt", content=iter([most, b"s"]))
        assert parts.status_code == 413
    assert not (settings.articles / "trop.txt").exists()


def test_a_larger_file_than_any_other_request_may_be_brought(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    write_articles(settings.articles)
    large = bytes(range(256)) * 33_000
    assert len(large) > 8_000_000
    with served(settings) as (client, _):
        assert client.post("/filters", content=large).status_code in (405, 413)
        found = post(client, "bring", large, name="long.txt")
    assert (found["outcome"], found["reason"]) == ("refused", SAID[Code.BINARY])


def test_too_many_files_at_once_are_told_to_wait(settings: Settings) -> None:
    with served(settings, limits=Limits(files=0)) as (client, _):
        response = client.post("/articles/bring?name=a.txt", content=b"Le pont.")
    assert (response.status_code, response.json()["said"]) == (
        503,
        FRENCH.bringing.sending_busy,
    )


def test_an_unknown_clash_is_refused(untouched: TestClient) -> None:
    response = untouched.post("/articles/bring?name=a.txt&clash=overwrite", content=b"Mot.")
    assert response.status_code == 400


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.invalid"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:81"},
    ],
    ids=lambda headers: "=".join(*headers.items()),
)
def test_a_foreign_page_changes_nothing(
    untouched: TestClient, change: str, headers: dict[str, str]
) -> None:
    response = untouched.post(f"/articles/{change}", content=b"Mot.", headers=headers)
    assert response.status_code == 403


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_changed_by_looking(untouched: TestClient, change: str) -> None:
    assert untouched.get(f"/articles/{change}").status_code in (404, 405)


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin", "origin": "https://proxy.invalid"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"origin": "http://here:7860", "host": "here:7860"}, True),
        ({"origin": "http://here:7860", "host": "here"}, False),
        ({"origin": "http://[", "host": "here"}, False),
        ({"origin": "", "host": ""}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://here", "host": "here"}, False),
    ],
)
def test_where_a_request_comes_from(headers: dict[str, str], same: bool) -> None:
    assert is_same_site(Headers(headers)) == same


def test_read_only_changes_nothing_and_lists_everything(settings: Settings) -> None:
    settings = settings.model_copy(update={"read_only": True})
    with served(settings, over=app_over) as (client, _):
        for change in CHANGES:
            refused = client.post(f"/articles/{change}", content=b"Mot.")
            assert refused.status_code == 403
            assert refused.json() == {"detail": FRENCH.articles.read_only}
        page = Page(client.get("/articles").text)
        assert len(page.of_class("title")) == 3
        assert [one for one in page.elements if "data-remove-article" in one.attributes] == []
        write_article(settings.articles, "neuf.txt", NEW)
        waits = state_when(client, lambda state: bool(state["said"]))
        assert not waits["update"]
        front = client.get("/").text
        assert (
            FRENCH.articles.read_only
            in Page(render_articles_panel("fr", can_change=False)).words
        )
        assert '"largestFile": null' in front
        assert 'id="pick"' not in front
    assert not (settings.articles / "a.txt").exists()


def test_without_a_folder_the_articles_are_only_listed(plain_chat: TestClient) -> None:
    assert len(listed(plain_chat)) == 3
    assert plain_chat.post("/articles/update").status_code == 403
    state = plain_chat.get("/articles/state").json()
    assert (state["running"], state["said"], state["update"]) == (False, "", False)


def test_what_cannot_be_removed_says_why(settings: Settings) -> None:
    with served(settings) as (client, library):
        found = post(client, "remove", article="none")
        assert found == {"said": SAID[Code.NOT_IN_FOLDER], "language": "fr"}
        article = library.settings.articles / "pont.txt"
        page = Page(client.get("/articles", params={"search": "pont"}).text)
        (button,) = [one for one in page.all("button") if "data-article" in one.attributes]
        article.unlink()
        found = post(client, "remove", article=str(button.attributes["data-article"]))
        assert SAID[Code.NOT_IN_FOLDER] in found["said"]
        assert "token" not in found
        found = post(client, "restore", token="../..")
        assert found["said"] == SAID[Code.NOT_IN_TRASH]
        assert library.state().ended == 0


def test_a_list_turns_its_pages(settings: Settings) -> None:
    for number in range(LINES_A_PAGE):
        write_article(settings.articles, f"{number}.txt", f"Voici le texte {number}.")
    total = LINES_A_PAGE + 3
    with served(settings) as (client, _):
        first, last = (
            Page(client.get("/articles", params={"order": "length", "first": at}).text)
            for at in (0, total - 1)
        )
    assert len(first.of_class("title")) == LINES_A_PAGE
    assert first.of_class("pages")[0].words == f"‹1 à {LINES_A_PAGE} sur {total}›"
    turns = [one for one in first.all("button") if "data-first" in one.attributes]
    assert ["disabled" in one.attributes for one in turns] == [True, False]
    assert turns[1].attributes["data-first"] == str(LINES_A_PAGE)
    assert len(last.of_class("title")) == 3


@pytest.mark.parametrize("query", ["order=none", "first=-1", "search=" + "a" * 201])
def test_what_is_no_list_is_refused(untouched: TestClient, query: str) -> None:
    assert untouched.get(f"/articles?{query}").status_code == 422


@pytest.mark.parametrize("error", [ModelError("no model"), ArticleError(NO_FOLDER)])
def test_an_update_that_fails_is_told_and_asking_goes_on(
    settings: Settings, error: RagError
) -> None:
    updater = ByHand(settings, Scripted(error))
    with served(settings, updater) as (client, _):
        assert post(client, "update")["running"]
        updater.turn()
        done = client.get("/articles/state").json()
        assert (done["running"], done["ended"]) == (False, 1)
        said, spoken = error.problem.said_in("fr")
        assert done["result"] == FRENCH.updating.failed
        assert done["detail"] == {"words": said, "language": spoken}
        assert len(listed(client)) == 3
