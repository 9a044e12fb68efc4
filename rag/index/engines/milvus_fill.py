"""Filling a Milvus collection for a new segment, and dropping those of old ones."""

from __future__ import annotations

import functools
import hashlib
import logging
import math
import secrets
import sqlite3
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import EngineError
from rag.index.bm25 import K1, B
from rag.index.engine import Documents, Written
from rag.index.engines.milvus_rows import (
    FILTERED,
    VECTOR,
    WORDS,
    Row,
    batches,
    collection_schema,
    rows_of,
    shape_of,
)
from rag.index.engines.milvus_server import (
    BUILD_PATIENCE,
    BUILD_SECONDS,
    INDEX_SECONDS,
    LOAD_SECONDS,
    MilvusServer,
    count_held,
    import_client,
)
from rag.index.engines.milvus_term_counts import SCHEMA, TermCounter
from rag.index.generations import EngineName, SearchKind
from rag.index.segments import SegmentManifest
from rag.progress import Progress

if TYPE_CHECKING:
    from pymilvus import MilvusClient

logger = logging.getLogger(__name__)

IDENTITY = "milvus.id"
# Up to so many passages every vector is compared, up to the second number a graph finds
# them (1.8 kB a passage, over the servers), beyond inverted lists of bytes (0.4 kB).
FLAT_UP_TO = 50_000
GRAPH_UP_TO = 20_000_000
_EFFORT = 256
_PROBES = 64


class MilvusWriter:
    """Fills a collection for each segment, and drops those of segments that go."""

    def __init__(self, index: Path, uri: str) -> None:
        self._index = index
        self._uri = uri
        self._server = MilvusServer(uri, BUILD_PATIENCE)

    @property
    def name(self) -> EngineName:
        """Milvus."""
        return EngineName.MILVUS

    @property
    def files(self) -> tuple[str, ...]:
        """None: all is on the server, and in the catalogue."""
        return ()

    def prepare(self) -> None:
        """Reach the server; what was embedded for nothing would annoy."""
        import_client()
        self._server.ask(lambda client: client.list_collections(timeout=BUILD_SECONDS))

    def holds(self, segments: Sequence[SegmentManifest]) -> bool:
        """Whether their collections are there, with as many passages and the same fields."""
        return all(self._holds(segment) for segment in segments if segment.passages)

    def _holds(self, segment: SegmentManifest) -> bool:
        collection = segment.collection

        def look(client: MilvusClient) -> bool:
            if not client.has_collection(collection, timeout=BUILD_SECONDS):
                return False
            described = client.describe_collection(collection, timeout=BUILD_SECONDS)
            expected = collection_schema(segment.dimension).to_dict()
            if shape_of(described) != shape_of(expected):
                return False
            client.load_collection(collection, timeout=BUILD_SECONDS)
            return count_held(client, collection) == segment.passages

        return self._server.ask(look)

    def begin(self, database: sqlite3.Connection) -> None:
        """Make the tables of counts."""
        database.executescript(SCHEMA)

    def add(self, database: sqlite3.Connection, row: int, documents: Documents) -> None:
        """Nothing: a collection is filled at the end, when all rows have their numbers."""

    def complete(
        self,
        database: sqlite3.Connection,
        written: Written,
        manifest: SegmentManifest,
        progress: Progress,
    ) -> SegmentManifest:
        """Fill the collection, a batch at a time, have it indexed, and count it."""
        counter = TermCounter(database)
        passages = len(written.vectors)
        kind, effort = _kind_for(passages)
        collection = ""
        if passages:
            collection = self._name(manifest.segment)
            self._make(collection, manifest.dimension)

            def select(query: str, *values: Any) -> list[tuple[Any, ...]]:
                return database.execute(query, values).fetchall()

            progress.start("passages into Milvus", passages)
            for batch in batches(rows_of(select, written.vectors)):
                for row in batch:
                    counter.add(row.terms)
                self._insert(collection, batch)
                progress.advance(len(batch))
            self._index_all(collection, kind, passages)
        counter.finish()
        return manifest.model_copy(
            update={
                "collection": collection,
                "search": kind,
                "effort": effort,
            }
        )

    def prune(self, keep: set[str]) -> None:
        """Drop this folder's other collections, also half-filled ones; or the next time."""
        kept = {self._name(segment) for segment in keep}

        def drop(client: MilvusClient) -> None:
            for name in client.list_collections(timeout=BUILD_SECONDS):
                if name.startswith(f"{self._prefix}_") and name not in kept:
                    self._free(client, name)
                    client.drop_collection(name, timeout=BUILD_SECONDS)

        try:
            self._server.ask(drop)
        except EngineError as error:
            logger.warning("old collections stay until the next build: %s", error)

    def _free(self, client: MilvusClient, collection: str) -> None:
        """A collection that an alias names, as they did before, cannot be dropped."""
        found = client.list_aliases(collection, timeout=BUILD_SECONDS)
        for alias in found.get("aliases", []):
            client.drop_alias(alias, timeout=BUILD_SECONDS)

    def _make(self, collection: str, dimension: int) -> None:
        def make(client: MilvusClient) -> None:
            # An outage may have hidden that it was made.
            if not client.has_collection(collection, timeout=BUILD_SECONDS):
                client.create_collection(
                    collection,
                    schema=collection_schema(dimension),
                    consistency_level="Bounded",
                    timeout=BUILD_SECONDS,
                )

        self._server.ask(make)

    def _insert(self, collection: str, rows: Sequence[Row]) -> None:
        told = [row.fields() for row in rows]
        tried = False

        def insert(client: MilvusClient) -> None:
            nonlocal tried
            # What an outage interrupted may be there: inserted again, it would be twice.
            put = client.upsert if tried else client.insert
            tried = True
            put(collection, data=told, timeout=BUILD_SECONDS)

        self._server.ask(insert)

    def _index_all(self, collection: str, kind: SearchKind, passages: int) -> None:
        """Have it written, indexed and loaded, and see that every passage is there."""

        def finish(client: MilvusClient) -> int:
            client.flush(collection, timeout=LOAD_SECONDS)
            # An outage may have hidden that some were made.
            made = client.list_indexes(collection, timeout=BUILD_SECONDS)
            parameters = _index_parameters(client, kind, passages, made)
            if len(parameters):
                client.create_index(collection, parameters, timeout=BUILD_SECONDS, sync=False)
            client.load_collection(collection, timeout=LOAD_SECONDS, _async=True)
            _wait_until_loaded(client, collection)
            return count_held(client, collection)

        held = self._server.ask(finish)
        if held != passages:
            raise EngineError(
                f"the Milvus server at {self._uri} holds {held} of {passages} passages; build "
                "again, nothing is embedded a second time"
            )

    def _name(self, segment: str) -> str:
        return f"{self._prefix}_{segment.replace('-', '_')}"

    @functools.cached_property
    def _prefix(self) -> str:
        """What names this folder on a server, and no other folder, nor a copy of it."""
        file = self._index / IDENTITY
        if not file.exists():
            file.write_text(secrets.token_hex(8) + "\n", encoding="ascii")
        place = f"{file.read_text('ascii', 'replace').strip()}\0{self._index.resolve()}"
        named = hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()
        return f"guillemets_{named[:12]}"


def _wait_until_loaded(client: MilvusClient, collection: str) -> None:
    """Return when the server has made the indexes and holds them in memory."""
    begun, pause = time.monotonic(), 0.05
    while True:
        found = client.get_load_state(collection, timeout=BUILD_SECONDS)
        if found["state"].name == "Loaded":
            return
        if time.monotonic() - begun > INDEX_SECONDS:
            raise EngineError(
                f"the collection {collection} is still not loaded ({found}); look into the "
                "server's log, and build again"
            )
        time.sleep(pause)
        pause = min(2 * pause, 5)


def _kind_for(passages: int) -> tuple[SearchKind, int]:
    if passages <= FLAT_UP_TO:
        return SearchKind.FLAT, 0
    if passages <= GRAPH_UP_TO:
        return SearchKind.GRAPH, _EFFORT
    return SearchKind.INVERTED, _PROBES


def _index_parameters(
    client: MilvusClient, kind: SearchKind, passages: int, made: Collection[str]
) -> Any:
    """The indexes that a collection of so many passages needs, but for those ``made``."""
    lists = min(65_536, max(1, int(4 * math.sqrt(passages))))
    of_kind: dict[SearchKind, dict[str, Any]] = {
        SearchKind.FLAT: {"index_type": "FLAT", "params": {}},
        SearchKind.GRAPH: {
            "index_type": "HNSW",
            "params": {"M": 32, "efConstruction": 128},
        },
        SearchKind.INVERTED: {"index_type": "IVF_SQ8", "params": {"nlist": lists}},
    }
    wanted: dict[str, dict[str, Any]] = {
        VECTOR: {"metric_type": "IP", **of_kind[kind]},
        WORDS: {
            "index_type": "SPARSE_INVERTED_INDEX",
            "metric_type": "BM25",
            "params": {"bm25_k1": K1, "bm25_b": B},
        },
        **{name: {"index_type": "INVERTED"} for name in FILTERED},
    }
    indexes = client.prepare_index_params()
    for name, parameters in wanted.items():
        if name not in made:
            indexes.add_index(name, index_name=name, **parameters)
    return indexes
