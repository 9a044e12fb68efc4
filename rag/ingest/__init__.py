"""Article files to Articles: one reader a format, and the metadata."""

from rag.ingest.find_files import find_article_files, is_article_file, unread_endings
from rag.ingest.formats.limits import ReadingOptions
from rag.ingest.formats.member_keys import holders
from rag.ingest.read_files import (
    CONTAINERS,
    FORMATS,
    read_article,
    read_articles,
)

__all__ = [
    "CONTAINERS",
    "FORMATS",
    "ReadingOptions",
    "find_article_files",
    "holders",
    "is_article_file",
    "read_article",
    "read_articles",
    "unread_endings",
]
