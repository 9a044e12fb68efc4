"""What waits, the list of articles, and what a page changes in the folder."""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import ArticleError
from rag.index.article_list import ArticleLine, ArticleLines, Order, article_line, cut
from rag.ingest.folder import file_of
from rag.library.bring_files import Clash, Outcome
from rag.library.build import build_folder
from rag.library.build_summary import BuildSummary
from rag.library.folder_changes import marks_of
from rag.library.library import Library
from rag.library.pending import LastCount, Waiting, find_waiting
from rag.progress import Progress
from rag.types import Filters
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles
from tests.library.updating import PATIENCE, SUMMARY, Announce, ByHand, Scripted

NEW = "La mairie de Beaugency ouvrira une piscine couverte le 12 décembre."


def assistant_over(settings: Settings) -> Assistant:
    encoder = CountingEncoder()
    build_folder(settings, encoder)
    return Assistant(settings, encoder)


def listed(assistant: Assistant) -> tuple[ArticleLine, ...]:
    with assistant.snapshot() as snapshot:
        return snapshot.list_articles().lines


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path)
    write_articles(found.articles)
    return found


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


def test_what_waits_is_counted_once_and_anew_after_a_change(settings: Settings) -> None:
    last = LastCount(settings)
    assert last.waiting() is None
    last.count()
    assert last.waiting() == Waiting(added=3)
    write_article(settings.articles, "neuf.txt", NEW)
    assert last.waiting() is None
    last.count()
    assert last.waiting() == Waiting(added=4)
    build_folder(settings, CountingEncoder())
    assert last.waiting() is None


def by_hand(settings: Settings, encoder: CountingEncoder) -> tuple[Library, ByHand]:
    """A library whose updates are a test's turns."""
    updater = ByHand(settings, functools.partial(build_folder, settings, encoder))
    return Library(settings, encoder, updater), updater


def waiting_of(library: Library, updater: ByHand) -> Waiting | None:
    """What waits; while it is not known, asking counts it."""
    if (found := library.state().waiting) is not None:
        return found
    updater.turn()
    return library.state().waiting


def test_what_is_brought_waits_until_the_index_is_updated(settings: Settings) -> None:
    assistant = assistant_over(settings)
    library, updater = by_hand(settings, CountingEncoder())
    assert waiting_of(library, updater) == Waiting()
    brought = library.bring("piscine.txt", NEW.encode(), Clash.ASK)
    assert brought.outcome is Outcome.BROUGHT
    assert waiting_of(library, updater) == Waiting(added=1)
    assert assistant.overview().articles == 3
    library.update()
    updater.turn()
    assert waiting_of(library, updater) == Waiting()
    assert assistant.overview().articles == 4
    answer = assistant.ask("Quand ouvrira la piscine couverte de Beaugency ?")
    (shown, *_) = answer.shown()
    assert shown.article.path == "piscine.txt"
    assert shown.article.text[shown.quote.start : shown.quote.end] == shown.quote.text


def test_a_removed_article_is_gone_and_comes_back(settings: Settings) -> None:
    assistant = assistant_over(settings)
    # With the thread that it has in a chat.
    library = Library(settings, CountingEncoder())
    before = {line.id for line in listed(assistant)}
    removal = library.remove("pont.txt")
    library.wait(PATIENCE)
    assert "pont.txt" not in {line.path for line in listed(assistant)}
    library.restore(removal.token)
    library.wait(PATIENCE)
    assert {line.id for line in listed(assistant)} == before
    library.stop()


def test_what_cannot_be_removed_updates_nothing(settings: Settings) -> None:
    build = Scripted(SUMMARY)
    updater = ByHand(settings, build)
    library = Library(settings, CountingEncoder(), updater)
    for change in (library.remove, library.restore):
        with pytest.raises(ArticleError):
            change("none.txt")
    updater.turn()
    assert (library.state().ended, build.runs) == (0, 0)


def test_nothing_is_known_to_wait_during_an_update(settings: Settings) -> None:
    waiting: list[Waiting | None] = []

    def build(progress: Progress, announce: Announce) -> BuildSummary:
        waiting.append(library.state().waiting)
        return SUMMARY

    updater = ByHand(settings, build)
    library = Library(settings, CountingEncoder(), updater)
    assert waiting_of(library, updater) == Waiting(added=3)
    library.update()
    updater.turn()
    assert waiting == [None]


def line(title: str, date: str | None = None, source: str | None = None) -> ArticleLine:
    return article_line(f"id of {title}", f"{title}.txt", title, date, source, len(title))


LINES = [
    line("Été à Nice", "2024-07-01", "Le Sud"),
    line("école neuve", None, "Ouest"),
    line("Zèbres", "2023-01-02"),
    line("Nice en hiver", "2025-01-02", "ouest"),
]


def titles(search: str = "", order: Order = Order.TITLE, descending: bool = False) -> list[str]:
    return [one.title for one in ArticleLines(LINES).select(search, order, descending)]


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
    with assistant.snapshot() as snapshot:
        assert snapshot.list_articles("brest").total == 0
        found = snapshot.list_articles(order=Order.DATE, descending=True, count=2)
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


def test_an_index_inside_the_articles_holds_none(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, index=tmp_path / "seeds" / "embeddings")
    write_articles(settings.articles)
    first = build_folder(settings, CountingEncoder())
    again = build_folder(settings, CountingEncoder())
    assert (first.added, first.broken) == (3, ())
    assert (again.unchanged, again.broken, again.written) == (3, (), False)
    assert find_waiting(settings) == Waiting()
    assert len(marks_of(settings.articles, settings.index)) == 3
