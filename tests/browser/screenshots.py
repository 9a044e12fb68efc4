"""Pictures of a running chat for the README: python -m tests.browser.screenshots ADDRESS [DIR].

DIR is ``docs`` when it is not given. The chat must serve the article in ``seeds/``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import ChromiumMissingError, launch

ANSWERED = "Qui a demandé Wika en fiançailles ?"
REFUSED = "Quelle est la capitale de l’Australie ?"
# The first question may wait for the model.
PATIENCE_MS = 120_000


def main(arguments: list[str]) -> int:
    """Take the pictures; return the exit status."""
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    address, folder = arguments[0], Path((*arguments, "docs")[1])
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except ChromiumMissingError as error:
            print(error, file=sys.stderr)
            return 2
        with browser:
            page = _asked(browser, address, ANSWERED, 1280, 800)
            page.locator("blockquote a.chip").first.click()
            expect(page.locator("#cited")).to_be_in_viewport()
            page.mouse.move(0, 0)
            page.screenshot(path=folder / "chat.png")
            page = _asked(browser, address, REFUSED, 1280, 800)
            page.screenshot(path=folder / "refusal.png")
            page = _asked(browser, address, ANSWERED, 360, 720)
            page.screenshot(path=folder / "phone.png")
    return 0


def _asked(browser: Browser, address: str, question: str, width: int, height: int) -> Page:
    page = browser.new_page(
        locale="fr-FR",
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        device_scale_factor=2 if width < 600 else 1,
    )
    page.goto(address)
    expect(page.locator("#conversation .example").first).to_be_visible()
    box = page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")
    expect(page.locator(".guillemets.answer")).to_be_visible()
    return page


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
