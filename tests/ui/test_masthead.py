"""What stands above the answers, and instead of one where there is none."""

import dataclasses

import pytest

from rag.errors import (
    EngineError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexWriteError,
    ModelError,
    RagError,
)
from rag.ui.masthead import render_masthead
from rag.ui.messages import render_error, render_notice
from rag.ui.texts import TEXTS
from tests.browser.fake_assistant import FakeAssistant
from tests.ingest.page_reading import Page

OVERVIEW = FakeAssistant().overview()


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (IndexMissingError("a <b>detail</b>"), TEXTS["fr"].failures.index),
        (IndexDamagedError("a <b>detail</b>"), TEXTS["fr"].failures.index),
        (IndexMismatchError("a <b>detail</b>"), TEXTS["fr"].failures.index),
        (IndexWriteError("a <b>detail</b>"), TEXTS["fr"].failures.index),
        (ModelError("a <b>detail</b>"), TEXTS["fr"].failures.model),
        (EngineError("a <b>detail</b>"), TEXTS["fr"].failures.engine),
        (RagError("a <b>detail</b>"), TEXTS["fr"].failures.other),
    ],
)
def test_an_expected_error_says_what_failed_and_its_own_line(
    error: RagError, what: str
) -> None:
    page = Page(render_error(error, "fr"))
    assert page.words == f"{what}a <b>detail</b>"
    assert "b" not in page.tags()


def test_an_unexpected_error_tells_nothing_of_the_inside() -> None:
    page = Page(render_error(ZeroDivisionError("a secret"), "fr"))
    assert page.words == TEXTS["fr"].failures.unexpected


def test_a_notice_is_announced() -> None:
    page = Page(render_notice("Un <instant>"))
    assert page.words == "Un <instant>"
    assert page.all("p")[0].attributes == {"role": "status"}


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        ("fr", "3 articles du 1er mars 2024 au 15 août 2025 · index du 1er septembre 2025"),
        ("en", "3 articles from 1 March 2024 to 15 August 2025 · index of 1 September 2025"),
    ],
)
def test_the_masthead_says_what_is_searched(language: str, facts: str) -> None:
    page = Page(render_masthead(OVERVIEW, language))
    assert page.of_class("facts")[0].words == facts
    assert TEXTS[language].masthead.what_it_is in page.words


def test_the_masthead_without_dates_or_with_one() -> None:
    undated = dataclasses.replace(OVERVIEW, first_date=None, last_date=None)
    one_day = dataclasses.replace(OVERVIEW, last_date=OVERVIEW.first_date)
    built = "index du 1er septembre 2025"
    assert f"3 articles · {built}" in Page(render_masthead(undated, "fr")).words
    assert (
        f"3 articles du 1er mars 2024 · {built}" in Page(render_masthead(one_day, "fr")).words
    )


def test_the_masthead_says_so_when_the_index_cannot_tell() -> None:
    page = Page(render_masthead(IndexMissingError("run <rag> build"), "en"))
    assert f"{TEXTS['en'].failures.index}run <rag> build" in page.words
    assert page.of_class("facts") == []
