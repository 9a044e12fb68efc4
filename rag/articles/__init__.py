"""Article files to Articles: one reader a format, and the metadata."""

from rag.articles.keys import holders
from rag.articles.options import ReadingOptions
from rag.articles.reading import (
    CONTAINERS,
    FORMATS,
    find_article_files,
    read_article,
    read_articles,
)

__all__ = [
    "CONTAINERS",
    "FORMATS",
    "ReadingOptions",
    "find_article_files",
    "holders",
    "read_article",
    "read_articles",
]
