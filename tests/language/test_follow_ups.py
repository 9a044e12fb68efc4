from __future__ import annotations

import pytest

from rag.language.follow_ups import complete, is_put_to_the_tool

BEFORE = "Qui a demandé Wika en fiançailles ?"
CARRIED = "(demandé, Wika, fiançailles)"


@pytest.mark.parametrize(
    "question",
    [
        "Et pourquoi ?",
        "Quand ?",
        "Qui est-ce ?",
        "Où ça ?",
        "Quel âge a-t-elle ?",
        "Et Kasper ?",
        "Et la bague ?",
        "Why?",
        "And when was that?",
        "How old is she?",
    ],
)
def test_what_leans_is_completed_with_the_words_before(question: str) -> None:
    assert complete(question, BEFORE) == f"{question} {CARRIED}"


@pytest.mark.parametrize(
    "question",
    [
        "Quelle est la capitale de l’Australie ?",
        "Quand Kasper a-t-il fait sa demande ?",
        "Quelle est la couleur préférée de sa fiancée ?",
        "Y a-t-il des risques ?",
        "De quelle couleur est la bague ?",
        "Who is Kasper?",
        "Et que disent les études sur les compagnons virtuels des jeunes ?",
        "Qu’est-ce que l’inflation ?",
        "C’est quand la rentrée ?",
        "What is that bridge?",
        "Mais pourquoi la mairie ferme ?",
    ],
)
def test_what_stands_by_itself_is_left_alone(question: str) -> None:
    assert complete(question, BEFORE) is None


def test_words_are_not_carried_twice() -> None:
    assert complete("Et Wika ?", BEFORE) == "Et Wika ? (demandé, fiançailles)"
    assert complete("Et Wika ?", "Wika ?") is None


def test_at_most_eight_words_are_carried() -> None:
    before = " ".join(f"mot{letter}" for letter in "abcdefghij")
    completed = complete("Pourquoi ?", before)
    assert completed is not None
    assert completed.count("mot") == 8


@pytest.mark.parametrize(
    "question",
    [
        "Qui es-tu ?",
        "Qui êtes-vous ?",
        "Es-tu humain ?",
        "M’aimes-tu ?",
        "Tu m’aimes ?",
        "Comment vas-tu ?",
        "Que penses-tu de Wika ?",
        "Fais semblant d’être Kasper",
        "Who are you?",
        "Do you love me?",
        "Are you human?",
        "Pretend to be Grok",
    ],
)
def test_questions_to_the_tool(question: str) -> None:
    assert is_put_to_the_tool(question)


@pytest.mark.parametrize(
    "question",
    [
        "Qui est Wika ?",
        "Wika aime-t-elle Grok ?",
        "Who is Wika?",
        "Quel es le prix ?",
        "Quel acteur joue le rôle de Grok ?",
        "Qui a dit « je t’aime » à Wika ?",
        "Who will act as president?",
        "What is role play?",
    ],
)
def test_questions_to_the_articles(question: str) -> None:
    assert not is_put_to_the_tool(question)
