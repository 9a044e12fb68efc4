"""A chat whose folder is watched: what changes in it is indexed without being asked for."""

from __future__ import annotations

import functools
import json
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import IndexWriteError
from rag.library.build import build_folder
from rag.library.build_summary import BuildSummary
from rag.library.library import Library
from rag.library.updater import LOOK_AFTER
from rag.progress import Progress
from rag.ui.texts import TEXTS
from tests.browser.serving import routes_over
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles
from tests.library.test_library import NEW
from tests.library.updating import PATIENCE, Announce, ByHand
from tests.ui.test_articles import HERE, listed, post

ROOT = Path(__file__).parents[2]
FRENCH = TEXTS["fr"]


class Chat:
    """A chat over a folder, whose updates are a test's turns."""

    def __init__(self, settings: Settings) -> None:
        encoder = CountingEncoder()
        self.assistant = Assistant(settings, encoder)
        # What a build comes to before it begins; a test has it fail there.
        self.before: Callable[[], None] = lambda: None
        self._build = functools.partial(build_folder, settings, encoder)
        self.updater = ByHand(settings, self.build)
        self.library = Library(settings, encoder, self.updater)
        self.client = TestClient(
            routes_over(self.assistant, library=self.library),  # type: ignore[arg-type]
            base_url=HERE,
            headers={"accept-language": "fr"},
        )

    def build(self, progress: Progress, announce: Announce) -> BuildSummary:
        self.before()
        return self._build(progress, announce)

    def watch(self) -> None:
        self.library.watch()
        self.updater.turn()

    def state(self) -> dict[str, Any]:
        """What the page shows, once what waits is counted."""
        state: dict[str, Any] = self.client.get("/articles/state").json()
        if not state["known"]:
            self.updater.turn()
            state = self.client.get("/articles/state").json()
        assert state["known"]
        return state


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path)
    write_articles(found.articles)
    build_folder(found, CountingEncoder())
    return found


def full() -> None:
    raise IndexWriteError("no room")


@pytest.mark.parametrize("read_only", [False, True])
def test_every_change_is_indexed_without_a_click(settings: Settings, read_only: bool) -> None:
    write_article(settings.articles, "avant.txt", "Ce texte attendait déjà.")
    chat = Chat(settings.model_copy(update={"read_only": read_only}))
    chat.watch()
    # What waited when the chat began.
    assert chat.state()["facts"].startswith("4 articles")
    write_article(settings.articles, "neuf/piscine.txt", NEW)
    chat.updater.turn_after_change()
    assert chat.state()["facts"].startswith("5 articles")
    answer = chat.assistant.ask("Quand ouvrira la piscine couverte de Beaugency ?")
    (shown, *_) = answer.shown()
    assert shown.article.path == "neuf/piscine.txt"
    (settings.articles / "neuf").rename(settings.articles / "vieux")
    chat.updater.turn_after_change()
    assert chat.state()["ended"] == 3
    with chat.assistant.snapshot() as snapshot:
        found = snapshot.list_articles("piscine")
    assert {line.path for line in found.lines} == {"vieux/piscine.txt"}
    (settings.articles / "vieux/piscine.txt").unlink()
    chat.updater.turn_after_change()
    state = chat.state()
    assert state["ended"] == 4
    assert (state["watched"], state["failing"], state["update"]) == (
        FRENCH.updating.watched,
        False,
        False,
    )
    assert chat.client.post("/articles/update").status_code == (403 if read_only else 200)


def test_without_a_watch_nothing_is_indexed_by_itself(settings: Settings) -> None:
    chat = Chat(settings)
    write_article(settings.articles, "piscine.txt", NEW)
    chat.updater.turn_after(LOOK_AFTER)
    state = chat.state()
    assert state["said"] == FRENCH.updating.waiting.format(
        parts=f"{FRENCH.updating.waiting_added}1"
    )
    assert (state["watched"], state["ended"], state["update"]) == ("", 0, True)
    # The button does it.
    assert post(chat.client, "update")["running"]
    chat.updater.turn()
    state = chat.state()
    assert (state["said"], state["ended"], state["update"]) == ("", 1, False)
    assert state["facts"].startswith("4 articles")


def test_the_watch_and_the_button_share_one_update(settings: Settings) -> None:
    chat = Chat(settings)
    states: list[dict[str, Any]] = []

    def press_the_button() -> None:
        if not states:
            write_article(settings.articles, "piscine.txt", NEW)
            states.append(post(chat.client, "update"))
        else:
            states.append(chat.state())

    chat.before = press_the_button
    chat.watch()
    assert [state["running"] for state in states] == [True, True]
    state = chat.state()
    assert (state["running"], state["ended"]) == (False, 1)
    assert state["facts"].startswith("4 articles")


def test_an_update_that_fails_is_said_and_tried_again(settings: Settings) -> None:
    chat = Chat(settings)
    chat.before = full
    chat.watch()
    state = chat.state()
    assert (state["failing"], state["said"]) == (True, FRENCH.updating.watch_failing)
    assert state["detail"] == {"words": "no room", "language": "en"}
    assert state["ended"] == 1
    # Asking and listing go on.
    assert len(listed(chat.client)) == 3
    assert chat.assistant.ask("Qui est le maire ?").hits
    write_article(settings.articles, "un.txt", NEW)
    chat.updater.turn_after_change()
    state = chat.state()
    assert f"{FRENCH.updating.waiting_added}1" in state["said"]
    assert (state["update"], state["ended"]) == (True, 1)
    chat.before = lambda: None
    write_article(settings.articles, "deux.txt", "Une crue menace la vallée.")
    chat.updater.turn_after(LOOK_AFTER)
    state = chat.state()
    assert state["facts"].startswith("5 articles")
    assert (state["ended"], state["said"], state["failing"]) == (2, "", False)


def test_a_folder_that_is_suddenly_empty_costs_no_index(settings: Settings) -> None:
    write_article(settings.articles, "avant.txt", "Ce texte attendait déjà.")
    chat = Chat(settings)
    chat.watch()
    aside = settings.articles.with_name("aside")
    settings.articles.rename(aside)
    settings.articles.mkdir()
    chat.updater.turn_after_change()
    state = chat.state()
    assert (state["failing"], state["update"]) == (True, True)
    assert "l’index contient 4 articles" in state["detail"]["words"]
    assert f"{FRENCH.updating.waiting_removed}4" in state["said"]
    assert len(listed(chat.client)) == 4
    # Who means it says so.
    post(chat.client, "update")
    chat.updater.turn()
    state = chat.state()
    assert state["facts"].startswith("Aucun article")
    assert not state["failing"]


def test_the_last_article_may_be_removed_on_the_page(settings: Settings) -> None:
    for name in ("pont.txt", "école.txt"):
        (settings.articles / name).unlink()
    chat = Chat(settings)
    chat.watch()
    assert chat.state()["facts"].startswith("1 article")
    with chat.assistant.snapshot() as snapshot:
        (line,) = snapshot.list_articles().lines
    post(chat.client, "remove", article=line.id)
    # The event of the change comes with what was asked for, or after it.
    chat.updater.turn_after_change()
    chat.updater.turn_after_change()
    state = chat.state()
    assert state["facts"].startswith("Aucun article")
    assert not state["failing"]


_SERVE = """
import sys

import rag.answering.assistant
from rag.cli import commands
from tests.fakes import CountingEncoder

Assistant = rag.answering.assistant.Assistant
Assistant.open = lambda settings, *_: Assistant(settings, CountingEncoder())
sys.exit(commands.main(["serve", "--port", "7870", "--no-browser", *sys.argv[1:]]))
"""


@pytest.mark.server
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
            # As often as a page asks; asking without end keeps the chat from its work.
            patience.wait(0.2)
        timer.cancel()
        chat.send_signal(signal.SIGINT)
        printed, complaints = chat.communicate(timeout=60)
    assert facts.startswith("4 articles")
    assert (chat.returncode, printed, complaints) == (0, "", "")
