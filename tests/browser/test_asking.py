from __future__ import annotations

import threading
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from rag.types import Answer, Filters
from rag.ui.texts import TEXTS
from tests.browser.conftest import BLANK, Readers
from tests.browser.driving import (
    OpenPage,
    ask,
    assert_no_sideways_scroll,
    chips,
    luminance,
    words,
)
from tests.browser.fake_assistant import (
    BRIDGE,
    BRIDGE_ARTICLE,
    BRIDGE_CITATIONS,
    EVERYTHING,
    HOSTILE_ARTICLE,
    TRAP,
    UNDERSTOOD,
    WHY,
    WIKA,
    WIKA_ARTICLE,
    WIKA_CITATIONS,
    FakeAssistant,
)
from tests.browser.serving import app_over, served

COURIER = str(BRIDGE_ARTICLE.source)
FRENCH, ENGLISH = TEXTS["fr"], TEXTS["en"]
NARROW = "\N{NARROW NO-BREAK SPACE}"


def narrow(page: Page, since: str = "", until: str = "", sources: tuple[str, ...] = ()) -> None:
    """Put filters in force by the form."""
    if not page.locator("#filters details[open]").count():
        page.locator("#filters summary").click()
    page.locator("#filters input[name=since]").fill(since)
    page.locator("#filters input[name=until]").fill(until)
    for box in page.locator("#filters input[type=checkbox]").all():
        box.set_checked(box.get_attribute("value") in sources)
    page.get_by_role("button", name=FRENCH.filters.apply).click()


def in_force(page: Page) -> Locator:
    return page.locator("#filters [data-remove]")


def answers(page: Page) -> Locator:
    return page.locator(".guillemets.answer")


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


class HeldAssistant(FakeAssistant):
    """Answers BRIDGE when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def ask(
        self,
        question: str,
        *,
        filters: Filters = EVERYTHING,
        top: int = 3,
        previous: str | None = None,
    ) -> Answer:
        if question == BRIDGE:
            self.let_go.wait()
        return super().ask(question, filters=filters, top=top, previous=previous)


def test_a_question_sent_while_another_is_answered_waits_for_it(readers: Readers) -> None:
    assistant = HeldAssistant()
    page = readers.page("fr-FR", 1280, 800, "light", touch=False)
    with served(app_over(assistant)) as address:
        page.goto(address)
        box = page.locator("#question textarea")
        asked = page.locator(".guillemets.question")
        box.fill(BRIDGE)
        box.press("Enter")
        expect(asked).to_have_count(1)
        box.fill(WIKA)
        box.press("Enter")
        expect(box).to_have_value(WIKA)
        assistant.let_go.set()
        expect(answers(page)).to_have_count(2)
        assert asked.all_text_contents() == [BRIDGE, WIKA]
        expect(box).to_have_value("")
        page.goto(BLANK)


def test_filters_narrow_the_answers_and_are_removed_one_by_one(open_page: OpenPage) -> None:
    page = open_page()
    narrow(page, since="2024-01-01", until="2024-12-31", sources=(COURIER,))
    expect(in_force(page)).to_have_count(3)
    expect(page.locator("#question textarea")).to_be_focused()
    ask(page, BRIDGE)
    expect(chips(page)).to_have_count(1)
    expect(page.locator(".asked-of")).to_contain_text("jusqu’au 31 décembre 2024")
    ask(page, WIKA)
    expect(page.locator(".guillemets .refusal")).to_have_count(1)
    for left, focused in ((2, "[data-remove=until]"), (1, "[data-remove=source]")):
        in_force(page).first.focus()
        page.keyboard.press("Enter")
        expect(in_force(page)).to_have_count(left)
        expect(page.locator(f"#filters {focused}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(in_force(page)).to_have_count(0)
    expect(page.locator("#filters summary")).to_be_focused()
    ask(page, WIKA)
    expect(answers(page)).to_have_count(3)
    expect(answers(page).last.locator("blockquote")).to_have_count(3)


def test_several_sources_are_ticked_by_key_and_linked_to(
    open_page: OpenPage, address: str
) -> None:
    page = open_page()
    other = str(HOSTILE_ARTICLE.source)
    page.locator("#filters summary").press("Enter")
    for box in page.locator("#filters input[type=checkbox]").all():
        box.press("Space")
    page.locator("#filters input[type=checkbox]").last.press("Enter")
    expect(in_force(page)).to_have_count(2)
    ask(page, BRIDGE)
    page.get_by_role("button", name=FRENCH.copies.link).click()
    expect(
        page.get_by_role("status").filter(has_text=FRENCH.copies.link_copied)
    ).to_be_visible()
    query = urlsplit(clipboard(page)).query
    assert sorted(parse_qs(query)["source"]) == sorted([COURIER, other])
    opened = open_page(query=query)
    expect(in_force(opened)).to_have_count(2)
    opened.get_by_role("button", name=FRENCH.filters.remove.format(filter=other)).click()
    expect(in_force(opened)).to_have_text([f"{COURIER}×"])


def test_a_filter_that_cannot_be_is_told_and_the_others_stay(open_page: OpenPage) -> None:
    page = open_page(locale="fr-FR")
    narrow(page, since="2024-01-01")
    expect(in_force(page)).to_have_count(1)
    narrow(page, since="2024-03-02", until="2024-03-01")
    expect(page.locator("#filter-error")).to_have_text(
        FRENCH.filters.wrong_order.format(until="1er mars 2024", since="2 mars 2024")
    )
    expect(page.locator("#filters input[name=until]")).to_be_focused()
    expect(page.locator("#filters [aria-invalid=true]")).to_have_count(1)
    expect(in_force(page)).to_have_text(["depuis le 1er janvier 2024×"])
    narrow(page, until="2024-03-01")
    expect(in_force(page)).to_have_text(["jusqu’au 1er mars 2024×"])


def test_a_refusal_under_filters_is_widened_by_a_click(open_page: OpenPage) -> None:
    page = open_page()
    narrow(page, until="2024-12-31")
    expect(in_force(page)).to_have_count(1)
    page.locator("#conversation .example", has_text=WIKA).click()
    expect(page.locator(".guillemets .refusal")).to_be_visible()
    page.locator("#question textarea").fill("à demi")
    page.get_by_role("button", name=FRENCH.answer.widen).click()
    expect(answers(page)).to_have_count(2)
    expect(answers(page).last.locator("blockquote")).to_have_count(3)
    expect(page.locator(".guillemets.question")).to_have_text([WIKA, WIKA])
    expect(in_force(page)).to_have_count(0)
    expect(page.locator("#question textarea")).to_have_value("à demi")


def test_a_hostile_source_is_words(open_page: OpenPage) -> None:
    page = open_page()
    source = str(HOSTILE_ARTICLE.source)
    narrow(page, sources=(source,))
    expect(in_force(page)).to_have_text([f"{source}×"])
    ask(page, TRAP)
    assert source in words(page.locator(".asked-of"))
    expect(page.locator("#tools svg")).to_have_count(0)
    assert page.evaluate("window.hurt") is None


def test_a_link_asks_again(open_page: OpenPage, address: str) -> None:
    page = open_page()
    narrow(page, since="2025-01-01")
    expect(in_force(page)).to_have_count(1)
    ask(page, WIKA)
    page.get_by_role("button", name=FRENCH.copies.link).click()
    expect(
        page.get_by_role("status").filter(has_text=FRENCH.copies.link_copied)
    ).to_be_visible()
    link = clipboard(page)
    assert link.startswith(f"{address}/?")
    assert parse_qs(urlsplit(link).query) == {"q": [WIKA], "since": ["2025-01-01"]}
    opened = open_page(query=urlsplit(link).query)
    expect(opened.locator(".guillemets.question")).to_have_text(WIKA)
    expect(chips(opened)).to_have_count(3)
    expect(in_force(opened)).to_have_text(["depuis le 1er janvier 2025×"])


@pytest.mark.parametrize(
    ("address_of", "said"),
    [
        ({"q": WIKA, "since": "<b>"}, FRENCH.filters.no_date.format(written="<b>")),
        (
            {"q": "a" * 1001},
            FRENCH.asking.too_long.format(found=1001, allowed=1000),
        ),
    ],
)
def test_a_link_that_cannot_be_says_why(
    open_page: OpenPage, address_of: dict[str, str], said: str
) -> None:
    page = open_page(query=urlencode(address_of))
    expect(page.locator(".guillemets.notice")).to_have_text(said)
    expect(in_force(page)).to_have_count(0)


def test_an_answer_is_copied_with_footnotes(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BRIDGE)
    copy = page.get_by_role("button", name=FRENCH.copies.answer, exact=True)
    copy.focus()
    page.keyboard.press("Space")
    expect(page.locator("#told")).to_have_text(FRENCH.copies.answer_copied)
    quote = BRIDGE_CITATIONS[0].quote
    assert clipboard(page) == (
        f"«{NARROW}{quote.text}{NARROW}» [1]\n\n"
        f"[1] {BRIDGE_ARTICLE.title} · 1er mars 2024 · {BRIDGE_ARTICLE.source}. "
        f"{BRIDGE_ARTICLE.path}, {BRIDGE_ARTICLE.url}, "
        f"caractères {quote.start} à {quote.end}.\n"
    )


def test_a_copy_numbers_every_quote_and_keeps_its_context(open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    ask(page, WIKA)
    page.get_by_role("button", name=ENGLISH.copies.answer, exact=True).click()
    expect(page.locator("#told")).to_have_text(ENGLISH.copies.answer_copied)
    copied = clipboard(page)
    for citation in WIKA_CITATIONS:
        quote = citation.quote
        assert f"«{NARROW}{quote.text}{NARROW}» [{citation.number}]" in copied
        place = ENGLISH.copies.characters.format(start=quote.start, end=quote.end)
        assert f"15 August 2025. {WIKA_ARTICLE.path}, {place}." in copied
    context = WIKA_CITATIONS[2].quote.context
    assert context is not None
    assert f"(just before: «{NARROW}{context.text}{NARROW}»)" in copied


def test_a_follow_up_is_understood_or_asked_as_it_stands(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BRIDGE)
    ask(page, WHY)
    expect(page.locator(".understood")).to_contain_text(UNDERSTOOD)
    expect(answers(page).last.locator("blockquote")).to_have_count(1)
    link = answers(page).last.locator("a.link").get_attribute("href")
    assert parse_qs(urlsplit(f"?{str(link).partition('?')[2]}").query) == {"q": [UNDERSTOOD]}
    page.get_by_role("button", name=FRENCH.answer.ask_literally).click()
    expect(answers(page)).to_have_count(3)
    expect(page.locator(".guillemets.question").last).to_have_text(WHY)
    expect(page.locator(".understood")).to_have_count(1)
    expect(answers(page).last.locator(".refusal")).to_be_visible()


def test_questions_to_go_on_with_are_asked_by_click_and_key(open_page: OpenPage) -> None:
    page = open_page(width=360, height=640)
    ask(page, WIKA)
    offered = answers(page).last.locator(".follow-ups a")
    expect(offered).to_have_text([BRIDGE, TRAP])
    assert_no_sideways_scroll(page, 360)
    offered.first.click()
    expect(answers(page)).to_have_count(2)
    expect(page.locator(".guillemets.question").last).to_have_text(BRIDGE)
    expect(offered).to_have_text([TRAP])
    offered.focus()
    page.keyboard.press("Space")
    expect(answers(page)).to_have_count(3)
    expect(page.locator(".guillemets.question").last).to_have_text(TRAP)
    expect(answers(page).last.locator(".follow-ups")).to_have_count(0)


def test_nothing_goes_before_the_first_question_of_another_conversation(
    open_page: OpenPage,
) -> None:
    page = open_page()
    ask(page, BRIDGE)
    page.locator("#conversations summary").click()
    page.locator("#conversations [data-new]").click()
    expect(answers(page)).to_have_count(0)
    ask(page, WHY)
    expect(page.locator(".understood")).to_have_count(0)


def test_asking_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(width=360, height=640, touch=True)
    narrow(page, since="2024-01-01", until="2024-12-31", sources=(COURIER,))
    expect(in_force(page)).to_have_count(3)
    assert_no_sideways_scroll(page, 360)
    ask(page, BRIDGE)
    ask(page, WHY)
    expect(page.locator(".understood")).to_be_visible()
    assert_no_sideways_scroll(page, 360)
    for one in (*in_force(page).all(), page.locator("#export summary")):
        box = one.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_tools_stand_out_in_either_scheme(open_page: OpenPage, color_scheme: str) -> None:
    page = open_page(color_scheme=color_scheme)
    narrow(page, until="2024-12-31")
    expect(in_force(page)).to_have_count(1)
    ask(page, WIKA)
    page.locator("#filters summary").click()
    paper = luminance(page, page.locator("body"), "backgroundColor")
    for selector in (
        "#filters summary",
        "#filters label",
        "#filters legend",
        "a.link",
        ".asked-of",
    ):
        ink = luminance(page, page.locator(selector).first, "color")
        assert (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05) >= 4.5, selector
    for selector in ("a.widen", "#filters form button", "[data-remove]"):
        one = page.locator(selector).first
        ink, ground = (luminance(page, one, style) for style in ("color", "backgroundColor"))
        assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) >= 4.5, selector
