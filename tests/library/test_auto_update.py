"""The chat's own watch: what changes in the folder is indexed without being asked for."""

from __future__ import annotations

import dataclasses
import json
import logging
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import rag.library.auto_update
from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import IndexWriteError
from rag.library.background_build import Rebuilding
from rag.library.build import BuildSummary, build_folder
from rag.library.library import Library
from rag.library.watch_folder import follow
from rag.progress import Progress
from rag.ui.page_texts import TEXTS
from tests.browser.serving import app_over
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles
from tests.library.test_library import NEW, PATIENCE, SUMMARY, Slow
from tests.ui.test_articles import HERE, listed, post, state_when

ROOT = Path(__file__).parents[2]
FRENCH = TEXTS["fr"]
IDLE = dataclasses.replace(SUMMARY, written=False)
Rebuild = Callable[[Progress, Callable[[str], None]], BuildSummary]


class Chat:
    """A chat over a folder that is watched."""

    def __init__(self, settings: Settings) -> None:
        self.assistant = Assistant(settings, CountingEncoder())
        self.library = Library(settings, self.assistant.rebuild)
        self.client = TestClient(
            app_over(self.assistant, library=self.library),  # type: ignore[arg-type]
            base_url=HERE,
            headers={"accept-language": "fr"},
        )

    def when_it_holds(self, articles: int) -> None:
        facts = f"{articles} article"
        state_when(self.client, lambda state: state["facts"].startswith(facts))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path)
    write_articles(found.articles)
    build_folder(found, CountingEncoder())
    return found


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[..., Chat]]:
    begun: list[Chat] = []

    def begin(rebuild: Rebuild | None = None, **changed: bool) -> Chat:
        chat = Chat(settings.model_copy(update=changed))
        begun.append(chat)
        if rebuild is not None:
            chat.library.rebuilding._rebuild = rebuild
        chat.library.keeping_up.start()
        return chat

    yield begin
    for chat in begun:
        chat.library.stop()
        assert not chat.library.keeping_up._thread.is_alive()  # type: ignore[union-attr]


@pytest.mark.parametrize("read_only", [False, True])
def test_every_change_is_indexed_without_a_click(
    start: Callable[..., Chat], settings: Settings, read_only: bool
) -> None:
    write_article(settings.articles, "avant.txt", "Ce texte attendait déjà.")
    chat = start(read_only=read_only)
    # What waited when the chat began.
    chat.when_it_holds(4)
    write_article(settings.articles, "neuf/piscine.txt", NEW)
    chat.when_it_holds(5)
    answer = chat.assistant.ask("Quand ouvrira la piscine couverte de Beaugency ?")
    (shown, *_) = answer.shown()
    assert shown.article.path == "neuf/piscine.txt"
    (settings.articles / "neuf").rename(settings.articles / "vieux")
    state_when(chat.client, lambda state: state["ended"] == 3)
    assert {line.path for line in chat.assistant.list_articles("piscine").lines} == {
        "vieux/piscine.txt"
    }
    (settings.articles / "vieux/piscine.txt").unlink()
    state = state_when(chat.client, lambda state: state["ended"] == 4)
    assert (state["watched"], state["failing"], state["update"]) == (
        FRENCH.watched,
        False,
        False,
    )
    assert chat.client.post("/articles/update").status_code == (403 if read_only else 200)


def test_without_a_watch_nothing_is_indexed_by_itself(settings: Settings) -> None:
    chat = Chat(settings)
    write_article(settings.articles, "piscine.txt", NEW)
    state = state_when(chat.client, lambda state: bool(state["said"]))
    assert (state["watched"], state["ended"], state["update"]) == ("", 0, True)
    chat.library.stop()


def test_the_watch_and_the_button_share_one_rebuild(
    start: Callable[..., Chat], settings: Settings
) -> None:
    slow = Slow()
    chat = start(slow)
    assert slow.stands.wait(PATIENCE)
    write_article(settings.articles, "piscine.txt", NEW)
    state = post(chat.client, "update")
    assert state["running"]
    assert slow.runs == 1
    slow.may_go_on.set()
    state_when(chat.client, lambda state: not state["running"])
    assert slow.runs >= 2


def test_a_build_that_fails_is_said_and_tried_again(
    start: Callable[..., Chat],
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    may_be_written = threading.Event()
    chat: Chat | None = None

    def failing(progress: Progress, announce: Callable[[str], None]) -> BuildSummary:
        assert chat is not None
        if may_be_written.is_set():
            return chat.assistant.rebuild(progress, announce)
        raise IndexWriteError("no room")

    chat = Chat(settings)
    chat.library.rebuilding._rebuild = failing
    with caplog.at_level(logging.WARNING):
        chat.library.keeping_up.start()
        try:
            state = state_when(chat.client, lambda state: state["failing"] and state["known"])
            assert state["said"] == FRENCH.watch_failing
            assert state["detail"] == {"words": "no room", "language": "en"}
            assert state["ended"] == 1
            # Asking and listing go on.
            assert len(listed(chat.client)) == 3
            assert chat.assistant.ask("Qui est le maire ?").hits
            write_article(settings.articles, "un.txt", NEW)
            waits = f"{FRENCH.waiting_added}1"
            state = state_when(chat.client, lambda state: waits in state["said"])
            assert (state["update"], state["ended"]) == (True, 1)
            may_be_written.set()
            write_article(settings.articles, "deux.txt", "Une crue menace la vallée.")
            chat.when_it_holds(5)
            state = state_when(chat.client, lambda state: state["ended"] == 2)
            assert (state["said"], state["failing"]) == ("", False)
        finally:
            chat.library.stop()
    assert [record.getMessage() for record in caplog.records] == ["no room"]


def test_a_folder_that_is_suddenly_empty_costs_no_index(
    start: Callable[..., Chat], settings: Settings
) -> None:
    write_article(settings.articles, "avant.txt", "Ce texte attendait déjà.")
    chat = start()
    # Before its first look the watch knows no folder that was not empty.
    chat.when_it_holds(4)
    aside = settings.articles.with_name("aside")
    settings.articles.rename(aside)
    settings.articles.mkdir()
    state = state_when(chat.client, lambda state: state["failing"] and state["update"])
    assert "l’index contient 4 articles" in state["detail"]["words"]
    assert f"{FRENCH.waiting_removed}4" in state["said"]
    assert len(listed(chat.client)) == 4
    # Who means it says so.
    post(chat.client, "update")
    state = state_when(chat.client, lambda state: state["facts"].startswith("Aucun article"))
    assert not state["failing"]


def test_the_last_article_may_be_removed_on_the_page(
    start: Callable[..., Chat], settings: Settings
) -> None:
    for name in ("pont.txt", "école.txt"):
        (settings.articles / name).unlink()
    chat = start()
    chat.when_it_holds(1)
    (line,) = chat.assistant.list_articles().lines
    post(chat.client, "remove", article=line.id)
    state = state_when(chat.client, lambda state: state["facts"].startswith("Aucun article"))
    assert not state["failing"]


def test_a_watch_that_breaks_begins_again(
    start: Callable[..., Chat], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks = iter([True])

    def breaking(*arguments: object) -> None:
        if next(breaks, False):
            raise OSError("the disk sleeps")
        follow(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rag.library.auto_update, "follow", breaking)
    monkeypatch.setattr(rag.library.auto_update, "_REST", 0)
    chat = start()
    write_article(settings.articles, "piscine.txt", NEW)
    state = state_when(chat.client, lambda state: state["ended"] == 1)
    assert (state["facts"][:10], state["failing"]) == ("4 articles", False)


def test_the_watch_stops_while_a_rebuild_runs(settings: Settings) -> None:
    slow = Slow()
    library = Library(settings, slow)
    library.keeping_up.start()
    assert slow.stands.wait(PATIENCE)
    library.keeping_up.stop()
    assert library.rebuilding.state().running
    slow.may_go_on.set()
    library.stop()
    assert not library.rebuilding.state().running


def ended(rebuilding: Rebuilding, *, is_retry: bool = False) -> int:
    rebuilding.begin(is_retry=is_retry)
    rebuilding.wait(PATIENCE)
    return rebuilding.state().ended


def test_a_rebuild_that_has_nothing_to_tell_is_not_counted() -> None:
    outcomes: Iterator[BuildSummary | str] = iter(
        [SUMMARY, IDLE, "no room", "no room", "no room", "no key", IDLE, IDLE]
    )

    def rebuild(progress: Progress, announce: Callable[[str], None]) -> BuildSummary:
        outcome = next(outcomes)
        if isinstance(outcome, str):
            raise IndexWriteError(outcome)
        return outcome

    rebuilding = Rebuilding(rebuild)
    assert [ended(rebuilding), ended(rebuilding)] == [1, 1]
    assert rebuilding.state().summary == SUMMARY
    assert [ended(rebuilding), ended(rebuilding)] == [2, 3]
    assert [ended(rebuilding, is_retry=True), ended(rebuilding, is_retry=True)] == [3, 4]
    assert rebuilding.state().error == "no key"
    assert [ended(rebuilding), ended(rebuilding)] == [5, 5]
    assert (rebuilding.state().error, rebuilding.state().summary) == ("", IDLE)


_SERVE = """
import sys

import rag.answering.assistant
from rag.cli import commands as cli
from tests.fakes import CountingEncoder

Assistant = rag.answering.assistant.Assistant
Assistant.open = lambda settings, *_: Assistant(settings, CountingEncoder())
sys.exit(cli.main(["serve", "--port", "7870", "--no-browser", *sys.argv[1:]]))
"""


def test_a_chat_that_is_served_watches_and_ends_in_silence(settings: Settings) -> None:
    folders = ["--articles", str(settings.articles), "--index", str(settings.index)]
    chat = subprocess.Popen(
        [sys.executable, "-c", _SERVE, *folders],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with chat:
        assert chat.stdout is not None
        address = chat.stdout.readline().strip()
        write_article(settings.articles, "piscine.txt", NEW)
        facts = ""
        patience = threading.Event()
        timer = threading.Timer(PATIENCE, patience.set)
        timer.start()
        while not facts.startswith("4 articles") and not patience.is_set():
            with urllib.request.urlopen(f"{address}/articles/state") as response:
                facts = json.load(response)["facts"]
        timer.cancel()
        chat.send_signal(signal.SIGINT)
        printed, complaints = chat.communicate(timeout=60)
    assert facts.startswith("4 articles")
    assert (chat.returncode, printed, complaints) == (0, "", "")
