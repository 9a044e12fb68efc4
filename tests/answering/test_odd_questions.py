"""Questions that are long, odd or misspelt: an answer or one clear line, and never a lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answering.answer_texts import abstention_message, understood_line
from rag.answering.assistant import Assistant
from rag.language.long_questions import LONGEST
from rag.library.build import build_folder
from rag.types import Answer, Reason, Wish
from tests.fakes import CountingEncoder, settings_for, write_article

CASES = {
    "gare.txt": " date 2025-06-20 La gare de Lisle perd ses guichets\n\nEn juin, la gare de "
    "Lisle a supprimé ses deux guichets. Aucun agent n’a été licencié, assure la directrice "
    "Rosalie Quint. Les voyageurs achètent leurs billets à un automate, que Wanda Kessler, 82 "
    "ans, refuse d’utiliser.\n\nWanda Kessler a écrit onze lettres à la direction. Elle est "
    "née à Varne en 1943 et prend le train chaque mardi.",
    "pont.txt": " date 2025-07-14 Le pont de Brenne rouvre\n\nLe 13 juillet dernier, le pont "
    "de Brenne a été rouvert par la maire Édith Coran devant six cents habitants. Les travaux "
    "ont duré onze mois et coûté 2,4 millions d’euros. Hugo Pré, chef du chantier, n’a pas "
    "assisté à la cérémonie, retenu à Lyon.",
    "sans-date.txt": "Le club d’échecs de Varne\n\nLe club d’échecs de Varne compte 37 "
    "membres. Sa présidente, Nora Vidal, a gagné le tournoi de Lens contre Armand Silve.",
}


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    chosen = settings_for(tmp_path)
    for name, text in CASES.items():
        write_article(chosen.articles, name, text)
    build_folder(chosen, CountingEncoder())
    return Assistant(chosen, CountingEncoder())


def _message(assistant: Assistant, answer: Answer) -> str:
    assert answer.abstention is not None
    return abstention_message(answer.abstention, assistant.overview(), answer.language)


def _check(answer: Answer) -> None:
    for citation in answer.shown():
        quote, text = citation.quote, citation.article.text
        assert text[quote.start : quote.end] == quote.text != ""


def test_the_near_spelling_of_a_name_is_said(assistant: Assistant) -> None:
    answer = assistant.ask("Quel âge a Wanda Kesler ?")
    assert answer.abstention is not None
    assert answer.abstention.reason is Reason.WORDS_NOT_FOUND
    assert answer.abstention.missing_words == ("Kesler",)
    assert answer.abstention.meant == (("Kesler", "Kessler"),)
    said = _message(assistant, answer)
    assert "Vouliez-vous dire «\u202fKessler\u202f»\u202f?" in said
    assert "âge" not in said
    far = assistant.ask("Quel âge a Wanda Zimmermann ?")
    assert far.abstention is not None
    assert far.abstention.meant == ()
    assert "Vouliez-vous" not in _message(assistant, far)


def test_what_happened_on_a_day_is_what_its_articles_say(assistant: Assistant) -> None:
    answer = assistant.ask("Que s’est-il passé le 20 juin 2025 ?")
    assert answer.answered
    assert answer.wish is Wish.SURVEY
    assert {citation.article.path for citation in answer.citations} == {"gare.txt"}
    _check(answer)
    month = assistant.ask("Que s'est-il passé en juillet 2025 ?")
    assert {citation.article.path for citation in month.citations} == {"pont.txt"}


@pytest.mark.parametrize(
    "question",
    [
        "Que s’est-il passé en juin dernier ?",
        "Que s’est-il passé à Lisle le 20 juin 2025 ?",
        "Que s'est-il passé le 21 juin 2025 ?",
        "What happened in Lisle in 2025?",
    ],
)
def test_asking_and_days_that_articles_have_are_not_missing(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.ask(question)
    if answer.abstention is not None:
        assert not {"passé", "2025", "happened"} & {
            *answer.abstention.missing_words,
            *answer.abstention.missing_dates,
        }
    _check(answer)


def test_a_year_that_no_article_has_is_still_missing(assistant: Assistant) -> None:
    answer = assistant.ask("Que s’est-il passé le 20 juin 1987 ?")
    assert answer.abstention is not None
    assert answer.abstention.missing_dates == ("1987",)


@pytest.mark.parametrize(
    "question",
    [
        "Combien de membres compte le club d'échecs de Lens ?",
        "Qui a gagné le tournoi de Varne ?",
    ],
)
def test_what_is_said_of_another_is_no_answer(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert not answer.answered
    _check(answer)


@pytest.mark.parametrize("words", ["Édith", "Édith Coran", "guichets Lisle"])
def test_a_few_words_are_looked_up(assistant: Assistant, words: str) -> None:
    answer = assistant.ask(words)
    assert answer.answered
    assert all(word in answer.citations[0].quote.text for word in words.split())
    _check(answer)


@pytest.mark.parametrize(
    "question",
    [
        ("Qui a rouvert le pont de Brenne " * 400)[:10_000],
        "Est-ce vrai : " + CASES["pont.txt"][16:] * 5 + " ?",
        "pont " * 2_000 + "?",
        "a" * 10_000,
    ],
)
def test_a_long_question_is_shortened_and_says_so(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.question == question
    assert answer.is_shortened
    assert answer.understood is not None
    assert len(answer.understood) <= LONGEST
    line = understood_line(answer, answer.language)
    assert line is not None
    assert answer.understood in line
    _check(answer)


def test_the_model_never_sees_more(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_article(chosen.articles, "pont.txt", CASES["pont.txt"])
    build_folder(chosen, CountingEncoder())
    encoder = CountingEncoder()
    assistant = Assistant(chosen, encoder)
    assistant.ask("Qui a rouvert le pont ? " * 500)
    assistant.search("Qui a rouvert le pont ? " * 500)
    assistant.ask("QUI A ROUVERT LE PONT DE BRENNE ?")
    assert encoder.questions == [
        "Qui a rouvert le pont ?",
        "Qui a rouvert le pont ?",
        "Qui a rouvert le pont de brenne ?",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Qui a rouvert le pont ? Combien ont coûté les travaux ?",
        "QUI A ROUVERT LE PONT DE BRENNE ?",
        "Qui n’a pas assisté à la cérémonie ?",
        "? " * 3_000,
        "\0\ud800" * 2_000,
        "20/06/2025",
        "le 31/02/2025 ?",
    ],
)
def test_odd_questions_get_an_answer_or_a_line(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    if answer.abstention is not None:
        assert "\n" not in _message(assistant, answer)
    _check(answer)
