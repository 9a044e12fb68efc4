"""The index on disk: generations of segments, what writes them, and what reads them."""

from rag.index.article_list import ArticleLine, ArticleLines, ArticleList, Order
from rag.index.generation_writer import NewGeneration
from rag.index.generations import Manifest
from rag.index.index_reader import Index
from rag.index.passages import Stored
from rag.index.search import Selection
from rag.index.segment_writer import NewSegment, Placed, SegmentRows
from rag.index.vector_journal import Journal

__all__ = [
    "ArticleLine",
    "ArticleLines",
    "ArticleList",
    "Index",
    "Journal",
    "Manifest",
    "NewGeneration",
    "NewSegment",
    "Order",
    "Placed",
    "SegmentRows",
    "Selection",
    "Stored",
]
