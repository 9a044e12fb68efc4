"""Reprints: articles that print one story again, with another lead, cut or continued.

Candidates come from MinHash signatures (Broder, *On the resemblance and containment of
documents*, 1997), which are kept, so that only what is new is compared; each candidate
is then checked on the words themselves.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from rag.language.analysis import fold

# A shingle is so many words in a row.
SHINGLE_WORDS = 3
# Two articles are reprints when they share that much of the shorter one's shingles. In the
# labelled pairs of tests/language/reprint_pairs.py reprints share 0.62 or more (another lead
# and a
# cut end), others 0.43 or less (a footer and a spoken sentence).
SHARED = 0.5
# A round-up that prints a story in a corner of its own is no reprint of it.
SHORTEST = 0.3
PERMUTATIONS = 128
# Two places each.
BANDS = PERMUTATIONS // 2
# Estimated resemblance (shared shingles over all) below which no words are compared;
# SHARED and SHORTEST together mean 0.13 at the least.
_RESEMBLING = 0.08
# In a run of so many equal bands every two are compared, in a longer one near ones only.
_RUN = 20
# A megabyte of hashes each permuted in PERMUTATIONS ways.
_SIGNED_AT_ONCE = 1_000
_WORD = re.compile(r"\w+")

Signature = npt.NDArray[np.uint32]


def said_words(text: str) -> tuple[str, ...]:
    """The words of ``text`` whatever its case, accents, punctuation and spaces."""
    return tuple(_WORD.findall(fold(text)))


def shingles(text: str) -> frozenset[str]:
    """Every run of SHINGLE_WORDS words; a shorter text is one run."""
    words = said_words(text)
    last = max(len(words) - SHINGLE_WORDS, 0)
    return frozenset(" ".join(words[at : at + SHINGLE_WORDS]) for at in range(last + 1))


def sign(text: str) -> Signature:
    """The MinHash signature of a text's shingles, shape (PERMUTATIONS,).

    The share of places where two signatures agree estimates the resemblance of the texts.
    """
    hashes = np.frombuffer(
        b"".join(_hash(shingle.encode()) for shingle in shingles(text)), np.uint64
    )
    factors, terms = _permutations()
    least = np.full(PERMUTATIONS, np.iinfo(np.uint32).max, np.uint32)
    for first in range(0, len(hashes), _SIGNED_AT_ONCE):
        part = hashes[first : first + _SIGNED_AT_ONCE, None]
        permuted = (part * factors + terms) >> np.uint64(32)
        least = np.minimum(least, permuted.min(axis=0).astype(np.uint32))
    return least


def are_reprints(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether texts with those shingles print one story."""
    shorter, longer = sorted((len(one), len(other)))
    return shorter >= SHORTEST * longer and len(one & other) >= SHARED * shorter


def may_be_reprints(one: Signature, other: Signature) -> bool:
    """Whether texts with those signatures resemble each other enough to compare their words."""
    return bool((one == other).mean() >= _RESEMBLING)


def bands_of(matrix: Signature) -> npt.NDArray[np.uint32]:
    """The bands of signatures of shape (texts, PERMUTATIONS), of shape (BANDS, texts).

    Texts that agree in a band have the same number in it, others hardly ever.
    """
    pairs = np.ascontiguousarray(matrix).view(np.uint64).T
    # Fibonacci hashing: the high half depends on all bits.
    mixed = pairs * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(32)).astype(np.uint32)


def find_reprints(
    signatures: Mapping[str, Signature],
    new: frozenset[str],
    text_of: Callable[[str], str],
) -> list[tuple[str, str]]:
    """The pairs of reprints of which at least one is ``new``, sorted within and among.

    The texts of candidates alone are read: the cost grows with what is new and, by a sort
    of their signatures, with all.
    """
    names = sorted(signatures)
    if not new or len(names) < 2:
        return []
    matrix = np.stack([signatures[name] for name in names])
    is_new = np.array([name in new for name in names])

    @functools.lru_cache(maxsize=64)
    def shingles_of(place: int) -> frozenset[str]:
        return shingles(text_of(names[place]))

    return [
        (names[one], names[other])
        for one, other in sorted(_candidates(matrix, is_new))
        if may_be_reprints(matrix[one], matrix[other])
        and are_reprints(shingles_of(one), shingles_of(other))
    ]


def group(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The story of every article in ``pairs``, named by the least of its articles."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    for one, other in pairs:
        first, last = sorted((find(one), find(other)))
        leader[last] = first
    return {name: find(name) for name in sorted(leader)}


def _hash(told: bytes) -> bytes:
    return hashlib.blake2b(told, digest_size=8).digest()


@functools.cache
def _permutations() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """What a hash h is multiplied by, and what is added: the high half of both is its place.

    Multiply-shift (Dietzfelbinger et al., *A reliable randomized algorithm for the
    closest-pair problem*, 1997); the numbers are hashes too, and the same for ever.
    """
    numbers = np.frombuffer(
        b"".join(_hash(b"%d" % number) for number in range(2 * PERMUTATIONS)), np.uint64
    )
    return numbers[:PERMUTATIONS] | np.uint64(1), numbers[PERMUTATIONS:]


def _candidates(matrix: Signature, is_new: npt.NDArray[np.bool_]) -> set[tuple[int, int]]:
    """Rows that agree in a band of two places, one of each pair being new.

    Locality-sensitive hashing: of two texts of resemblance 0.31 (the least like reprints
    of the labelled pairs) it misses (1 − 0.31²)^64, or 0.2 %.
    """
    found: set[tuple[int, int]] = set()
    for band in np.ascontiguousarray(matrix).view(np.uint64).T:
        order = np.argsort(band, kind="stable")
        edges = np.flatnonzero(np.diff(band[order])) + 1
        for run in _long_runs(order, edges):
            found.update(_near_pairs(run, is_new))
    return found


def _long_runs(
    order: npt.NDArray[np.intp], edges: npt.NDArray[np.intp]
) -> Iterable[npt.NDArray[np.intp]]:
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [len(order)]))
    for place in np.flatnonzero(ends - starts > 1):
        yield order[starts[place] : ends[place]]


def _near_pairs(
    run: Sequence[int] | npt.NDArray[np.intp], is_new: npt.NDArray[np.bool_]
) -> Iterable[tuple[int, int]]:
    rows = sorted(int(row) for row in run)
    for place, one in enumerate(rows):
        for other in rows[place + 1 : place + 1 + _RUN]:
            if is_new[one] or is_new[other]:
                yield one, other
