"""The catalogue's tables of reprints: signatures of articles, and the pairs found by them."""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from rag.index.open_segment import Segment
from rag.index.reprint_bands import Bands, Texts, bands_in
from rag.language.near_duplicates import (
    Signature,
    are_reprints,
    find_reprints,
    may_be_reprints,
    shingles,
    sign,
)

# Signed like an article; another signature than last time tells that signing has changed.
_PROBE = "Sans un autre moyen de savoir si les signatures se comparent, en signer une."


def write_reprints(
    database: sqlite3.Connection,
    known: Sequence[Segment],
    beside: Sequence[Segment],
) -> dict[int, Signature]:
    """Find the reprints of the articles in ``database``, among them and in ``beside``.

    What segments that are ``known`` have signed is not signed again. Texts are read one at a
    time. Returns the signature of the article in each row. The cost grows with the articles
    in ``database``, and by a search in their bands with those beside.
    """
    rows = dict(database.execute("SELECT id, row FROM articles ORDER BY id"))

    def text_of(article_id: str) -> str:
        query = "SELECT text FROM articles WHERE id = ?"
        return str(database.execute(query, (article_id,)).fetchone()[0])

    signatures = _known(known, list(rows))
    signatures |= {one: sign(text_of(one)) for one in rows if one not in signatures}
    insert_signatures(database, signatures)
    pairs = set(find_reprints(signatures, frozenset(signatures), text_of))
    for segment in beside:
        pairs.update(_pairs_with(segment, signatures, text_of))
    database.executemany("INSERT INTO reprints VALUES (?, ?)", sorted(pairs))
    return {rows[one]: signature for one, signature in signatures.items()}


def insert_signatures(database: sqlite3.Connection, signatures: dict[str, Signature]) -> None:
    """Keep the signatures of articles, by their ids, and what tells how they were signed."""
    probed = {"": sign(_PROBE)} | signatures
    database.executemany(
        "INSERT INTO signatures VALUES (?, ?)",
        [(one, signature.astype("<u4").tobytes()) for one, signature in probed.items()],
    )


def signatures_of(segment: Segment) -> dict[str, Signature]:
    """The signatures of the articles that a segment has, by their ids.

    Made anew where signing has changed.
    """
    if not _is_signed_alike(segment):
        texts = segment.catalogue.rows("SELECT id, text FROM articles")
        return {one: sign(text) for one, text in texts}
    ids = [one for (one,) in segment.catalogue.rows("SELECT id FROM articles")]
    return _stored(segment, ids)


def _is_signed_alike(segment: Segment) -> bool:
    probe = _stored(segment, [""]).get("")
    return probe is not None and np.array_equal(probe, sign(_PROBE))


def _stored(segment: Segment, ids: Sequence[str]) -> dict[str, Signature]:
    """The signatures that a segment keeps of articles with those ids."""
    rows = segment.catalogue.rows(
        "SELECT article_id, signature FROM signatures"
        " WHERE article_id IN (SELECT value FROM json_each(?))",
        json.dumps(ids),
    )
    return {one: np.frombuffer(stored, "<u4") for one, stored in rows}


def _known(segments: Sequence[Segment], articles: Sequence[str]) -> dict[str, Signature]:
    """What of ``articles`` was signed already, whether it is still there or not."""
    found: dict[str, Signature] = {}
    for segment in segments:
        if _is_signed_alike(segment):
            found |= _stored(segment, articles)
    return found


def _pairs_with(
    segment: Segment,
    signatures: dict[str, Signature],
    text_of: Callable[[str], str],
) -> Iterator[tuple[str, str]]:
    """The pairs of an article of ``signatures`` and one that the segment has."""
    if not signatures or not segment.articles:
        return
    names = list(signatures)
    bands: Bands | None = None
    if _is_signed_alike(segment):
        bands = bands_in(segment.folder)
    others = Texts(segment, None if bands else signatures_of(segment))
    bands = bands or others.bands()

    @functools.lru_cache(maxsize=64)
    def shingles_of(name: str) -> frozenset[str]:
        return shingles(text_of(name))

    for place, row in bands.candidates(np.stack(list(signatures.values()))):
        name, other = names[place], others.get(row)
        if (
            other is not None
            and other.id != name
            and may_be_reprints(signatures[name], other.signature)
            and are_reprints(shingles_of(name), other.shingles)
        ):
            one, two = sorted((name, other.id))
            yield one, two
