from __future__ import annotations

from playwright.sync_api import expect

from rag.ui.texts import TEXTS
from tests.browser.driving import OpenPage, ask, chips
from tests.browser.fake_assistant import BRIDGE_ARTICLE, REPEATED, REPRINTED, WIKA_ARTICLE

FRENCH = TEXTS["fr"]


def test_a_reprint_opens_beside_the_chat_and_the_walk_goes_on(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, REPRINTED)
    reprint = page.locator(".card a.reprint")
    expect(reprint).to_have_count(1)
    reprint.focus()
    page.keyboard.press("Enter")
    title, position = page.locator("#source-title"), page.locator("#source-position")
    expect(title).to_have_text(BRIDGE_ARTICLE.title)
    expect(page.locator("#cited")).to_have_text(REPEATED)
    expect(page.locator("#source-content .changed")).to_have_text("Modifié le 2 mars 2024")
    expect(position).to_have_text("")
    page.keyboard.press("]")
    expect(title).to_have_text(WIKA_ARTICLE.title)
    expect(position).to_have_text(FRENCH.source.position.format(number=1, count=2))
    page.keyboard.press("Escape")
    expect(chips(page).first).to_be_focused()
    reprint.click()
    expect(title).to_have_text(BRIDGE_ARTICLE.title)
    page.keyboard.press("[")
    expect(position).to_have_text(FRENCH.source.position.format(number=2, count=2))
