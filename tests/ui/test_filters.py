import dataclasses
import datetime as dt
from urllib.parse import parse_qs, parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.answer_texts import ANSWER_TEXTS
from rag.types import Answer, Filters
from rag.ui.answer_links import render_actions, render_asked
from rag.ui.filters import (
    FilterError,
    filter_labels,
    filter_query,
    read_filters,
    render_filters,
    source_names,
)
from rag.ui.question_query import (
    LONGEST_QUESTION,
    Surroundings,
    link_query,
    question_query,
    read_question,
    read_surroundings,
)
from rag.ui.texts import TEXTS
from rag.ui.toolbar import render_toolbar
from tests.browser.fake_assistant import (
    AUSTRALIA,
    BRIDGE_ARTICLE,
    HOSTILE_ARTICLE,
    UNDERSTOOD,
    WHY,
    WIKA,
    FakeAssistant,
)
from tests.ingest.page_reading import Page

FRENCH, ENGLISH = TEXTS["fr"], TEXTS["en"]
OVERVIEW = FakeAssistant().overview()
SOURCES = source_names(OVERVIEW)
COURIER = str(BRIDGE_ARTICLE.source)
FIRST, LAST = dt.date(2024, 3, 1), dt.date(2024, 4, 2)
ALL_THREE = Filters(FIRST, LAST, frozenset({COURIER}))

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
DAYS = st.none() | st.dates()


@st.composite
def possible_filters(draw: st.DrawFn) -> Filters:
    since, until, sources = draw(DAYS), draw(DAYS), draw(st.frozensets(TEXT, max_size=3))
    if since and until and until < since:
        since, until = until, since
    return Filters(since, until, sources - {""})


def wrong(written: dict[str, str], language: str = "fr") -> FilterError:
    with pytest.raises(FilterError) as caught:
        read_filters(written.items(), SOURCES, language)
    return caught.value


def test_nothing_written_filters_nothing() -> None:
    assert read_filters([], SOURCES, "fr") == Filters()
    empty = [(name, "") for name in ("since", "until", "source")]
    assert read_filters(empty, (), "fr") == Filters()


def test_days_and_a_source_are_read() -> None:
    written = {"since": "2024-03-01", "until": "2024-04-02", "source": COURIER, "q": WIKA}
    assert read_filters(written.items(), SOURCES, "fr") == ALL_THREE


def test_one_day_alone_is_a_range() -> None:
    written = {"since": "2024-03-01", "until": "2024-03-01"}
    assert read_filters(written.items(), SOURCES, "fr") == Filters(FIRST, FIRST)


@given(possible_filters())
def test_what_is_written_is_read_again(filters: Filters) -> None:
    written = parse_qsl(filter_query(filters))
    assert read_filters(written, filters.sources, "fr") == filters


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize(
    "written",
    [
        "hier",
        "2024-02-30",
        "2024-3-1",
        "20240301",
        "2024-W09-5",
        "01/03/2024",
        "٢٠٢٤-٠٣-٠١",
        " ",
    ],
)
def test_what_is_no_day_is_told_so(field: str, written: str) -> None:
    error = wrong({field: written})
    assert error.field == field
    assert str(error) == FRENCH.filters.no_date.format(written=written)


def test_an_end_before_the_beginning_is_told_so() -> None:
    error = wrong({"since": "2024-04-02", "until": "2024-03-01"})
    assert error.field == "until"
    assert str(error) == "La fin (1er mars 2024) est avant le début (2 avril 2024)."


def test_a_source_that_is_none_is_told_so_in_short() -> None:
    error = wrong({"source": "x" * 1000}, "en")
    assert error.field == "source"
    assert str(error) == ENGLISH.filters.no_source.format(written="x" * 40 + "…")


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("fr", ["depuis le 1er mars 2024", "jusqu’au 2 avril 2024", COURIER]),
        ("en", ["from 1 March 2024", "until 2 April 2024", COURIER]),
    ],
)
def test_filters_in_force_are_chips_to_remove(language: str, labels: list[str]) -> None:
    assert filter_labels(ALL_THREE, language) == labels
    page = Page(render_filters(ALL_THREE, OVERVIEW, language))
    chips = [one for one in page.all("button") if "data-remove" in one.attributes]
    assert [chip.words for chip in chips] == [f"{label}×" for label in labels]
    assert [chip.attributes["data-remove"] for chip in chips] == ["since", "until", "source"]
    assert [chip.attributes["aria-label"] for chip in chips] == [
        TEXTS[language].filters.remove.format(filter=label) for label in labels
    ]


def test_each_of_several_sources_has_its_chip() -> None:
    filters = Filters(sources=frozenset(SOURCES))
    assert len(SOURCES) > 1
    page = Page(render_filters(filters, OVERVIEW, "fr"))
    chips = [one for one in page.all("button") if "data-remove" in one.attributes]
    assert [chip.attributes["value"] for chip in chips] == sorted(SOURCES)
    assert {chip.attributes["data-remove"] for chip in chips} == {"source"}


def test_the_form_holds_the_filters_in_force() -> None:
    page = Page(render_filters(ALL_THREE, OVERVIEW, "fr"))
    days = [one for one in page.all("input") if one.attributes["type"] == "date"]
    assert {one.attributes["name"]: one.attributes["value"] for one in days} == {
        "since": "2024-03-01",
        "until": "2024-04-02",
        "as_of": "",
    }
    ticked = [one for one in page.all("input") if "checked" in one.attributes]
    assert [one.attributes["value"] for one in ticked] == [COURIER]
    in_force = page.elements[0].attributes["data-in-force"]
    assert in_force == filter_query(ALL_THREE)


def test_every_field_has_a_label() -> None:
    page = Page(render_filters(Filters(), OVERVIEW, "fr"))
    labelled = len(page.all("label"))
    assert labelled == len(page.all("input")) == 3 + len(SOURCES)
    assert len(page.all("fieldset")) == len(page.all("legend")) == 1
    assert page.all("ul") == []


def test_there_is_no_choice_of_sources_without_any() -> None:
    overview = dataclasses.replace(OVERVIEW, sources=())
    assert Page(render_filters(Filters(), overview, "fr")).all("fieldset") == []


@given(TEXT.filter(str.strip))
def test_a_foreign_source_is_words(source: str) -> None:
    overview = dataclasses.replace(OVERVIEW, sources=((source, 1),))
    filters = Filters(sources=frozenset({source}))
    shown = render_filters(filters, overview, "fr")
    harmless = render_filters(
        Filters(sources=frozenset({"x"})),
        dataclasses.replace(OVERVIEW, sources=(("x", 1),)),
        "fr",
    )
    assert Page(shown).tags() == Page(harmless).tags()
    assert Page(shown).all("label")[3].words == source
    assert not set("$`{") & set(shown)


def test_the_toolbar_exports_in_two_formats() -> None:
    page = Page(render_toolbar(OVERVIEW, "en"))
    formats = {
        one.attributes["data-export"]: one.words
        for one in page.all("button")
        if "data-export" in one.attributes
    }
    assert formats == {"markdown": ENGLISH.copies.as_markdown, "html": ENGLISH.copies.as_html}


@given(TEXT)
def test_a_question_in_an_address_is_read_again(question: str) -> None:
    assert read_question(question_query(question)) == question.strip()


def test_what_goes_around_a_question_is_read() -> None:
    query = f"previous=+Qui+%3F+&{filter_query(ALL_THREE)}"
    assert read_surroundings(query, SOURCES, "fr") == Surroundings("Qui ?", ALL_THREE)
    assert read_surroundings("", SOURCES, "fr") == Surroundings(None, Filters())


@pytest.mark.parametrize(("length", "kept"), [(LONGEST_QUESTION, True), (1001, False)])
def test_a_previous_question_that_is_too_long_is_none(length: int, kept: bool) -> None:
    around = read_surroundings("previous=" + "a" * length, (), "fr")
    assert around.previous == ("a" * length if kept else None)


def actions(answer: Answer, filters: Filters) -> dict[str, dict[str, list[str]]]:
    """The links under an answer: what each is called, and what it carries."""
    page = Page(render_actions(answer, filters, "fr"))
    found = {}
    for link in page.all("a"):
        name, _, query = str(link.attributes["href"]).partition("?")
        assert link.attributes["role"] == "button"
        found[name] = parse_qs(query)
    return found


def test_an_answer_can_be_copied_and_linked_to() -> None:
    answer = FakeAssistant().ask(WIKA)
    assert actions(answer, Filters()) == {
        "#copy": {},
        "#link": {"q": [WIKA]},
        "#follow": {"q": [WIKA]},
    }
    assert actions(answer, Filters(since=FIRST))["#link"] == {
        "q": [WIKA],
        "since": ["2024-03-01"],
    }


def test_only_a_refusal_under_filters_can_be_widened() -> None:
    refused = FakeAssistant().ask(AUSTRALIA)
    assert actions(refused, ALL_THREE)["#widen"] == {"q": [AUSTRALIA]}
    assert "#widen" not in actions(refused, Filters())
    assert "#widen" not in actions(FakeAssistant().ask(WIKA), ALL_THREE)


def test_a_link_asks_the_question_as_it_was_understood() -> None:
    answer = dataclasses.replace(FakeAssistant().ask(WHY), understood=UNDERSTOOD)
    assert parse_qs(link_query(answer, Filters())) == {"q": [UNDERSTOOD]}
    too_long = dataclasses.replace(answer, understood="a" * (LONGEST_QUESTION + 1))
    assert parse_qs(link_query(too_long, Filters())) == {"q": [WHY]}


def test_an_answer_says_how_its_question_was_understood() -> None:
    answer = dataclasses.replace(FakeAssistant().ask(WHY), understood="<b>Pourquoi</b>")
    page = Page(render_asked(answer, Filters(), "fr"))
    shown = page.of_class("understood")[0].words
    assert shown.startswith(ANSWER_TEXTS["fr"].understood.partition("{")[0])
    assert "<b>Pourquoi</b>" in shown
    (link,) = page.all("a")
    assert link.words == FRENCH.answer.ask_literally
    name, _, query = str(link.attributes["href"]).partition("?")
    assert (name, parse_qs(query)) == ("#ask", {"q": [WHY]})


def test_an_answer_says_which_articles_were_searched() -> None:
    answer = FakeAssistant().ask(WIKA)
    assert render_asked(answer, Filters(), "fr") == ""
    source = str(HOSTILE_ARTICLE.source)
    filters = Filters(since=FIRST, sources=frozenset({source}))
    page = Page(render_asked(answer, filters, "fr"))
    assert page.words.endswith(f"depuis le 1er mars 2024 · {source}")
    assert page.tags() == ["p", "span"]


def test_a_day_to_ask_from_is_a_filter_and_stays_in_links() -> None:
    day = dt.date(2025, 3, 3)
    filters = read_filters([("as_of", "2025-03-03")], (), "fr")
    assert filters == Filters(as_of=day)
    assert filter_query(filters) == "as_of=2025-03-03"
    assert filter_labels(filters, "fr") == ["comme si l’on était le 3 mars 2025"]
    asked = "Que savait-on le 3 mars 2025 de Wika ?"
    answer = dataclasses.replace(
        FakeAssistant().ask(WIKA), question=asked, understood="Que sait-on de Wika ?", as_of=day
    )
    links = actions(answer, Filters())
    assert links["#link"] == {"q": ["Que sait-on de Wika ?"], "as_of": ["2025-03-03"]}
    # What is to come is of no day before.
    assert links["#follow"] == {"q": ["Que sait-on de Wika ?"]}
    shown = Page(render_asked(answer, Filters(), "fr"))
    assert "Selon ce qui était publié le 3 mars 2025" in shown.words
    assert shown.all("a") == []
    # As a filter it is named among the filters.
    assert "Selon ce qui" not in Page(render_asked(answer, filters, "fr")).words
