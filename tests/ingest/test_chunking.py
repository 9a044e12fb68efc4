"""Passages: whole sentences within a budget, each sentence in at least one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.chunking import chunk_article
from rag.language.sentences import split_sentences
from rag.types import Passage
from tests.fakes import make_article


def _count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def _text_of(costs: Sequence[int]) -> str:
    """A text whose sentences have as many words as ``costs`` say."""
    return " ".join(" ".join(["Mot"] + ["mot"] * (cost - 1)) + "." for cost in costs)


def _places(passages: Sequence[Passage], text: str) -> list[tuple[int, int]]:
    """The runs [first, last) of sentences that the passages are."""
    starts = [sentence.start for sentence in split_sentences(text, "fr")]
    return [
        (starts.index(p.sentences[0].start), starts.index(p.sentences[-1].start) + 1)
        for p in passages
    ]


def _runs(costs: Sequence[int], budget: int, overlap: int) -> list[tuple[int, int]]:
    text = _text_of(costs)
    return _places(chunk_article(make_article(text), _count_words, budget, overlap), text)


@pytest.mark.parametrize(
    ("costs", "budget", "overlap", "expected"),
    [
        ([], 10, 1, []),
        ([4], 10, 1, [(0, 1)]),
        ([4, 6], 4 + 6, 1, [(0, 2)]),
        ([4, 6], 4 + 6 - 1, 0, [(0, 1), (1, 2)]),
        ([3, 3, 3, 3], 3 + 3, 0, [(0, 2), (2, 4)]),
        ([3, 3, 3, 3], 3 + 3, 1, [(0, 2), (1, 3), (2, 4)]),
        ([3, 3, 3, 3, 3], 3 + 3 + 3, 2, [(0, 3), (1, 4), (2, 5)]),
        # The overlap gives way to a sentence that would not fit behind it.
        ([3, 3, 6], 3 + 3, 1, [(0, 2), (2, 3)]),
        # A sentence longer than the budget is a passage of its own.
        ([3, 50, 3], 6, 1, [(0, 1), (1, 2), (2, 3)]),
    ],
)
def test_runs(
    costs: list[int], budget: int, overlap: int, expected: list[tuple[int, int]]
) -> None:
    assert _runs(costs, budget, overlap) == expected


@given(
    st.lists(st.integers(1, 12), max_size=30),
    st.integers(1, 25),
    st.integers(0, 5),
)
def test_every_sentence_is_covered_within_the_budget(
    costs: list[int], budget: int, overlap: int
) -> None:
    text = _text_of(costs)
    article = make_article(text)
    sentences = split_sentences(text, "fr")
    assert _count_words([text[s.start : s.end] for s in sentences]) == costs
    passages = chunk_article(article, _count_words, budget, overlap)
    runs = _places(passages, text)

    assert {place for first, last in runs for place in range(first, last)} == set(
        range(len(costs))
    )
    for passage, (first, last) in zip(passages, runs, strict=True):
        assert passage.article_id == article.id
        assert passage.sentences == sentences[first:last]
        assert (passage.start, passage.end) == (
            sentences[first].start,
            sentences[last - 1].end,
        )
        assert sum(costs[first:last]) <= budget or last - first == 1
    for (first, last), (next_first, next_last) in itertools.pairwise(runs):
        assert first < next_first <= last < next_last
        assert last - next_first <= overlap
        if last - next_first < min(overlap, last - first - 1):
            assert sum(costs[next_first - 1 : last + 1]) > budget


@given(st.text(max_size=400), st.integers(1, 30), st.integers(0, 3))
def test_any_text_is_covered(text: str, budget: int, overlap: int) -> None:
    passages = chunk_article(make_article(text), _count_words, budget, overlap)
    covered = {sentence for passage in passages for sentence in passage.sentences}
    assert covered == set(split_sentences(text, "fr"))
