"""The page behind nginx and Caddy, below a prefix and with a password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from rag.answering.conversation_store import Keeping
from rag.config import load_settings
from rag.ui.behind_proxy import Proxy
from rag.ui.evaluation_runs import Evaluations
from rag.ui.question_query import question_query
from rag.ui.texts import TEXTS
from tests.browser.conftest import PATIENCE_MS, Watch
from tests.browser.driving import ask, chips
from tests.browser.fake_assistant import (
    BRIDGE,
    WIKA,
    WIKA_ARTICLE,
    WIKA_CITATIONS,
    FakeAssistant,
)
from tests.browser.serving import app_over, served
from tests.evaluation.fake_gold import FEW_RESAMPLES, GOLD, ask_fake, write_gold
from tests.proxies import PREFIX, PROXIES, is_installed, proxied

FRENCH = TEXTS["fr"]
PASSWORD = "sésame"


@pytest.fixture(params=PROXIES)
def public(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a reader finds the chat."""
    if not is_installed(request.param):
        pytest.skip(f"{request.param} is not installed")
    write_gold(tmp_path / "gold")
    app = app_over(
        FakeAssistant(),
        password=PASSWORD,
        keeping=Keeping(tmp_path / "kept.sqlite"),
        evaluations=Evaluations(tmp_path / "gold", tmp_path, ask_fake, FEW_RESAMPLES),
        proxy=Proxy(PREFIX, load_settings().trusted_proxies),
    )
    with served(app) as address, proxied(request.param, address, tmp_path) as found:
        yield found


@pytest.fixture
def page(browser: Browser, public: str) -> Iterator[Page]:
    """A page of a reader who knows the password; what is asked outside the prefix fails."""
    context = browser.new_context(
        locale="fr-FR", http_credentials={"username": "x", "password": PASSWORD}
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    watch, asked = Watch(context), set[str]()
    context.on("request", lambda request: asked.add(request.url))
    yield context.new_page()
    context.close()
    assert watch.wrong == []
    paths = {urlsplit(one).path for one in asked if urlsplit(one).scheme == "http"}
    assert {one for one in paths if not one.startswith(f"{PREFIX}/")} == {PREFIX}


def test_the_whole_page_works_below_its_prefix(page: Page, public: str) -> None:
    page.goto(f"{public}?{question_query(WIKA)}")
    assert page.url.startswith(f"{public}/?")
    expect(chips(page)).to_have_count(len(WIKA_CITATIONS))
    ask(page, BRIDGE)

    page.locator("a.action.link").first.click()
    expect(page.locator("#told")).to_have_text(FRENCH.copies.link_copied)
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{public}/?{question_query(WIKA)}"

    chips(page).first.click()
    expect(page.locator("#source-title")).to_have_text(WIKA_ARTICLE.title)
    page.keyboard.press("Escape")

    page.locator("#open-articles").click()
    expect(page.get_by_role("dialog").get_by_text(WIKA_ARTICLE.title)).to_be_visible()
    page.keyboard.press("Escape")

    # The address names the conversation, which comes again.
    page.goto(f"{public}/?{urlsplit(page.url).query}")
    expect(page.locator("#conversation .guillemets.question")).to_have_count(2)

    page.get_by_role("link", name=FRENCH.evaluation.title).click()
    page.get_by_role("button", name=FRENCH.evaluation.run).click()
    expect(page.locator("table.questions tbody tr")).to_have_count(len(GOLD))
    page.get_by_role("link", name="Guillemets").click()
    expect(page.locator("#filters")).to_be_visible()
    assert page.url == f"{public}/"
