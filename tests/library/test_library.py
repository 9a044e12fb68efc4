"""What waits, the list of articles, and rebuilds in the background."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import ArticleError, ModelError
from rag.index.article_list import ArticleLine, Order, article_line, cut, select_lines
from rag.ingest.folder import file_of
from rag.library.background_build import Rebuilding
from rag.library.bring_files import Clash, Outcome
from rag.library.build import BuildSummary, build_folder
from rag.library.library import Library
from rag.library.pending_changes import Waiting, find_waiting, marks_of
from rag.progress import Progress
from rag.types import Filters
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles

PATIENCE = 30
SUMMARY = BuildSummary(1, 2, 3, 4, (), 8, 9, 5, 4, 9, "one", True, 0.5)
NEW = "La mairie de Beaugency ouvrira une piscine couverte le 12 décembre."
Announce = Callable[[str], None]


class Slow:
    """A rebuild that stands still where a test wants it to."""

    def __init__(self) -> None:
        self.stands = threading.Event()
        self.may_go_on = threading.Event()
        self.runs = 0

    def __call__(self, progress: Progress, announce: Announce) -> BuildSummary:
        self.runs += 1
        announce("another build is writing")
        progress.start("articles", 2)
        progress.advance(2)
        progress.start("texts to embed", 12)
        progress.advance(3)
        self.stands.set()
        assert self.may_go_on.wait(PATIENCE)
        progress.advance(9)
        return SUMMARY


def assistant_over(settings: Settings) -> Assistant:
    encoder = CountingEncoder()
    build_folder(settings, encoder)
    return Assistant(settings, encoder)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path)
    write_articles(found.articles)
    return found


def test_progress_is_told_with_the_time_left() -> None:
    slow, seconds = Slow(), iter([0.0, 100.0, 106.0, 200.0])
    rebuilding = Rebuilding(slow, clock=lambda: next(seconds))
    rebuilding.begin()
    assert slow.stands.wait(PATIENCE)
    state = rebuilding.state()
    assert (state.running, state.step, state.done, state.total) == (
        True,
        "texts to embed",
        3,
        12,
    )
    # 3 of 12 took 6 seconds.
    assert state.seconds_left == 6.0 * 9 / 3
    assert state.note == "another build is writing"
    slow.may_go_on.set()
    rebuilding.wait(PATIENCE)
    state = rebuilding.state()
    assert (state.running, state.ended, state.summary, state.error) == (False, 1, SUMMARY, "")


def test_what_is_asked_for_during_a_rebuild_follows_it_once() -> None:
    slow = Slow()
    rebuilding = Rebuilding(slow)
    rebuilding.begin()
    assert slow.stands.wait(PATIENCE)
    for _ in range(3):
        rebuilding.begin()
    slow.may_go_on.set()
    rebuilding.wait(PATIENCE)
    assert slow.runs == 2
    state = rebuilding.state()
    assert state.summary is not None
    assert (state.summary.added, state.summary.changed, state.summary.removed) == (2, 4, 6)
    rebuilding.begin()
    rebuilding.wait(PATIENCE)
    assert (slow.runs, rebuilding.state().ended) == (3, 2)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModelError("model x cannot be loaded"), "model x cannot be loaded"),
        (KeyError("secret"), "the index could not be rebuilt (KeyError)"),
    ],
)
def test_a_rebuild_that_fails_says_so_and_the_next_may_run(error: Exception, said: str) -> None:
    def failing(progress: Progress, announce: Announce) -> BuildSummary:
        raise error

    rebuilding = Rebuilding(failing)
    for count in (1, 2):
        rebuilding.begin()
        rebuilding.wait(PATIENCE)
        state = rebuilding.state()
        assert (state.running, state.ended, state.error) == (False, count, said)
        assert state.summary is None


def test_a_rebuild_is_stopped_between_two_units() -> None:
    slow = Slow()
    rebuilding = Rebuilding(slow)
    rebuilding.begin()
    assert slow.stands.wait(PATIENCE)
    rebuilding.begin()
    stopping = threading.Thread(target=rebuilding.stop)
    stopping.start()
    assert rebuilding._stopping.wait(PATIENCE)
    slow.may_go_on.set()
    stopping.join(PATIENCE)
    state = rebuilding.state()
    assert (slow.runs, state.running, state.summary, state.error) == (1, False, None, "")
    rebuilding.begin()
    assert not rebuilding.state().running


def test_a_rebuild_that_waits_for_another_is_not_waited_for() -> None:
    waits, may_go_on = threading.Event(), threading.Event()

    def waiting(progress: Progress, announce: Announce) -> BuildSummary:
        waits.set()
        assert may_go_on.wait(PATIENCE)
        progress.start("articles", 1)
        return SUMMARY

    rebuilding = Rebuilding(waiting)
    rebuilding.begin()
    assert waits.wait(PATIENCE)
    rebuilding.stop()
    assert rebuilding.state().running
    may_go_on.set()
    rebuilding.wait(PATIENCE)
    assert rebuilding.state().summary is None


def test_a_stopped_rebuild_keeps_what_it_embedded(settings: Settings) -> None:
    encoder = CountingEncoder()
    embedded = threading.Event()

    class StopsAfterTheFirstTexts(Rebuilding):
        def advance(self, count: int) -> None:
            if encoder.passages:
                embedded.set()
                self._stopping.set()
            super().advance(count)

    def rebuild(progress: Progress, announce: Announce) -> BuildSummary:
        return build_folder(settings, encoder, progress, announce)

    rebuilding = StopsAfterTheFirstTexts(rebuild)
    rebuilding.begin()
    rebuilding.wait(PATIENCE)
    assert embedded.is_set()
    assert rebuilding.state().summary is None
    texts = len(encoder.passages)
    build_folder(settings, encoder)
    assert len(encoder.passages) == len(set(encoder.passages)) >= texts > 0


def test_waiting_counts_what_the_index_does_not_know(settings: Settings) -> None:
    assert find_waiting(settings) == Waiting(added=3)
    write_article(settings.articles, "vide.txt", "")
    build_folder(settings, CountingEncoder())
    assert find_waiting(settings) == Waiting()
    assert not Waiting()
    write_article(settings.articles, "pont.txt", "Le pont est fermé.")
    write_article(settings.articles, "vide.txt", "Il n’est plus vide.")
    write_article(settings.articles, "sport/neuf.txt", NEW)
    (settings.articles / "école.txt").unlink()
    assert find_waiting(settings) == Waiting(added=1, changed=2, removed=1)
    build_folder(settings, CountingEncoder())
    assert find_waiting(settings) == Waiting()


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("a.txt", "a.txt"),
        ("a.txt#1", "a.txt#1"),
        ("archive.zip/in/a.txt", "archive.zip"),
        ("archive.zip/flux.rss#41", "archive.zip"),
        ("in/flux.rss#41", "in/flux.rss"),
        ("in/other.txt", None),
        ("archive.zi", None),
    ],
)
def test_an_article_belongs_to_the_file_that_holds_it(path: str, file: str | None) -> None:
    assert file_of(path, {"a.txt", "a.txt#1", "archive.zip", "in/flux.rss"}) == file


def test_without_a_folder_everything_is_gone(settings: Settings) -> None:
    build_folder(settings, CountingEncoder())
    settings.articles.rename(settings.articles.with_name("elsewhere"))
    assert find_waiting(settings) == Waiting(removed=3)


def test_marks_change_with_the_files_and_not_with_what_is_hidden(settings: Settings) -> None:
    before = marks_of(settings.articles)
    assert len(before) == 3
    write_article(settings.articles, ".trash/x/pont.txt", "Le pont.")
    assert marks_of(settings.articles) == before
    write_article(settings.articles, "pont.txt", "Le pont.")
    assert marks_of(settings.articles) != before


def waiting_of(library: Library) -> Waiting:
    """What waits, once the library knows."""
    while (found := library.waiting()) is None:
        # The look ends before the lock is free.
        with library._looking:
            pass
    return found


def test_what_is_brought_waits_until_the_index_is_rebuilt(settings: Settings) -> None:
    assistant = assistant_over(settings)
    library = Library(settings, assistant.rebuild)
    assert waiting_of(library) == Waiting()
    brought = library.bring("piscine.txt", NEW.encode(), Clash.ASK)
    assert brought.outcome is Outcome.BROUGHT
    assert waiting_of(library) == Waiting(added=1)
    assert assistant.overview().articles == 3
    library.rebuilding.begin()
    library.rebuilding.wait(PATIENCE)
    assert waiting_of(library) == Waiting()
    assert assistant.overview().articles == 4
    answer = assistant.ask("Quand ouvrira la piscine couverte de Beaugency ?")
    (shown, *_) = answer.shown()
    assert shown.article.path == "piscine.txt"
    assert shown.article.text[shown.quote.start : shown.quote.end] == shown.quote.text


def test_a_removed_article_is_gone_and_comes_back(settings: Settings) -> None:
    assistant = assistant_over(settings)
    library = Library(settings, assistant.rebuild)
    before = {line.id for line in assistant.list_articles().lines}
    removal = library.remove("pont.txt")
    library.rebuilding.wait(PATIENCE)
    assert "pont.txt" not in {line.path for line in assistant.list_articles().lines}
    library.restore(removal.token)
    library.rebuilding.wait(PATIENCE)
    assert {line.id for line in assistant.list_articles().lines} == before


def test_what_cannot_be_removed_rebuilds_nothing(settings: Settings) -> None:
    library = Library(settings, Slow())
    for change in (library.remove, library.restore):
        with pytest.raises(ArticleError):
            change("none.txt")
    assert library.rebuilding.state().ended == 0


def test_nothing_is_known_to_wait_during_a_rebuild(settings: Settings) -> None:
    slow = Slow()
    library = Library(settings, slow)
    library.rebuilding.begin()
    assert slow.stands.wait(PATIENCE)
    assert library.waiting() is None
    slow.may_go_on.set()
    library.rebuilding.wait(PATIENCE)


def line(title: str, date: str | None = None, source: str | None = None) -> ArticleLine:
    return article_line(f"id of {title}", f"{title}.txt", title, date, source, len(title))


LINES = [
    line("Été à Nice", "2024-07-01", "Le Sud"),
    line("école neuve", None, "Ouest"),
    line("Zèbres", "2023-01-02"),
    line("Nice en hiver", "2025-01-02", "ouest"),
]


def titles(search: str = "", order: Order = Order.TITLE, descending: bool = False) -> list[str]:
    return [one.title for one in select_lines(LINES, search, order, descending)]


def test_a_list_is_sorted_without_regard_to_accents() -> None:
    assert titles() == ["école neuve", "Été à Nice", "Nice en hiver", "Zèbres"]
    assert titles(descending=True) == titles()[::-1]
    assert titles(order=Order.LENGTH)[0] == "Zèbres"


def test_what_is_not_known_comes_last_either_way() -> None:
    assert titles(order=Order.DATE) == ["Zèbres", "Été à Nice", "Nice en hiver", "école neuve"]
    assert titles(order=Order.DATE, descending=True)[-1] == "école neuve"
    assert [titles(order=Order.SOURCE, descending=way)[-1] for way in (True, False)] == [
        "Zèbres"
    ] * 2


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", 4),
        ("ETE", 1),
        ("nice", 2),
        ("nice OUEST", 1),
        ("ouest", 2),
        ("cole", 1),
        ("%", 0),
        ("'; DROP TABLE articles; --", 0),
    ],
)
def test_a_list_is_searched_by_parts_of_words(search: str, found: int) -> None:
    assert len(titles(search)) == found


@given(st.integers(-5, 300), st.integers(1, 60), st.integers(0, 130))
def test_a_page_is_a_run_of_the_list(first: int, count: int, total: int) -> None:
    lines = [line(str(number)) for number in range(total)]
    page = cut(lines, first, count)
    assert page.total == total
    assert list(page.lines) == lines[page.first : page.first + count]
    assert bool(page.lines) == bool(total)


def test_an_index_lists_its_articles_and_answers_from_one(settings: Settings) -> None:
    assistant = assistant_over(settings)
    found = assistant.list_articles("brest")
    assert found.total == 0
    found = assistant.list_articles(order=Order.DATE, descending=True, count=2)
    assert (found.total, [one.path for one in found.lines]) == (3, ["pont.txt", "école.txt"])
    first = found.lines[0]
    article = assistant.article(first.id)
    assert (first.title, first.date, first.length) == (
        article.title,
        dt.date(2024, 3, 1),
        len(article.text),
    )
    answer = assistant.ask(
        "Qui est le maire ?", filters=Filters(articles=frozenset([first.id]))
    )
    assert {one.article.id for one in answer.shown()} == {first.id}
