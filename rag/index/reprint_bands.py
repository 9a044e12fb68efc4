"""The bands of a segment's signatures: what finds, of many articles, those like a new one.

Locality-sensitive hashing (`near_duplicates` tells the chances): a sorted column a band, in a
file where there are many articles, so that a new one is looked up and not compared with all.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.index.generations import damaged
from rag.index.open_segment import Segment
from rag.language.near_duplicates import BANDS, Signature, bands_of, shingles

VALUES = "reprints.bands.npy"
ARTICLES = "reprints.articles.npy"
FILES = (VALUES, ARTICLES)
# Fewer signatures are read and sorted sooner than a file is worth.
FILES_FROM = 1_000
# Of more that agree in a band, so many are compared: they are paired with the others already.
_RUN = 20

Column = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Bands:
    """The bands of articles: ``values`` ascending in each, and the rows of their ``articles``.

    Both of shape (BANDS, articles).
    """

    values: Column
    articles: Column

    @classmethod
    def of(cls, signatures: Mapping[int, Signature]) -> Bands:
        """The bands of the articles of those rows."""
        rows = np.array(sorted(signatures), np.uint32)
        if not len(rows):
            return cls(np.empty((BANDS, 0), np.uint32), np.empty((BANDS, 0), np.uint32))
        values = bands_of(np.stack([signatures[row] for row in rows.tolist()]))
        order = np.argsort(values, axis=1, kind="stable")
        return cls(np.take_along_axis(values, order, axis=1), rows[order])

    def write(self, folder: Path) -> None:
        """Write the files of a segment. Raises OSError."""
        np.save(folder / VALUES, self.values)
        np.save(folder / ARTICLES, self.articles)

    def candidates(self, matrix: Signature) -> list[tuple[int, int]]:
        """Which texts, of signatures (texts, PERMUTATIONS), agree in a band with which rows."""
        found: set[tuple[int, int]] = set()
        for values, articles, wanted in zip(
            self.values, self.articles, bands_of(matrix), strict=True
        ):
            begins = np.searchsorted(values, wanted, "left")
            ends = np.searchsorted(values, wanted, "right")
            for place in np.flatnonzero(ends > begins).tolist():
                run = articles[begins[place] : min(ends[place], begins[place] + _RUN)]
                found.update((place, row) for row in run.tolist())
        return sorted(found)


@dataclass(frozen=True)
class Text:
    """An article of a segment, to be compared with others."""

    id: str
    signature: Signature
    text: str

    @functools.cached_property
    def shingles(self) -> frozenset[str]:
        """Those of its text."""
        return shingles(self.text)


class Texts:
    """The articles of a segment by their rows, to be compared."""

    def __init__(self, segment: Segment, signatures: Mapping[str, Signature] | None) -> None:
        """Read each article's signature when it is asked for, unless all are given."""
        self._segment = segment
        self._signatures = signatures
        self.get = functools.lru_cache(maxsize=256)(self._read)

    def bands(self) -> Bands:
        """The bands of the ``signatures`` that were given."""
        given = self._signatures or {}
        rows = self._segment.catalogue.rows("SELECT row, id FROM articles")
        return Bands.of({row: given[one] for row, one in rows})

    def _read(self, row: int) -> Text | None:
        """The article in ``row``, None where it is gone."""
        found = self._segment.catalogue.rows(
            "SELECT id, text, (SELECT signature FROM signatures WHERE article_id = id)"
            " FROM articles WHERE row = ?",
            row,
        )
        if not found:
            return None
        ((article_id, text, stored),) = found
        given = (self._signatures or {}).get(article_id)
        signature = given if given is not None else np.frombuffer(stored, "<u4")
        return Text(article_id, signature, text)


def bands_in(folder: Path) -> Bands | None:
    """The bands that a segment has files of, mapped; raises IndexDamagedError."""
    if not (folder / VALUES).exists():
        return None
    try:
        values, articles = (np.load(folder / name, mmap_mode="r") for name in FILES)
    except (OSError, ValueError, EOFError) as error:
        raise damaged(folder, f"{VALUES} cannot be read ({error})") from error
    if values.shape != articles.shape or values.shape[:1] != (BANDS,):
        raise damaged(folder, f"{VALUES} has shape {values.shape}, unlike {ARTICLES}")
    return Bands(values, articles)
