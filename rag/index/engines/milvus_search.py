"""Finding passages beyond one machine: in a Milvus collection, one a segment.

The collection is found by the name in the manifest, and complete before ``CURRENT`` names
a generation of it. https://milvus.io/docs tells of the server; ``milvus-lite server`` is a
small one that speaks the same protocol.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from rag.errors import EngineError
from rag.index.catalogue import Catalogue
from rag.index.engine import Corpus, Numbers, Scored, SegmentSelection, Vectors
from rag.index.engines.milvus_rows import (
    FIELDS,
    NUMBER,
    TERMS,
    VECTOR,
    WORDS,
    Row,
    batches,
    collection_schema,
    expression,
    rows_of,
    shape_of,
    term_name,
)
from rag.index.engines.milvus_server import (
    BUILD_SECONDS,
    QUESTION_PATIENCE,
    QUESTION_SECONDS,
    MilvusServer,
    count_held,
    is_not_found,
    is_not_loaded,
)
from rag.index.engines.milvus_term_counts import TermCounts, score
from rag.index.generations import SearchKind
from rag.index.half_floats import Halves
from rag.index.segments import SegmentManifest
from rag.types import Filters

if TYPE_CHECKING:
    from pymilvus import MilvusClient

T = TypeVar("T")

# Several times as many are matched as wanted: the server's order is nearly the scores'.
_MATCHED = 2
# Of so many passages each is compared by `rag verify`, of more as many, evenly spread.
COMPARED = 20_000
_TOLD = 20
_CLOSE = 1e-5


class MilvusEngine:
    """Finds passages in a collection, as `Engine` says."""

    def __init__(
        self,
        manifest: SegmentManifest,
        vectors: Halves,
        catalogue: Catalogue,
        gone: Numbers,
        uri: str,
    ) -> None:
        """Search the collection of ``manifest``, but for the passages that are ``gone``."""
        self._manifest = manifest
        self._vectors = vectors
        self._catalogue = catalogue
        self._gone = frozenset(gone.tolist())
        self._uri = uri
        self._server = MilvusServer(uri, QUESTION_PATIENCE)
        self._counts = TermCounts(catalogue, self._gone_terms)
        self._checking = threading.Lock()
        self._checked = False

    def nearest(
        self, question: Vectors, count: int, selection: SegmentSelection | None
    ) -> list[Scored]:
        """By inner product of unit vectors, on the server."""
        kind, effort = self._manifest.search, self._manifest.effort
        parameters: dict[str, Any] = {}
        if kind is SearchKind.GRAPH:
            parameters = {"ef": max(effort, 2 * count)}
        elif kind is SearchKind.INVERTED:
            parameters = {"nprobe": effort}
        found = self._search([question], VECTOR, "IP", parameters, count, selection, [])
        return [(hit[NUMBER], float(hit["distance"])) for hit in found]

    def matching(
        self,
        weights: Mapping[str, float],
        corpus: Corpus,
        count: int,
        selection: SegmentSelection | None,
    ) -> list[Scored]:
        """By BM25 on the server, scored by the counts of the whole generation."""
        named = {term_name(term): weight for term, weight in weights.items()}
        found = self._search(
            [" ".join(named)], WORDS, "BM25", {}, _MATCHED * count, selection, [TERMS]
        )
        scored = [(hit[NUMBER], score(hit["entity"][TERMS], named, corpus)) for hit in found]
        scored.sort(key=lambda one: (-one[1], one[0]))
        return scored[:count]

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each of ``terms`` occurs, from the catalogue."""
        named = {term: term_name(term) for term in terms}
        held = self._counts.holding(named.values())
        return {term: held[name] for term, name in named.items()}

    def occurrences(self) -> int:
        """How many terms the passages have together, from the catalogue."""
        return self._counts.occurrences()

    def warm_up(self) -> None:
        """Look whether the collection fits, and have the server load it."""
        self._ask(lambda _: None)

    def problems(self) -> Iterator[str]:
        """Compare the count, and the rows: all of COMPARED, of more an even sample."""
        passages, collection = self._manifest.passages, self._manifest.collection
        if not passages:
            return
        held = self._ask(functools.partial(count_held, collection=collection))
        if held != passages:
            yield f"the collection {collection} has {held} passages, expected {passages}"
        every = math.ceil(passages / COMPARED)
        rows = rows_of(self._catalogue.rows, self._vectors, lambda one: one % every == 0)
        told = 0
        for batch in batches(rows):
            for problem in self._differences(batch):
                told += 1
                if told > _TOLD:
                    yield "… and more; make the collection anew with: rag build"
                    return
                yield problem

    def close(self) -> None:
        """Let go of the connection."""
        self._server.close()

    def _gone_terms(self) -> Iterator[str]:
        """The terms of each passage that is gone, between spaces. Analyses them."""
        if self._gone:
            rows = rows_of(self._catalogue.rows, self._vectors, self._gone.__contains__)
            yield from (row.terms for row in rows)

    def _differences(self, rows: Sequence[Row]) -> Iterator[str]:
        numbers = [row.number for row in rows]
        found = self._ask(
            lambda client: client.get(
                self._manifest.collection,
                ids=numbers,
                output_fields=list(FIELDS),
                timeout=BUILD_SECONDS,
            )
        )
        held = {one[NUMBER]: one for one in found}
        for row in rows:
            one = held.get(row.number)
            if one is None:
                yield f"passage {row.number}: is not in the collection"
                continue
            vector = np.asarray(one[VECTOR], np.float32)
            if vector.shape != row.vector.shape or np.abs(vector - row.vector).max() > _CLOSE:
                yield f"passage {row.number}: Milvus holds another vector than the index"
            told = row.fields()
            for name in FIELDS:
                if name != VECTOR and one[name] != told[name]:
                    yield f"passage {row.number}: Milvus holds another {name} than the index"

    def _search(
        self,
        data: list[Any],
        field: str,
        metric: str,
        parameters: dict[str, Any],
        count: int,
        selection: SegmentSelection | None,
        wanted: list[str],
    ) -> list[dict[str, Any]]:
        """The server's hits, best first."""
        filters = selection.filters if selection is not None else Filters()
        kept = expression(filters, sorted(self._gone))
        (found,) = self._ask(
            lambda client: client.search(
                self._manifest.collection,
                data=data,
                anns_field=field,
                filter=kept,
                limit=min(count, self._manifest.passages),
                search_params={"metric_type": metric, "params": parameters},
                output_fields=wanted,
                timeout=QUESTION_SECONDS,
            )
        )
        # How a hit names its number depends on the version of the client.
        return [{**hit, NUMBER: hit.get(NUMBER, hit.get("id"))} for hit in found]

    def _ask(self, what: Callable[[MilvusClient], T]) -> T:
        """Ask the server of a collection that fits and is loaded."""
        if not self._uri:
            raise EngineError(
                f"the index is in the Milvus collection {self._manifest.collection}, and no "
                "server is named; set 'uri' to its address, or build again without"
            )
        with self._checking:
            if not self._checked:
                self._server.ask(self._check)
                self._checked = True
        try:
            return self._server.ask(what)
        except EngineError as error:
            # A server that was started anew has nothing loaded, another one has nothing.
            self._checked = False
            if is_not_loaded(error.__cause__):
                self._server.ask(self._check)
                return self._server.ask(what)
            if is_not_found(error.__cause__):
                raise self._missing() from error
            raise

    def _check(self, client: MilvusClient) -> None:
        """Refuse a collection that is not there or of another shape, and load it."""
        collection = self._manifest.collection
        if not client.has_collection(collection, timeout=QUESTION_SECONDS):
            raise self._missing()
        described = client.describe_collection(collection, timeout=QUESTION_SECONDS)
        expected = collection_schema(self._manifest.dimension).to_dict()
        if shape_of(described) != shape_of(expected):
            raise EngineError(
                f"the collection {collection} on {self._uri} has other fields than this "
                "version makes; make it anew with: rag build"
            )
        client.load_collection(collection, timeout=BUILD_SECONDS)

    def _missing(self) -> EngineError:
        return EngineError(
            f"there is no collection {self._manifest.collection} on the Milvus server at "
            f"{self._uri}; make it anew with: rag build; nothing is embedded again"
        )
