from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.moments import days_said, moments

CASES = Path(__file__).with_name("moments.tsv")
DAY = datetime.date(2025, 8, 15)


def _cases() -> list[tuple[datetime.date, str, str, list[str]]]:
    cases = []
    for line in CASES.read_text(encoding="utf-8").splitlines()[1:]:
        day, language, sentence, *told = line.split("\t")
        cases.append((datetime.date.fromisoformat(day), language, sentence, told))
    return cases


@pytest.mark.parametrize(("day", "language", "sentence", "told"), _cases())
def test_the_days_that_a_sentence_tells_of(
    day: datetime.date, language: str, sentence: str, told: list[str]
) -> None:
    found = [
        f"{sentence[one.start : one.end]}={one.first}"
        + (f"/{one.last}" if one.last != one.first else "")
        for one in moments(sentence, 0, len(sentence), day, language)
    ]
    assert found == told


def test_nothing_of_an_undated_article() -> None:
    assert moments("Il est venu lundi.", 0, 18, None, "fr") == []


def test_a_moment_that_tells_its_year_is_whole() -> None:
    text = "Le 13 juillet 2024, puis le 14 juillet."
    assert [one.is_whole for one in moments(text, 0, len(text), DAY, "fr")] == [True, False]


@given(
    st.lists(
        st.sampled_from(
            "Le pont hier lundi 3 mars 31 février dernier prochain il y a deux ans dans la "
            "nuit de mercredi à jeudi d’ici 2030 en juin ; . été week-end mi-mai depuis du au "
            "1er last next Monday June 13 ago by since".split(" ")
        ),
        max_size=20,
    ),
    st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)),
    st.sampled_from(["fr", "en"]),
    st.data(),
)
def test_any_words_give_places_in_them_in_order(
    words: list[str], day: datetime.date, language: str, data: st.DataObject
) -> None:
    text = " ".join(words)
    start = data.draw(st.integers(0, len(text)))
    at = start
    for one in moments(text, start, len(text), day, language):
        assert at <= one.start < one.end <= len(text)
        assert one.first <= one.last
        at = one.end


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("hier", "2025-08-14", "2025-08-14"),
        ("la semaine dernière", "2025-08-04", "2025-08-10"),
        ("en juin dernier", "2025-06-01", "2025-06-30"),
        ("last week", "2025-08-04", "2025-08-10"),
        ("yesterday", "2025-08-14", "2025-08-14"),
    ],
)
def test_days_said_alone(words: str, first: str, last: str) -> None:
    said = days_said(words, DAY)
    assert said is not None
    assert (said.first.isoformat(), said.last.isoformat()) == (first, last)


@pytest.mark.parametrize("words", ["", "tantôt", "le pont", "hier ou demain", "pas hier"])
def test_no_days_said(words: str) -> None:
    assert days_said(words, DAY) is None
