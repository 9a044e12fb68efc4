from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.answering.answer_texts import list_question
from rag.answering.assistant import Assistant
from rag.answering.snapshot import Snapshot
from rag.answering.suggest import example_questions
from rag.ingest.folder import article_sources
from rag.language.wishes import subject_of_list, wish_of
from rag.library.build import build
from rag.types import Answer, Article, Citation, Filters, Quote, Wish
from tests.fakes import CountingEncoder, make_article, settings_for

BRIDGE = make_article(
    "Le pont de pierre rouvre demain, annonce Claire Morel. "
    "Hier encore, Claire Morel inspectait le chantier avec Paul Dupont. "
    "Selon la mairie de Nantes, tout est prêt.",
    "pont.txt",
    source="Le Courrier",
)
SCHOOL = make_article(
    "La rentrée a lieu lundi à Nantes. Les élèves de Nantes sont cent vingt.",
    "école.txt",
    source="La Gazette",
)


def assistant_over(tmp_path: Path, encoder: CountingEncoder) -> Assistant:
    settings = settings_for(tmp_path, passage_tokens=200)
    build(article_sources([BRIDGE, SCHOOL]), settings, encoder)
    return Assistant(settings, encoder)


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[Snapshot]:
    with assistant_over(tmp_path, CountingEncoder()).snapshot() as opened:
        yield opened


def answered(question: str, article: Article, words: str, wish: Wish = Wish.ANSWER) -> Answer:
    start = article.text.index(words)
    end = start + len(words)
    quote = Quote(article.id, words, start, end, 0, len(article.text), 1.0)
    return Answer(question, "fr", (Citation(1, quote, article),), None, 1.0, wish=wish)


OPENS = answered("Quand rouvre le pont ?", BRIDGE, "Le pont de pierre rouvre demain")


def test_names_near_the_quote_that_the_articles_say_more_on(snapshot: Snapshot) -> None:
    assert snapshot.follow_ups(OPENS, "fr") == (
        "Que dit Claire Morel\u202f?",
        "Que sait-on de Nantes\u202f?",
        "Quels articles parlent de Nantes\u202f?",
    )
    assert snapshot.follow_ups(OPENS, "en")[0] == "What does Claire Morel say?"


def test_nothing_is_embedded_for_them(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    with assistant_over(tmp_path, encoder).snapshot() as snapshot:
        before = list(encoder.questions)
        assert snapshot.follow_ups(OPENS, "fr")
    assert encoder.questions == before


def test_a_question_that_was_asked_is_not_offered_again(snapshot: Snapshot) -> None:
    asked = ["que dit claire morel", "Quels articles parlent de Nantes ?"]
    assert snapshot.follow_ups(OPENS, "fr", asked=asked) == (
        "Que sait-on de Nantes\u202f?",
        "Que sait-on de Paul Dupont\u202f?",
    )


def test_what_the_question_is_about_is_not_offered(snapshot: Snapshot) -> None:
    answer = answered("Que fait Morel à Nantes ?", BRIDGE, "Le pont de pierre rouvre demain")
    assert snapshot.follow_ups(answer, "fr") == ("Que sait-on de Paul Dupont\u202f?",)


def test_a_name_that_stands_in_the_quote_alone_is_not_offered(snapshot: Snapshot) -> None:
    quoted = "Hier encore, Claire Morel inspectait le chantier avec Paul Dupont."
    offered = snapshot.follow_ups(answered("Qui inspecte ?", BRIDGE, quoted), "fr")
    assert "Que sait-on de Paul Dupont\u202f?" not in offered
    assert "Que dit Claire Morel\u202f?" in offered


def test_filters_leave_out_what_other_articles_say(snapshot: Snapshot) -> None:
    narrowed = snapshot.follow_ups(
        OPENS, "fr", filters=Filters(sources=frozenset({"Le Courrier"}))
    )
    assert narrowed == (
        "Que dit Claire Morel\u202f?",
        "Que sait-on de Nantes\u202f?",
        "Que sait-on de Paul Dupont\u202f?",
    )


def test_a_list_is_not_followed_by_a_list(snapshot: Snapshot) -> None:
    listed = answered("Quels articles parlent du pont ?", BRIDGE, BRIDGE.text, Wish.LIST)
    assert snapshot.follow_ups(listed, "fr") == ("Que sait-on de Nantes\u202f?",)


def test_each_is_answered_when_it_is_asked(snapshot: Snapshot) -> None:
    for language in ("fr", "en"):
        for question in snapshot.follow_ups(OPENS, language):
            abstention = snapshot.ask(question).abstention
            assert abstention is None or not abstention.missing_words


@pytest.mark.parametrize(("name", "language"), [("Elon Musk", "fr"), ("Nantes", "en")])
def test_a_list_question_is_understood_as_one(name: str, language: str) -> None:
    question = list_question(name, language)
    assert wish_of(question) is Wish.LIST
    assert subject_of_list(question).rstrip(" ?\u202f") == name


def test_examples_ask_what_people_said_before_what_is_named(snapshot: Snapshot) -> None:
    first, *others = snapshot.examples("fr")
    assert first == "Que dit Claire Morel\u202f?"
    assert "Que sait-on de Claire Morel\u202f?" not in others
    assert "Que sait-on de Nantes\u202f?" in others
    assert others[-1] == "De quoi parlent les articles\u202f?"
    assert snapshot.ask(others[-1]).wish is Wish.SURVEY


def test_nobody_is_asked_about_a_newspaper(tmp_path: Path) -> None:
    outlet = dataclasses.replace(BRIDGE, source="Claire Morel")
    answer = answered("Quand rouvre le pont ?", outlet, "Le pont de pierre rouvre demain")
    with assistant_over(tmp_path, CountingEncoder()).snapshot() as snapshot:
        assert not any("Morel" in one for one in snapshot.follow_ups(answer, "fr"))
    text = (
        "Hier, Ouest Matin a fermé. Et Ouest Matin rouvrira. "
        "Puis Paul Dupont a ri, et Paul Dupont dort."
    )
    offered = example_questions([text], {"Ouest Matin, édition de Nantes"}, "en", 3)
    assert offered == ("What is known about Paul Dupont?", "What are the articles about?")
