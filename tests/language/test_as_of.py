from __future__ import annotations

import datetime as dt

import pytest

from rag.language.as_of import AskedAsOf, read_as_of

MARCH_3, MARCH = dt.date(2025, 3, 3), dt.date(2025, 3, 31)
FERRY = "Que sait-on du bac ?"


@pytest.mark.parametrize(
    ("question", "asked", "day"),
    [
        ("Que savait-on le 3 mars 2025 du bac ?", FERRY, MARCH_3),
        ("Que savait-on du bac le 3 mars 2025 ?", FERRY, MARCH_3),
        ("Que savait-on du bac au 3 mars 2025 ?", FERRY, MARCH_3),
        ("Que savait-on déjà le 3 mars 2025 du bac ?", FERRY, MARCH_3),
        ("Que savait-on à la date du 03/03/2025 du bac ?", FERRY, MARCH_3),
        ("Que savait-on en mars 2025 du bac ?", FERRY, MARCH),
        ("Que savait-on fin mars 2025 du bac ?", FERRY, MARCH),
        ("Que savions-nous du bac le 3 mars 2025 ?", FERRY, MARCH_3),
        ("Qu’est-ce qu’on savait le 1er mars 2025 du bac ?", FERRY, dt.date(2025, 3, 1)),
        (
            "Que savait-on le 2025-03-03 : le bac est-il réparé ?",
            "le bac est-il réparé ?",
            MARCH_3,
        ),
        ("À la date du 3 mars 2025, le bac est-il réparé ?", "le bac est-il réparé ?", MARCH_3),
        ("Que savait-on le 3 mars 2025 ?", "Quoi de neuf\u202f?", MARCH_3),
        (
            "What was known on 3 March 2025 about Hédara?",
            "What is known about Hédara?",
            MARCH_3,
        ),
        (
            "What was known about Hédara by March 3, 2025?",
            "What is known about Hédara",
            MARCH_3,
        ),
        ("What did we know about Hédara in March 2025?", "What is known about Hédara", MARCH),
        ("As of 3 March 2025, who owns the ferry?", "who owns the ferry?", MARCH_3),
        ("What was known on 3 March 2025?", "What is new?", MARCH_3),
    ],
)
def test_a_day_is_taken_off_a_question(question: str, asked: str, day: dt.date) -> None:
    found = read_as_of(question)
    assert found is not None
    assert (found.question.rstrip(" ?"), found.day) == (asked.rstrip(" ?"), day)


@pytest.mark.parametrize(
    "question",
    [
        "Que sait-on du bac ?",
        "Que savait-on du bac ?",
        "Que savait le maire le 3 mars 2025 ?",
        "Que s’est-il passé le 3 mars 2025 ?",
        "Que savait-on le 32 mars 2025 du bac ?",
        "Que savait-on en 2025 du bac ?",
        "Le bac est-il réparé au 3 mars 2025 ?",
        "What was known about the ferry?",
        "What was known as the ferry of March 2025?",
        "",
    ],
)
def test_other_questions_ask_of_today(question: str) -> None:
    assert read_as_of(question) is None


def test_the_question_keeps_its_words() -> None:
    assert read_as_of("Que savait-on le 3 mars 2025 de l’Œuvre d’Orge ?") == AskedAsOf(
        "Que sait-on de l’Œuvre d’Orge ?", MARCH_3
    )
