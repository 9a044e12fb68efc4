from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ui.nested_quotes import Piece, nest

SIGNS = {"open": "“", "close": "”", "open deeper": "‘", "close deeper": "’"}


def seen(pieces: tuple[Piece, ...]) -> str:
    """What a reader sees."""
    return "".join(SIGNS[one.nested] if one.nested else one.words for one in pieces)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("elle a « reçu » la bague", "elle a “reçu” la bague"),
        ("elle a «\u202freçu\u00a0» la bague", "elle a “reçu” la bague"),
        ("« Un pont, c'est comme une dent.", "“Un pont, c'est comme une dent.”"),
        ("Il faut l'entretenir », dit-il.", "“Il faut l'entretenir”, dit-il."),
        ("« Il dit « non » », dit-elle", "“Il dit ‘non’”, dit-elle"),
        ("« Il dit « non", "“Il dit ‘non’”"),
        ("sans rien", "sans rien"),
        ("", ""),
    ],
)
def test_marks_within_a_quote_are_seen_nested_and_balanced(written: str, shown: str) -> None:
    assert seen(nest([(written, False)])) == shown


def test_a_marked_span_stays_marked() -> None:
    pieces = nest([("elle a « ", False), ("reçu", True), (" » la bague", False)])
    assert [one.words for one in pieces if one.is_marked] == ["reçu"]
    assert seen(pieces) == "elle a “reçu” la bague"


PARTS = st.lists(st.tuples(st.text(alphabet="ab «»\u202f\n", max_size=20), st.booleans()))


@given(PARTS)
def test_no_word_is_lost_or_added(parts: list[tuple[str, bool]]) -> None:
    pieces = nest(parts)
    assert "".join(one.words for one in pieces) == "".join(words for words, _ in parts)
    assert all(one.words == "" for one in pieces if one.missing)
    for is_marked in (True, False):
        kept = "".join(one.words for one in pieces if one.is_marked is is_marked)
        assert kept == "".join(words for words, marked in parts if marked is is_marked)
