"""What readers said, as draft gold questions that the evaluation reads."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering.conversations import Feedback, Verdict
from rag.errors import EvaluationError
from rag.evaluation import draft_questions, drafts_text, read_gold, write_drafts

GOOD, OFF, WRONG = Verdict.GOOD, Verdict.DOES_NOT_ANSWER, Verdict.WRONG
NOON = dt.datetime(2025, 9, 2, 12, tzinfo=dt.UTC)


def said(
    verdict: Verdict,
    citation: int = 1,
    *,
    turn: int = 1,
    question: str = "Qui ?",
    path: str = "a.txt",
    text: str = "C’est Kasper.",
    marked: str = "",
    quotes: int = 2,
    language: str = "fr",
) -> Feedback:
    return Feedback(
        turn=turn,
        citation=citation,
        verdict=verdict,
        question=question,
        language=language,
        path=path,
        start=0,
        end=len(text),
        text=text,
        marked=marked,
        quotes=quotes,
        generation="one",
        given_at=NOON,
    )


def test_a_good_quote_makes_an_answerable_question() -> None:
    drafts = draft_questions([said(GOOD, marked="Kasper"), said(OFF, 2)])
    (question,) = drafts.questions
    assert (question.id, question.question, question.language) == ("feedback-1", "Qui ?", "fr")
    assert question.answerable
    assert (question.answers, question.article) == (("Kasper",), "a.txt")
    assert drafts.unclear == 0


def test_a_quote_without_marked_words_is_the_answer_itself() -> None:
    for marked in ("", " ", "!"):
        (question,) = draft_questions([said(GOOD, marked=marked)]).questions
        assert question.answers == ("C’est Kasper.",)


def test_good_quotes_of_several_articles_name_none() -> None:
    feedback = [said(GOOD, text="Un."), said(GOOD, 2, path="b.txt", text="Deux.")]
    (question,) = draft_questions(feedback).questions
    assert (question.answers, question.article) == (("Un.", "Deux."), None)


def test_quotes_of_which_none_answers_make_a_question_to_check() -> None:
    (question,) = draft_questions([said(OFF), said(WRONG, 2)]).questions
    assert (question.answerable, question.answers, question.article) == (False, (), None)


def test_a_question_that_was_judged_in_part_is_left_out() -> None:
    drafts = draft_questions([said(OFF), said(OFF, turn=2)])
    assert (drafts.questions, drafts.unclear) == ((), 1)


def test_what_several_said_of_a_question_is_one_draft() -> None:
    feedback = [
        said(OFF, 1, turn=1),
        said(OFF, 2, turn=1),
        said(GOOD, 1, turn=5, question=" QUI  ?", text="Lui."),
        said(GOOD, 1, turn=6, text="Lui."),
        said(GOOD, 1, turn=7, language="en"),
    ]
    french, english = draft_questions(feedback).questions
    assert (french.id, french.answerable, french.answers) == ("feedback-1", True, ("Lui.",))
    assert (english.id, english.language) == ("feedback-7", "en")


def test_every_line_says_what_to_check() -> None:
    drafts = draft_questions([said(GOOD), said(OFF, turn=2, question="Quand ?", quotes=1)])
    lines = [json.loads(line) for line in drafts_text(drafts).splitlines()]
    assert ["check" in line and "?" in line["check"] for line in lines] == [True, True]
    assert [line["answerable"] for line in lines] == [True, False]


_said = st.builds(
    said,
    st.sampled_from(Verdict),
    st.integers(1, 3),
    turn=st.integers(1, 4),
    question=st.text(min_size=1).filter(str.strip),
    path=st.text(min_size=1),
    text=st.text(),
    marked=st.text(),
    quotes=st.integers(1, 3),
    language=st.sampled_from(["fr", "en"]),
)


@given(feedback=st.lists(_said, max_size=6, unique_by=lambda one: (one.turn, one.citation)))
@settings(deadline=None)
def test_drafts_are_read_as_gold_questions(
    feedback: list[Feedback], tmp_path_factory: pytest.TempPathFactory
) -> None:
    # An answer was to one question.
    asked = {one.turn: one.question for one in feedback}
    feedback = [said_of(one, asked[one.turn]) for one in feedback]
    drafts = draft_questions(sorted(feedback, key=lambda one: (one.turn, one.citation)))
    if drafts.questions:
        file = tmp_path_factory.mktemp("drafts") / "gold.jsonl"
        write_drafts(drafts, file)
        read = read_gold(file)
        assert [(one.id, one.answerable) for one in read] == [
            (one.id, one.answerable) for one in drafts.questions
        ]
        assert [one.question for one in read] == [one.question for one in drafts.questions]


def said_of(one: Feedback, question: str) -> Feedback:
    return said(
        one.verdict,
        one.citation,
        turn=one.turn,
        question=question,
        path=one.path,
        text=one.text,
        marked=one.marked,
        quotes=one.quotes,
    )


def test_drafts_that_were_worked_on_are_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text("worked on", encoding="utf-8")
    with pytest.raises(EvaluationError, match="name another file"):
        write_drafts(draft_questions([said(GOOD)]), file)
    assert file.read_text(encoding="utf-8") == "worked on"
    with pytest.raises(EvaluationError, match="cannot be written"):
        write_drafts(draft_questions([said(GOOD)]), tmp_path / "none" / "gold.jsonl")
