"""What points to an article or to words of it, as JSON values."""

from __future__ import annotations

from typing import Any

from rag.types import Article


def span_to_json(text: str, start: int, end: int) -> dict[str, Any]:
    """``text[start:end]`` with its place."""
    return {"text": text[start:end], "start": start, "end": end}


def article_reference(article: Article) -> dict[str, Any]:
    """Which article it is; its day as ISO 8601."""
    return {
        "article_id": article.id,
        "path": article.path,
        "title": article.title,
        "date": article.date and article.date.isoformat(),
        "outlet": article.outlet or None,
    }
