"""The list of articles as it is shown, and the filter that names one of them."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from rag.index.article_list import ArticleList, Order, article_line
from rag.types import Filters
from rag.ui.article_list import render_articles, title_finder
from rag.ui.filters import FilterError, filter_labels, filter_query, read_filters
from rag.ui.texts import TEXTS
from tests.browser.fake_assistant import HOSTILE_ARTICLE, WIKA, FakeAssistant
from tests.ingest.page_reading import Page
from tests.library.test_library import LINES

FRENCH, ENGLISH = TEXTS["fr"], TEXTS["en"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


def test_a_head_tells_how_the_list_is_sorted() -> None:
    found = ArticleList(tuple(LINES), 0, len(LINES))
    page = Page(render_articles(found, Order.SOURCE, True, "en", True))
    sorts = [one.attributes["aria-sort"] for one in page.all("th") if "scope" in one.attributes]
    assert sorts == ["none", "none", "descending", "none"]
    assert [one.words for one in page.of_class("source")] == ["Le Sud", "Ouest", "—", "ouest"]
    nothing = Page(render_articles(ArticleList((), 0, 0), Order.DATE, True, "en", True))
    assert nothing.words == ENGLISH.articles.none


@given(IDS, TEXT, TEXT)
def test_a_foreign_line_is_words(article_id: str, title: str, source: str) -> None:
    def rendered(*texts: str) -> str:
        line = article_line(texts[0], "a.txt", texts[1], None, texts[2] or None, 1234)
        return render_articles(ArticleList((line,), 0, 1), Order.DATE, True, "fr", True)

    page = Page(rendered(article_id, title, source))
    assert page.tags() == Page(rendered("x", "y", "z")).tags()
    (opening,) = [one for one in page.all("button") if "data-article" in one.attributes]
    assert (opening.words, opening.attributes["data-article"]) == (title, article_id)
    assert page.of_class("length")[0].words == "1\N{NARROW NO-BREAK SPACE}234"


def test_a_filter_names_one_article() -> None:
    title_of = title_finder(FakeAssistant())  # type: ignore[arg-type]
    hostile = HOSTILE_ARTICLE.id
    filters = read_filters([("article", hostile)], (), "fr", title_of)
    assert filters == Filters(articles=frozenset({hostile}))
    assert filter_labels(filters, "en", title_of) == [
        ENGLISH.filters.only_article.format(title=HOSTILE_ARTICLE.title)
    ]
    assert filter_query(filters) == urlencode({"article": hostile})
    for gone in ("none", "x" * 1000):
        with pytest.raises(FilterError) as caught:
            read_filters([("article", gone)], (), "fr", title_of)
        assert (caught.value.field, str(caught.value)) == ("article", FRENCH.filters.no_article)


def test_the_filters_show_the_article_and_keep_it(plain_chat: TestClient) -> None:
    page = Page(plain_chat.get("/filters", params={"article": HOSTILE_ARTICLE.id}).text)
    (chip,) = [one for one in page.all("button") if "data-remove" in one.attributes]
    assert chip.attributes["data-remove"] == "article"
    assert HOSTILE_ARTICLE.title in chip.words
    kept = [one for one in page.all("input") if one.attributes["type"] == "hidden"]
    assert [one.attributes["value"] for one in kept] == [HOSTILE_ARTICLE.id]
    assert "img" not in page.tags()


def test_only_one_article_is_asked() -> None:
    assistant = FakeAssistant()
    answer = assistant.ask(WIKA, filters=Filters(articles=frozenset({HOSTILE_ARTICLE.id})))
    assert not answer.answered
