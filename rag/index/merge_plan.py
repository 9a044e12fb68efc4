"""Which segments become one: few are searched, and no passage is copied often.

Tiers, as in Lucene's TieredMergePolicy and O'Neil et al., *The Log-Structured Merge-Tree*,
1996: segments of like size are merged when there are PER_TIER of them, so a passage is copied
once a tier, and the tiers grow with the logarithm of the index.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# So many of a tier become one of the next.
PER_TIER = 8
# Passages of the smallest tier: merging these costs less than embedding one article.
SMALLEST = 500
# Whatever their sizes, so many are searched at the most.
MOST = 12
# What is gone is read and skipped until it is that much of a segment.
GONE_ALLOWED = 0.2


@dataclass(frozen=True, slots=True)
class Size:
    """The passages of a segment, and those of them that are there."""

    held: int
    there: int


def segments_to_merge(sizes: Sequence[Size]) -> list[int]:
    """Which segments, by their places in ``sizes``, are to be one; none where all is well.

    What results may be merged again.
    """
    wasted = [
        place
        for place, size in enumerate(sizes)
        if size.held - size.there > GONE_ALLOWED * size.held
    ]
    if wasted:
        return wasted
    tiers: dict[int, list[int]] = {}
    for place, size in enumerate(sizes):
        tiers.setdefault(_tier(size.there), []).append(place)
    for tier in sorted(tiers):
        if len(tiers[tier]) >= PER_TIER:
            return tiers[tier]
    if len(sizes) > MOST:
        by_size = sorted(range(len(sizes)), key=lambda place: sizes[place].there)
        return sorted(by_size[: len(sizes) - MOST + PER_TIER - 1])
    return []


def _tier(passages: int) -> int:
    return max(0, math.floor(math.log(max(passages, 1) / SMALLEST, PER_TIER)) + 1)
