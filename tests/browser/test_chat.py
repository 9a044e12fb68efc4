from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from rag.answering.answer_texts import ANSWER_TEXTS
from rag.types import Citation
from rag.ui.article_facts import source_reference
from rag.ui.middleware import CONTENT_POLICY
from rag.ui.texts import TEXTS
from tests.browser.driving import (
    OpenPage,
    ask,
    assert_no_sideways_scroll,
    chips,
    luminance,
    words,
)
from tests.browser.fake_assistant import (
    AUSTRALIA,
    BOTH,
    BOTH_CITATIONS,
    BRIDGE,
    BRIDGE_CITATIONS,
    DAMAGED,
    HOSTILE_ARTICLE,
    HOSTILE_WORDS,
    REPEATED,
    TRAP,
    UNEXPECTED,
    WIKA,
    WIKA_ARTICLE,
    WIKA_CITATIONS,
)

NARROW = "\N{NARROW NO-BREAK SPACE}"
FRENCH, ENGLISH = TEXTS["fr"], TEXTS["en"]
QUESTIONS = [(WIKA, WIKA_CITATIONS), (BRIDGE, BRIDGE_CITATIONS), (BOTH, BOTH_CITATIONS)]


def mark_start(page: Page) -> int:
    """How many characters of the article stand before the quote that is marked."""
    found = page.evaluate(
        """() => {
            const range = document.createRange();
            range.selectNodeContents(document.querySelector(".article-text"));
            range.setEndBefore(document.getElementById("cited"));
            return Array.from(range.toString()).length;
        }"""
    )
    assert isinstance(found, int)
    return found


def expect_source(page: Page, citation: Citation) -> None:
    """The panel shows the citation's article with its quote marked and in sight."""
    mark = page.locator("#source-panel #cited")
    expect(page.locator("#source-title")).to_have_text(citation.article.title)
    expect(mark).to_have_text(citation.quote.text)
    expect(mark).to_be_in_viewport()
    assert words(page.locator(".article-text")) == citation.article.text
    assert mark_start(page) == citation.quote.start


def test_the_front_page_says_at_once_what_it_is(open_page: OpenPage, address: str) -> None:
    page = open_page()
    expect(page.locator("h1")).to_have_text("Guillemets")
    expect(page.locator(".masthead")).to_contain_text(FRENCH.masthead.what_it_is)
    expect(page.locator(".masthead .facts")).to_have_text(
        "3 articles du 1er mars 2024 au 15 août 2025 · index du 1er septembre 2025"
    )
    expect(page.locator("#conversation .example")).to_have_count(4)
    response = page.request.get(address)
    assert response.headers["content-security-policy"] == CONTENT_POLICY


def test_an_example_is_asked_by_a_click(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#conversation .example", has_text=WIKA).click()
    expect(page.locator(".guillemets.question")).to_have_text(WIKA)
    expect(chips(page)).to_have_count(3)


@pytest.mark.parametrize(("question", "citations"), QUESTIONS)
def test_quotes_are_shown_and_marked_in_their_article(
    open_page: OpenPage, question: str, citations: tuple[Citation, ...]
) -> None:
    page = open_page()
    ask(page, question)
    figures = page.locator(".guillemets.answer figure.citation")
    expect(figures).to_have_count(len(citations))
    for citation, figure in zip(citations, figures.all(), strict=True):
        shown = words(figure.locator("blockquote"))
        assert shown.startswith(f"«{NARROW}{citation.quote.text}{NARROW}» {citation.number}")
        expect(figure.locator("figcaption")).to_contain_text(citation.article.title)
        figure.locator("a.chip").click()
        expect(page.locator("#source-position")).to_have_text(
            FRENCH.source.position.format(number=citation.number, count=len(citations))
        )
        expect_source(page, citation)
    assert page.url.endswith(source_reference(citations[-1].quote))


def test_the_second_of_two_equal_sentences_is_marked(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BRIDGE)
    chips(page).click()
    expect_source(page, BRIDGE_CITATIONS[0])
    text = BRIDGE_CITATIONS[0].article.text
    assert mark_start(page) == text.index(REPEATED, text.index(REPEATED) + 1)


def test_other_quotes_of_the_article_are_marked_lightly(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, WIKA)
    chips(page).first.click()
    expect_source(page, WIKA_CITATIONS[0])
    others = page.locator("#source-panel mark.also-cited")
    expect(others).to_have_text([one.quote.text for one in WIKA_CITATIONS[1:]])


def test_brackets_walk_and_escape_closes(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BOTH)
    chips(page).first.click()
    expect_source(page, BOTH_CITATIONS[0])
    for key, number in (("]", 2), ("]", 3), ("]", 1), ("[", 3), ("[", 2)):
        page.keyboard.press(key)
        expect(page.locator("#source-position")).to_have_text(
            FRENCH.source.position.format(number=number, count=3)
        )
        expect_source(page, BOTH_CITATIONS[number - 1])
        expect(page.locator("blockquote a.chip.open")).to_have_text(re.compile(f"^{number}"))
    page.keyboard.press("Escape")
    expect(page.locator("#source-panel")).to_be_hidden()
    expect(page.locator("a.chip.open")).to_have_count(0)


def test_brackets_are_written_into_a_question(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BOTH)
    chips(page).first.click()
    expect_source(page, BOTH_CITATIONS[0])
    page.locator("#question textarea").press_sequentially("[a]")
    expect(page.locator("#question textarea")).to_have_value("[a]")
    expect_source(page, BOTH_CITATIONS[0])


def test_a_chip_under_the_pointer_shows_its_quote(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, WIKA)
    chips(page).first.hover()
    expect(page.locator("#hover-card")).to_contain_text(WIKA_CITATIONS[0].quote.text)
    expect(page.locator("#hover-card")).to_contain_text(WIKA_ARTICLE.title)


def test_only_the_keyboard(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type(WIKA)
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_count(3)
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('blockquote a.chip')"):
            break
    else:
        pytest.fail("no chip is reached by the keyboard")
    number = words(page.locator(":focus .unspoken"))
    page.keyboard.press("Enter")
    expect_source(page, WIKA_CITATIONS[int(number) - 1])
    page.keyboard.press("Escape")
    expect(page.locator("#source-panel")).to_be_hidden()
    expect(page.locator(":focus .unspoken")).to_have_text(number)


def test_an_english_browser(open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".masthead")).to_contain_text(ENGLISH.masthead.what_it_is)
    expect(page.locator("#question textarea")).to_have_attribute(
        "placeholder", ENGLISH.asking.placeholder
    )
    ask(page, WIKA)
    expect(page.locator(".guillemets.answer .sources .label")).to_have_text(
        ENGLISH.answer.sources
    )
    expect(page.locator("figcaption").first).to_contain_text("15 August 2025")
    chips(page).first.click()
    expect(page.locator("#source-panel .label")).to_have_text(ENGLISH.source.title)
    expect_source(page, WIKA_CITATIONS[0])


def test_the_language_can_be_changed_and_is_remembered(
    open_page: OpenPage, address: str
) -> None:
    page = open_page(locale="en-GB")
    page.locator("a.language").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("#filters")).to_be_visible()
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("#question textarea")).to_have_attribute(
        "placeholder", FRENCH.asking.placeholder
    )


def test_a_refusal_says_why_and_what_is_nearest(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, AUSTRALIA)
    expect(page.locator(".guillemets .refusal")).to_have_text(ANSWER_TEXTS["fr"].refusal)
    expect(page.locator(".guillemets .reason")).to_contain_text("Australie")
    nearest = page.locator(".guillemets .nearest")
    expect(nearest.locator(".label")).to_have_text(FRENCH.answer.nearest)
    expect(page.locator(".guillemets .sources")).to_have_count(0)
    nearest.locator("a.chip").click()
    expect_source(page, WIKA_CITATIONS[1])


def test_hostile_texts_are_words_and_nothing_else(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, TRAP)
    assert words(page.locator(".guillemets.question p")) == TRAP
    assert words(page.locator("blockquote .words")) == HOSTILE_WORDS
    page.locator("details.found summary").click()
    chips(page).click()
    expect(page.locator("#source-title")).to_have_text(HOSTILE_ARTICLE.title)
    assert words(page.locator("#source-panel #cited")) == HOSTILE_WORDS
    assert words(page.locator(".article-text")) == HOSTILE_ARTICLE.text
    foreign = (
        "img, script, iframe, style, svg, strong, em, code, h1, a:not(.chip, .action, .reprint)"
    )
    for place in ("#source-content", ".guillemets.question", ".guillemets.answer"):
        expect(page.locator(place).locator(foreign)).to_have_count(0)
        others = page.locator(place).locator("a:not(.chip, .action, .reprint)")
        expect(others).to_have_count(0)
    assert page.evaluate("window.hurt") is None


@pytest.mark.parametrize(
    ("question", "said"),
    [(DAMAGED, FRENCH.failures.index), (UNEXPECTED, FRENCH.failures.unexpected)],
)
def test_an_error_is_a_message(open_page: OpenPage, question: str, said: str) -> None:
    page = open_page()
    ask(page, question)
    failure = page.locator(".guillemets.failure")
    expect(failure.get_by_role("alert")).to_have_text(said)
    for hidden in ("Traceback", "a secret of the inside"):
        expect(page.locator("body")).not_to_contain_text(hidden)
    ask(page, WIKA)
    expect(chips(page)).to_have_count(3)


def test_a_phone(open_page: OpenPage) -> None:
    page = open_page(width=360, height=640, touch=True)
    assert_no_sideways_scroll(page, 360)
    ask(page, WIKA)
    assert_no_sideways_scroll(page, 360)
    chips(page).first.tap()
    expect_source(page, WIKA_CITATIONS[0])
    assert_no_sideways_scroll(page, 360)
    box = page.locator("#source-panel").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)
    page.get_by_role("button", name=FRENCH.source.close, exact=True).tap()
    expect(page.locator("#source-panel")).to_be_hidden()
    expect(page.locator("#question textarea")).to_be_in_viewport()


def test_hostile_texts_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(width=360, height=640, touch=True)
    ask(page, TRAP)
    assert_no_sideways_scroll(page, 360)


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_words_stand_out_in_either_scheme(open_page: OpenPage, color_scheme: str) -> None:
    page = open_page(color_scheme=color_scheme)
    ask(page, WIKA)
    chips(page).first.click()
    expect_source(page, WIKA_CITATIONS[0])
    body = page.locator("body")
    paper = luminance(page, body, "backgroundColor")
    assert (paper < 0.1) == (color_scheme == "dark")
    mark = page.locator("#cited")
    pairs = [
        (luminance(page, page.locator("blockquote .words").first, "color"), paper),
        (luminance(page, page.locator(".masthead .facts"), "color"), paper),
        (luminance(page, mark, "color"), luminance(page, mark, "backgroundColor")),
    ]
    for ink, ground in pairs:
        # WCAG 2.2, success criterion 1.4.3.
        assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) >= 4.5
