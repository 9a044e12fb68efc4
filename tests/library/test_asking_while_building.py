"""Asking while the index is rebuilt: no question fails, no generation mixes with another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.asking_while_building import ASKING, ask_while_building

pytestmark = pytest.mark.slow

BUILDS = 6


def test_four_threads_ask_while_the_index_is_rebuilt(tmp_path: Path) -> None:
    asked = ask_while_building(tmp_path, iter(range(1, BUILDS + 1)))
    assert asked.failures == []
    assert asked.built == BUILDS
    assert len(asked.editions) >= 2 * ASKING
    assert len(set(asked.editions)) > 2
