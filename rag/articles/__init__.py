"""Article files to Articles: one reader a format, and the metadata."""

from rag.articles.reading import FORMATS, find_article_files, read_article

__all__ = ["FORMATS", "find_article_files", "read_article"]
