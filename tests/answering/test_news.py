"""What is told of followed questions after builds: what is new, once, whatever is killed."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rag.answering.assistant import Assistant
from rag.answering.following import THIS_MACHINE, Following
from rag.answering.news import Checked, check_followed
from rag.library.build import build_folder
from rag.types import Citation, Filters
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles

ROOT = Path(__file__).parents[2]
NOON = dt.datetime(2025, 9, 2, 12, tzinfo=dt.UTC)
# Words alone: whatever a model thinks, what answers is the sentence that holds them all.
QUESTION = "pont Orge rouvrira"
READERS = [f"reader {number}" for number in range(40)]
LATE = "Le pont de l’Orge rouvrira avec deux mois de retard."
STORY = (
    "Le pont de l’Orge rouvrira dimanche aux piétons. Une fanfare jouera sur la rive. "
    "Le maire prononcera un discours devant les familles du bourg et les pompiers. "
    "Un repas sera servi sous les halles à midi, sur inscription auprès de la mairie."
)


class Desk:
    """A folder, its index, and who follows questions of it."""

    def __init__(self, tmp_path: Path) -> None:
        self.settings = settings_for(tmp_path)
        write_articles(self.settings.articles)
        self.build()
        self.following = Following(tmp_path / "followed.sqlite", lambda: NOON)
        self.encoder = CountingEncoder()
        self.assistant = Assistant(self.settings, self.encoder)

    def build(self) -> None:
        build_folder(self.settings, CountingEncoder())

    def write(self, **texts: str) -> None:
        for name, text in texts.items():
            write_article(self.settings.articles, f"{name}.txt", text)
        self.build()

    def follow(self, reader: str = THIS_MACHINE, filters: Filters = Filters()) -> int:
        with self.assistant.snapshot() as snapshot:
            return self.following.follow(
                reader,
                QUESTION,
                filters,
                snapshot.overview().generation,
                snapshot.articles.hashes_by_id,
            ).number

    def check(self) -> Checked:
        with self.assistant.snapshot() as snapshot:
            return check_followed(self.following, snapshot, clock=lambda: NOON)

    def told(self) -> list[Citation]:
        return [
            citation
            for one in reversed(self.following.news(THIS_MACHINE))
            if one.turn
            for citation in one.turn.answer.citations
        ]

    def words(self) -> list[str]:
        for one in self.told():
            whole = self.assistant.article(one.article.id).text
            assert whole[one.quote.start : one.quote.end] == one.quote.text
        return [one.quote.text for one in self.told()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_is_there_already_is_no_news_and_what_comes_is_told_once(desk: Desk) -> None:
    desk.follow()
    assert desk.check() == Checked()
    desk.write(retard=LATE, sport="Le club de Brest engage une gardienne.")
    assert desk.check() == Checked(questions=1, quotes=1)
    assert desk.words() == [LATE]
    assert desk.following.waiting(THIS_MACHINE) == 1
    # Neither a second look nor another build tells it again.
    assert desk.check() == Checked()
    desk.write(chat="Le chat dort dans la grange de Kermor.")
    assert desk.check() == Checked(questions=1, quotes=0)
    assert desk.words() == [LATE]


def test_only_what_nobody_was_asked_of_before_is_asked(desk: Desk) -> None:
    desk.follow()
    asked = len(desk.encoder.questions)
    desk.check()
    assert len(desk.encoder.questions) == asked
    (desk.settings.articles / "pont.txt").rename(desk.settings.articles / "renommé.txt")
    desk.build()
    assert desk.check() == Checked(questions=1, quotes=0)
    assert len(desk.encoder.questions) == asked


def test_a_reprint_is_no_news_but_another_figure_is(desk: Desk) -> None:
    desk.write(récit=STORY)
    desk.follow()
    desk.write(reprise=STORY.replace("dimanche aux piétons", "dimanche aux seuls piétons"))
    assert desk.check() == Checked(questions=1, quotes=0)
    desk.write(report=STORY.replace("rouvrira dimanche", "rouvrira le 27 juin"))
    desk.check()
    assert desk.words() == ["Le pont de l’Orge rouvrira le 27 juin aux piétons."]


def test_two_reprints_that_come_together_are_told_as_one(desk: Desk) -> None:
    desk.follow()
    desk.write(récit=STORY, reprise=STORY.replace("Un repas", "À Nantes, un repas"))
    desk.check()
    (told,) = desk.told()
    assert [other.article.path for other in told.also_in] == ["reprise.txt"] or (
        told.article.path == "reprise.txt"
    )


def test_of_a_changed_article_what_it_did_not_say_before_is_told(desk: Desk) -> None:
    desk.write(récit=STORY)
    desk.follow()
    desk.write(récit=f"{STORY} Les bus changent de route.")
    assert desk.check() == Checked(questions=1, quotes=0)
    desk.write(récit=STORY.replace("rouvrira dimanche", "ne rouvrira pas"))
    desk.check()
    assert desk.words() == ["Le pont de l’Orge ne rouvrira pas aux piétons."]


def test_several_articles_of_one_build_are_each_told_once(desk: Desk) -> None:
    desk.follow()
    other = "Les élus disent que le pont de l’Orge rouvrira en fanfare."
    desk.write(retard=LATE, élus=other)
    assert desk.check() == Checked(questions=1, quotes=2)
    assert sorted(desk.words()) == sorted([LATE, other])
    assert [one.number for one in desk.told()] == [1, 2]


def test_filters_and_readers_stay_apart(desk: Desk) -> None:
    desk.follow(filters=Filters(since=dt.date(2025, 1, 1)))
    desk.write(ancien=f" date 2024-03-05 Le pont\n\n{LATE}")
    desk.check()
    assert desk.words() == []
    soon = "Une fois peint, le pont de l’Orge rouvrira aux cyclistes."
    desk.write(neuf=f" date 2025-03-05 Le pont\n\n{soon}")
    desk.check()
    assert desk.words() == [soon]
    assert desk.following.news("another") == ()
    assert desk.following.remove("another", 1) is None


def test_what_is_seen_waits_no_longer_and_stays_told(desk: Desk) -> None:
    number = desk.follow()
    desk.write(retard=LATE)
    desk.check()
    (news,) = desk.following.news(THIS_MACHINE)
    desk.following.see("another", news.number)
    assert desk.following.waiting(THIS_MACHINE) == 1
    desk.following.see(THIS_MACHINE, news.number)
    assert desk.following.waiting(THIS_MACHINE) == 0
    desk.write(encore=LATE)
    desk.check()
    assert desk.words() == [LATE]
    # What is no longer followed is not asked, and comes back with what was told.
    assert desk.following.remove(THIS_MACHINE, number) is not None
    assert desk.following.questions(THIS_MACHINE) == ()
    desk.write(chat="Le chat dort.")
    assert desk.check() == Checked()
    assert desk.follow() == number
    assert desk.words() == [LATE]


def test_a_check_that_is_stopped_goes_on_with_the_questions_left(desk: Desk) -> None:
    for reader in READERS[:3]:
        desk.follow(reader)
    desk.write(retard=LATE)
    stops = iter([False, True])
    with desk.assistant.snapshot() as snapshot:
        first = check_followed(desk.following, snapshot, stopping=lambda: next(stops))
    assert first.questions == 1
    assert desk.check().questions == 2
    assert desk.check() == Checked()


KILLED = """\
import sys
from pathlib import Path

from rag.answering.assistant import Assistant
from rag.answering.following import Following
from rag.answering.news import check_followed
from tests.fakes import CountingEncoder, settings_for

following = Following(Path(sys.argv[1]) / "followed.sqlite")


class Telling(CountingEncoder):
    def embed_question(self, question):
        print(question, flush=True)
        return super().embed_question(question)


with Assistant(settings_for(Path(sys.argv[1])), Telling()).snapshot() as snapshot:
    check_followed(following, snapshot)
"""


@pytest.mark.crash
def test_a_kill_neither_loses_nor_repeats_what_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for reader in READERS:
        desk.follow(reader)
    desk.write(retard=LATE)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    ) as checking:
        assert checking.stdout is not None
        for _ in range(10):
            checking.stdout.readline()
        checking.send_signal(signal.SIGKILL)
    # The tenth was begun, so nine questions before it were noted.
    rest = desk.check()
    assert rest.questions == rest.quotes <= len(READERS) - 9
    assert [desk.following.waiting(reader) for reader in READERS] == [1] * len(READERS)
    assert desk.check() == Checked()


def test_two_checks_at_once_tell_it_once(desk: Desk) -> None:
    desk.follow()
    desk.write(retard=LATE)
    with desk.assistant.snapshot() as snapshot:

        def other_check() -> bool:
            check_followed(desk.following, snapshot)
            return False

        mine = check_followed(desk.following, snapshot, stopping=other_check)
    assert mine.quotes == 0
    assert desk.words() == [LATE]


def test_a_feed_has_a_secret_of_its_own(desk: Desk) -> None:
    mine, other = desk.following.feed_of("me"), desk.following.feed_of("other")
    assert mine != other
    assert desk.following.feed_of("me") == mine
    # 24 random bytes in base 64.
    assert len(mine) == 24 * 4 // 3
    assert desk.following.reader_of(mine) == "me"
    assert desk.following.reader_of("guessed") is None
