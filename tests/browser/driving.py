"""What every browser test does with the page."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

OpenPage = Callable[..., Page]


def ask(page: Page, question: str) -> None:
    replies = page.locator(".guillemets:is(.answer, .failure)")
    before = replies.count()
    box = page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")
    expect(replies).to_have_count(before + 1)


def chips(page: Page) -> Locator:
    return page.locator(".guillemets.answer blockquote a.chip")


def words(locator: Locator) -> str:
    return locator.text_content() or ""


def luminance(page: Page, locator: Locator, style: str) -> float:
    """Relative luminance (WCAG 2.2) of a computed colour, 0 black to 1 white."""
    colour = locator.evaluate(f"element => getComputedStyle(element).{style}")
    shares = [int(value) / 255 for value in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def assert_no_sideways_scroll(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
