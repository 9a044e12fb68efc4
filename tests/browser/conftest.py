from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
    sync_playwright,
)

from rag.answering.conversation_store import Keeping
from tests.browser.chromium import ChromiumMissingError, chromium_path, launch
from tests.browser.driving import OpenPage
from tests.browser.fake_assistant import FakeAssistant
from tests.browser.serving import HERE, app_over, served

PATIENCE_MS = 15_000
BLANK = "about:blank"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the chat over the fake assistant is served."""
    kept = Keeping(tmp_path_factory.mktemp("kept") / "kept.sqlite")
    with served(app_over(FakeAssistant(), keeping=kept)) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        chromium_path()
    except ChromiumMissingError as error:
        pytest.fail(str(error), pytrace=False)
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


class Watch:
    """Collects what must not happen in a context: see the list of its methods."""

    def __init__(self, context: BrowserContext) -> None:
        self.wrong: list[str] = []
        context.on("request", self._request)
        context.on("requestfailed", self._request_failed)
        context.on("console", self._console)
        context.on("weberror", self._page_error)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != HERE:
            self.wrong.append(f"a request left this machine: {request.url}")

    def _request_failed(self, request: Request) -> None:
        # What a page still waits for is cut off when the page is left.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"a request failed: {request.url} ({request.failure})")

    def _console(self, message: ConsoleMessage) -> None:
        # Gradio's script says so where the page is left while it still listens.
        left = message.text.startswith("AbortError: signal is aborted")
        if message.type == "error" and not left:
            self.wrong.append(f"the console says: {message.text}")

    def _page_error(self, error: WebError) -> None:
        self.wrong.append(f"the page fails: {error.error}")


class Readers:
    """Browser contexts that tests have in common, each with a page that is left blank between.

    A page that was there before loads the chat in a third of the time of a new one.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[tuple[object, ...], tuple[BrowserContext, Watch]] = {}

    def page(
        self, locale: str, width: int, height: int, color_scheme: str, touch: bool
    ) -> Page:
        """A blank page of a reader of this kind."""
        kind = (locale, width, height, color_scheme, touch)
        if kind not in self._contexts:
            context = self._browser.new_context(
                locale=locale,
                viewport={"width": width, "height": height},
                color_scheme="dark" if color_scheme == "dark" else "light",
                has_touch=touch,
                reduced_motion="reduce",
            )
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            context.set_default_timeout(PATIENCE_MS)
            self._contexts[kind] = (context, Watch(context))
        context, _ = self._contexts[kind]
        blank = (page for page in context.pages if page.url == BLANK)
        return next(blank, None) or context.new_page()

    def forget(self) -> list[str]:
        """Leave one blank page to each without a memory; tell what went wrong meanwhile."""
        wrong: list[str] = []
        for context, watch in self._contexts.values():
            for number, page in enumerate(context.pages):
                if page.url != BLANK:
                    page.evaluate("localStorage.clear(); sessionStorage.clear()")
                if number:
                    page.close()
                else:
                    page.emulate_media(media="null")
                    page.goto(BLANK)
            context.clear_cookies()
            wrong += watch.wrong
            watch.wrong.clear()
        return wrong


@pytest.fixture(scope="session")
def readers(browser: Browser) -> Readers:
    return Readers(browser)


@pytest.fixture
def open_page(address: str, readers: Readers) -> Iterator[OpenPage]:
    """Opens the chat, ready for a question, in a context without memory."""

    def open_one(
        locale: str = "fr-FR",
        width: int = 1280,
        height: int = 800,
        color_scheme: str = "light",
        touch: bool = False,
        query: str = "",
    ) -> Page:
        page = readers.page(locale, width, height, color_scheme, touch)
        page.goto(f"{address}/?{query}" if query else address)
        first = ".guillemets.question" if query else ".example"
        expect(page.locator(f"#conversation {first}").first).to_be_visible()
        expect(page.locator("#filters")).to_be_visible()
        return page

    expect.set_options(timeout=PATIENCE_MS)
    yield open_one
    assert readers.forget() == []
