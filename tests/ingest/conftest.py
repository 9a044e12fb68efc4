"""Settings with a folder of articles that is still empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Settings
from tests.fakes import settings_for


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    chosen = settings_for(tmp_path)
    chosen.articles.mkdir()
    return chosen
