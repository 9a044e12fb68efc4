from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest

from rag.answering.choose_quotes import Reading, read
from rag.answering.retrieve import Found, ScoredSentence, retrieve
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.language.questions import understand
from rag.library.build import build
from rag.types import Detail, Filters, Reason
from tests.fakes import CountingEncoder, make_article, settings_for

STORY = make_article(
    "Marie Leroy a ouvert une librairie à Nantes en 2019. Elle vend surtout des romans.\n\n"
    "Vraiment ?\n\n"
    "Le loyer de la boutique est de 800 euros par mois. La librairie emploie trois personnes.",
    "librairie.txt",
    title="Une librairie à Nantes",
    date=datetime.date(2022, 5, 2),
)
COPY = dataclasses.replace(STORY, id="copy", path="copie.txt")
OPENING = "Marie Leroy a ouvert une librairie à Nantes en 2019."
NOVELS = "Elle vend surtout des romans."
RENT = "Le loyer de la boutique est de 800 euros par mois."
STAFF = "La librairie emploie trois personnes."
CLOSE, FAR = 0.93, 0.72


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return _index(tmp_path, STORY)


def _index(tmp_path: Path, *articles: object) -> Index:
    settings = settings_for(tmp_path, passage_tokens=200)
    build(article_sources(articles), settings, CountingEncoder())  # type: ignore[arg-type]
    return Index.open_current(settings.index)


def _found(index: Index, question: str, cosines: Mapping[str, float]) -> tuple[Found, ...]:
    """The hits of a question, with the given cosines for sentences, else FAR.

    A passage is as near as its nearest sentence.
    """
    asked = understand(question)
    hits = retrieve(index, CountingEncoder().embed_question(question), asked.terms, Filters())
    found = []
    for one in hits:
        text = index.articles.read(one.hit.passage.article_id).text
        scored = tuple(
            ScoredSentence(
                at.sentence, cosines.get(text[at.sentence.start : at.sentence.end], FAR)
            )
            for at in one.sentences
        )
        nearest = max(at.cosine for at in scored)
        found.append(Found(dataclasses.replace(one.hit, score=nearest, cosine=nearest), scored))
    return tuple(found)


def _read(index: Index, question: str, cosines: Mapping[str, float], top: int = 3) -> Reading:
    found = _found(index, question, cosines)
    return read(understand(question), found, index, index.articles.read, top)


def test_the_nearest_sentence_comes_first_with_its_place_and_its_words_marked(
    index: Index,
) -> None:
    reading = _read(index, "Qui a ouvert une librairie ?", {OPENING: CLOSE})
    assert reading.reason is None
    assert reading.confidence > _read(index, "Qui a ouvert une librairie ?", {}).confidence
    first = reading.quotes[0]
    assert first.text == OPENING == STORY.text[first.start : first.end]
    assert (first.passage_start, first.passage_end) == (0, len(STORY.text))
    marked = [STORY.text[start:end] for start, end in first.highlights]
    assert marked == ["ouvert", "librairie"]
    assert len(reading.quotes) == 3


def test_quotes_never_overlap_nor_repeat_each_other(tmp_path: Path) -> None:
    index = _index(tmp_path, STORY, COPY)
    reading = _read(index, "Qui a ouvert une librairie ?", {OPENING: CLOSE}, top=20)
    texts = [quote.text for quote in reading.quotes]
    assert len(texts) == len(set(texts))
    assert set(texts) >= {OPENING, NOVELS, RENT, STAFF}


def test_a_question_in_the_article_is_the_last_thing_to_quote(index: Index) -> None:
    reading = _read(index, "Qui a ouvert une librairie ?", {"Vraiment ?": 0.99}, top=20)
    assert reading.quotes[-1].text == "Vraiment ?"


def test_a_sentence_that_points_back_brings_the_one_before(index: Index) -> None:
    reading = _read(index, "Que vend la librairie ?", {NOVELS: CLOSE})
    quote = reading.quotes[0]
    assert quote.text == NOVELS
    assert quote.context is not None
    assert quote.context.text == OPENING
    assert STORY.text[quote.context.start : quote.context.end] == quote.context.text


def test_context_stays_in_its_paragraph(tmp_path: Path) -> None:
    text = "Le maire a parlé.\n\nElle vend surtout des romans."
    index = _index(tmp_path, make_article(text))
    reading = _read(index, "Que vend la librairie ?", {NOVELS: CLOSE})
    assert [quote.context for quote in reading.quotes if quote.text == NOVELS] == [None]


def test_a_name_that_no_article_has_is_refused_by_name(index: Index) -> None:
    reading = _read(index, "Combien de librairies a ouvertes Dupont ?", {STAFF: CLOSE})
    assert reading.reason is Reason.WORDS_NOT_FOUND
    assert reading.missing_words == ("Dupont",)
    assert reading.quotes


def test_common_words_that_are_missing_only_explain_a_doubt(index: Index) -> None:
    near = _read(index, "Qui a inauguré une librairie ?", {OPENING: 0.96})
    far = _read(index, "Qui a inauguré une librairie ?", {})
    assert near.reason is None
    assert far.reason is Reason.WORDS_NOT_FOUND
    assert far.missing_words == ("inauguré",)


def test_nothing_close_when_all_words_are_there(index: Index) -> None:
    reading = _read(index, "La librairie emploie le loyer ?", {})
    assert reading.reason is Reason.NOTHING_CLOSE


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Que s’est-il passé à Nantes en 1995 ?", ("1995",)),
        # 2019 stands in the text, 2022 is the article's own year.
        ("Qui a ouvert une librairie en 2019 ?", ()),
        ("Qui a ouvert une librairie en 2022 ?", ()),
    ],
)
def test_years_that_no_article_knows(
    index: Index, question: str, missing: tuple[str, ...]
) -> None:
    reading = _read(index, question, {OPENING: 0.97})
    assert reading.missing_dates == missing
    assert (reading.reason is Reason.DATES_NOT_FOUND) == bool(missing)


def test_a_sentence_without_the_detail_gives_way_to_one_with_it(index: Index) -> None:
    question = "Combien de personnes emploie la librairie ?"
    reading = _read(index, question, {NOVELS: CLOSE + 0.02, STAFF: CLOSE})
    assert reading.quotes[0].text == STAFF


def test_a_detail_that_no_sentence_has_is_refused(tmp_path: Path) -> None:
    index = _index(tmp_path, make_article("Marie Leroy dirige la librairie. Elle aime lire."))
    reading = _read(
        index, "Quel âge a Marie Leroy ?", {"Marie Leroy dirige la librairie.": 0.99}
    )
    assert reading.reason is Reason.DETAIL_NOT_FOUND
    assert reading.detail is Detail.AGE


def test_another_language_is_not_blamed_for_its_words(index: Index) -> None:
    reading = _read(index, "Who opened the bookshop?", {OPENING: CLOSE})
    assert reading.reason is None
    assert reading.quotes[0].text == OPENING
    assert _read(index, "Who opened the bookshop?", {}).reason is Reason.NOTHING_CLOSE


_SAID = (
    "Léa dit : « Bonjour ! Je suis Léa. Et toi ? » Marc répond qu’il vient de Lens.\n\n"
    "« Nous fermons l’usine, a dit le patron. Personne ne sera oublié. » Les ouvriers "
    "ont sifflé."
)
_AT_LENGTH = (
    "Selon Odile : « Le robot coûte 300 euros. "
    + "Il marche six heures par jour sans se plaindre. " * 14
    + "Nous en vendrons mille. » La salle applaudit."
)


@pytest.mark.parametrize(
    ("question", "sentence", "quote"),
    [
        (
            "Qui est Léa ?",
            "Je suis Léa.",
            "Léa dit : « Bonjour ! Je suis Léa. Et toi ? »",
        ),
        (
            "Qui sera oublié ?",
            "Personne ne sera oublié. »",
            "« Nous fermons l’usine, a dit le patron. Personne ne sera oublié. »",
        ),
        ("Qui vient de Lens ?", "Marc répond qu’il vient de Lens.", None),
    ],
)
def test_what_somebody_says_is_quoted_whole(
    tmp_path: Path, question: str, sentence: str, quote: str | None
) -> None:
    article = make_article(_SAID, "usine.txt")
    index = _index(tmp_path, article)
    first, *others = _read(index, question, {sentence: CLOSE}).quotes
    assert first.text == (quote or sentence) == article.text[first.start : first.end]
    assert first.passage_start <= first.start < first.end <= first.passage_end
    # No other quote repeats a part of it.
    assert all(one.end <= first.start or first.end <= one.start for one in others)


def test_what_is_said_at_length_is_quoted_with_who_speaks(tmp_path: Path) -> None:
    article = make_article(_AT_LENGTH, "robot.txt")
    said = "Nous en vendrons mille. »"
    reading = _read(_index(tmp_path, article), "Qui en vendra mille ?", {said: CLOSE})
    first = reading.quotes[0]
    assert first.text == said == article.text[first.start : first.end]
    assert first.context is not None
    assert first.context.text == "Selon Odile : « Le robot coûte 300 euros."
    assert article.text[first.context.start : first.context.end] == first.context.text
