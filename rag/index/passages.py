"""The passages and sentences of one generation: where they are in their articles."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rag.index.catalogue import Catalogue
from rag.index.generations import damaged
from rag.index.stored_rows import StoredRows, Vectors
from rag.types import Passage, Sentence

# Every passage with those numbers, with its article, the row of its first sentence, how many
# sentences it has and where each begins and ends. The joins keep their order: from what is
# wanted to what is found.
_PASSAGES = """
SELECT json_group_array(json_array(
    number, id, first_sentence + first, last - first + 1,
    json((
        SELECT json_group_array(json_array(start, end)) FROM (
            SELECT start, end FROM sentences
            WHERE sentences.article = wanted.article AND place BETWEEN first AND last
            ORDER BY place
        )
    ))
)) FROM (
    SELECT value AS number, (
        SELECT article FROM places WHERE first_passage <= value AND passages > 0
        ORDER BY first_passage DESC LIMIT 1
    ) AS article FROM json_each(?)
) AS wanted
CROSS JOIN places ON places.article = wanted.article
CROSS JOIN passages ON passages.article = wanted.article
    AND passages.place = number - first_passage
CROSS JOIN articles ON row = wanted.article
"""
_SENTENCES = """
SELECT json_group_array(json_array(start, end)) FROM (
    SELECT start, end FROM sentences WHERE article = ? ORDER BY place
)
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage with its place in the index.

    ``first_sentence`` is the row of its first sentence's vector; the others follow.
    """

    number: int
    passage: Passage
    first_sentence: int


class Passages:
    """Reads passages and sentences. Safe to use from several threads."""

    def __init__(self, catalogue: Catalogue, rows: StoredRows) -> None:
        self._catalogue = catalogue
        self._rows = rows

    def read(self, numbers: Sequence[int]) -> dict[int, Stored]:
        """The passages with those numbers, in that order, in one look into the catalogue."""
        found: dict[int, Stored] = {}
        for number, article_id, first_sentence, count, spans in self._catalogue.value(
            _PASSAGES, json.dumps(list(numbers))
        ):
            if len(spans) != count:
                raise damaged(self._catalogue.folder, f"passage {number} lacks sentences")
            found[number] = _stored(number, article_id, _sentences(spans), first_sentence)
        for number in numbers:
            if number not in found:
                raise damaged(self._catalogue.folder, f"there is no passage {number}")
        return {number: found[number] for number in numbers}

    def every(self) -> Iterator[Stored]:
        """All passages, by article."""
        for (article_id,) in self._catalogue.rows("SELECT id FROM articles ORDER BY path"):
            yield from self.of_article(article_id)

    def of_article(self, article_id: str) -> tuple[Stored, ...]:
        """An article's passages, in order."""
        place = self._place(article_id)
        if place is None:
            return ()
        row, first_passage, first_sentence = place
        sentences = self._sentences_of(row)
        rows = self._catalogue.rows(
            "SELECT place, first, last FROM passages WHERE article = ? ORDER BY place", row
        )
        if any(last >= len(sentences) for _, _, last in rows):
            raise damaged(self._catalogue.folder, f"article {article_id!r} lacks sentences")
        return tuple(
            _stored(
                first_passage + place,
                article_id,
                sentences[first : last + 1],
                first_sentence + first,
            )
            for place, first, last in rows
        )

    def sentences(self, article_id: str) -> tuple[Sentence, ...]:
        """An article's sentences, in order."""
        place = self._place(article_id)
        return () if place is None else self._sentences_of(place[0])

    def sentences_with_vectors(self, article_id: str) -> tuple[tuple[Sentence, ...], Vectors]:
        """An article's sentences, in order, with a row of vectors each."""
        place = self._place(article_id)
        if place is None:
            return (), self._rows.sentences_at(np.arange(0))
        row, _, first = place
        sentences = self._sentences_of(row)
        return sentences, self._rows.sentences_at(np.arange(first, first + len(sentences)))

    def sentence_before(self, article_id: str, start: int) -> Sentence | None:
        """The sentence just before the one that starts at ``start``."""
        rows = self._catalogue.rows(
            "SELECT start, end FROM sentences JOIN articles ON row = article"
            " WHERE id = ? AND start < ? ORDER BY place DESC LIMIT 1",
            article_id,
            start,
        )
        return Sentence(*rows[0]) if rows else None

    def places(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Every article's row with its first passage, their count, and its sentences'."""
        yield from self._catalogue.rows(
            "SELECT article, first_passage, passages, first_sentence, sentences FROM places"
        )

    def _place(self, article_id: str) -> tuple[int, int, int] | None:
        """An article's row, first passage and first sentence; None when it is unknown."""
        rows = self._catalogue.rows(
            "SELECT article, first_passage, first_sentence FROM places"
            " JOIN articles ON row = article WHERE id = ?",
            article_id,
        )
        if not rows:
            return None
        row, first_passage, first_sentence = rows[0]
        return row, first_passage, first_sentence

    def _sentences_of(self, row: int) -> tuple[Sentence, ...]:
        """The sentences of the article in ``row``."""
        return _sentences(self._catalogue.value(_SENTENCES, row))


def _sentences(spans: Sequence[Sequence[int]]) -> tuple[Sentence, ...]:
    return tuple(itertools.starmap(Sentence, spans))


def _stored(
    number: int, article_id: str, sentences: tuple[Sentence, ...], first_sentence: int
) -> Stored:
    passage = Passage(article_id, sentences[0].start, sentences[-1].end, sentences)
    return Stored(number, passage, first_sentence)
