"""Utterances: whole sentences around one that stands between « and »."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.sentences import LONGEST, split_sentences
from rag.language.utterances import opening_of_utterance, whole_utterance
from rag.types import Sentence


def _sentence(text: str, words: str) -> Sentence:
    return next(
        one for one in split_sentences(text, "fr") if text[one.start : one.end] == words
    )


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [
        ("Il dit : « Un. Deux. » Trois.", "Deux. »", "Il dit : « Un. Deux. »"),
        ("Il dit : « Un. Deux. » Trois.", "Trois.", "Trois."),
        ("« Un. Deux. Trois », dit-il. Fin.", "Deux.", "« Un. Deux. Trois », dit-il."),
        ("Il dit : “Un. Deux.” Trois.", "Deux.”", "Il dit : “Un. Deux.”"),
        ("Il dit : « Un. Deux.\n\nTrois. »", "Deux.", "Deux."),
        ("Un. Deux » Trois. Quatre.", "Quatre.", "Quatre."),
        ("Il dit : « Un « mot ». Deux. » Fin.", "Deux. »", "Il dit : « Un « mot ». Deux. »"),
    ],
)
def test_whole_utterances(text: str, words: str, whole: str) -> None:
    found = whole_utterance(text, _sentence(text, words), "fr")
    assert text[found.start : found.end] == whole


def test_who_speaks_at_length() -> None:
    text = "Odile dit : « Un mot. " + "Encore un mot de plus. " * 40 + "Fin. » Tous partent."
    last = _sentence(text, "Fin. »")
    assert whole_utterance(text, last, "fr") == last
    opening = opening_of_utterance(text, last, "fr")
    assert opening is not None
    assert text[opening.start : opening.end] == "Odile dit : « Un mot."
    assert opening_of_utterance(text, _sentence(text, "Tous partent."), "fr") is None


_PIECES = st.sampled_from(
    ["« ", " »", "Un mot. ", "Deux ! ", "\n\n", "“", "”", "et ", "mot " * 80]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_an_utterance_is_whole_sentences_of_a_paragraph(text: str) -> None:
    sentences = split_sentences(text, "fr")
    for one in sentences:
        whole = whole_utterance(text, one, "fr")
        assert whole.start <= one.start < one.end <= whole.end
        assert whole.end - whole.start <= LONGEST
        assert "\n\n" not in text[whole.start : whole.end]
        assert whole.start in {other.start for other in sentences}
        assert whole.end in {other.end for other in sentences}
