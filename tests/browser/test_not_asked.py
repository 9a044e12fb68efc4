"""What a reader sees when a question was not taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from rag.ui.texts import TEXTS
from tests.browser.driving import ask
from tests.browser.fake_assistant import WIKA, FakeAssistant
from tests.browser.serving import app_over, served

JOIN = "**/queue/join*"


@pytest.fixture(scope="module")
def own_address() -> Iterator[str]:
    with served(app_over(FakeAssistant())) as address:
        yield address


def opened(browser: Browser, address: str, locale: str) -> Page:
    page = browser.new_page(locale=locale)
    page.goto(address)
    expect(page.locator("#conversation .example").first).to_be_visible()
    return page


@pytest.mark.parametrize(("locale", "language"), [("fr-FR", "fr"), ("en-GB", "en")])
def test_a_full_queue_is_told_in_words_and_the_question_kept(
    browser: Browser, own_address: str, locale: str, language: str
) -> None:
    page = opened(browser, own_address, locale)
    full = {"detail": "Queue is full. Max size is 64 and size is 64."}
    page.route(JOIN, lambda route: route.fulfill(status=503, json=full))
    box = page.locator("#question textarea")
    box.fill(WIKA)
    box.press("Enter")
    told = page.get_by_role("alert").filter(has_text=TEXTS[language].asking.busy)
    expect(told).to_be_visible()
    expect(box).to_have_value(WIKA)
    expect(page.locator(".toast-wrap")).to_be_hidden()
    page.unroute(JOIN)
    ask(page, WIKA)
    expect(told).to_have_count(0)
    page.close()


def test_a_program_that_has_gone_is_told(browser: Browser, own_address: str) -> None:
    page = opened(browser, own_address, "fr-FR")

    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    page.route(JOIN, refuse)
    page.locator("#conversation .example").first.click()
    expect(page.locator("#not-asked")).to_have_text(TEXTS["fr"].asking.not_sent)
    page.close()
