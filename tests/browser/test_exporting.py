from __future__ import annotations

import dataclasses
import html
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Page, expect

from rag.answering.answer_texts import also_in_line
from rag.library.exported_quotes import read_quotes
from rag.types import Citation
from rag.ui.texts import TEXTS
from tests.browser.driving import OpenPage, ask
from tests.browser.fake_assistant import (
    AUSTRALIA,
    BRIDGE,
    BRIDGE_CITATIONS,
    HOSTILE_WORDS,
    REPRINTED,
    REPRINTED_CITATIONS,
    TRAP,
    TRAP_CITATIONS,
    WIKA,
    WIKA_CITATIONS,
)
from tests.ingest.page_reading import Page as ReadPage

FRENCH = TEXTS["fr"]
NARROW = "\N{NARROW NO-BREAK SPACE}"
FOREIGN = (
    HOSTILE_WORDS,
    "1. un\n2) deux\n- trois\n+ quatre\n* cinq\n# six\n=====\n> sept",
    "    quatre espaces\n\n\tune tabulation  \nfin",
    "~~rayé~~ ![image](x) [^1] <http://a.invalid> &copy; \\* | a | $x$",
    "«\N{NARROW NO-BREAK SPACE}déjà\N{NARROW NO-BREAK SPACE}»",
)


def exported(page: Page, label: str) -> str:
    page.locator("#export summary").click()
    with page.expect_download() as given:
        page.get_by_role("button", name=label).click()
    ending = {"Markdown": "md", "HTML": "html"}[label.split()[-1]]
    assert re.fullmatch(
        rf"guillemets-\d{{4}}-\d\d-\d\d\.{ending}", given.value.suggested_filename
    )
    expect(page.locator("#export[open]")).to_have_count(0)
    return Path(given.value.path()).read_text("utf-8")


def read_markdown(text: str) -> ReadPage:
    # What is not markup of ours would show as a tag here: HTML is read as HTML.
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return ReadPage(rendered.replace("<hr />", "").replace("<br />", "\n"))


def place(citation: Citation) -> str:
    quote = citation.quote
    return FRENCH.copies.characters.format(start=quote.start, end=quote.end)


def test_a_conversation_is_exported_as_markdown(open_page: OpenPage) -> None:
    page = open_page()
    for question in (WIKA, AUSTRALIA, BRIDGE):
        ask(page, question)
    expect(page.locator(".guillemets.answer")).to_have_count(3)
    read = read_markdown(exported(page, FRENCH.copies.as_markdown))
    assert [one.words for one in read.all("h1")] == [FRENCH.copies.title]
    assert [one.words for one in read.all("h2")] == [WIKA, AUSTRALIA, BRIDGE]
    for citation in (*WIKA_CITATIONS, WIKA_CITATIONS[1], *BRIDGE_CITATIONS):
        assert f"«{NARROW}{citation.quote.text}{NARROW}»" in read.words
        assert place(citation) in read.words
        assert f"] {citation.article.title} · " in read.words
        assert citation.article.path in read.words
    assert FRENCH.answer.nearest in read.words
    assert str(BRIDGE_CITATIONS[0].article.url) in read.words
    assert FRENCH.copies.note in read.words


def test_a_conversation_is_exported_as_html(open_page: OpenPage) -> None:
    page = open_page()
    for question in (WIKA, BRIDGE):
        ask(page, question)
    expect(page.locator(".guillemets.answer")).to_have_count(2)
    text = exported(page, FRENCH.copies.as_html)
    read = ReadPage(text.removeprefix("<!doctype html>\n").replace("<hr>", ""))
    assert [one.words for one in read.all("h2")] == [WIKA, BRIDGE]
    citations = (*WIKA_CITATIONS, *BRIDGE_CITATIONS)
    assert [one.words for one in read.of_class("words")] == [
        one.quote.text for one in citations
    ]
    for citation, caption in zip(citations, read.all("figcaption"), strict=True):
        assert caption.words.startswith(f"[{citation.number}] {citation.article.title} · ")
        assert citation.article.path in caption.words
        assert caption.words.endswith(f"{place(citation)}.")
    assert [one.attributes["href"] for one in read.all("a")] == [
        BRIDGE_CITATIONS[0].article.url
    ]


def test_reprints_are_named_in_what_is_exported(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, REPRINTED)
    expected = [also_in_line(one, "fr") for one in REPRINTED_CITATIONS if one.also_in]
    assert expected
    for label, read in (
        (FRENCH.copies.as_markdown, read_markdown),
        (
            FRENCH.copies.as_html,
            lambda text: ReadPage(text.split("\n", 1)[1].replace("<hr>", "")),
        ),
    ):
        words = read(exported(page, label)).words
        for line in expected:
            assert line in words


def test_hostile_texts_are_exported_as_words(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, TRAP)
    text = exported(page, FRENCH.copies.as_html)
    read = ReadPage(text.removeprefix("<!doctype html>\n").replace("<hr>", ""))
    assert read.of_class("words")[0].words == HOSTILE_WORDS
    assert not {"script", "img", "iframe", "svg", "a", "b"} & set(read.tags())
    foreign = {"script", "img", "iframe", "svg", "style", "a", "b", "strong", "em", "code"}
    read = read_markdown(exported(page, FRENCH.copies.as_markdown))
    assert read.all("h2")[0].words == TRAP
    assert not (foreign | {"ul", "table", "pre"}) & set(read.tags())


def test_foreign_texts_mean_nothing_to_markdown(open_page: OpenPage) -> None:
    page = open_page()
    escaped = page.evaluate(
        """async texts => {
            const { escapeMarkdown } = await import("/page/exporting.js");
            return texts.map(escapeMarkdown);
        }""",
        FOREIGN,
    )
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for foreign, text in zip(FOREIGN, escaped, strict=True):
        shown = reader.render(text)
        assert set(ReadPage(shown.replace("<br />", "")).tags()) == {"p"}
        paragraphs = re.findall(r"<p>(.*?)</p>", shown, re.S)
        assert html.unescape("\n\n".join(paragraphs)) == foreign


@pytest.mark.parametrize("label", [FRENCH.copies.as_markdown, FRENCH.copies.as_html])
def test_what_is_exported_can_be_read_back(
    open_page: OpenPage, label: str, tmp_path: Path
) -> None:
    page = open_page()
    for question in (WIKA, AUSTRALIA, BRIDGE, TRAP):
        ask(page, question)
    expect(page.locator(".guillemets.answer")).to_have_count(4)
    file = tmp_path / "exported"
    file.write_text(exported(page, label), "utf-8")
    citations = (
        *WIKA_CITATIONS,
        # What comes nearest to a refused question has a number of its own.
        dataclasses.replace(WIKA_CITATIONS[1], number=1),
        *BRIDGE_CITATIONS,
        *TRAP_CITATIONS,
    )
    read = read_quotes(file)
    assert [(one.number, one.path, one.start, one.end) for one in read] == [
        (str(one.number), one.article.path, one.quote.start, one.quote.end) for one in citations
    ]
    assert [one.text.split() for one in read] == [one.quote.text.split() for one in citations]
