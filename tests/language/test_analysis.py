"""Search terms: elisions, accents, stems, numbers, stop words, and places of words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.analysis import fold, stop_words, terms, words


def _words(text: str) -> list[str]:
    return [word.text for word in words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l’avion", ["avion"]),
        ("L'avion", ["avion"]),
        ("lʼavion", ["avion"]),
        ("d'Air France", ["Air", "France"]),
        ("qu’Emma lorsqu’Emma jusqu'Arles", ["Emma", "Emma", "Arles"]),
        ("presqu’île", ["île"]),
        ("rock’n’roll", ["rock", "roll"]),
        ("aujourd’hui", []),
        ("arc-en-ciel", ["arc", "ciel"]),
    ],
)
def test_elided_words_are_left_out(text: str, expected: list[str]) -> None:
    assert _words(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("élection", "ÉLECTIONS"),
        ("fiancée", "fiancés"),
        ("école", "ecole"),
        ("école", unicodedata.normalize("NFD", "école")),
        ("cœur", "coeur"),
        ("Œuvres", "oeuvre"),
        ("chanteuse", "chanteuses"),
    ],
)
def test_spellings_of_a_word_share_a_term(one: str, other: str) -> None:
    assert terms(one) == terms(other)
    assert len(terms(one)) == 1


def test_other_words_have_other_terms() -> None:
    found = terms("école maire pont fiançailles bague montagne")
    assert len(set(found)) == len(found) == 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20 000", ["20000"]),
        ("20\u202f000", ["20000"]),
        ("20\u00a0000", ["20000"]),
        ("20000", ["20000"]),
        ("1 200 300 mètres", ["1200300", *terms("mètre")]),
        ("12 34", ["12", "34"]),
        ("1 2000", ["1", "2000"]),
        ("3,5", ["3.5"]),
        ("3.5", ["3.5"]),
        ("le 15/08/2025", ["15", "08", "2025"]),
        ("n° 3", ["3"]),
        ("covid19", ["covid19"]),
    ],
)
def test_numbers_are_kept_and_closed_up(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_stop_words_of_both_languages_are_left_out() -> None:
    assert terms("Qui a été la première avec les autres ? Who was the first?") == [
        *terms("première"),
        *terms("first"),
    ]
    assert {"etre", "deja", "the", "qui"} & stop_words() == {"etre", "the", "qui"}


def test_terms_are_repeated_as_often_as_they_occur() -> None:
    assert terms("un pont, deux ponts, le PONT") == ["pont", "deux", "pont", "pont"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Été", "ete"), ("ŒUVRE", "oeuvre"), ("ﬁn", "fin"), ("𝐀", "a"), ("", "")],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


_PIECES = st.sampled_from(
    [
        "l’",
        "d'",
        "qu’",
        "école",
        "e\u0301",
        "20 000",
        "3,5",
        "°",
        "’",
        " ",
        "\u202f",
        "Été",
        "œ",
        "1",
    ]
)


@given(st.text(max_size=200) | st.lists(_PIECES, max_size=40).map("".join))
def test_words_stand_in_order_where_they_say(text: str) -> None:
    position = 0
    for word in words(text):
        assert text[word.start : word.end] == word.text
        assert position <= word.start < word.end
        assert word.term
        position = word.end


@given(st.text(max_size=100))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_the_parts_of_a_written_date_count() -> None:
    assert terms("le 12.03.2021")[-1] == "2021"
    assert terms("2023,2024") == ["2023.2024"]
    assert terms("3,5 et 3.5") == ["3.5", "3.5"]


@pytest.mark.parametrize("mark", ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"])
def test_marks_that_are_not_seen_are_no_letters(mark: str) -> None:
    (word,) = words(f"{mark}Ro{mark}sa{mark}lie{mark} ")
    assert word.text == f"Ro{mark}sa{mark}lie"
    assert word.term == terms("Rosalie")[0]
    assert fold(f"Ro{mark}salie") == "rosalie"
    assert terms(f"covid{mark} 19") == terms("covid 19")
