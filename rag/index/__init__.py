"""The index on disk: generations, the catalogue, the vectors, and reading them."""

from rag.index.article_list import ArticleLine, ArticleLines, ArticleList, Order
from rag.index.engine import Selection
from rag.index.generations import Manifest
from rag.index.index_reader import Index
from rag.index.index_writer import GenerationRows, NewGeneration, Placed
from rag.index.passages import Stored
from rag.index.vector_journal import Journal

__all__ = [
    "ArticleLine",
    "ArticleLines",
    "ArticleList",
    "GenerationRows",
    "Index",
    "Journal",
    "Manifest",
    "NewGeneration",
    "Order",
    "Placed",
    "Selection",
    "Stored",
]
