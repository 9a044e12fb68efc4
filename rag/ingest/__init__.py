"""Article files to Articles: one reader a format, and the metadata."""

from rag.ingest.formats.limits import ReadingOptions
from rag.ingest.formats.member_keys import holders
from rag.ingest.read_files import (
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
