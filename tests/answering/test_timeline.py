"""Several days of one answer: in time, newest first, and where figures differ."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

from rag.answering.answer_json import answer_to_json
from rag.answering.assistant import Assistant
from rag.answering.timeline import differing_figures, newest_first, timeline, words_of
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.types import Answer, Citation, Filters, Quote, Wish
from rag.ui.answer_message import render_answer
from tests.fakes import CountingEncoder, make_article, settings_for
from tests.ingest.page_reading import Page
from tests.ui.test_texts import OVERVIEW

JULY, OCTOBER = dt.date(2024, 7, 7), dt.date(2025, 10, 14)
QUESTION = "Combien de passagers le tramway a-t-il transportés ?"


def citation(
    words: str, marked: str, day: dt.date | None, *, score: float = 2.0, number: int = 1
) -> Citation:
    article = make_article(f"{words} Fin.", f"{day}.txt", title="Le tramway", date=day)
    start = words.index(marked)
    quote = Quote(
        article.id,
        words,
        0,
        len(words),
        0,
        len(words),
        score,
        answer=(start, start + len(marked)),
    )
    return Citation(number, quote, article)


def answer_of(*citations: Citation, question: str = QUESTION) -> Answer:
    numbered = tuple(
        dataclasses.replace(one, number=number) for number, one in enumerate(citations, 1)
    )
    return Answer(question, "fr", numbered, None, 0.9)


OLD = citation(
    "Le tramway a transporté 7,9 millions de passagers.", "7,9 millions de passagers", JULY
)
NEW = citation(
    "Le tramway a transporté 9,3 millions de passagers.", "9,3 millions de passagers", OCTOBER
)


def test_what_answers_on_several_days_is_a_timeline_newest_first() -> None:
    moments = timeline(answer_of(OLD, NEW))
    assert [one.article.date for one in moments] == [OCTOBER, JULY]
    assert [words_of(one) for one in moments] == [
        "9,3 millions de passagers",
        "7,9 millions de passagers",
    ]


def test_one_day_or_what_hardly_answers_is_none() -> None:
    undated = citation("Le tramway roule.", "roule", None)
    doubtful = dataclasses.replace(OLD, quote=dataclasses.replace(OLD.quote, score=0.5))
    for answer in (
        answer_of(OLD),
        answer_of(OLD, OLD),
        answer_of(OLD, undated),
        answer_of(doubtful, NEW),
        dataclasses.replace(answer_of(OLD, NEW), wish=Wish.LIST),
    ):
        assert timeline(answer) == ()
        assert differing_figures(answer) == ()


def test_figures_that_differ_are_told_oldest_first_with_their_places() -> None:
    old, new = differing_figures(answer_of(NEW, OLD))
    assert (old.text, old.day) == ("7,9 millions de passagers", JULY)
    assert (new.text, new.day) == ("9,3 millions de passagers", OCTOBER)
    for one in (old, new):
        assert one.citation.article.text[one.start : one.end] == one.text


def test_only_the_same_thing_of_the_same_subject_is_compared() -> None:
    same = citation(
        "Le tramway : 7,9 millions de passagers.", "7,9 millions de passagers", OCTOBER
    )
    other = citation("Le tramway emploie 340 agents.", "340 agents", OCTOBER)
    elsewhere = dataclasses.replace(
        citation("La gare voit 12 passagers.", "12 passagers", OCTOBER),
        article=make_article("La gare voit 12 passagers. Fin.", date=OCTOBER, title="La gare"),
    )
    two = citation(
        "Le tramway a transporté 8 passagers, puis 9 passagers.",
        "8 passagers, puis 9 passagers",
        OCTOBER,
    )
    for one in (same, other, elsewhere, two):
        assert differing_figures(answer_of(OLD, one)) == ()
    assert differing_figures(answer_of(OLD, NEW, question="Qui prend le tramway ?")) == ()


def test_of_several_figures_the_one_that_is_asked_for_is_compared() -> None:
    question = "Combien de blessés le tramway a-t-il faits ?"
    first, last = (
        citation(f"Le tramway a fait {words}.", words, day)
        for words, day in (
            ("deux morts et quatorze blessés", JULY),
            ("un mort et vingt et un blessés", OCTOBER),
        )
    )
    told = differing_figures(answer_of(first, last, question=question))
    assert [one.text for one in told] == ["quatorze blessés", "vingt et un blessés"]


def test_they_are_shown_and_told_to_programs() -> None:
    answer = answer_of(OLD, NEW)
    for language, told in (("fr", "Chiffres différents"), ("en", "Differing figures")):
        shown = Page(render_answer(answer, OVERVIEW, {}, language))
        assert told in shown.words
        assert "ontradict" not in shown.words
        (section,) = shown.of_class("timeline")
        assert section.words.index("9,3 millions") < section.words.index("7,9 millions")
    as_json = answer_to_json(answer, OVERVIEW)
    assert as_json["timeline"] == [
        {"citation": 2, "date": "2025-10-14"},
        {"citation": 1, "date": "2024-07-07"},
    ]
    assert [one["text"] for one in as_json["differing_figures"]] == [
        "7,9 millions de passagers",
        "9,3 millions de passagers",
    ]
    plain = Page(render_answer(answer_of(OLD), OVERVIEW, {}, "fr"))
    assert plain.of_class("timeline") == plain.of_class("differing") == []


def test_a_timeline_of_a_subject_has_an_article_a_day_newest_first(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    texts = {
        3: "Le bac de Kermor reste à quai faute de pièces.",
        6: "Réparé, le bac de Kermor repart avec ses passagers.",
        5: "Les élus de Kermor votent un crédit pour le bac.",
    }
    articles = [
        make_article(text, f"{month}.txt", title=str(month), date=dt.date(2025, month, 1))
        for month, text in texts.items()
    ]
    articles.append(make_article("Un bac de Kermor sans date traverse la rade.", "x.txt"))
    build(article_sources(articles), settings, CountingEncoder())
    assistant = Assistant(settings, CountingEncoder())
    answer = assistant.ask("Chronologie du bac de Kermor")
    assert answer.wish is Wish.TIMELINE
    paths = [one.article.path for one in answer.citations]
    assert paths == ["6.txt", "5.txt", "3.txt", "x.txt"]
    assert [one.number for one in answer.citations] == [1, 2, 3, 4]
    until = assistant.ask(
        "Chronologie du bac de Kermor", filters=Filters(as_of=dt.date(2025, 4, 1))
    )
    assert [one.article.path for one in until.citations] == ["3.txt"]


def test_a_refusal_stays_one() -> None:
    refused = Answer(QUESTION, "fr", (), None, 0.0)
    assert newest_first(refused) == refused
