from __future__ import annotations

import pytest

from rag.language.speakers import speakers


@pytest.mark.parametrize(
    "text",
    [
        "« Elle nous sert », explique Marlène Potage en plongeant un seau.",
        "Il ne reste rien, a déclaré le maire, Marlène Potage.",
        "Marlène Potage, 63 ans, raconte la nuit.",
        "Marlène Potage a reconnu les faits.",
    ],
)
def test_who_speaks_stands_beside_a_verb_of_saying(text: str) -> None:
    assert speakers([text], 3) == ("Marlène Potage",)


@pytest.mark.parametrize(
    "text", ["La France dit non.", "Marlène Potage habite à Nantes.", "selon Ouest Matin", ""]
)
def test_a_name_that_says_nothing_is_no_speaker(text: str) -> None:
    assert speakers([text], 3) == ()


def test_who_speaks_most_comes_first() -> None:
    texts = ["Paul Dupont estime.", "Anne Leroy ajoute. Paul Dupont répond."]
    assert speakers(texts, 2) == ("Paul Dupont", "Anne Leroy")
    assert speakers(texts, 1) == ("Paul Dupont",)
