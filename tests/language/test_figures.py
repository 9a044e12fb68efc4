from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.figures import figures_in


@pytest.mark.parametrize(
    ("text", "written", "value"),
    [
        ("On a compté 7,9 millions de passagers.", ["7,9 millions de passagers"], 7.9e6),
        ("Cinq personnes ont perdu la vie.", ["Cinq personnes"], 5),
        ("Un budget de 1\u202f100 euros par an", ["1\u202f100 euros"], 1100),
        ("Une hausse de 58 % en un an", ["58 %"], 58),
        ("It cost 2 billion dollars.", ["2 billion dollars"], 2e9),
        ("Le billet coûte 4,50 €.", ["4,50 €"], 4.5),
        ("Vingt-deux blessés", ["Vingt-deux blessés"], 22),
        ("sept et huit blessés", ["huit blessés"], 8),
        ("vingt et un blessés", ["vingt et un blessés"], 21),
        ("Trente mille habitants", ["Trente mille habitants"], 30_000),
    ],
)
def test_a_figure_is_told_with_what_it_counts(
    text: str, written: list[str], value: float
) -> None:
    found = figures_in(text)
    assert [text[one.start : one.end] for one in found] == written
    assert found[0].value == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "le 3 mars 2025, à 14 h 30",
        "Un homme est venu en 2024.",
        # Parts of a number in words are no number.
        "deux cents blessés",
        "quatre-vingt-dix-sept blessés",
        "quatre-vingt mille personnes",
        "trois fois plus",
        "article12 bis",
    ],
)
def test_what_counts_nothing_is_no_figure(text: str) -> None:
    assert figures_in(text) == []


@pytest.mark.parametrize(
    ("one", "other"), [("deux morts", "un seul... 12 mort"), ("4,50 euros", "4,50 €")]
)
def test_what_is_counted_has_one_name(one: str, other: str) -> None:
    assert figures_in(one)[0].unit == figures_in(other)[-1].unit


@given(st.text())
def test_figures_stand_in_their_text_in_order(text: str) -> None:
    at = 0
    for one in figures_in(text):
        assert at <= one.start < one.end <= len(text)
        at = one.end
