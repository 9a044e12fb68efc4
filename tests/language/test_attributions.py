"""Whose words a sentence tells, on sentences as the press writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.attributions import attributions

CASES = Path(__file__).with_name("attributions.tsv")


def _cases() -> list[tuple[str, str, str, str]]:
    """The language, the text, the quote in it ("*" is all of it), and who says it."""
    cases = []
    for line in CASES.read_text(encoding="utf-8").splitlines()[1:]:
        language, text, quote, told = line.split("\t")
        text = text.replace("\\n", "\n")
        cases.append((language, text, text if quote == "*" else quote, told))
    return cases


@pytest.mark.parametrize(("language", "text", "quote", "told"), _cases())
def test_whose_words_a_sentence_tells(language: str, text: str, quote: str, told: str) -> None:
    start = text.index(quote)
    found = [
        text[one.start : one.end] + (f" ({text[slice(*one.role)]})" if one.role else "")
        for one in attributions(text, start, start + len(quote), language)
    ]
    assert "; ".join(found) == told


def test_nothing_in_a_language_without_rules() -> None:
    text = "„Das Haus brennt ja“, sagt Hans Meier."
    assert attributions(text, 0, len(text), "de") == []


@given(
    st.lists(
        st.sampled_from(
            '« » “ ” " , : . \n Selon la le maire explique dit said Jeanne Roy Me de un mot '
            "according to a déclaré according".split(" ")
        ),
        max_size=25,
    ),
    st.sampled_from(["fr", "en"]),
    st.data(),
)
def test_any_words_give_places_in_the_text(
    words: list[str], language: str, data: st.DataObject
) -> None:
    text = " ".join(words)
    start = data.draw(st.integers(0, len(text)))
    for one in attributions(text, start, len(text), language):
        assert 0 <= one.start < one.end <= len(text)
        assert one.role is None or 0 <= one.role[0] < one.role[1] <= len(text)
