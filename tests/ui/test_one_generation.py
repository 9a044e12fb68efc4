"""A build that ends while a reply is made: the reply is of the generation it began with."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.ui.api import Api
from rag.ui.evaluation_runs import gold_asker
from tests.browser.serving import app_over
from tests.evaluation.fake_gold import FEW_RESAMPLES
from tests.fakes import CountingEncoder, settings_for
from tests.ingest.page_reading import Page
from tests.switching import QUESTION, Editions, SwitchingEncoder, edition, source_of
from tests.ui.test_page import asked, html_of

ANSWER = "3 juin 0"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def build_next(settings: Settings) -> Editions:
    return Editions(settings)


@pytest.fixture
def switching(settings: Settings, build_next: Editions) -> Assistant:
    """An assistant whose every question is overtaken by a build."""
    return Assistant(settings, SwitchingEncoder(build_next))


def of_edition(words: str) -> set[int]:
    return {number for number in range(9) if f"édition {number}" in words}


def test_a_reply_of_the_page(switching: Assistant, build_next: Editions) -> None:
    app = app_over(switching)  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for number in range(2):
            reply = Page(html_of(asked(client, QUESTION)[-1]))
            assert build_next.number == number + 1
            assert reply.of_class("error") == []
            assert of_edition(reply.words) == {number}
            assert source_of(number) in reply.words
            assert source_of(number + 1) not in reply.words
            assert str(2000 + number + 1) not in reply.words


def test_a_reply_of_the_page_with_filters(switching: Assistant) -> None:
    (bridge, _) = edition(0)
    query = urlencode({"article": bridge.id, "source": source_of(0)})
    app = app_over(switching)  # type: ignore[arg-type]
    with TestClient(app, base_url="http://127.0.0.1") as client:
        reply = Page(html_of(asked(client, QUESTION, query=query)[-1]))
    assert reply.of_class("error") == []
    (named,) = reply.of_class("asked-of")
    assert bridge.title in named.words
    assert of_edition(reply.words) == {0}


def test_what_programs_get(switching: Assistant, build_next: Editions) -> None:
    ask, search, _ = Api(switching).functions()
    for function in (ask, search):
        number = build_next.number
        found = function(QUESTION, sources=[source_of(number)])
        assert build_next.number == number + 1
        assert of_edition(json.dumps(found, ensure_ascii=False)) == {number}


def test_an_evaluation(settings: Settings, build_next: Editions, tmp_path: Path) -> None:
    questions = [
        {
            "id": str(number),
            "question": QUESTION,
            "lang": "fr",
            "answerable": True,
            "answers": [ANSWER],
        }
        for number in range(3)
    ]
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(map(json.dumps, questions)), "utf-8")
    assistant = Assistant(settings, CountingEncoder())
    first = assistant.overview().generation
    report = gold_asker(settings, assistant, FEW_RESAMPLES)(gold, lambda _: None, build_next)
    assert build_next.number == len(questions)
    assert report.passed
    assert report.about.generation == first != assistant.overview().generation
    for outcome in report.outcomes:
        assert outcome.relevant == 1
        assert len(outcome.ranks) == 1
        assert {quote.path.split("/")[0] for quote in outcome.quotes} == {"0"}
