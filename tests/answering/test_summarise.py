from __future__ import annotations

from pathlib import Path

import pytest

from rag.answering.assistant import Assistant
from rag.answering.summarise import carrying_quotes
from rag.config import Settings
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.types import Filters, Reason, Wish
from tests.answering.test_assistant import assert_verbatim
from tests.fakes import CountingEncoder, make_article, settings_for

BRIDGE = make_article(
    "Le pont de pierre sur la rivière rouvre demain matin. Vraiment ? Oui. "
    "Le pont de pierre sur la rivière rouvre demain matin. "
    "La rivière sous le pont de pierre monte chaque printemps. "
    "Un chat gris dort devant la boulangerie fermée.",
    "pont.txt",
    title="Le pont",
)
SCHOOL = make_article(
    "L’école du village accueille cent vingt élèves cette année.", "école.txt", title="Rentrée"
)


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    settings = settings_for(tmp_path, passage_tokens=200)
    build(article_sources([BRIDGE, SCHOOL]), settings, CountingEncoder())
    return settings


def test_the_nearest_to_the_whole_in_the_order_of_the_article(chosen: Settings) -> None:
    index = Index.open_current(chosen.index)
    quotes = carrying_quotes(index, BRIDGE, 2)
    assert [quote.start for quote in quotes] == sorted(quote.start for quote in quotes)
    # The bridge and the river are what most sentences tell of.
    assert all("chat" not in quote.text for quote in quotes)


def test_nothing_is_said_twice_and_scraps_are_left_out(chosen: Settings) -> None:
    quotes = carrying_quotes(Index.open_current(chosen.index), BRIDGE, 10)
    texts = [quote.text for quote in quotes]
    assert len(texts) == len(set(texts)) == 3
    assert "Vraiment ?" not in texts
    assert all(BRIDGE.text[one.start : one.end] == one.text for one in quotes)


def test_asking_for_a_summary_a_survey_and_a_list(chosen: Settings) -> None:
    assistant = Assistant(chosen, CountingEncoder())
    only_bridge = Filters(articles=frozenset({BRIDGE.id}))
    summary = assistant.ask("Résume l’article", filters=only_bridge)
    assert summary.wish is Wish.SUMMARY
    assert {citation.article.id for citation in summary.citations} == {BRIDGE.id}
    assert_verbatim(assistant, summary)

    survey = assistant.ask("De quoi parlent les articles ?")
    assert survey.wish is Wish.SURVEY
    assert [citation.article.id for citation in survey.citations] == [BRIDGE.id, SCHOOL.id]
    assert_verbatim(assistant, survey)

    nobody = assistant.ask("Quels articles parlent de Zorro ?")
    assert nobody.abstention is not None
    assert nobody.abstention.reason is Reason.WORDS_NOT_FOUND
    assert nobody.abstention.missing_words == ("Zorro",)


def test_filters_bind_a_survey(chosen: Settings) -> None:
    assistant = Assistant(chosen, CountingEncoder())
    only_school = Filters(articles=frozenset({SCHOOL.id}))
    survey = assistant.ask("De quoi parlent les articles ?", filters=only_school)
    assert [citation.article.id for citation in survey.citations] == [SCHOOL.id]
    nowhere = Filters(articles=frozenset({"nobody"}))
    refused = assistant.ask("De quoi parlent les articles ?", filters=nowhere).abstention
    assert refused is not None
    assert refused.reason is Reason.FILTERS_EXCLUDE_ALL
