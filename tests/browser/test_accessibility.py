"""What axe-core finds wrong with the page: nothing that is serious or critical."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from rag.ui.texts import TEXTS
from tests.browser.axe import serious_problems
from tests.browser.driving import OpenPage, ask, chips
from tests.browser.fake_assistant import AUSTRALIA, BRIDGE, WHY, WIKA

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 640, "touch": True}


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_serious(
    open_page: OpenPage, screen: dict[str, Any], color_scheme: str
) -> None:
    page = open_page(color_scheme=color_scheme, **screen)
    expect(page.get_by_role("button", name=WIKA, exact=True)).to_be_visible()
    assert serious_problems(page) == []
    ask(page, WIKA)
    ask(page, AUSTRALIA)
    for summary in page.locator("summary").all():
        summary.evaluate("summary => summary.closest('details').open = true")
    assert serious_problems(page) == []
    chips(page).first.click()
    expect(page.locator("#source-panel #cited")).to_be_in_viewport()
    assert serious_problems(page) == []


def test_axe_finds_nothing_serious_in_english_with_filters(open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    page.locator("#filters summary").click()
    page.locator("#filters input[name=since]").fill("2024-01-01")
    page.get_by_role("button", name=TEXTS["en"].filters.apply).click()
    expect(page.locator("#filters [data-remove]")).to_have_count(1)
    ask(page, BRIDGE)
    ask(page, WHY)
    expect(page.locator(".understood")).to_be_visible()
    assert serious_problems(page) == []
