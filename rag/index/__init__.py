"""The index on disk: generations, the catalogue, the vectors, and reading them."""

from rag.index.engine import Selection
from rag.index.generations import Manifest
from rag.index.index_reader import Index, Stored
from rag.index.index_writer import Draft, DraftRows, Placed
from rag.index.vector_journal import Journal

__all__ = [
    "Draft",
    "DraftRows",
    "Index",
    "Journal",
    "Manifest",
    "Placed",
    "Selection",
    "Stored",
]
