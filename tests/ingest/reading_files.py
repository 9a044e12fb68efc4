"""Files written into a folder and read: their articles, and why others are left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.errors import ArticleError
from rag.ingest import ReadingOptions, read_articles
from rag.types import Article, BrokenFile


def write_file(folder: Path, name: str, content: bytes | str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def read_written(
    file: Path, folder: Path, **options: Any
) -> tuple[list[Article], dict[str, str]]:
    """The articles of a file, and the reasons by path."""
    articles: list[Article] = []
    reasons: dict[str, str] = {}
    try:
        for found in read_articles(file, folder, ReadingOptions(**options), "hash"):
            if isinstance(found, BrokenFile):
                assert found.path not in reasons
                reasons[found.path] = found.reason
            else:
                articles.append(found)
    except ArticleError as error:
        reasons[file.relative_to(folder).as_posix()] = str(error)
    return articles, reasons


def entries(*numbers: int) -> list[dict[str, str]]:
    return [
        {"title": f"Titre {n}", "description": f"<p>Le village {n} a fêté son marché.</p>"}
        for n in numbers
    ]
