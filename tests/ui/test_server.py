import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import rag.ui.server
from rag.config import PASSWORD_VARIABLE, load_settings
from rag.errors import IndexMissingError, ModelError, SettingsError
from rag.types import Overview
from rag.ui.application import is_local
from rag.ui.page_frame import dress_page
from rag.ui.server import (
    listen,
    refuse_open_door,
    serve,
)
from rag.ui.texts import TEXTS
from tests.browser.fake_assistant import (
    BRIDGE_ARTICLE,
    LEFT_OUT,
    WIKA_ARTICLE,
    WIKA_CITATIONS,
    FakeAssistant,
)
from tests.browser.serving import app_over, routes_over, warm_up_of
from tests.ingest.page_reading import Page

HERE = "http://127.0.0.1"
SERVE_FAKE = """\
import time

import rag.answering.assistant
from rag.config import load_settings
from rag.ui import serve
from tests.browser.fake_assistant import FakeAssistant

class Slow(FakeAssistant):
    def warm_up(self):
        # Longer than it takes to stop serving.
        time.sleep(3)
        print("loaded", flush=True)

rag.answering.assistant.Assistant.open = lambda settings: Slow()
serve(load_settings(watch=False), port=0, open_browser=False)
"""
DOOR = Path(__file__).parents[2] / "app.py"


class WithoutIndex(FakeAssistant):
    def overview(self) -> Overview:
        raise IndexMissingError("there is no index in <here>")


class WithoutModel(FakeAssistant):
    def warm_up(self) -> None:
        raise ModelError("model fake cannot be loaded")


@pytest.fixture
def client(plain_chat: TestClient) -> TestClient:
    return plain_chat


def client_of(assistant: FakeAssistant) -> TestClient:
    return TestClient(routes_over(assistant), base_url=HERE)


def test_listen_takes_the_next_free_port() -> None:
    with closing(listen("127.0.0.1", 0)) as first:
        taken = first.getsockname()[1]
        with closing(listen("127.0.0.1", taken)) as second:
            assert taken < second.getsockname()[1] < taken + rag.ui.server.PORTS_TRIED


def test_listen_says_when_every_port_is_taken() -> None:
    with closing(listen("127.0.0.1", 0)) as first:
        taken = first.getsockname()[1]
        with pytest.raises(SettingsError, match=f"no port from {taken} to {taken} "):
            listen("127.0.0.1", taken, tried=1)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 7860), ("127.0.0.1", 70_000)])
def test_listen_refuses_what_is_not_of_this_machine(host: str, port: int) -> None:
    with pytest.raises(SettingsError, match="--port"):
        listen(host, port)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("example.invalid", False),
        ("", False),
    ],
)
def test_an_open_door_needs_a_password(host: str, local: bool) -> None:
    assert is_local(host) == local
    refuse_open_door(host, "a password")
    if local:
        refuse_open_door(host, None)
        return
    for nothing in (None, ""):
        with pytest.raises(SettingsError, match=PASSWORD_VARIABLE):
            refuse_open_door(host, nothing)


def test_serve_refuses_an_open_door_before_anything_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    with pytest.raises(SettingsError, match=PASSWORD_VARIABLE):
        serve(load_settings(index=tmp_path / "none"), host="0.0.0.0", open_browser=False)


def test_serve_says_that_there_is_no_index(tmp_path: Path) -> None:
    settings = load_settings(index=tmp_path / "none", model=str(tmp_path))
    with pytest.raises(IndexMissingError, match="rag build"):
        serve(settings, open_browser=False)


def test_the_password_is_no_unknown_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "sésame")
    load_settings()
    monkeypatch.setenv(PASSWORD_VARIABLE + "S", "sésame")
    with pytest.raises(SettingsError, match=PASSWORD_VARIABLE + "S"):
        load_settings()


def test_a_model_that_fails_is_left_to_the_first_question() -> None:
    warming = warm_up_of(WithoutModel())
    assert not warming.is_done()
    warming.start()
    warming.wait()
    assert warming.is_done()


def test_the_program_can_wait_for_the_model() -> None:
    begun, may_end = threading.Event(), threading.Event()

    class Slow(FakeAssistant):
        def warm_up(self) -> None:
            begun.set()
            may_end.wait(30)

    warming = warm_up_of(Slow())
    warming.wait()
    warming.start()
    begun.wait(30)
    assert not warming.is_done()
    may_end.set()
    warming.wait()
    assert warming.is_done()


@pytest.mark.server
def test_an_interrupt_ends_the_chat_in_silence_once_the_model_is_loaded() -> None:
    served = subprocess.Popen(
        [sys.executable, "-c", SERVE_FAKE],
        cwd=DOOR.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with served:
        assert served.stdout is not None
        assert served.stdout.readline().startswith(HERE)
        served.send_signal(signal.SIGINT)
        printed, complaints = served.communicate(timeout=60)
    assert (served.returncode, printed, complaints) == (0, "loaded\n", "")


def test_a_second_interrupt_does_not_skip_the_end() -> None:
    with closing(listen("127.0.0.1", 0)) as listener:
        server = rag.ui.server.ChatServer(
            FastAPI(), listener, warm_up_of(FakeAssistant()), False
        )
        for _ in range(2):
            server.handle_exit(signal.SIGINT, None)
    assert server.should_exit
    assert not server.force_exit


def test_the_page_says_that_the_index_has_gone() -> None:
    with TestClient(app_over(WithoutIndex()), base_url=HERE) as client:
        response = client.get("/", headers={"accept-language": "fr"})
    assert response.status_code == 200
    masthead, end, _ = response.text.partition("</header>")
    page = Page(masthead[masthead.index("<header") :] + end)
    assert f"{TEXTS['fr'].failures.index}there is no index in <here>" in page.words


def test_the_source_panel_marks_the_quote(client: TestClient) -> None:
    cited, other = WIKA_CITATIONS[0].quote, WIKA_CITATIONS[1].quote
    query = {
        "article": WIKA_ARTICLE.id,
        "quote": f"{cited.start}-{cited.end}",
        "other": f"{other.start}-{other.end}",
    }
    page = Page(client.get("/source", params=query).text)
    assert [mark.words for mark in page.of_class("cited")] == [cited.text]
    assert [mark.words for mark in page.of_class("also-cited")] == [other.text]


def test_the_source_panel_speaks_the_readers_language(client: TestClient) -> None:
    query = {"article": WIKA_ARTICLE.id, "quote": "0-1"}
    for language, texts in TEXTS.items():
        response = client.get("/source", params=query, headers={"accept-language": language})
        assert texts.source.title in response.text


def test_how_an_article_was_read_is_told_below_it(client: TestClient) -> None:
    texts = TEXTS["fr"].reading
    page = Page(client.get("/source", params={"article": BRIDGE_ARTICLE.id}).text)
    (told,) = page.of_class("reading")
    assert "1er mars 2024, donnée comme jour de publication" in told.words
    assert "navigation\u00a0: 3\u00a0mots, avis du site\u00a0: 5\u00a0mots" in told.words
    # What was left out is in no index: it is read again, once somebody wants to see it.
    found = client.get("/left_out", params={"article": BRIDGE_ARTICLE.id})
    assert found.status_code == 200
    left_out = Page(found.text)
    assert [one.words for one in left_out.all("dd")] == [one.text for one in LEFT_OUT]
    assert [one.words for one in left_out.all("dt")] == [
        texts.kinds[one.kind] for one in LEFT_OUT
    ]
    gone = client.get("/left_out", params={"article": WIKA_ARTICLE.id})
    assert Page(gone.text).words == texts.gone
    assert client.get("/left_out", params={"article": "<b>gone</b>"}).status_code == 404


def test_an_article_that_has_gone_is_said_so(client: TestClient) -> None:
    query = {"article": "<b>gone</b>", "quote": "0-1"}
    response = client.get("/source", params=query)
    assert response.status_code == 404
    assert Page(response.text).words == TEXTS["fr"].source.missing


@pytest.mark.parametrize("quote", ["", "1", "a-b", "-1-2", "0-9999999999", "1-2-3"])
def test_a_quote_that_is_no_span_is_refused_in_json(client: TestClient, quote: str) -> None:
    query = {"article": "<b>x</b>", "quote": quote}
    response = client.get("/source", params=query)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/json"


def test_filters_are_shown_as_the_server_reads_them(client: TestClient) -> None:
    response = client.get("/filters", params={"since": "2025-01-01"})
    assert response.headers["content-type"].startswith("text/html")
    assert "depuis le 1er janvier 2025" in Page(response.text).words


def test_a_filter_that_cannot_be_is_told_in_json(client: TestClient) -> None:
    query = {"since": "2025-01-02", "until": "2025-01-01"}
    response = client.get("/filters", params=query, headers={"accept-language": "en"})
    assert response.json() == {
        "field": "until",
        "message": "The end (1 January 2025) is before the beginning (2 January 2025).",
    }


def test_filters_without_an_index_are_told_so() -> None:
    with client_of(WithoutIndex()) as client:
        response = client.get("/filters")
    assert response.json() == {"field": "", "message": TEXTS["fr"].failures.index}


def test_a_page_that_is_not_gradios_is_refused() -> None:
    with pytest.raises(ValueError, match="new version"):
        dress_page("<html></html>", FakeAssistant().overview(), "fr")


@pytest.mark.server
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"GUILLEMETS_INDX": "x"}, "GUILLEMETS_INDX"),
        ({"GUILLEMETS_INDEX": "none", "GUILLEMETS_MODEL": "."}, "there is no index in none"),
        ({"GUILLEMETS_MODEL": "./no-such-model"}, "there is no model folder"),
    ],
)
def test_the_door_prints_one_line_and_leaves(
    changes: dict[str, str], said: str, tmp_path: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if name[:11] != "GUILLEMETS_"}
    done = subprocess.run(
        [sys.executable, str(DOOR)],
        cwd=tmp_path,
        env=kept | changes,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_a_name_of_this_machine_is_listened_on() -> None:
    with closing(listen("localhost", 0)) as listener:
        assert listener.family == socket.AF_INET
