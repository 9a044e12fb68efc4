"""Kept conversations: what is read back, deleted and judged, and by whom."""

from __future__ import annotations

import datetime as dt
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from rag.answering.conversation_store import UNDO_SECONDS, Keeping
from rag.answering.conversations import Turn, Verdict
from rag.errors import KeepingError
from rag.types import Article, Filters
from rag.ui.answer_message import render_answer
from rag.ui.texts import TEXTS
from tests.answering.conftest import Clock
from tests.answering.turns import NOON, any_turns, turn_of
from tests.browser.fake_assistant import (
    AUSTRALIA,
    BOTH,
    BRIDGE,
    TRAP,
    WIKA,
    WIKA_ARTICLE,
    WIKA_CITATIONS,
)
from tests.examples import examples

ME, OTHER = "me", "another"


def questions(keeping: Keeping, conversation: str, reader: str = ME) -> list[str]:
    return [kept.question for kept in keeping.turns(reader, conversation)]


def listed(keeping: Keeping, reader: str = ME) -> list[str]:
    return [one.id for one in keeping.conversations(reader)]


def without_texts(turn: Turn) -> Turn:
    """A turn whose articles hold no words, to compare the rest."""

    def emptied(article: Article) -> Article:
        return replace(article, text="")

    answer = turn.answer
    if answer.abstention is not None:
        nearest = tuple(
            replace(one, article=emptied(one.article)) for one in answer.abstention.nearest
        )
        answer = replace(answer, abstention=replace(answer.abstention, nearest=nearest))
    citations = tuple(replace(one, article=emptied(one.article)) for one in answer.citations)
    overview = replace(turn.overview, languages=(), sources=(), broken=())
    return replace(turn, answer=replace(answer, citations=citations), overview=overview)


@given(turn=any_turns())
@settings(max_examples=examples(3 / 5))
def test_a_turn_is_read_back_as_it_was(
    turn: Turn, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keeping = Keeping(tmp_path_factory.mktemp("kept") / "kept.sqlite")
    number = keeping.keep(ME, "one", turn)
    (kept,) = keeping.turns(ME, "one")
    assert (kept.number, kept.question, dict(kept.verdicts)) == (
        number,
        turn.answer.question,
        {},
    )
    assert kept.turn is not None
    assert without_texts(kept.turn) == without_texts(turn)
    for citation in kept.turn.answer.shown():
        quote, context = citation.quote, citation.quote.context
        assert citation.article.text[quote.start : quote.end] == quote.text
        if context is not None:
            assert citation.article.text[context.start : context.end] == context.text
    for language in TEXTS:
        shown, before = (
            render_answer(one.answer, one.overview, one.titles, language, one.filters, {})
            for one in (kept.turn, turn)
        )
        assert shown == before


def test_only_the_words_that_were_quoted_are_kept(keeping: Keeping) -> None:
    keeping.keep(ME, "one", turn_of(WIKA))
    (kept,) = keeping.turns(ME, "one")
    assert kept.turn is not None
    cited = kept.turn.answer.citations[1]
    assert cited.article.text.split() == cited.quote.text.split()
    assert len(WIKA_ARTICLE.text) > cited.quote.end == len(cited.article.text)


def test_conversations_are_listed_with_the_last_asked_in_first(keeping: Keeping) -> None:
    keeping.keep(ME, "one", turn_of(WIKA))
    keeping.keep(ME, "two", turn_of(BOTH))
    keeping.keep(ME, "one", replace(turn_of(AUSTRALIA), asked_at=NOON + dt.timedelta(days=1)))
    first, second = keeping.conversations(ME)
    assert (first.id, first.first_question, first.questions) == ("one", WIKA, 2)
    assert first.last_asked_at == NOON + dt.timedelta(days=1)
    assert (second.id, second.first_question, second.questions) == ("two", BOTH, 1)
    assert questions(keeping, "one") == [WIKA, AUSTRALIA]


def test_nothing_is_made_by_reading(keeping: Keeping, file: Path) -> None:
    assert listed(keeping) == questions(keeping, "one") == []
    assert keeping.feedback() == ()
    assert not file.parent.exists()


def test_the_file_is_for_nobody_else_on_the_machine(keeping: Keeping, file: Path) -> None:
    keeping.keep(ME, "one", turn_of(WIKA))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_nobody_sees_or_changes_what_another_keeps(keeping: Keeping) -> None:
    number = keeping.keep(ME, "one", turn_of(WIKA))
    with pytest.raises(KeepingError, match="another reader"):
        keeping.keep(OTHER, "one", turn_of(BOTH))
    assert listed(keeping, OTHER) == questions(keeping, "one", OTHER) == []
    assert not keeping.delete(OTHER, "one")
    assert not keeping.judge(OTHER, number, 1, Verdict.GOOD)
    keeping.clear(OTHER)
    assert keeping.delete(ME, "one")
    assert not keeping.restore(OTHER, "one")
    with pytest.raises(KeepingError, match="another reader"):
        keeping.keep(OTHER, "one", turn_of(BOTH))
    assert keeping.restore(ME, "one")
    assert questions(keeping, "one") == [WIKA]


def test_what_was_deleted_comes_back_for_a_while(keeping: Keeping, clock: Clock) -> None:
    keeping.keep(ME, "one", turn_of(WIKA))
    assert not keeping.restore(ME, "one")
    assert keeping.delete(ME, "one")
    assert not keeping.delete(ME, "one")
    assert listed(keeping) == questions(keeping, "one") == []
    clock.pass_by(UNDO_SECONDS)
    assert keeping.restore(ME, "one")
    assert questions(keeping, "one") == [WIKA]
    keeping.delete(ME, "one")
    clock.pass_by(UNDO_SECONDS + 1)
    assert not keeping.restore(ME, "one")


def test_a_deleted_conversation_is_not_gone_on_with(keeping: Keeping) -> None:
    first = keeping.keep(ME, "one", turn_of(WIKA))
    keeping.delete(ME, "one")
    second = keeping.keep(ME, "one", turn_of(BOTH))
    assert second > first
    assert questions(keeping, "one") == [BOTH]
    assert not keeping.judge(ME, first, 1, Verdict.GOOD)


def test_what_is_cleared_leaves_no_trace_in_the_file(keeping: Keeping, file: Path) -> None:
    for conversation in ("one", "two"):
        keeping.keep(ME, conversation, turn_of(WIKA))
    keeping.keep(OTHER, "three", turn_of(BOTH))
    assert WIKA.encode() in file.read_bytes()
    keeping.clear(ME)
    assert listed(keeping) == []
    assert listed(keeping, OTHER) == ["three"]
    assert WIKA.encode() not in file.read_bytes()
    assert BOTH.encode() in file.read_bytes()


def test_a_verdict_holds_what_a_gold_question_needs(keeping: Keeping, clock: Clock) -> None:
    quote = replace(WIKA_CITATIONS[1].quote, answer=WIKA_CITATIONS[1].quote.highlights[0])
    turn = turn_of(WIKA)
    cited = (turn.answer.citations[0], replace(turn.answer.citations[1], quote=quote))
    turn = replace(turn, answer=replace(turn.answer, citations=cited, understood="Qui ?"))
    number = keeping.keep(ME, "one", turn)
    assert keeping.judge(ME, number, 2, Verdict.DOES_NOT_ANSWER)
    clock.pass_by(1)
    assert keeping.judge(ME, number, 2, Verdict.GOOD)
    assert keeping.judge(ME, number, 1, Verdict.WRONG)
    (kept,) = keeping.turns(ME, "one")
    assert kept.verdicts == {1: Verdict.WRONG, 2: Verdict.GOOD}
    _, given = keeping.feedback()
    assert (given.turn, given.citation, given.verdict) == (number, 2, Verdict.GOOD)
    assert (given.question, given.language, given.quotes) == ("Qui ?", "fr", 2)
    assert (given.path, given.generation) == (WIKA_ARTICLE.path, "fake")
    assert WIKA_ARTICLE.text[given.start : given.end] == given.text == quote.text
    assert given.marked == "Kasper – ou Grok"
    assert given.given_at == NOON + dt.timedelta(seconds=1)


def test_a_verdict_is_taken_back(keeping: Keeping) -> None:
    number = keeping.keep(ME, "one", turn_of(WIKA))
    keeping.judge(ME, number, 1, Verdict.GOOD)
    assert keeping.judge(ME, number, 1, None)
    assert keeping.feedback() == ()
    assert keeping.turns(ME, "one")[0].verdicts == {}


def test_what_was_not_shown_cannot_be_judged(keeping: Keeping) -> None:
    number = keeping.keep(ME, "one", turn_of(AUSTRALIA))
    assert keeping.judge(ME, number, 1, Verdict.GOOD)
    assert not keeping.judge(ME, number, 2, Verdict.GOOD)
    assert not keeping.judge(ME, number + 1, 1, Verdict.GOOD)
    assert len(keeping.feedback()) == 1


def test_a_verdict_outlives_its_conversation(keeping: Keeping) -> None:
    number = keeping.keep(ME, "one", turn_of(WIKA))
    keeping.judge(ME, number, 1, Verdict.GOOD)
    keeping.clear(ME)
    assert keeping.keep(ME, "one", turn_of(BRIDGE)) > number
    assert [given.question for given in keeping.feedback()] == [WIKA]
    assert keeping.turns(ME, "one")[0].verdicts == {}


def test_several_write_at_once(keeping: Keeping) -> None:
    with ThreadPoolExecutor(4) as threads:
        numbers = list(threads.map(lambda _: keeping.keep(ME, "one", turn_of(WIKA)), range(12)))
    assert sorted(numbers) == [one.number for one in keeping.turns(ME, "one")]
    assert len(set(numbers)) == 12


def test_a_turn_that_cannot_be_read_hides_no_other(keeping: Keeping, file: Path) -> None:
    for question in (WIKA, BOTH):
        keeping.keep(ME, "one", turn_of(question))
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE turns SET content = '{\"answer\": 1}' WHERE number = 1")
    first, second = keeping.turns(ME, "one")
    assert (first.question, first.turn) == (WIKA, None)
    assert second.turn is not None
    assert not keeping.judge(ME, 1, 1, Verdict.GOOD)


def test_hostile_texts_are_kept(keeping: Keeping) -> None:
    question = f"{TRAP} '; DROP TABLE turns; -- \0 \N{RIGHT-TO-LEFT OVERRIDE}"
    turn = turn_of(TRAP, Filters(sources=frozenset({"<b>"})))
    keeping.keep(ME, "one", replace(turn, answer=replace(turn.answer, question=question)))
    assert questions(keeping, "one") == [question]
    with pytest.raises(KeepingError, match="no text"):
        keeping.keep(ME, "one", replace(turn, answer=replace(turn.answer, question="\ud800")))
