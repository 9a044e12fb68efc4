"""A conversation as it is read: from its beginning, backwards, on a phone and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from rag.ui.article_facts import source_reference
from rag.ui.texts import TEXTS
from tests.browser.driving import OpenPage, ask, chips
from tests.browser.fake_assistant import (
    BOTH,
    BRIDGE,
    BRIDGE_CITATIONS,
    LEFT_OUT,
    WIKA,
    WIKA_CITATIONS,
)

FRENCH = TEXTS["fr"]
PANEL = "#source-panel"


def top(page: Page) -> float:
    """How far the newest question is from the top of the window, in pixels."""
    found = page.locator(".guillemets.question").last.bounding_box()
    assert found is not None
    return found["y"]


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1280, 800), (1920, 1080)])
def test_every_new_question_stands_at_the_top_with_the_box_in_focus(
    open_page: OpenPage, width: int, height: int
) -> None:
    page = open_page(width=width, height=height)
    for question in (WIKA, BRIDGE, BOTH, BRIDGE):
        ask(page, question)
        assert abs(top(page)) <= 1
        expect(page.locator("#question textarea")).to_be_focused()
        expect(page.locator("#question textarea")).to_be_in_viewport()


def test_older_answers_are_folded_and_opened_again(open_page: OpenPage) -> None:
    page = open_page()
    for _ in range(6):
        ask(page, BRIDGE)
    answers = page.locator(".guillemets.answer")
    expect(answers.first).to_be_hidden()
    expect(answers.nth(1)).to_be_visible()
    fold = page.get_by_role("button", name=FRENCH.answer.fold)
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.press("Enter")
    expect(answers.first).to_be_visible()
    expect(fold).to_have_attribute("aria-expanded", "true")
    ask(page, WIKA)
    expect(answers.first).to_be_visible()
    expect(answers.nth(1)).to_be_hidden()


def test_back_and_forward_walk_through_articles(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, WIKA)
    expect(page).to_have_url(re.compile("conversation="))
    start = page.url
    for number in (1, 2):
        chips(page).nth(number - 1).click()
        expect(page.locator("#source-position")).to_contain_text(str(number))
        expect(page).to_have_url(re.compile(re.escape(_target(number))))
    page.go_back()
    expect(page.locator("#cited")).to_have_text(WIKA_CITATIONS[0].quote.text)
    expect(page.locator("blockquote a.chip.open")).to_have_text(re.compile("^1"))
    page.go_back()
    expect(page.locator(PANEL)).to_be_hidden()
    expect(page).to_have_url(start)
    page.go_forward()
    # The words were there before, hidden: only what is shown can be closed.
    expect(page.locator(PANEL)).to_be_visible()
    expect(page.locator("#cited")).to_have_text(WIKA_CITATIONS[0].quote.text)
    page.keyboard.press("Escape")
    expect(page.locator(PANEL)).to_be_hidden()
    expect(page).to_have_url(start)
    page.go_back()
    expect(page.locator(PANEL)).to_be_visible()
    expect(page.locator("#cited")).to_have_text(WIKA_CITATIONS[0].quote.text)


def _target(number: int) -> str:
    return source_reference(WIKA_CITATIONS[number - 1].quote)


def test_the_address_of_an_article_opens_it_at_the_quote(
    open_page: OpenPage, address: str
) -> None:
    page = open_page()
    page.goto("about:blank")
    page.goto(f"{address}/{source_reference(BRIDGE_CITATIONS[0].quote)}")
    expect(page.locator("#cited")).to_have_text(BRIDGE_CITATIONS[0].quote.text)
    expect(page.locator("#cited")).to_be_in_viewport()


def test_what_was_near_is_a_click_away(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, WIKA)
    page.locator("details.found summary").click()
    near = page.locator("details.found a.reprint")
    expect(near.first).to_be_visible()
    near.first.click()
    expect(page.locator("#cited")).to_be_in_viewport()


def test_paper_has_every_answer_with_its_sources_and_nothing_to_press(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(color_scheme="dark", width=360, height=640)
    for question in (BRIDGE, *([WIKA] * 6)):
        ask(page, question)
    page.emulate_media(media="print")
    for shown in page.locator("button, textarea, summary, a.action").all():
        if shown.evaluate("element => !element.closest('.sureness')"):
            expect(shown).to_be_hidden()
    page.pdf(path=tmp_path / "printed.pdf", format="A4")
    with pypdfium2.PdfDocument(tmp_path / "printed.pdf") as printed:
        words = " ".join(one.get_textpage().get_text_range() for one in printed)
        picture = printed[0].render().to_numpy()
    read = " ".join(words.split())
    assert read.count("Qui a demandé Wika") == 6
    assert BRIDGE_CITATIONS[0].quote.text in read
    assert "courrier.invalid/2024/pont" in read
    assert "[1]" in read
    assert FRENCH.copies.answer not in read
    # Light throughout, whatever the screen's theme is.
    assert picture.mean() > 220


def test_a_page_that_is_loaded_again_shows_its_conversation_again(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BRIDGE)
    ask(page, WIKA)
    expect(page).to_have_url(re.compile("conversation="))
    page.reload()
    expect(page.locator(".guillemets.answer")).to_have_count(2)
    expect(page.locator(".guillemets.question").first).to_have_text(BRIDGE)
    ask(page, BOTH)
    page.reload()
    expect(page.locator(".guillemets.answer")).to_have_count(3)


def test_questions_and_quotes_are_reached_by_headings(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BRIDGE)
    expect(page.get_by_role("heading", name=BRIDGE, level=2)).to_be_visible()
    title = page.get_by_role("heading", name=BRIDGE_CITATIONS[0].article.title, level=4)
    expect(title).to_be_visible()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")


def test_what_was_left_out_of_an_article_is_unfolded(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BRIDGE)
    chips(page).first.click()
    reading = page.locator(f"{PANEL} .reading")
    expect(reading).not_to_have_attribute("open", "")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        reading.locator("summary").click()
    expect(reading.locator("dd")).to_have_text([one.text for one in LEFT_OUT])
    assert len([one for one in asked if "/left_out?" in one]) == 1
