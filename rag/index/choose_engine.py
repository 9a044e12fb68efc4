"""Which engine a segment is found with, and which one the settings ask for."""

from __future__ import annotations

from pathlib import Path

from rag.errors import EngineError
from rag.index.catalogue import Catalogue
from rag.index.engine import Engine, EngineWriter, Numbers
from rag.index.engines.embedded import EmbeddedEngine, EmbeddedWriter
from rag.index.engines.milvus_fill import MilvusWriter
from rag.index.engines.milvus_search import MilvusEngine
from rag.index.generations import EngineName, Manifest
from rag.index.half_floats import Halves
from rag.index.segments import SegmentManifest


def open_engine(
    folder: Path,
    manifest: SegmentManifest,
    vectors: Halves,
    catalogue: Catalogue,
    gone: Numbers,
    uri: str,
) -> Engine:
    """The engine that the segment in ``folder`` was made with; reads nothing yet.

    Passages that are ``gone`` are not found.
    """
    if manifest.engine is EngineName.MILVUS:
        return MilvusEngine(manifest, vectors, catalogue, gone, uri)
    return EmbeddedEngine(folder, manifest, vectors, catalogue, gone)


def engine_name(uri: str) -> EngineName:
    """The engine that settings with this ``uri`` ask for."""
    return EngineName.MILVUS if uri else EngineName.EMBEDDED


def engine_writer(index: Path, uri: str) -> EngineWriter:
    """What writes into the engine that settings with this ``uri`` ask for."""
    return MilvusWriter(index, uri) if uri else EmbeddedWriter()


def engine_for(manifest: Manifest, index: Path, uri: str) -> EngineWriter:
    """What writes into the engine of a generation; EngineError when it is not named."""
    if manifest.engine is EngineName.MILVUS and not uri:
        raise EngineError(
            f"the generation {manifest.generation} is in Milvus collections, and no server "
            "is named; set 'uri' to its address"
        )
    return engine_writer(index, uri if manifest.engine is EngineName.MILVUS else "")
