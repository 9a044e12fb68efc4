"""One chat over the fake assistant for all tests of the page that keep and change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.browser.fake_assistant import FakeAssistant
from tests.browser.serving import app_over


@pytest.fixture(scope="session")
def _plain_chat() -> Iterator[TestClient]:
    with TestClient(app_over(FakeAssistant()), base_url="http://127.0.0.1") as opened:
        yield opened


@pytest.fixture
def plain_chat(_plain_chat: TestClient) -> TestClient:
    """A browser without cookies before a chat that changes nothing."""
    _plain_chat.cookies.clear()
    return _plain_chat
