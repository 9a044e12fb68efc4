"""One generation an answer: what a reply shows is never of two, and is read once."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rag.answering.assistant import Assistant
from rag.answering.snapshot import Snapshot
from rag.config import Settings
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.library.build import build, build_folder
from rag.models.span_reader import PassageToRead, ReadPassage
from rag.types import Answer, Article, Filters, Reason
from tests.fakes import CountingEncoder, make_article, settings_for
from tests.switching import QUESTION, Editions, SwitchingEncoder, source_of

PATIENCE = 30
REPORT = (
    "Le pont de l’Orge rouvrira le 3 juin. Claire Morel l’a inauguré à Nantes. "
    "Les travaux du pont ont coûté vingt mille euros à la commune de Nantes."
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def build_next(settings: Settings) -> Editions:
    return Editions(settings)


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the generations that were closed."""
    names: list[str] = []
    close = Index.close

    def noting(index: Index) -> None:
        names.append(index.folder.name)
        close(index)

    monkeypatch.setattr(Index, "close", noting)
    return names


def test_a_snapshot_stays_at_its_generation(settings: Settings, build_next: Editions) -> None:
    assistant = Assistant(settings, SwitchingEncoder(build_next))
    with assistant.snapshot() as snapshot:
        before = snapshot.overview()
        answer = snapshot.ask(QUESTION)
        # Two generations further the first one's files are deleted.
        build_next()
        follow_ups = snapshot.follow_ups(answer, "fr")
        listed = snapshot.list_articles().lines
        assert snapshot.overview() == before
    assert build_next.number == 2
    assert follow_ups
    assert {one.article.path for one in answer.shown()} <= {"0/pont.txt", "0/chant.txt"}
    assert {line.path for line in listed} == {"0/pont.txt", "0/chant.txt"}
    for citation in answer.shown():
        quote = citation.quote
        assert citation.article.text[quote.start : quote.end] == quote.text
    after = assistant.overview()
    assert after.generation != before.generation
    assert after.sources == ((source_of(2), 2),)


def test_a_generation_is_closed_by_the_last_that_uses_it(
    settings: Settings, build_next: Editions, closed: list[str]
) -> None:
    assistant = Assistant(settings, CountingEncoder())
    first = assistant.overview().generation
    with contextlib.ExitStack() as one, contextlib.ExitStack() as other:
        one.enter_context(assistant.snapshot())
        snapshot = other.enter_context(assistant.snapshot())
        build_next()
        closed.clear()
        second = assistant.overview().generation
        one.close()
        assert closed == []
        assert snapshot.ask(QUESTION).hits
        other.close()
        assert closed == [first]
    # What nobody uses is closed by the next who looks.
    build_next()
    closed.clear()
    assistant.overview()
    assert closed == [second]


def test_snapshots_of_several_threads_while_generations_come_and_go(
    settings: Settings, build_next: Editions, closed: list[str]
) -> None:
    assistant = Assistant(settings, CountingEncoder())
    failures: list[BaseException] = []
    done = threading.Event()

    def keep_asking() -> None:
        try:
            while not done.is_set():
                with assistant.snapshot() as snapshot:
                    (source, _), *others = snapshot.overview().sources
                    assert others == []
                    answer = snapshot.ask(QUESTION)
                    hits = [snapshot.article(hit.passage.article_id) for hit in answer.hits]
                    shown = [one.article for one in answer.shown()]
                    assert {one.source for one in hits + shown} == {source}
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=keep_asking) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        build_next()
    done.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert failures == []
    serving = assistant.overview().generation
    # A build opens and closes what served before it, too.
    assert serving not in closed


def test_an_error_lets_a_generation_go(
    settings: Settings, build_next: Editions, closed: list[str]
) -> None:
    assistant = Assistant(settings, CountingEncoder())
    first = assistant.overview().generation
    with pytest.raises(ValueError, match="top is 0"):
        assistant.ask(QUESTION, top=0)
    build_next()
    closed.clear()
    assistant.overview()
    assert closed == [first]


class AnyReader:
    """Reads passages without finding anything."""

    def read(
        self, question: str, passages: Sequence[PassageToRead], count: int
    ) -> list[ReadPassage | None]:
        return [(None,) * len(passage.sentences) for passage in passages]


@pytest.fixture
def index(settings: Settings) -> Iterator[Index]:
    articles = [
        make_article(REPORT, "pont.txt", source="Le Courrier"),
        # A reprint, which is looked at for what the first says already.
        make_article(REPORT + " La foule a applaudi.", "pont-bis.txt", source="La Gazette"),
        make_article("Claire Morel chante à Nantes. Le pont est fermé.", "chant.txt"),
    ]
    build(article_sources(articles), settings, CountingEncoder())
    opened = Index.open_current(settings.index)
    yield opened
    opened.close()


@pytest.fixture
def read(index: Index, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each article was read."""
    times = Counter[str]()
    read_one = index.articles.read

    def counting(article_id: str) -> Article:
        times[article_id] += 1
        return read_one(article_id)

    monkeypatch.setattr(index.articles, "read", counting)
    return times


@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        "Quels articles parlent du pont ?",
        "Résume l’article sur le pont",
        "De quoi parlent les articles ?",
        "Qui préside la République de Zanzibar ?",
    ],
)
def test_an_article_is_read_once_an_answer(
    index: Index, read: Counter[str], question: str
) -> None:
    snapshot = Snapshot(index, CountingEncoder(), AnyReader(), 4)
    answer = snapshot.ask(question)
    snapshot.follow_ups(answer, "fr", filters=Filters())
    for hit in answer.hits:
        snapshot.article(hit.passage.article_id)
    assert answer.hits or answer.citations
    assert set(read.values()) == {1}


def test_what_is_read_before_is_not_read_again(index: Index, read: Counter[str]) -> None:
    snapshot = Snapshot(index, CountingEncoder(), None, 0)
    (newest, *_) = snapshot.list_articles().lines
    snapshot.article(newest.id)
    snapshot.ask(QUESTION, filters=Filters(articles=frozenset([newest.id])))
    snapshot.examples("fr")
    assert max(read.values()) == 1


def test_a_folder_that_is_built_shares_the_encoder(settings: Settings) -> None:
    settings.articles.mkdir()
    build_folder(settings, CountingEncoder())
    encoder = CountingEncoder()
    assert Assistant(settings, encoder).encoder is encoder


@pytest.fixture
def ferry(settings: Settings) -> Assistant:
    """What was written of a ferry in two months."""
    articles = [
        make_article(
            f"Le bac de Kermor {what}.",
            f"{month}.txt",
            title="Le bac",
            date=datetime.date(2025, month, 10) if month else None,
        )
        for month, what in (
            (3, "reste à quai faute de pièces"),
            (5, "repart demain avec ses passagers"),
            (None, "a plus de cent ans selon un marin"),
        )
    ]
    build(article_sources(articles), settings, CountingEncoder())
    return Assistant(settings, CountingEncoder())


def _told(answer: Answer) -> list[str]:
    return [one.article.path for one in answer.shown()]


def test_only_what_was_published_by_a_day_is_asked(ferry: Assistant) -> None:
    day = datetime.date(2025, 4, 1)
    answer = ferry.ask("bac Kermor", filters=Filters(as_of=day))
    assert (_told(answer), answer.as_of) == (["3.txt"], day)
    answer = ferry.ask("Que savait-on en mars 2025 du bac de Kermor ?")
    assert _told(answer) == ["3.txt"]
    assert answer.as_of == datetime.date(2025, 3, 31)
    assert answer.question == "Que savait-on en mars 2025 du bac de Kermor ?"
    assert answer.understood == "Que sait-on du bac de Kermor ?"
    assert _told(ferry.ask("Que savait-on le 1er juin 2025 ?")) == ["5.txt", "3.txt"]
    # The earlier of two days counts.
    both = ferry.ask("Que savait-on en mai 2025 du bac ?", filters=Filters(as_of=day))
    assert (_told(both), both.as_of) == (["3.txt"], day)
    late = ferry.ask("Que savait-on le 1er mai 2024 du bac de Kermor ?")
    assert late.abstention is not None
    assert late.abstention.reason is Reason.FILTERS_EXCLUDE_ALL
    assert late.as_of == datetime.date(2024, 5, 1)


def test_the_last_day_is_the_earlier_one() -> None:
    march, april = datetime.date(2025, 3, 1), datetime.date(2025, 4, 1)
    assert Filters().last_day is None
    assert Filters(until=march, as_of=april).last_day == march
    assert Filters(until=april, as_of=march).last_day == march
    assert Filters(as_of=march)
