"""One file of a folder, read as the build reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import ArticleError
from rag.ingest import read_article
from rag.types import Article

MAX_BYTES = 1_000_000


def read_one(folder: Path, name: str, content: bytes | str) -> Article:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_article(file, folder, MAX_BYTES)


def refusal(folder: Path, name: str, content: bytes | str) -> str:
    with pytest.raises(ArticleError) as caught:
        read_one(folder, name, content)
    reason = str(caught.value)
    assert "\n" not in reason
    return reason
