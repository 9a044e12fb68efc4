"""An answer as the page shows it: its quotes, cards and links."""

import dataclasses
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.answering.answer_texts import ANSWER_TEXTS
from rag.errors import IndexDamagedError
from rag.types import AlsoIn, Answer, Article, Citation, Context, Quote, Wish
from rag.ui.answer_message import checked_words, render_answer
from rag.ui.article_facts import safe_url, source_address, source_line, source_reference
from rag.ui.messages import render_question
from rag.ui.texts import TEXTS
from tests.browser.fake_assistant import (
    AUSTRALIA,
    BOTH,
    BRIDGE,
    BRIDGE_ARTICLE,
    HOSTILE_ARTICLE,
    HOSTILE_WORDS,
    TRAP,
    WIKA,
    WIKA_ARTICLE,
    WIKA_CITATIONS,
    FakeAssistant,
    quote,
)
from tests.ingest.page_reading import Page

OVERVIEW = FakeAssistant().overview()
NARROW = "\N{NARROW NO-BREAK SPACE}"
SNIPPETS = (
    "<script>alert(1)</script>",
    "</span></div><img src=x onerror=alert(1)>",
    "<!--",
    "]]>",
    '" onclick="alert(1)',
    "&lt;b&gt;",
    "&amp;",
    "**gras** _it_ `code`",
    "[lien](javascript:alert(1))",
    "\n\n# Titre\n\n- liste",
    "\n\n    code\n",
    "$$x$$",
    "https://evil.invalid",
    "\N{LINE SEPARATOR}- a\N{PARAGRAPH SEPARATOR}# b",
)


# A lone surrogate cannot be read from a file, nor NUL be shown by a browser.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
FOREIGN = st.lists(st.text(CHARACTERS) | st.sampled_from(SNIPPETS), max_size=6).map("".join)
ANSWERED = FakeAssistant().ask(WIKA)
REFUSED = FakeAssistant().ask(AUSTRALIA)


def rendered(answer: Answer, language: str = "fr") -> Page:
    titles = {
        hit.passage.article_id: FakeAssistant().article(hit.passage.article_id).title
        for hit in answer.hits
    }
    return Page(render_answer(answer, OVERVIEW, titles, language))


def article_of(text: str, **changes: str | None) -> Article:
    plain = Article("an-id", "a.txt", text, "Titre", "0" * 64)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


@given(FOREIGN)
def test_escaped_text_means_nothing_to_markdown(text: str) -> None:
    html = render_question(text)
    assert "\n" not in html
    assert MarkdownIt("commonmark", {"html": True}).render(html).rstrip("\n") == html


@given(before=FOREIGN, words=FOREIGN, after=FOREIGN, foreign=FOREIGN, data=st.data())
def test_words_shown_are_the_articles_and_nothing_in_them_is_markup(
    before: str, words: str, after: str, foreign: str, data: st.DataObject
) -> None:
    places = st.integers(0, len(before + words + after))
    highlights = tuple(data.draw(st.lists(st.tuples(places, places), max_size=3)))

    def shown(text: str, other: str) -> Page:
        article = article_of(text, id=other, title=other, source=other, language=other)
        start, end = len(before), len(before) + len(words)
        context = Context(text[:start], 0, start)
        cited = Quote(other, text[start:end], start, end, start, end, 1.0, highlights, context)
        answer = Answer(other, "fr", (Citation(1, cited, article),), None, 0.5)
        return Page(render_answer(answer, OVERVIEW, {}, "fr"))

    page = shown(before + words + after, foreign)
    # Quotation marks within a quote are told apart, with the spaces at their side.
    kept = ("«", "»", " ", "\u00a0", "\u202f")
    plain = "".join(one if one in kept else "x" for one in before + words + after)
    harmless = shown(plain, "x")

    assert page.of_class("words")[0].words == words
    assert page.of_class("title")[0].words == foreign
    assert f"«{NARROW}{before}{NARROW}»" in page.of_class("context")[0].words
    assert page.tags() == harmless.tags()
    assert page.comments == []
    assert [set(one.attributes) for one in page.elements] == [
        set(one.attributes) for one in harmless.elements
    ]


def test_a_quote_stands_in_guillemets_with_number_title_and_date() -> None:
    page = rendered(ANSWERED)
    quotes = page.all("blockquote")
    assert len(quotes) == len(WIKA_CITATIONS) == 3
    for number, (shown, cited) in enumerate(zip(quotes, WIKA_CITATIONS, strict=True), 1):
        assert shown.words.startswith(f"«{NARROW}{cited.quote.text}{NARROW}» {number}")
    captions = [caption.words for caption in page.all("figcaption")]
    assert captions == [f"{WIKA_ARTICLE.title} · 15 août 2025"] * 3


def test_the_highlight_is_marked_inside_the_quote() -> None:
    assert [mark.words for mark in rendered(ANSWERED).all("mark")] == [
        "Kasper",
        "Kasper – ou Grok",
    ]


def test_the_sentence_before_is_shown_as_context() -> None:
    context = WIKA_CITATIONS[2].quote.context
    assert context is not None
    shown = [element.words for element in rendered(ANSWERED).of_class("context")]
    assert shown == [f"{ANSWER_TEXTS['fr'].context} «{NARROW}{context.text}{NARROW}»"]


def test_a_source_has_one_card_with_all_its_chips() -> None:
    cards = rendered(FakeAssistant().ask(BOTH)).of_class("card")
    assert [card.words.count("Citation ") for card in cards] == [2, 1]
    assert "2 citations" in cards[0].words
    assert "1 citation " in cards[1].words


def test_a_chip_names_the_article_and_the_characters() -> None:
    cited = quote(HOSTILE_ARTICLE, HOSTILE_WORDS)
    reference = source_reference(cited)
    assert reference.startswith("#source?")
    assert parse_qs(reference.removeprefix("#source?")) == {
        "article": [HOSTILE_ARTICLE.id],
        "quote": [f"{cited.start}-{cited.end}"],
    }
    chips = rendered(FakeAssistant().ask(TRAP)).of_class("chip")
    targets = [chip.attributes["href"] for chip in chips]
    assert targets == [reference, reference]


def test_a_summary_says_above_its_quotes_what_they_are() -> None:
    html = render_answer(dataclasses.replace(ANSWERED, wish=Wish.SUMMARY), OVERVIEW, {}, "fr")
    assert [one.words for one in Page(html).of_class("caption")] == ["Ce qui porte l’article"]
    assert html.index("caption") < html.index("<figure")
    assert rendered(ANSWERED).of_class("caption") == []


def test_the_subject_of_a_list_is_escaped() -> None:
    question = "Quels articles parlent de <b>Wika</b> ?"
    page = rendered(dataclasses.replace(ANSWERED, question=question, wish=Wish.LIST))
    (caption,) = page.of_class("caption")
    assert caption.words == f"Articles qui parlent de «{NARROW}<b>Wika</b>{NARROW}»"


def test_a_question_to_go_on_with_is_a_link_that_asks_it() -> None:
    asked = "Que sait-on de <b>Wika & Grok</b> ?"
    page = Page(render_answer(ANSWERED, OVERVIEW, {}, "fr", follow_ups=(asked,)))
    (section,) = page.of_class("follow-ups")
    assert section.words == TEXTS["fr"].answer.go_on + asked
    (link,) = page.of_class("ask")
    assert link.attributes["role"] == "button"
    name, _, query = str(link.attributes["href"]).partition("?")
    assert (name, parse_qs(query)) == ("#ask", {"q": [asked]})
    assert rendered(ANSWERED).of_class("follow-ups") == []


def test_file_and_address_are_there_for_copies() -> None:
    (origin,) = rendered(FakeAssistant().ask(BRIDGE)).of_class("origin")
    assert origin.words == f"{BRIDGE_ARTICLE.path}{BRIDGE_ARTICLE.url}"
    (hostile,) = rendered(FakeAssistant().ask(TRAP)).of_class("origin")
    assert hostile.words == HOSTILE_ARTICLE.path


def test_a_refusal_says_why_and_marks_the_nearest_as_no_answer() -> None:
    page = rendered(REFUSED)
    assert page.of_class("refusal")[0].words == ANSWER_TEXTS["fr"].refusal
    assert f"«{NARROW}Australie{NARROW}»" in page.of_class("reason")[0].words
    nearest = page.of_class("nearest")[0].words
    assert nearest.startswith(TEXTS["fr"].answer.nearest)
    assert WIKA_CITATIONS[1].quote.text in nearest
    assert page.of_class("sources") == []


def test_numbers_are_written_in_the_language() -> None:
    assert "1,25" in rendered(ANSWERED, "fr").words
    assert "1.25" in rendered(ANSWERED, "en").words


@pytest.mark.parametrize("language", TEXTS)
def test_hostile_texts_make_no_element_of_their_own(language: str) -> None:
    page = rendered(FakeAssistant().ask(TRAP), language)
    assert page.of_class("words")[0].words == HOSTILE_WORDS
    assert not {"script", "img", "iframe", "style", "svg"} & set(page.tags())
    assert not [
        name for element in page.elements for name in element.attributes if name[:2] == "on"
    ]


@pytest.mark.parametrize(("start", "end"), [(1, 0), (0, 1), (1, 1), (-1, 0)])
def test_checked_words_refuses_offsets_that_do_not_match(start: int, end: int) -> None:
    article = article_of("abcd efgh ijkl")
    good = Quote(article.id, "efgh", 5, 9, 5, 9, 1.0)
    assert checked_words(article, good) == "efgh"
    bad = dataclasses.replace(good, start=5 + start, end=9 + end)
    with pytest.raises(IndexDamagedError, match=r"a\.txt"):
        checked_words(article, bad)


def test_an_answer_with_a_wrong_quote_or_context_is_not_shown() -> None:
    citation = WIKA_CITATIONS[2]
    assert citation.quote.context is not None
    wrong_context = dataclasses.replace(citation.quote.context, text="autre chose")
    for wrong in (
        dataclasses.replace(citation.quote, text="autre chose"),
        dataclasses.replace(citation.quote, context=wrong_context),
    ):
        shown = dataclasses.replace(citation, quote=wrong)
        answer = dataclasses.replace(ANSWERED, citations=(shown,))
        with pytest.raises(IndexDamagedError):
            render_answer(answer, OVERVIEW, {}, "fr")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.invalid/b?c=d#e", True),
        ("http://a.invalid", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https:///b", False),
        ("//a.invalid", False),
        ("https://[x", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_are_linked(url: str | None, safe: bool) -> None:
    assert safe_url(url) == (url if safe else None)


@pytest.mark.parametrize(
    ("source", "url", "shown"),
    [
        ("Le Courrier", "https://www.a.invalid", "sans date · Le Courrier"),
        (None, "https://www.a.invalid/b", "sans date · a.invalid"),
        (None, "javascript:alert(1)", "sans date"),
        (None, None, "sans date"),
    ],
)
def test_source_line_names_the_outlet(source: str | None, url: str | None, shown: str) -> None:
    article = article_of("a", source=source, url=url)
    assert source_line(article, "fr") == shown
    assert article.outlet == shown.removeprefix("sans date").removeprefix(" · ")


def test_a_card_names_the_reprints_and_nothing_in_them_is_markup() -> None:
    reprints = tuple(AlsoIn(one, 0, 0) for one in (BRIDGE_ARTICLE, HOSTILE_ARTICLE))
    first, second, third = WIKA_CITATIONS
    citations = (
        dataclasses.replace(first, also_in=reprints[:1]),
        dataclasses.replace(second, also_in=reprints),
        third,
    )
    page = rendered(dataclasses.replace(ANSWERED, citations=citations))
    (shown,) = page.of_class("also-in")
    assert shown.words.startswith("Aussi dans\N{NO-BREAK SPACE}: ")
    for article in (BRIDGE_ARTICLE, HOSTILE_ARTICLE):
        assert f"«{NARROW}{article.title}{NARROW}» ({article.source}" in shown.words
    assert shown.words.endswith("— 2 sources distinctes")
    opened = [one.attributes["href"] for one in page.elements if one.name == "a"]
    for article in (BRIDGE_ARTICLE, HOSTILE_ARTICLE):
        assert source_address(article.id, 0, 0) in opened
    assert not {"svg", "img", "script"} & set(page.tags())
    assert (
        "2 distinct sources"
        in rendered(dataclasses.replace(ANSWERED, citations=citations), "en").words
    )


def test_the_nearest_quotes_of_a_refusal_name_the_reprints() -> None:
    near = dataclasses.replace(WIKA_CITATIONS[1], also_in=(AlsoIn(BRIDGE_ARTICLE, 0, 0),))
    assert REFUSED.abstention is not None
    abstention = dataclasses.replace(REFUSED.abstention, nearest=(near,))
    page = rendered(dataclasses.replace(REFUSED, abstention=abstention))
    (shown,) = page.of_class("also-in")
    assert BRIDGE_ARTICLE.title in shown.words
    assert shown.words in page.of_class("nearest")[0].words


def test_a_story_of_one_article_names_no_other() -> None:
    assert rendered(ANSWERED).of_class("also-in") == []
