from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import SENTENCES, Code, Problem
from rag.library.build import build_folder
from rag.library.library import Library
from rag.models.encoder import Vectors
from rag.ui.article_list import LINES_A_PAGE
from rag.ui.texts import TEXTS
from tests.browser.driving import (
    OpenPage,
    ask,
    assert_no_sideways_scroll,
    luminance,
)
from tests.browser.serving import app_over, served
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles

FRENCH, ENGLISH = TEXTS["fr"], TEXTS["en"]
PATIENCE = 30
NEW = "La mairie de Beaugency ouvrira une piscine couverte le 12 décembre."
ABOUT_NEW = "Quand ouvrira la piscine couverte de Beaugency ?"
HOSTILE = "<img src=x onerror='window.hurt = 1'>${window.hurt=2}"

_DROP = """([target, files]) => {
  const carried = new DataTransfer();
  for (const [name, content] of files)
    carried.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.querySelector(target).dispatchEvent(new DragEvent(kind,
      { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""


class WaitingEncoder(CountingEncoder):
    """Embeds passages when a test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.may_embed = threading.Event()
        self.may_embed.set()

    def embed_passages(self, texts: object) -> Vectors:
        assert self.may_embed.wait(PATIENCE)
        return super().embed_passages(texts)  # type: ignore[arg-type]


@pytest.fixture
def encoder() -> WaitingEncoder:
    return WaitingEncoder()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = settings_for(tmp_path, max_file_bytes=5_000)
    write_articles(found.articles)
    return found


@pytest.fixture
def assistant(settings: Settings, encoder: WaitingEncoder) -> Assistant:
    build_folder(settings, encoder)
    return Assistant(settings, encoder)


@pytest.fixture
def library(settings: Settings, encoder: WaitingEncoder) -> Library:
    return Library(settings, encoder)


@pytest.fixture
def address(assistant: Assistant, library: Library, encoder: WaitingEncoder) -> Iterator[str]:
    """Where a chat over a real folder of articles is served."""
    with served(app_over(assistant, library=library)) as found:  # type: ignore[arg-type]
        yield found
    encoder.may_embed.set()
    library.stop()


def drop(page: Page, *files: tuple[str, bytes], on: str = "#conversation") -> None:
    carried = [[name, base64.b64encode(content).decode()] for name, content in files]
    page.evaluate(_DROP, [on, carried])


def arriving(page: Page, words: str) -> Locator:
    return page.locator("#arriving li").filter(has_text=words)


def titles(page: Page) -> Locator:
    return page.locator("#articles-list [data-article]")


def upkeep(page: Page) -> Locator:
    return page.locator("#articles-panel .upkeep")


def open_articles(page: Page) -> None:
    page.get_by_role("button", name="Articles", exact=True).click()
    expect(page.locator("#articles-panel")).to_be_visible()
    expect(titles(page).first).to_be_visible()


def updated(added: int = 0, changed: int = 0, removed: int = 0) -> str:
    return FRENCH.updating.done.format(added=added, changed=changed, removed=removed)


def test_files_are_dropped_indexed_and_asked_about(
    open_page: OpenPage, encoder: WaitingEncoder, settings: Settings
) -> None:
    page = open_page()
    encoder.may_embed.clear()
    drop(
        page,
        ("piscine.txt", NEW.encode()),
        ("image.txt", b"\x89PNG\0\0"),
        ("gros.txt", b"a" * 6000),
    )
    expect(arriving(page, "piscine.txt")).to_contain_text(FRENCH.bringing.brought)
    expect(arriving(page, "image.txt")).to_contain_text(
        f"{FRENCH.bringing.refused} — {SENTENCES['fr'][Code.BINARY]}"
    )
    problem = Problem.of(Code.TOO_LARGE, size=6000, most=5000, setting="max_file_bytes")
    too_large, _ = problem.said_in("fr")
    expect(arriving(page, "gros.txt")).to_contain_text(
        f"{FRENCH.bringing.refused} — {too_large}"
    )
    assert sorted(one.name for one in settings.articles.glob("*.txt")) == [
        "piscine.txt",
        "pont.txt",
        "école.txt",
    ]
    expect(upkeep(page).locator("progress")).to_be_visible()
    expect(upkeep(page)).to_contain_text(FRENCH.updating.step_texts.partition("{")[0])
    # Asking goes on, and the page that began it may go.
    other = open_page()
    page.close()
    expect(other.locator(".masthead .upkeep progress")).to_be_visible()
    ask(other, "Qui est le maire ?")
    encoder.may_embed.set()
    expect(other.locator(".masthead .facts")).to_contain_text("4 articles")
    expect(other.locator("#told")).to_have_text(updated(added=1))
    expect(other.locator(".masthead .upkeep progress")).to_be_hidden()
    ask(other, ABOUT_NEW)
    expect(other.locator(".guillemets.answer").last).to_contain_text(NEW)


def test_a_name_that_is_taken_is_decided_by_the_reader(
    open_page: OpenPage, settings: Settings
) -> None:
    page = open_page()
    drop(page, ("pont.txt", NEW.encode()))
    row = arriving(page, "pont.txt")
    expect(row).to_contain_text(FRENCH.bringing.clashes)
    assert NEW not in (settings.articles / "pont.txt").read_text("utf-8")
    row.get_by_role("button", name=FRENCH.bringing.keep_both).click()
    expect(row).to_contain_text(FRENCH.bringing.kept_both.format(name="pont (2).txt"))
    expect(upkeep(page)).to_contain_text(updated(added=1))
    expect(titles(page)).to_have_count(4)
    page.locator("#pick").set_input_files(settings.articles / "pont (2).txt")
    expect(arriving(page, "pont (2).txt").first).to_contain_text(FRENCH.bringing.already_there)


def test_an_article_is_removed_and_comes_back(open_page: OpenPage, settings: Settings) -> None:
    page = open_page()
    open_articles(page)
    expect(titles(page)).to_have_count(3)
    page.locator("#articles-search").fill("CIRCULATION pont")
    expect(titles(page)).to_have_count(1)
    title = titles(page).text_content() or ""
    page.get_by_role("button", name=FRENCH.articles.remove.format(title=title)).click()
    undo = page.get_by_role("button", name=FRENCH.articles.undo)
    expect(undo).to_be_focused()
    expect(arriving(page, FRENCH.articles.removed.format(title=title))).to_be_visible()
    expect(upkeep(page)).to_contain_text(updated(removed=1))
    expect(page.locator("#articles-list")).to_have_text(FRENCH.articles.none)
    assert not (settings.articles / "pont.txt").exists()
    undo.press("Enter")
    expect(upkeep(page)).to_contain_text(updated(added=1))
    expect(titles(page)).to_have_text([title])
    assert (settings.articles / "pont.txt").is_file()


def test_one_article_is_opened_and_asked_alone(open_page: OpenPage) -> None:
    page = open_page()
    open_articles(page)
    title = page.get_by_role("button", name="Une rentrée dans des murs neufs", exact=True)
    title.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#source-content .article-text")).to_contain_text("Mme Leroy")
    expect(page.locator("#source-content mark")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#source-panel")).to_be_hidden()
    expect(title).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=FRENCH.source.ask_only).click()
    expect(page.locator("#articles-panel")).to_be_hidden()
    expect(page.locator("#question textarea")).to_be_focused()
    chip = page.locator("#filters [data-remove=article]")
    label = FRENCH.filters.only_article.format(title="Une rentrée dans des murs neufs")
    expect(chip).to_contain_text(label)
    ask(page, "Qui est le maire ?")
    expect(page.locator(".asked-of").last).to_contain_text(label)
    expect(page.locator(".guillemets.answer")).not_to_contain_text("Dupont")
    link = page.locator("a.link").last.get_attribute("href") or ""
    opened = open_page(query=link.partition("?")[2])
    expect(opened.locator("#filters [data-remove=article]")).to_contain_text(label)
    chip.click()
    expect(chip).to_have_count(0)


def test_the_panel_is_left_by_keyboard(open_page: OpenPage) -> None:
    page = open_page()
    opener = page.locator("#open-articles")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#articles-search")).to_be_focused()
    assert page.locator("gradio-app").evaluate("element => element.inert")
    page.keyboard.press("Escape")
    expect(page.locator("#articles-panel")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_list_is_sorted_and_turned(open_page: OpenPage, settings: Settings) -> None:
    for number in range(LINES_A_PAGE):
        write_article(settings.articles, f"{number}.txt", f"Voici le texte numéro {number:03}.")
    page = open_page()
    waits = FRENCH.updating.waiting.format(
        parts=f"{FRENCH.updating.waiting_added}{LINES_A_PAGE}"
    )
    masthead = page.locator(".masthead .upkeep")
    expect(masthead).to_contain_text(waits)
    masthead.get_by_role("button", name=FRENCH.updating.update).click()
    expect(masthead).to_contain_text(updated(added=LINES_A_PAGE))
    expect(masthead.get_by_role("button")).to_have_count(0)
    open_articles(page)
    expect(titles(page)).to_have_count(LINES_A_PAGE)
    page.get_by_role("button", name=FRENCH.articles.next_page).click()
    expect(titles(page)).to_have_count(3)
    expect(page.get_by_role("button", name=FRENCH.articles.next_page)).to_be_disabled()
    head = page.get_by_role("button", name=FRENCH.articles.column_title)
    for first, sort in (("Le club de Nantes", "ascending"), ("Voici le texte", "descending")):
        head.click()
        expect(page.locator("th[aria-sort]:not([aria-sort=none])")).to_have_attribute(
            "aria-sort", sort
        )
        expect(titles(page).first).to_contain_text(first)
        expect(head).to_be_focused()


def test_hostile_names_and_titles_are_words(open_page: OpenPage, settings: Settings) -> None:
    page = open_page()
    drop(page, (f"{HOSTILE}.txt", f"{HOSTILE}\n\nLe pont rouvrira demain.".encode()))
    drop(page, (f"{HOSTILE}.exe", b"MZ"))
    expect(arriving(page, ".exe")).to_contain_text(FRENCH.bringing.refused)
    expect(upkeep(page)).to_contain_text(updated(added=1))
    open_title = titles(page).filter(has_text="window.hurt")
    expect(open_title).to_have_count(1)
    open_title.click()
    expect(page.locator("#source-title")).to_contain_text("window.hurt")
    page.get_by_role("button", name=FRENCH.source.ask_only).click()
    expect(page.locator("#filters [data-remove=article]")).to_contain_text("window.hurt")
    assert page.evaluate("window.hurt") is None


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_list_on_a_phone(open_page: OpenPage, color_scheme: str) -> None:
    page = open_page(
        locale="en-GB", width=360, height=640, touch=True, color_scheme=color_scheme
    )
    open_articles(page)
    drop(page, ("pont.txt", NEW.encode()), on="#articles-panel")
    expect(arriving(page, ENGLISH.bringing.clashes)).to_be_visible()
    assert_no_sideways_scroll(page, 360)
    for button in page.locator("#articles-panel button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    paper = luminance(page, page.locator("#articles-panel"), "backgroundColor")
    for selector in ("[data-article]", "th button", ".hint", ".outcome", "td.length"):
        ink = luminance(page, page.locator(f"#articles-panel {selector}").first, "color")
        assert (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05) >= 4.5, selector
    titles(page).first.tap()
    expect(page.locator("#source-content .article-text")).to_be_visible()
    page.get_by_role("button", name=ENGLISH.source.close).last.click()
    expect(page.locator("#articles-panel")).to_be_visible()


def test_a_file_in_the_folder_answers_without_a_click(
    open_page: OpenPage, settings: Settings, library: Library
) -> None:
    library.watch()
    page = open_page()
    expect(page.locator("#watched")).to_have_text(FRENCH.updating.watched)
    write_article(settings.articles, "piscine.txt", NEW)
    expect(page.locator(".masthead .facts")).to_contain_text("4 articles")
    expect(page.locator("#told")).to_have_text(updated(added=1))
    ask(page, ABOUT_NEW)
    expect(page.locator(".guillemets.answer").last).to_contain_text(NEW)
