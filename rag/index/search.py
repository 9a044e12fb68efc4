"""Asking the engine of one generation: which passages, and how near."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.index.catalogue import Catalogue
from rag.index.engine import Engine, Scored, Selection, Vectors
from rag.types import Filters


class Search:
    """Finds passages by meaning and by words. Safe to use from several threads."""

    def __init__(self, catalogue: Catalogue, engine: Engine, passages: int) -> None:
        self._catalogue = catalogue
        self._engine = engine
        self._passages = passages

    def select(self, filters: Filters) -> Selection | None:
        """The passages that pass ``filters``, for a search; None when all do."""
        return Selection(filters, self._catalogue) if filters else None

    def nearest(
        self, question: Vectors, count: int, selection: Selection | None
    ) -> list[Scored]:
        """The ``count`` passages with the highest cosine, best first, as `Engine` says."""
        if not self._passages:
            return []
        return self._engine.nearest(question, count, selection)

    def matching(
        self, query_terms: Sequence[str], count: int, selection: Selection | None
    ) -> list[Scored]:
        """The ``count`` passages with the highest BM25 score, as `Engine` says."""
        if not self._passages or not query_terms:
            return []
        return self._engine.matching(query_terms, count, selection)

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many passages each of ``terms`` occurs."""
        return self._engine.document_frequencies(terms)

    def warm_up(self) -> None:
        """Read what the first search would wait for."""
        if self._passages:
            self._engine.warm_up()
