"""Reprints: found among labelled pairs, and what words count."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rag.language.near_duplicates import (
    PERMUTATIONS,
    SHARED,
    are_reprints,
    find_reprints,
    group,
    said_words,
    shingles,
    sign,
)
from tests.language.reprint_pairs import (
    STORIES,
    Story,
    pairs,
    retyped,
    text_of,
    with_other_lead,
)

BODY = text_of(STORIES[0].body)
LED = text_of(with_other_lead(STORIES[0]))
PAIRS = list(pairs())


# What is found


def found_alike(one: str, other: str) -> bool:
    texts = {"a": one, "b": other}
    signatures = {name: sign(text) for name, text in texts.items()}
    return find_reprints(signatures, frozenset(texts), texts.__getitem__) == [("a", "b")]


def test_labelled_pairs_are_told_apart() -> None:
    kinds = {pair.kind: pair.same for pair in PAIRS}
    assert len(PAIRS) >= 40
    assert len(kinds) == 10
    found = [found_alike(pair.one, pair.other) for pair in PAIRS]
    right = sum(is_found and pair.same for is_found, pair in zip(found, PAIRS, strict=True))
    assert right / sum(found) >= 0.95
    assert right / sum(pair.same for pair in PAIRS) >= 0.95


def test_the_threshold_lies_between_reprints_and_others() -> None:
    shared: dict[bool, list[float]] = {True: [], False: []}
    for pair in PAIRS:
        one, other = shingles(pair.one), shingles(pair.other)
        shared[pair.same].append(len(one & other) / min(len(one), len(other)))
    assert max(shared[False]) + 0.05 < SHARED < min(shared[True]) - 0.05


def test_a_round_up_is_no_reprint_of_what_it_holds() -> None:
    round_up = "\n\n".join(text_of(story.body) for story in STORIES[:4])
    assert not found_alike(BODY, round_up)


def test_words_count_and_typography_does_not() -> None:
    assert said_words("« L’École, 2 fois »") == ("l", "ecole", "2", "fois")
    assert shingles(retyped(BODY)) == shingles(BODY)
    assert shingles("Un seul") == {"un seul"}
    assert are_reprints(shingles("Un seul"), shingles("« Un seul ! »"))


@given(st.sampled_from(STORIES), st.integers(1, 8), st.integers(0, 8))
def test_a_signature_estimates_the_resemblance(story: Story, kept: int, more: int) -> None:
    body = story.body
    one, other = text_of(body[:kept]), text_of(body[max(0, kept - more) :])
    words = shingles(one), shingles(other)
    resemblance = len(words[0] & words[1]) / len(words[0] | words[1])
    estimate = float((sign(one) == sign(other)).mean())
    # Five standard deviations of PERMUTATIONS draws, at most 5 × √(¼ / 128).
    assert abs(estimate - resemblance) <= 5 * (0.25 / PERMUTATIONS) ** 0.5


def test_among_many_the_same_pairs_are_found_as_two_by_two() -> None:
    texts = {
        f"{place}-{name}": text
        for place, story in enumerate(STORIES)
        for name, text in (
            ("body", text_of(story.body)),
            ("led", text_of(with_other_lead(story))),
            ("other", text_of(story.other_account)),
        )
    }
    signatures = {name: sign(text) for name, text in texts.items()}
    expected = [
        (one, other)
        for one, other in itertools.combinations(sorted(texts), 2)
        if are_reprints(shingles(texts[one]), shingles(texts[other]))
    ]
    assert len(expected) == len(STORIES)
    assert find_reprints(signatures, frozenset(texts), texts.__getitem__) == expected
    assert group(expected) == {name: pair[0] for pair in expected for name in pair}


def test_what_is_not_new_is_not_compared_again() -> None:
    texts = {"a": BODY, "b": LED, "c": retyped(BODY)}
    read: list[str] = []

    def text_of_name(name: str) -> str:
        read.append(name)
        return texts[name]

    signatures = {name: sign(text) for name, text in texts.items()}
    assert find_reprints(signatures, frozenset(), text_of_name) == []
    assert read == []
    found = find_reprints(signatures, frozenset("c"), text_of_name)
    assert found == [("a", "c"), ("b", "c")]


def test_many_copies_are_one_story_without_comparing_all() -> None:
    names = [f"{number:03}" for number in range(200)]
    signatures = dict.fromkeys(names, sign(BODY))
    found = find_reprints(signatures, frozenset(names), lambda _: BODY)
    assert len(found) < 200 * 20
    assert set(group(found).values()) == {"000"}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_groups_are_what_pairs_connect(numbered: list[tuple[int, int]]) -> None:
    linked = [(str(one), str(other)) for one, other in numbered]
    story = group(linked)
    reached = {name: {name} for pair in linked for name in pair}
    for _ in range(10):
        for one, other in linked:
            both = reached[one] | reached[other]
            for name in both:
                reached[name] = both
    assert story == {name: min(names) for name, names in reached.items()}
