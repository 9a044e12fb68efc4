from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from rag.answering.conversation_store import Keeping
from rag.answering.conversations import Verdict
from rag.evaluation import draft_questions, read_gold, write_drafts
from rag.types import Article
from rag.ui.texts import TEXTS
from tests.browser.conftest import PATIENCE_MS, Watch
from tests.browser.driving import OpenPage, ask, assert_no_sideways_scroll, chips, words
from tests.browser.fake_assistant import (
    ARTICLES,
    AUSTRALIA,
    BOTH,
    TRAP,
    WIKA,
    WIKA_CITATIONS,
    FakeAssistant,
)
from tests.browser.serving import app_over, served

FRENCH = TEXTS["fr"]
ROOT = Path(__file__).parents[2]
# In CSS pixels.
A_LINE = 14
# A message that a later one replaces, or that is gone before a slow machine looks, was told.
NOTE_WHAT_IS_TOLD = """\
() => {
  const told = document.getElementById("told");
  window.everTold = new Set();
  new MutationObserver(() => everTold.add(told.textContent)).observe(told, { childList: true });
}
"""
SERVE = """\
import sys

from rag.answering.assistant import Assistant
from rag.config import load_settings
from rag.ui import serve
from tests.browser.fake_assistant import FakeAssistant

Assistant.open = lambda settings: FakeAssistant()
serve(load_settings(conversations=sys.argv[1]), port=0, open_browser=False)
"""


@contextmanager
def served_until_killed(kept: Path) -> Iterator[str]:
    """The address of a chat in a process of its own, which is killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(kept)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGKILL)


@contextmanager
def served_here(kept: Path, articles: tuple[Article, ...] = ARTICLES) -> Iterator[str]:
    """The address of a chat that knows these articles, in this process."""
    with served(app_over(FakeAssistant(articles), keeping=Keeping(kept))) as address:
        yield address


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A French browser that is not reset, as that of a reader."""
    expect.set_options(timeout=PATIENCE_MS)
    context = browser.new_context(locale="fr-FR", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def watch(reader: BrowserContext) -> Watch:
    return Watch(reader)


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#conversation .example").first).to_be_visible()
    expect(page.locator("#conversations")).to_be_visible()
    return page


def open_menu(page: Page) -> None:
    page.locator("#conversations summary").click()
    expect(page.locator("#conversations [data-new]")).to_be_visible()


def open_kept(page: Page, question: str) -> None:
    open_menu(page)
    page.locator("#conversations [data-open]", has_text=question).click()
    expect(page.locator(".guillemets.question").first).to_have_text(question)


def said(page: Page) -> Locator:
    """What was said; the questions to go on with are offered once, and not kept."""
    return page.locator("#conversation .guillemets > :not(.follow-ups)")


def shown(page: Page) -> list[str]:
    return [words(one) for one in said(page).all()]


def comes_to_show(page: Page, before: list[str]) -> bool:
    """Whether that is shown, to the letter, once the page is complete."""
    expect(said(page)).to_have_text(before)
    return shown(page) == before


def verdicts(page: Page, citation: int) -> list[str | None]:
    links = page.locator(".verdicts").nth(citation - 1).locator("a.verdict")
    return [one.get_attribute("aria-pressed") for one in links.all()]


def press(page: Page, citation: int, label: str, *, back: bool = False) -> None:
    link = page.locator(".verdicts").nth(citation - 1).get_by_role("button", name=label)
    page.evaluate(NOTE_WHAT_IS_TOLD)
    link.press("Space")
    expect(link).to_have_attribute("aria-pressed", "false" if back else "true")
    said = FRENCH.verdicts.taken_back if back else FRENCH.verdicts.kept
    page.wait_for_function("words => everTold.has(words)", arg=said)


def test_what_is_kept_is_found_after_a_kill(
    reader: BrowserContext, watch: Watch, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.sqlite"
    with served_until_killed(kept) as address:
        page = opened(reader, address)
        for question in (WIKA, AUSTRALIA):
            ask(page, question)
        press(page, 1, FRENCH.verdicts.good)
        assert verdicts(page, 1) == ["true", "false", "false"]
        press(page, 2, FRENCH.verdicts.wrong)
        press(page, 2, FRENCH.verdicts.wrong, back=True)
        assert verdicts(page, 2) == ["false"] * 3
        before = shown(page)
        page.close()
    with served_here(kept) as address:
        page = opened(reader, address)
        open_kept(page, WIKA)
        expect(page.locator(".guillemets.answer")).to_have_count(2)
        assert comes_to_show(page, before)
        assert verdicts(page, 1) == ["true", "false", "false"]
        assert verdicts(page, 2) == ["false"] * 3
        chips(page).first.click()
        expect(page.locator("#cited")).to_have_text(WIKA_CITATIONS[0].quote.text)
        page.keyboard.press("Escape")
        ask(page, BOTH)
        open_menu(page)
        # The menu shows what it had until the new list has come.
        meta = page.locator("#conversations .meta")
        expect(meta).to_have_count(1)
        expect(meta).to_contain_text(FRENCH.conversations.questions(3))
        # A line that is cut down to nothing would pass for visible.
        first = page.locator("#conversations .first").bounding_box()
        assert first is not None
        assert first["height"] > A_LINE
        page.close()
    assert watch.wrong == []
    (given,) = Keeping(kept).feedback()
    assert (given.verdict, given.text) == (Verdict.GOOD, WIKA_CITATIONS[0].quote.text)
    write_drafts(draft_questions([given]), tmp_path / "gold.jsonl")
    (drafted,) = read_gold(tmp_path / "gold.jsonl")
    assert (drafted.question, drafted.answerable) == (WIKA, True)


def test_a_quote_outlives_its_article(reader: BrowserContext, tmp_path: Path) -> None:
    kept = tmp_path / "kept.sqlite"
    with served_here(kept) as address:
        page = opened(reader, address)
        ask(page, WIKA)
        page.close()
    with served_here(kept, ARTICLES[1:]) as address:
        page = opened(reader, address)
        open_kept(page, WIKA)
        assert words(page.locator("blockquote .words").first) == WIKA_CITATIONS[0].quote.text
        chips(page).first.click()
        expect(page.locator("#source-content")).to_have_text(FRENCH.source.missing)
        page.close()


def listed(page: Page) -> list[str]:
    return [words(one) for one in page.locator("#conversations .first").all()]


def test_conversations_are_left_deleted_and_brought_back(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, WIKA)
    open_menu(page)
    page.locator("#conversations [data-new]").press("Enter")
    expect(page.locator("#conversation .guillemets")).to_have_count(0)
    expect(page.locator("#conversation .example").first).to_be_visible()
    expect(page.locator("#question textarea")).to_be_focused()
    ask(page, BOTH)
    open_menu(page)
    expect(page.locator("#conversations .first")).to_have_count(2)
    assert listed(page) == [BOTH, WIKA]
    current = page.locator("#conversations [aria-current]")
    expect(current).to_have_text(re.compile(re.escape(BOTH)))
    page.get_by_role(
        "button", name=FRENCH.conversations.delete_one.format(question=WIKA)
    ).click()
    undo = page.get_by_role("button", name=FRENCH.conversations.restore)
    expect(undo).to_be_focused()
    assert listed(page) == [BOTH]
    page.keyboard.press("Enter")
    expect(page.locator("#conversations .first")).to_have_count(2)
    expect(page.locator(".guillemets.question")).to_have_text(BOTH)
    page.get_by_role(
        "button", name=FRENCH.conversations.delete_one.format(question=BOTH)
    ).click()
    expect(page.locator("#conversation .guillemets")).to_have_count(0)
    expect(undo).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#conversations summary")).to_be_focused()
    ask(page, AUSTRALIA)
    open_menu(page)
    expect(page.locator("#conversations .first")).to_have_count(2)
    assert listed(page) == [AUSTRALIA, WIKA]


def test_all_conversations_are_cleared_once_that_is_confirmed(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, WIKA)
    open_menu(page)
    page.locator("#conversations [data-clear]").click()
    expect(page.locator("#clear-question")).to_be_visible()
    expect(page.locator("#conversations [data-clear-not]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#clear-question")).to_be_hidden()
    page.keyboard.press("Enter")
    page.locator("#conversations [data-clear-now]").click()
    expect(page.locator("#conversations .none")).to_have_text(FRENCH.conversations.none)
    expect(page.locator("#conversation .guillemets")).to_have_count(0)


def test_nobody_sees_what_another_browser_asked(open_page: OpenPage) -> None:
    mine, theirs = open_page(), open_page(locale="en-GB")
    ask(mine, WIKA)
    ask(theirs, BOTH)
    for page, question in ((mine, WIKA), (theirs, BOTH)):
        open_menu(page)
        expect(page.locator("#conversations .first")).to_have_text([question])
    assert mine.evaluate("document.cookie") == ""


def test_hostile_texts_are_kept_as_words(open_page: OpenPage) -> None:
    page = open_page(width=360, height=640, touch=True)
    ask(page, TRAP)
    before = shown(page)
    page.reload()
    expect(page.locator("#conversations")).to_be_visible()
    open_menu(page)
    assert listed(page) == [TRAP]
    assert_no_sideways_scroll(page, 360)
    page.locator("#conversations [data-open]").click()
    expect(page.locator(".guillemets.answer")).to_have_count(1)
    assert comes_to_show(page, before)
    press(page, 1, FRENCH.verdicts.does_not_answer)
    assert_no_sideways_scroll(page, 360)
    assert page.evaluate("window.hurt") is None
