"""Reprints in an answer: told once, and named."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.answering.answer_json import answer_to_json
from rag.answering.answer_texts import NAMED_REPRINTS, also_in_line
from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.index import Index
from rag.language.near_duplicates import said_words
from rag.models.encoder import Vectors
from rag.types import AlsoIn, Article, Citation, Filters, Quote
from tests.fakes import CountingEncoder, make_article, settings_for
from tests.index.printed_stories import articles_of, build_stories
from tests.language.reprint_pairs import STORIES, retyped, text_of, with_other_lead

BODY = text_of(STORIES[0].body)
LED = text_of(with_other_lead(STORIES[0]))
SAID = (
    "L’eau est montée de deux mètres en moins de quatre heures, selon la préfecture du Doubs."
)
QUESTION = "De combien de mètres l’eau est-elle montée en quatre heures ?"


OUTLETS = {
    "est/crue.txt": "L’Est",
    "ouest/crue.txt": "L’Ouest",
    "sud/crue.txt": "Le Sud",
    "est/suite.txt": "L’Est",
}


class KnowingEncoder(CountingEncoder):
    """Puts the question where the sentence that answers it lies."""

    def embed_question(self, question: str) -> Vectors:
        return super().embed_question(SAID if question == QUESTION else question)


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """An index of one story, printed four times, and of two others."""
    chosen = settings_for(tmp_path)
    texts = {
        "est/crue.txt": BODY,
        "ouest/crue.txt": LED,
        "sud/crue.txt": retyped(BODY),
        "est/suite.txt": BODY.replace("deux mètres", "trois mètres"),
        "est/reportage.txt": text_of(STORIES[0].other_account),
        "est/train.txt": text_of(STORIES[1].body),
    }
    build_stories(chosen, articles_of(texts, OUTLETS))
    return chosen


def asked(chosen: Settings, question: str = QUESTION, **how: object) -> list[Citation]:
    assistant = Assistant(chosen, KnowingEncoder())
    answer = assistant.ask(question, **how)  # type: ignore[arg-type]
    for citation in answer.shown():
        for other in citation.also_in:
            text = assistant.article(other.article.id).text[other.start : other.end]
            assert said_words(text) in (said_words(citation.quote.text), ())
    return list(answer.shown())


def test_a_sentence_that_reprints_repeat_is_quoted_once(chosen: Settings) -> None:
    citations = asked(chosen, top=5)
    said = [said_words(citation.quote.text) for citation in citations]
    assert said.count(said_words(SAID)) == 1
    assert len(set(said)) == len(said) == 5


def test_a_corrected_figure_is_quoted_beside_the_first(chosen: Settings) -> None:
    texts = [citation.quote.text for citation in asked(chosen, top=5)]
    assert any("trois mètres" in text for text in texts)
    assert any("deux mètres" in text for text in texts)


def test_a_citation_names_the_reprints_and_counts_outlets(chosen: Settings) -> None:
    citation = next(c for c in asked(chosen) if said_words(c.quote.text) == said_words(SAID))
    named = {citation.article.path, *(other.article.path for other in citation.also_in)}
    assert named == {"est/crue.txt", "ouest/crue.txt", "sud/crue.txt"}
    assert citation.outlets == len({"L’Est", "L’Ouest", "Le Sud"})
    dates = [other.article.date for other in citation.also_in]
    assert dates == sorted(dates, key=str)


def test_a_sentence_of_one_article_alone_is_in_no_other(chosen: Settings) -> None:
    (citation,) = [c for c in asked(chosen, top=5) if "trois mètres" in c.quote.text]
    assert citation.also_in == ()


def test_reprints_outside_the_filters_are_not_named(chosen: Settings) -> None:
    filters = Filters(sources=frozenset({"L’Est", "L’Ouest"}))
    for citation in asked(chosen, filters=filters):
        assert citation.article.source != "Le Sud"
        assert "Le Sud" not in {other.article.source for other in citation.also_in}
    early = asked(chosen, filters=Filters(until=datetime.date(2024, 3, 1)))
    assert [citation.also_in for citation in early] == [()] * len(early)
    index = Index.open_current(chosen.index)
    ids = {article.path: article.id for article in index.articles.every()}
    index.close()
    left = Filters(articles=frozenset({ids["est/crue.txt"], ids["sud/crue.txt"]}))
    for citation in asked(chosen, filters=left):
        assert {other.article.id for other in citation.also_in} < left.articles
    without = Filters(excluded_articles=frozenset({ids["sud/crue.txt"]}))
    for citation in asked(chosen, filters=without):
        assert "sud/crue.txt" not in {other.article.path for other in citation.also_in}


def test_a_survey_shows_every_story_once(chosen: Settings) -> None:
    citations = asked(chosen, "De quoi parlent les articles ?")
    paths = [citation.article.path for citation in citations]
    assert len(set(paths) & set(OUTLETS)) == 1
    assert {"est/reportage.txt", "est/train.txt"} < set(paths)
    (told,) = [citation for citation in citations if citation.article.path in OUTLETS]
    assert {told.article.path, *(o.article.path for o in told.also_in)} == set(OUTLETS)


def test_a_list_names_every_story_once(chosen: Settings) -> None:
    citations = asked(chosen, "Quels articles parlent de la crue de la rivière ?")
    assert len({c.article.path for c in citations} & set(OUTLETS)) == 1


def test_reprints_are_in_the_json(chosen: Settings) -> None:
    assistant = Assistant(chosen, KnowingEncoder())
    answer = assistant.ask(QUESTION)
    written = answer_to_json(answer, assistant.overview())
    quotes = written["quotes"] or written["abstention"]["nearest"]
    for quote, citation in zip(quotes, answer.shown(), strict=True):
        assert quote["outlets"] == citation.outlets
        assert [(one["path"], one["start"]) for one in quote["also_in"]] == [
            (other.article.path, other.start) for other in citation.also_in
        ]


def cited(also_in: Sequence[Article], source: str | None) -> Citation:
    article = make_article("Un.", source=source)
    others = tuple(AlsoIn(one, 0, 3) for one in also_in)
    return Citation(1, Quote(article.id, "Un.", 0, 3, 0, 3, 1.0), article, others)


def test_the_line_names_some_and_counts_the_others() -> None:
    day = datetime.date(2024, 3, 1)
    one = make_article("Un.", "b.txt", title="Autre", date=day, source="L’Ouest")
    line = also_in_line(cited([one], "L’Est"), "fr")
    assert line == (
        "Aussi dans\N{NO-BREAK SPACE}: «\u202fAutre\u202f» (L’Ouest, 1er mars 2024) "
        "— 2 sources distinctes"
    )
    many = [one] * (NAMED_REPRINTS + 3)
    assert "and 3 more — 2 distinct sources" in also_in_line(cited(many, "L’Est"), "en")
    assert also_in_line(cited([one], "l’ouest"), "en").endswith("— one source only")
    unnamed = make_article("Un.", "c.txt", title="Sans rien")
    for source in (None, "L’Est"):
        assert also_in_line(cited([unnamed], source), "en") == "Also in: “Sans rien”"
