import dataclasses
import datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import Code, Problem
from rag.types import Article, BrokenFile, Version
from rag.types.provenance import DateFrom
from rag.ui.source_panel import Span, original_address, render_source
from rag.ui.texts import TEXTS
from tests.browser.fake_assistant import (
    BRIDGE_ARTICLE,
    BRIDGE_CITATIONS,
    HOSTILE_ARTICLE,
    REPEATED,
    WIKA_ARTICLE,
)
from tests.ingest.page_reading import Page

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
FOREIGN = st.lists(
    st.text(CHARACTERS)
    | st.sampled_from(("<script>", "</mark></div>", "<!--", '" id="cited', "&lt;", "<mark>")),
    max_size=5,
).map("".join)
PLACES = st.integers(0, 60)
SPANS = st.builds(Span, PLACES, PLACES)


READING = ("details", "summary")


def article_of(text: str, url: str | None = None) -> Article:
    return Article("an-id", "a.txt", text, "Titre", "0" * 64, url=url)


def marked(page: Page) -> list[str]:
    return [mark.words for mark in page.of_class("cited")]


@given(FOREIGN, SPANS, st.lists(SPANS, max_size=4))
def test_the_whole_article_is_shown_and_nothing_in_it_is_markup(
    text: str, cited: Span, others: list[Span]
) -> None:
    page = Page(render_source(article_of(text), cited, others, "fr"))
    assert page.of_class("article-text")[0].words == text
    assert set(page.tags()) <= {"header", "p", "h2", "button", "div", "mark", *READING}
    assert page.comments == []


@given(FOREIGN, SPANS, st.lists(SPANS, max_size=4))
def test_the_cited_words_are_marked_once_and_whole(
    text: str, cited: Span, others: list[Span]
) -> None:
    words = text[cited.start : cited.end]
    page = Page(render_source(article_of(text), cited, others, "fr"))
    assert marked(page) == ([words] if words else [])


@given(FOREIGN, SPANS, st.lists(SPANS, max_size=4))
def test_the_others_are_marked_lightly_but_for_the_cited_words(
    text: str, cited: Span, others: list[Span]
) -> None:
    def places(spans: list[Span]) -> set[int]:
        return {at for span in spans for at in range(span.start, min(span.end, len(text)))}

    page = Page(render_source(article_of(text), cited, others, "fr"))
    light = "".join(mark.words for mark in page.of_class("also-cited"))
    expected = sorted(places(others) - places([cited]))
    assert light == "".join(text[at] for at in expected)


def test_the_second_of_two_equal_sentences_is_marked_when_it_is_cited() -> None:
    cited = BRIDGE_CITATIONS[0].quote
    html = str(render_source(BRIDGE_ARTICLE, Span(cited.start, cited.end), (), "fr"))
    before = Page(html[: html.index('<mark class="cited"')] + "</div>")
    assert before.words.count(REPEATED) == 1
    assert marked(Page(html)) == [REPEATED]


def test_a_hostile_article_makes_no_element_of_its_own() -> None:
    html = render_source(HOSTILE_ARTICLE, Span(0, 5), (Span(3, 50),), "fr")
    page = Page(html)
    assert page.of_class("article-text")[0].words == HOSTILE_ARTICLE.text
    assert set(page.tags()) == {"header", "p", "h2", "button", "div", "mark", *READING}
    assert page.all("h2")[0].words == HOSTILE_ARTICLE.title
    assert page.of_class("article-text")[0].attributes["lang"] == HOSTILE_ARTICLE.language


@pytest.mark.parametrize(
    ("language", "date"), [("fr", "1er mars 2024"), ("en", "1 March 2024")]
)
def test_title_date_outlet_and_file_are_shown(language: str, date: str) -> None:
    page = Page(render_source(BRIDGE_ARTICLE, Span(0, 5), (), language))
    assert page.all("h2")[0].words == BRIDGE_ARTICLE.title
    original = TEXTS[language].source.original
    assert page.of_class("meta")[0].words == f"{date} · {BRIDGE_ARTICLE.source} · {original}"
    assert BRIDGE_ARTICLE.path in page.of_class("file")[0].words


def test_the_original_opens_elsewhere_and_learns_nothing() -> None:
    link = Page(render_source(BRIDGE_ARTICLE, Span(0, 21), (), "fr")).all("a")[0]
    assert link.attributes["target"] == "_blank"
    assert link.attributes["rel"] == "noopener noreferrer nofollow"
    assert link.attributes["href"] == original_address(BRIDGE_ARTICLE, Span(0, 21))


def test_an_article_without_a_web_address_has_no_link() -> None:
    for article in (WIKA_ARTICLE, HOSTILE_ARTICLE):
        assert original_address(article, Span(0, 5)) is None
        assert Page(render_source(article, Span(0, 5), (), "fr")).all("a") == []


def test_a_short_quote_is_looked_for_whole() -> None:
    article = article_of("un deux-trois, quatre", "https://a.invalid/b")
    address = original_address(article, Span(0, len(article.text)))
    assert address == "https://a.invalid/b#:~:text=un%20deux%2Dtrois%2C%20quatre"


def test_a_long_quote_is_looked_for_by_its_ends() -> None:
    words = [f"mot{number}" for number in range(11)]
    article = article_of(" ".join(words), "https://a.invalid/b#c")
    address = original_address(article, Span(0, len(article.text)))
    assert address is not None
    page, _, fragment = address.partition(":~:text=")
    assert page == "https://a.invalid/b#c"
    assert unquote(fragment) == f"{' '.join(words[:5])},{' '.join(words[-5:])}"


def test_an_empty_quote_opens_the_page_only() -> None:
    article = dataclasses.replace(BRIDGE_ARTICLE, text="   ")
    assert original_address(article, Span(0, 3)) == BRIDGE_ARTICLE.url


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Modifié le 1er mars 2024"), ("en", "Changed on 1 March 2024")],
)
def test_a_corrected_article_says_when(language: str, said: str) -> None:
    versions = [
        Version("Avant.", datetime.datetime(2024, month, 1, tzinfo=datetime.UTC))
        for month in (2, 3)
    ]
    corrected = Page(render_source(BRIDGE_ARTICLE, Span(0, 5), (), language, versions))
    assert [one.words for one in corrected.of_class("changed")] == [said]
    never = Page(render_source(BRIDGE_ARTICLE, Span(0, 5), (), language))
    assert never.of_class("changed") == []


def test_why_a_date_and_what_is_to_be_checked() -> None:
    problem = Problem.of(Code.STRAY_BYTES, count=2, line=3)
    for language, texts in TEXTS.items():
        for why in DateFrom:
            article = dataclasses.replace(
                article_of("Oui."), date=datetime.date(2024, 3, 1), date_from=why
            )
            shown = render_source(article, Span(0, 0), (), language)
            (told,) = Page(shown).of_class("reading")
            assert texts.reading.dates_from[why] in told.words
            assert texts.reading.nothing_left_out in told.words
        undated = render_source(
            article_of("Oui."), Span(0, 0), (), language, (), [BrokenFile("a.txt", problem)]
        )
        (told,) = Page(undated).of_class("reading")
        assert texts.reading.no_date in told.words
        assert problem.said_in(language)[0] in told.words
