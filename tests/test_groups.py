"""Tests that share something run on one core: pytest-xdist does not say when it fails to."""

from __future__ import annotations

import pytest


def test_pytest_xdist_knows_the_groups(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("not run by pytest-xdist with --dist loadgroup, as make does")
    # Where pytest and pytest-xdist do not fit each other, each test is a group.
    assert request.node.nodeid.endswith("@test_groups")
