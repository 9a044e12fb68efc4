"""The index on disk: generations, the catalogue, the vectors, and reading them."""

from rag.index.engine import Selection
from rag.index.generations import Manifest
from rag.index.journal import Journal
from rag.index.reading import Index, Stored
from rag.index.writing import Draft, DraftRows, Placed

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
