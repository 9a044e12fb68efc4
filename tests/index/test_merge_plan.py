"""Which segments become one, whatever came and went."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from rag.index.merge_plan import GONE_ALLOWED, MOST, PER_TIER, SMALLEST, Size, segments_to_merge


def _whole(*passages: int) -> list[Size]:
    return [Size(count, count) for count in passages]


def test_few_segments_stay() -> None:
    assert segments_to_merge([]) == []
    assert segments_to_merge(_whole(*[10] * (PER_TIER - 1))) == []
    assert segments_to_merge(_whole(1_000_000, *[10] * (PER_TIER - 1))) == []


def test_as_many_of_like_size_become_one() -> None:
    sizes = _whole(1_000_000, *[10] * PER_TIER)
    assert segments_to_merge(sizes) == list(range(1, PER_TIER + 1))
    # Those that make a tier of their own are not drawn in.
    larger = [SMALLEST * PER_TIER] * (PER_TIER - 1)
    assert segments_to_merge(_whole(*larger, *[1] * PER_TIER)) == list(
        range(PER_TIER - 1, 2 * PER_TIER - 1)
    )


def test_what_holds_much_that_is_gone_is_made_anew() -> None:
    most_gone = int(100 * GONE_ALLOWED)
    assert segments_to_merge([Size(100, 100 - most_gone), Size(100, 100)]) == []
    assert segments_to_merge([Size(100, 100), Size(100, 100 - most_gone - 1)]) == [1]


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=300))
def test_few_are_searched_and_none_is_copied_often(builds: list[int]) -> None:
    held: list[int] = []
    copied = 0
    for new in builds:
        held.append(new)
        while chosen := segments_to_merge(_whole(*held)):
            assert len(chosen) > 1
            merged = sum(held[place] for place in chosen)
            copied += merged
            held = [one for place, one in enumerate(held) if place not in chosen] + [merged]
        assert len(held) <= MOST
    total = sum(builds)
    assert sum(held) == total
    # Of the smallest tier, what is there is copied again with every few that come.
    tiers = 2 + math.log(max(total / SMALLEST, 1), PER_TIER)
    assert copied <= 2 * tiers * total + SMALLEST * len(builds)
