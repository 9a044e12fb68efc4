from __future__ import annotations

import datetime
import itertools

import pytest

from rag.answering.answer_texts import (
    ANSWER_TEXTS,
    abstention_message,
    caption,
    example_question,
)
from rag.language.typography import format_date, quoted
from rag.types import Abstention, Answer, Detail, Overview, Reason, Wish

OVERVIEW = Overview(
    generation="g",
    built_at=datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC),
    model="m",
    articles=2,
    passages=2,
    sentences=2,
    first_date=datetime.date(2024, 3, 1),
    last_date=datetime.date(2025, 8, 15),
    languages=(),
    sources=(),
    broken=(),
)


@pytest.mark.parametrize(
    ("date", "language", "expected"),
    [
        (datetime.date(2024, 3, 1), "fr", "1er mars 2024"),
        (datetime.date(2025, 8, 15), "fr", "15 août 2025"),
        (datetime.date(2024, 3, 1), "en", "1 March 2024"),
    ],
)
def test_dates(date: datetime.date, language: str, expected: str) -> None:
    assert format_date(date, language) == expected


@pytest.mark.parametrize(("reason", "language"), [*itertools.product(Reason, ("fr", "en"))])
def test_every_reason_is_explained_without_leftovers(reason: Reason, language: str) -> None:
    for detail in Detail:
        message = abstention_message(
            Abstention(reason, ("lune",), ("1950",), detail), OVERVIEW, language
        )
        assert message.endswith((".", "»."))
        assert "{" not in message
        assert "  " not in message


def test_what_is_missing_is_named() -> None:
    words = Abstention(Reason.WORDS_NOT_FOUND, missing_words=("lune", "Mars"))
    assert "«\u202flune\u202f», «\u202fMars\u202f»" in abstention_message(words, OVERVIEW, "fr")
    assert "“lune”, “Mars”" in abstention_message(words, OVERVIEW, "en")
    dates = Abstention(Reason.DATES_NOT_FOUND, missing_dates=("1950",))
    message = abstention_message(dates, OVERVIEW, "fr")
    assert "1950" in message
    assert "du 1er mars 2024 au 15 août 2025" in message


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Wika", "de Wika"), ("Elon Musk", "d’Elon Musk"), ("Écouen", "d’Écouen")],
)
def test_examples_elide(name: str, expected: str) -> None:
    assert expected in example_question(name, "fr")


def test_quotation_marks() -> None:
    assert quoted("Oui.", "fr") == "«\u202fOui.\u202f»"
    assert quoted("Yes.", "en") == "“Yes.”"


def test_french_typography() -> None:
    for text in (ANSWER_TEXTS["fr"].nearest, ANSWER_TEXTS["fr"].context):
        assert text.endswith("\u00a0:")


@pytest.mark.parametrize(
    ("question", "wish", "language", "said"),
    [
        ("Résume l’article", Wish.SUMMARY, "fr", "Ce qui porte l’article"),
        ("Summarise the article", Wish.SUMMARY, "en", "What carries the article"),
        ("De quoi parlent les articles ?", Wish.SURVEY, "fr", "De quoi parlent les articles"),
        (
            "Quels articles parlent d’Elon Musk\u202f?",
            Wish.LIST,
            "fr",
            "Articles qui parlent de «\u202fElon Musk\u202f»",
        ),
        (
            "Which articles are about “the bridge”?",
            Wish.LIST,
            "en",
            "Articles that speak of “the bridge”",
        ),
        ("Quels articles parlent de ?", Wish.LIST, "fr", None),
        ("Qui est Wika ?", Wish.ANSWER, "fr", None),
    ],
)
def test_a_caption_says_what_the_quotes_are(
    question: str, wish: Wish, language: str, said: str | None
) -> None:
    answer = Answer(question, language, (), None, 1.0, wish=wish)
    assert caption(answer, language) == said


def test_a_refusal_has_no_caption() -> None:
    refused = Abstention(Reason.NOTHING_CLOSE)
    answer = Answer("Résume l’article", "fr", (), refused, 0.0, wish=Wish.SUMMARY)
    assert caption(answer, "fr") is None
