"""What a question asks for, and whether a sentence has it."""

from __future__ import annotations

import unicodedata

import pytest

from rag.language.questions import holds_detail, understand
from rag.types import Detail


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Qui a demandé Wika en fiançailles ?", "fr"),
        ("Quelle est la couleur de la bague ?", "fr"),
        ("OÙ VIT WIKA ?", "fr"),
        ("Who proposed to Wika?", "en"),
        ("What colour is the ring?", "en"),
        ("prix bague Wika", None),
        ("Grok fiançailles 2025", None),
        ("2024", None),
        ("?", None),
        ("", None),
    ],
)
def test_language(question: str, language: str | None) -> None:
    assert understand(question).language == language


def test_accents_may_stand_apart() -> None:
    question = "Où l’école a-t-elle été rénovée ?"
    apart = understand(unicodedata.normalize("NFD", question))
    assert apart.language == understand(question).language == "fr"
    assert apart.terms == understand(question).terms


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("Que s’est-il passé en 2024 ?", ("2024",)),
        ("Entre 1999 et 2001, et encore 1999 ?", ("1999", "2001")),
        ("Combien font 20240 et 1066 et 2150 ?", ()),
        ("Et l’an 1515 ?", ("1515",)),
    ],
)
def test_years(question: str, years: tuple[str, ...]) -> None:
    assert understand(question).years == years


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ("Quel âge a Wika ?", Detail.AGE),
        ("How old is Wika?", Detail.AGE),
        ("Quand rouvre le pont ?", Detail.DATE),
        ("En quelle année est-il né ?", Detail.DATE),
        ("When does the bridge open?", Detail.DATE),
        ("Combien d’élèves y a-t-il ?", Detail.NUMBER),
        ("Quel est le prix du pont ?", Detail.PRICE),
        ("How much does the ring cost?", Detail.PRICE),
        ("Qui a reçu le prix Nobel ?", None),
        ("Combien de temps ont duré les travaux ?", Detail.DURATION),
        ("How long did it last?", Detail.DURATION),
        ("How many pupils are there?", Detail.NUMBER),
        ("Dans quelle ville vit Wika ?", Detail.PLACE),
        ("Which city won?", Detail.PLACE),
        ("Qui est le maire ?", None),
        ("Pourquoi le pont est-il fermé ?", None),
        ("Quelle page lire ?", None),
    ],
)
def test_detail(question: str, detail: Detail | None) -> None:
    assert understand(question).detail == detail


def test_terms_are_listed_once_and_names_are_capitalised_words_inside() -> None:
    question = understand("Wika aime Grok, et Grok aime Wika ?")
    assert [word.text for word in question.names] == ["Grok", "Grok", "Wika"]
    assert len(question.terms) == len(set(question.terms)) == 3
    assert understand("« Wika » ?").names == ()


@pytest.mark.parametrize(
    ("detail", "text", "held"),
    [
        (Detail.AGE, "Wika, 27 ans, vit à la montagne.", True),
        (Detail.AGE, "Elle est née en 1998.", True),
        (Detail.AGE, "A 27-year-old woman.", True),
        (Detail.AGE, "Wika porte une bague bleue.", False),
        (Detail.DATE, "Le pont rouvrira le 3 juin.", True),
        (Detail.DATE, "Il a été bâti en 1921.", True),
        (Detail.DATE, "Le pont est fermé aux voitures.", False),
        (Detail.NUMBER, "Cent vingt élèves sont inscrits.", True),
        (Detail.NUMBER, "Il mesure 12 mètres.", True),
        (Detail.NUMBER, "Les élèves sont inscrits.", False),
        (Detail.PRICE, "Les travaux ont coûté 20 000 euros.", True),
        (Detail.PRICE, "The ring costs £300.", True),
        (Detail.PRICE, "Les travaux ont duré 20 mois.", False),
        (Detail.DURATION, "Le chantier a pris dix-huit mois.", True),
        (Detail.DURATION, "Le chantier a coûté cher.", False),
        (Detail.PLACE, "Elle vit à Nantes.", True),
        (Detail.PLACE, "She lives in Paris.", True),
        (Detail.PLACE, "Elle vit seule.", False),
    ],
)
def test_holds_detail(detail: Detail, text: str, held: bool) -> None:
    assert holds_detail(text, detail) is held


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("OÙ HABITE WIKA ?", []),
        ("Bonjour. Merci de me dire qui a demandé Wika en fiançailles ?", ["Wika"]),
        ("Zorro a-t-il demandé Wika en fiançailles ?", ["Zorro", "Wika"]),
        ("« Wika » est-elle fiancée ?", []),
        ("«\u202fWika\u202f» et Kasper ?", ["Kasper"]),
    ],
)
def test_names_of_a_question(question: str, names: list[str]) -> None:
    assert [word.text for word in understand(question).names] == names


def test_a_price_is_no_year() -> None:
    assert understand("Qui a payé 1500 euros ?").years == ()
    assert understand("Qui a payé en 1500 ?").years == ("1500",)


def test_an_article_is_no_number() -> None:
    assert not holds_detail("Une femme a dit oui à un chatbot.", Detail.NUMBER)
    assert holds_detail("Trois femmes ont dit oui.", Detail.NUMBER)
