"""Sentences: the case lists, and what holds for any text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.language.sentences import LONGEST, split_sentences
from rag.types import Sentence
from tests.examples import examples

DATA = Path(__file__).parent / "data"


def _cases(language: str) -> list[tuple[str, str, list[str]]]:
    lines = (DATA / f"sentences_{language}.jsonl").read_text("utf-8").splitlines()
    return [
        (language, case["text"], case["sentences"]) for case in (json.loads(x) for x in lines)
    ]


def _texts(text: str, sentences: tuple[Sentence, ...]) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in sentences]


@pytest.mark.parametrize(("language", "text", "expected"), _cases("fr") + _cases("en"))
def test_case(language: str, text: str, expected: list[str]) -> None:
    assert _texts(text, split_sentences(text, language)) == expected


def test_the_lists_are_as_long_as_the_docstring_says() -> None:
    assert (len(_cases("fr")), len(_cases("en"))) == (80, 18)


def test_another_language_gets_both_lists_of_abbreviations() -> None:
    text = "Mr. Smith trifft Mme. Leroy. Sie reden."
    assert _texts(text, split_sentences(text, "de")) == [
        "Mr. Smith trifft Mme. Leroy.",
        "Sie reden.",
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\n \u00a0\u202f\n"])
def test_nothing_gives_no_sentence(text: str) -> None:
    assert split_sentences(text, "fr") == ()


_FRENCH_PIECES = st.sampled_from(
    [
        *("M.", "Mme", "n°", "J.-P.", "etc.", "p.", "12", "1er", "3,5", "20 000", "A.", "IV."),
        *("il", "Elle", "l’", "d'", "école", "Été", "Œuvre", "iPhone", "U.R.S.S.", "c.-à-d."),
        *(".", "…", "...", "!", "?", " ?", "\u202f!", "?!", ":", ";", ",", "[…]", "(…)", "[1]"),
        *("«", "»", "« ", " »", "\u00a0»", "“", "”", '"', "'", "(", ")", "[", "]", "*", "_"),
        *("–", "— ", "- ", "• ", " ", "  ", "\u00a0", "\u202f", "\n", "\n\n", " \n ", "\t"),
    ]
)
_FRENCH_MIXES = st.lists(_FRENCH_PIECES, max_size=60).map("".join)
_LANGUAGES = st.sampled_from(["fr", "en", "de"])


def _check(text: str, language: str) -> None:
    sentences = split_sentences(text, language)
    position = 0
    for sentence in sentences:
        assert position <= sentence.start < sentence.end <= len(text)
        assert text[position : sentence.start].strip() == ""
        words = text[sentence.start : sentence.end]
        assert words == words.strip()
        position = sentence.end
    assert text[position:].strip() == ""


@given(st.text(max_size=300), _LANGUAGES)
def test_any_text_is_covered_in_order_without_overlap(text: str, language: str) -> None:
    _check(text, language)


@given(_FRENCH_MIXES, _LANGUAGES)
def test_any_mix_of_french_marks_is_covered_in_order(text: str, language: str) -> None:
    _check(text, language)


@given(_FRENCH_MIXES, _FRENCH_MIXES)
@settings(max_examples=examples(1 / 2))
def test_a_blank_line_always_ends_a_sentence(first: str, second: str) -> None:
    text = first + "\n\n" + second
    apart = len(first)
    for sentence in split_sentences(text, "fr"):
        assert sentence.end <= apart or sentence.start >= apart


_UNPUNCTUATED = st.lists(
    st.sampled_from(["mot", "et puis", "alors,", "\n", " ", "e\u0301", "x" * 700, "mais", ";"]),
    max_size=300,
).map(" ".join)


@given(_UNPUNCTUATED, _LANGUAGES)
@settings(deadline=None)
def test_no_sentence_is_longer_than_that(text: str, language: str) -> None:
    _check(text, language)
    sentences = split_sentences(text, language)
    assert all(one.end - one.start <= LONGEST for one in sentences)


def test_what_is_too_long_is_cut_where_it_pauses() -> None:
    text = "alors le maire a dit que le pont serait fermé et puis " * 30
    first, *others = _texts(text, split_sentences(text, "fr"))
    assert len(others) >= 30 * 54 // LONGEST
    assert first.startswith("alors")
    assert all(one.startswith(("et puis", "alors")) for one in others)
    lines = "un mot de plus par ligne\n" * 40
    assert all(
        one.split("\n")[-1] == "un mot de plus par ligne"
        for one in _texts(lines, split_sentences(lines, "fr"))
    )
    # What has a pause is cut there, however long it is.
    whole = "Un mot, " * 70 + "fin."
    assert len(whole) < LONGEST
    assert _texts(whole, split_sentences(whole, "fr")) == [whole]


def test_marks_that_are_not_seen_end_no_word_and_hide_no_end() -> None:
    text = "Elle a élu Ro\u00adsa\u00adlie.\u200b Elle part. \ufeffIl reste."
    assert _texts(text, split_sentences(text, "fr")) == [
        "Elle a élu Ro\u00adsa\u00adlie.\u200b",
        "Elle part.",
        "\ufeffIl reste.",
    ]


_LONG = 300_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "M. ",
            "(",
            "« ",
            ". ",
            "! (",
            "[…] ",
            "(...) ",
            "a. ",
            "A. ",
            "… ",
            "\n",
            "\n ",
            " \n",
        ),
        *(
            "(a ! ",
            "J.-",
            "p. I",
            ".[1]",
            "\n- ",
            "?\u202f»",
            ".* ",
            "¿",
            "[( ",
            "a.) ",
            " ! ?",
        ),
    ],
)
def test_work_grows_with_the_text_only(piece: str) -> None:
    # Where each mark looked at the rest of the text, this would take many minutes.
    text = "Bon. " + piece * (_LONG // len(piece))
    sentences = split_sentences(text, "fr")
    assert _texts(text, sentences[:1])[0].startswith("Bon.")
    assert sentences[-1].end == len(text.rstrip())
