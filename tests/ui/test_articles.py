"""The list of articles and the addresses that change the folder, without a browser."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import (
    SENTENCES,
    ArticleError,
    Code,
    IndexWriteError,
    ModelError,
    Problem,
    RagError,
)
from rag.index.article_list import ArticleList, Order, article_line
from rag.ingest import FORMATS
from rag.library.bring_files import TRASH
from rag.library.build import build_folder
from rag.library.library import Library
from rag.library.pending import Waiting
from rag.library.update_state import UpdateState
from rag.types import BrokenFile, Filters
from rag.ui.article_list import (
    LINES_A_PAGE,
    render_articles,
    render_articles_panel,
    title_finder,
)
from rag.ui.filters import FilterError, filter_labels, filter_query, read_filters
from rag.ui.limits import Limits
from rag.ui.same_site import is_same_site
from rag.ui.texts import TEXTS
from rag.ui.update_status import upkeep_to_json
from tests.browser.fake_assistant import HOSTILE_ARTICLE, WIKA, FakeAssistant
from tests.browser.serving import app_over
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles
from tests.ingest.page_reading import Page
from tests.library.test_bring_files import everything
from tests.library.test_library import LINES, NEW
from tests.library.updating import PATIENCE, SUMMARY, ByHand, Scripted

HERE = "http://127.0.0.1"
FRENCH, ENGLISH = TEXTS["fr"], TEXTS["en"]
SAID = SENTENCES["fr"]
NO_FOLDER = Problem.of(Code.NO_FOLDER, folder="seeds")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
CHANGES = ["bring?name=a.txt", "remove?article=x", "restore?token=x", "update"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path, max_file_bytes=1_000)
    write_articles(found.articles)
    return found


@contextmanager
def served(
    settings: Settings, updater: ByHand | None = None, **options: Any
) -> Iterator[tuple[TestClient, Library]]:
    encoder = CountingEncoder()
    build_folder(settings, encoder)
    assistant = Assistant(settings, encoder)
    library = Library(settings, encoder, updater)
    app = app_over(assistant, library=library, **options)  # type: ignore[arg-type]
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
    with served(settings) as (client, _):
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


def test_a_head_tells_how_the_list_is_sorted() -> None:
    found = ArticleList(tuple(LINES), 0, len(LINES))
    page = Page(render_articles(found, Order.SOURCE, True, "en", True))
    sorts = [one.attributes["aria-sort"] for one in page.all("th") if "scope" in one.attributes]
    assert sorts == ["none", "none", "descending", "none"]
    assert [one.words for one in page.of_class("source")] == ["Le Sud", "Ouest", "—", "ouest"]
    nothing = Page(render_articles(ArticleList((), 0, 0), Order.DATE, True, "en", True))
    assert nothing.words == ENGLISH.articles.none


@given(IDS, TEXT, TEXT)
def test_a_foreign_line_is_words(article_id: str, title: str, source: str) -> None:
    def rendered(*texts: str) -> str:
        line = article_line(texts[0], "a.txt", texts[1], None, texts[2] or None, 1234)
        return render_articles(ArticleList((line,), 0, 1), Order.DATE, True, "fr", True)

    page = Page(rendered(article_id, title, source))
    assert page.tags() == Page(rendered("x", "y", "z")).tags()
    (opening,) = [one for one in page.all("button") if "data-article" in one.attributes]
    assert (opening.words, opening.attributes["data-article"]) == (title, article_id)
    assert page.of_class("length")[0].words == "1\N{NARROW NO-BREAK SPACE}234"


def test_a_filter_names_one_article() -> None:
    title_of = title_finder(FakeAssistant())  # type: ignore[arg-type]
    hostile = HOSTILE_ARTICLE.id
    filters = read_filters([("article", hostile)], (), "fr", title_of)
    assert filters == Filters(articles=frozenset({hostile}))
    assert filter_labels(filters, "en", title_of) == [
        ENGLISH.filters.only_article.format(title=HOSTILE_ARTICLE.title)
    ]
    assert filter_query(filters) == urlencode({"article": hostile})
    for gone in ("none", "x" * 1000):
        with pytest.raises(FilterError) as caught:
            read_filters([("article", gone)], (), "fr", title_of)
        assert (caught.value.field, str(caught.value)) == ("article", FRENCH.filters.no_article)


def test_the_filters_show_the_article_and_keep_it(plain_chat: TestClient) -> None:
    page = Page(plain_chat.get("/filters", params={"article": HOSTILE_ARTICLE.id}).text)
    (chip,) = [one for one in page.all("button") if "data-remove" in one.attributes]
    assert chip.attributes["data-remove"] == "article"
    assert HOSTILE_ARTICLE.title in chip.words
    kept = [one for one in page.all("input") if one.attributes["type"] == "hidden"]
    assert [one.attributes["value"] for one in kept] == [HOSTILE_ARTICLE.id]
    assert "img" not in page.tags()


def test_only_one_article_is_asked() -> None:
    assistant = FakeAssistant()
    answer = assistant.ask(WIKA, filters=Filters(articles=frozenset({HOSTILE_ARTICLE.id})))
    assert not answer.answered


class Told:
    """A library of which only the state is known."""

    read_only = False

    def __init__(self, state: UpdateState) -> None:
        self.state = lambda: state


def told(state: UpdateState, language: str = "fr") -> dict[str, Any]:
    return upkeep_to_json(Told(state), language)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "seconds", "said"),
    [
        (None, None, FRENCH.updating.step_other),
        ("articles", 5.0, FRENCH.updating.step_articles.format(done=3, total=12)),
        (
            "texts to embed",
            40.2,
            FRENCH.updating.step_texts.format(done=3, total=12)
            + FRENCH.updating.time_left.format(time="40\N{NARROW NO-BREAK SPACE}s"),
        ),
        (
            "texts to embed",
            150.0,
            FRENCH.updating.step_texts.format(done=3, total=12)
            + FRENCH.updating.time_left.format(time="2\N{NARROW NO-BREAK SPACE}min"),
        ),
    ],
)
def test_progress_is_said_in_words(step: str | None, seconds: float | None, said: str) -> None:
    state = UpdateState(True, step, 3, 12, seconds, note="another build is writing")
    found = told(state)
    assert found["said"] == said
    assert found["detail"] == {"words": "another build is writing", "language": "en"}
    assert (found["running"], found["known"], found["result"]) == (True, True, "")


def test_the_end_of_a_rebuild_names_what_was_left_out() -> None:
    broken = (
        BrokenFile("a.txt", Problem.of(Code.EMPTY)),
        *(BrokenFile(f"{number}.txt", Problem.other("was eaten")) for number in range(30)),
    )
    summary = dataclasses.replace(SUMMARY, broken=broken)
    found = told(UpdateState(ended=1, summary=summary))
    assert found["result"] == FRENCH.updating.done.format(added=1, changed=2, removed=3)
    assert len(found["left_out"]) == 20
    assert found["left_out"][0] == {
        "path": "a.txt",
        "words": SAID[Code.EMPTY],
        "language": "fr",
    }
    assert found["left_out"][1] == {"path": "0.txt", "words": "was eaten", "language": "en"}
    assert not found["known"]
    failed = told(UpdateState(ended=1, error=IndexWriteError("no room")), "en")
    assert (failed["result"], failed["detail"]["words"]) == (ENGLISH.updating.failed, "no room")


def test_a_folder_that_is_watched_says_so_and_what_fails() -> None:
    on_its_way = told(UpdateState(watching=True, waiting=Waiting()))
    assert (on_its_way["watched"], on_its_way["failing"]) == (FRENCH.updating.watched, False)
    assert (on_its_way["said"], on_its_way["known"], on_its_way["update"]) == ("", True, False)
    trouble = IndexWriteError("no room")
    state = UpdateState(watching=True, waiting=Waiting(added=1), trouble=trouble)
    failing = told(state)
    waits = FRENCH.updating.waiting.format(parts=f"{FRENCH.updating.waiting_added}1")
    assert (failing["said"], failing["failing"]) == (
        f"{FRENCH.updating.watch_failing} {waits}",
        True,
    )
    assert failing["detail"] == {"words": "no room", "language": "en"}
    assert failing["update"]
    # While it is tried again there is hope.
    assert not told(dataclasses.replace(state, running=True, waiting=None))["failing"]


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
