"""Reprints: found among labelled pairs, kept in the catalogue, told once in an answer."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.answer_json import answer_to_json
from rag.answering.answer_texts import NAMED_REPRINTS, also_in_line
from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.index import Index, reprint_tables
from rag.ingest.folder import article_sources
from rag.language.near_duplicates import (
    PERMUTATIONS,
    SHARED,
    are_reprints,
    find_reprints,
    group,
    said_words,
    shingles,
    sign,
)
from rag.library.build import build
from rag.models.encoder import Vectors
from rag.types import AlsoIn, Article, Citation, Filters, Quote
from tests.fakes import CountingEncoder, make_article, settings_for
from tests.language.reprint_pairs import (
    STORIES,
    Story,
    pairs,
    retyped,
    text_of,
    with_other_lead,
)

PAIRS = list(pairs())
BODY = text_of(STORIES[0].body)
LED = text_of(with_other_lead(STORIES[0]))
SAID = (
    "L’eau est montée de deux mètres en moins de quatre heures, selon la préfecture du Doubs."
)
QUESTION = "De combien de mètres l’eau est-elle montée en quatre heures ?"


# What is found


def _found(one: str, other: str) -> bool:
    texts = {"a": one, "b": other}
    signatures = {name: sign(text) for name, text in texts.items()}
    return find_reprints(signatures, frozenset(texts), texts.__getitem__) == [("a", "b")]


def test_labelled_pairs_are_told_apart() -> None:
    kinds = {pair.kind: pair.same for pair in PAIRS}
    assert len(PAIRS) >= 40
    assert len(kinds) == 10
    found = [_found(pair.one, pair.other) for pair in PAIRS]
    right = sum(is_found and pair.same for is_found, pair in zip(found, PAIRS, strict=True))
    assert right / sum(found) >= 0.95
    assert right / sum(pair.same for pair in PAIRS) >= 0.95


def test_the_threshold_lies_between_reprints_and_others() -> None:
    shared: dict[bool, list[float]] = {True: [], False: []}
    for pair in PAIRS:
        one, other = shingles(pair.one), shingles(pair.other)
        shared[pair.same].append(len(one & other) / min(len(one), len(other)))
    assert max(shared[False]) + 0.05 < SHARED < min(shared[True]) - 0.05


def test_a_round_up_is_no_reprint_of_what_it_holds() -> None:
    round_up = "\n\n".join(text_of(story.body) for story in STORIES[:4])
    assert not _found(BODY, round_up)


def test_words_count_and_typography_does_not() -> None:
    assert said_words("« L’École, 2 fois »") == ("l", "ecole", "2", "fois")
    assert shingles(retyped(BODY)) == shingles(BODY)
    assert shingles("Un seul") == {"un seul"}
    assert are_reprints(shingles("Un seul"), shingles("« Un seul ! »"))


@given(st.sampled_from(STORIES), st.integers(1, 8), st.integers(0, 8))
def test_a_signature_estimates_the_resemblance(story: Story, kept: int, more: int) -> None:
    body = story.body
    one, other = text_of(body[:kept]), text_of(body[max(0, kept - more) :])
    words = shingles(one), shingles(other)
    resemblance = len(words[0] & words[1]) / len(words[0] | words[1])
    estimate = float((sign(one) == sign(other)).mean())
    # Five standard deviations of PERMUTATIONS draws, at most 5 × √(¼ / 128).
    assert abs(estimate - resemblance) <= 5 * (0.25 / PERMUTATIONS) ** 0.5


def test_among_many_the_same_pairs_are_found_as_two_by_two() -> None:
    texts = {
        f"{place}-{name}": text
        for place, story in enumerate(STORIES)
        for name, text in (
            ("body", text_of(story.body)),
            ("led", text_of(with_other_lead(story))),
            ("other", text_of(story.other_account)),
        )
    }
    signatures = {name: sign(text) for name, text in texts.items()}
    expected = [
        (one, other)
        for one, other in itertools.combinations(sorted(texts), 2)
        if are_reprints(shingles(texts[one]), shingles(texts[other]))
    ]
    assert len(expected) == len(STORIES)
    assert find_reprints(signatures, frozenset(texts), texts.__getitem__) == expected
    assert group(expected) == {name: pair[0] for pair in expected for name in pair}


def test_what_is_not_new_is_not_compared_again() -> None:
    texts = {"a": BODY, "b": LED, "c": retyped(BODY)}
    read: list[str] = []

    def text_of_name(name: str) -> str:
        read.append(name)
        return texts[name]

    signatures = {name: sign(text) for name, text in texts.items()}
    assert find_reprints(signatures, frozenset(), text_of_name) == []
    assert read == []
    found = find_reprints(signatures, frozenset("c"), text_of_name)
    assert found == [("a", "c"), ("b", "c")]


def test_many_copies_are_one_story_without_comparing_all() -> None:
    names = [f"{number:03}" for number in range(200)]
    signatures = dict.fromkeys(names, sign(BODY))
    found = find_reprints(signatures, frozenset(names), lambda _: BODY)
    assert len(found) < 200 * 20
    assert set(group(found).values()) == {"000"}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_groups_are_what_pairs_connect(numbered: list[tuple[int, int]]) -> None:
    linked = [(str(one), str(other)) for one, other in numbered]
    story = group(linked)
    reached = {name: {name} for pair in linked for name in pair}
    for _ in range(10):
        for one, other in linked:
            both = reached[one] | reached[other]
            for name in both:
                reached[name] = both
    assert story == {name: min(names) for name, names in reached.items()}


# What is kept


def _articles(
    texts: Mapping[str, str], sources: Mapping[str, str] | None = None
) -> list[Article]:
    return [
        make_article(
            text,
            path,
            title=f"Titre de {path}",
            date=datetime.date(2024, 3, day),
            source=(sources or {}).get(path, path.partition("/")[0]),
        )
        for day, (path, text) in enumerate(texts.items(), 1)
    ]


def _build(chosen: Settings, articles: Sequence[Article]) -> CountingEncoder:
    encoder = CountingEncoder()
    build(article_sources(articles), chosen, encoder)
    return encoder


def _stories(chosen: Settings) -> list[list[str]]:
    index = Index.open_current(chosen.index)
    found = [
        sorted(index.articles.read(one).path for one in articles)
        for articles in index.articles.stories().values()
    ]
    index.close()
    return sorted(found)


def test_stories_are_kept_in_the_catalogue_and_follow_the_articles(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    one, led, other = _articles({"a.txt": BODY, "b.txt": LED, "c.txt": "Tout autre chose."})
    _build(chosen, [one, other])
    assert _stories(chosen) == []
    _build(chosen, [one, led, other])
    assert _stories(chosen) == [["a.txt", "b.txt"]]
    third = make_article(retyped(BODY), "d.txt")
    _build(chosen, [one, led, other, third])
    assert _stories(chosen) == [["a.txt", "b.txt", "d.txt"]]
    _build(chosen, [led, other])
    assert _stories(chosen) == []


def test_only_new_articles_are_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[str] = []

    def sign_and_note(text: str) -> object:
        signed.append(text)
        return sign(text)

    monkeypatch.setattr(reprint_tables, "sign", sign_and_note)
    chosen = settings_for(tmp_path)
    one, led = _articles({"a.txt": BODY, "b.txt": LED})
    _build(chosen, [one])
    assert BODY in signed
    signed.clear()
    _build(chosen, [one, led])
    assert LED in signed
    assert BODY not in signed


def test_signatures_of_another_kind_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings_for(tmp_path)
    one, led = _articles({"a.txt": BODY, "b.txt": LED})
    with monkeypatch.context() as patched:
        patched.setattr(reprint_tables, "sign", lambda text: np.zeros_like(sign(text)))
        _build(chosen, [one])
    _build(chosen, [one, led])
    assert _stories(chosen) == [["a.txt", "b.txt"]]


def test_an_exact_duplicate_is_not_embedded_twice(tmp_path: Path) -> None:
    once = _build(settings_for(tmp_path / "once"), [make_article(BODY, "a.txt")])
    twice = _build(
        settings_for(tmp_path / "twice"),
        [make_article(BODY, "a.txt"), make_article(BODY, "b.txt")],
    )
    assert once.passages == twice.passages


# What is answered


OUTLETS = {
    "est/crue.txt": "L’Est",
    "ouest/crue.txt": "L’Ouest",
    "sud/crue.txt": "Le Sud",
    "est/suite.txt": "L’Est",
}


class KnowingEncoder(CountingEncoder):
    """Puts the question where the sentence that answers it lies."""

    def embed_question(self, question: str) -> Vectors:
        return self._vector(SAID if question == QUESTION else question)


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
    _build(chosen, _articles(texts, OUTLETS))
    return chosen


def _ask(chosen: Settings, question: str = QUESTION, **asked: object) -> list[Citation]:
    assistant = Assistant(chosen, KnowingEncoder())
    answer = assistant.ask(question, **asked)  # type: ignore[arg-type]
    for citation in answer.shown():
        for other in citation.also_in:
            text = assistant.article(other.article.id).text[other.start : other.end]
            assert said_words(text) in (said_words(citation.quote.text), ())
    return list(answer.shown())


def test_a_sentence_that_reprints_repeat_is_quoted_once(chosen: Settings) -> None:
    citations = _ask(chosen, top=5)
    said = [said_words(citation.quote.text) for citation in citations]
    assert said.count(said_words(SAID)) == 1
    assert len(set(said)) == len(said) == 5


def test_a_corrected_figure_is_quoted_beside_the_first(chosen: Settings) -> None:
    texts = [citation.quote.text for citation in _ask(chosen, top=5)]
    assert any("trois mètres" in text for text in texts)
    assert any("deux mètres" in text for text in texts)


def test_a_citation_names_the_reprints_and_counts_outlets(chosen: Settings) -> None:
    citation = next(c for c in _ask(chosen) if said_words(c.quote.text) == said_words(SAID))
    named = {citation.article.path, *(other.article.path for other in citation.also_in)}
    assert named == {"est/crue.txt", "ouest/crue.txt", "sud/crue.txt"}
    assert citation.outlets == len({"L’Est", "L’Ouest", "Le Sud"})
    dates = [other.article.date for other in citation.also_in]
    assert dates == sorted(dates, key=str)


def test_a_sentence_of_one_article_alone_is_in_no_other(chosen: Settings) -> None:
    (citation,) = [c for c in _ask(chosen, top=5) if "trois mètres" in c.quote.text]
    assert citation.also_in == ()


def test_reprints_outside_the_filters_are_not_named(chosen: Settings) -> None:
    filters = Filters(sources=frozenset({"L’Est", "L’Ouest"}))
    for citation in _ask(chosen, filters=filters):
        assert citation.article.source != "Le Sud"
        assert "Le Sud" not in {other.article.source for other in citation.also_in}
    early = _ask(chosen, filters=Filters(until=datetime.date(2024, 3, 1)))
    assert [citation.also_in for citation in early] == [()] * len(early)
    index = Index.open_current(chosen.index)
    ids = {article.path: article.id for article in index.articles.every()}
    index.close()
    left = Filters(articles=frozenset({ids["est/crue.txt"], ids["sud/crue.txt"]}))
    for citation in _ask(chosen, filters=left):
        assert {other.article.id for other in citation.also_in} < left.articles
    without = Filters(excluded_articles=frozenset({ids["sud/crue.txt"]}))
    for citation in _ask(chosen, filters=without):
        assert "sud/crue.txt" not in {other.article.path for other in citation.also_in}


def test_a_survey_shows_every_story_once(chosen: Settings) -> None:
    citations = _ask(chosen, "De quoi parlent les articles ?")
    paths = [citation.article.path for citation in citations]
    assert len(set(paths) & set(OUTLETS)) == 1
    assert {"est/reportage.txt", "est/train.txt"} < set(paths)
    (told,) = [citation for citation in citations if citation.article.path in OUTLETS]
    assert {told.article.path, *(o.article.path for o in told.also_in)} == set(OUTLETS)


def test_a_list_names_every_story_once(chosen: Settings) -> None:
    citations = _ask(chosen, "Quels articles parlent de la crue de la rivière ?")
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


def _cited(also_in: Sequence[Article], source: str | None) -> Citation:
    article = make_article("Un.", source=source)
    others = tuple(AlsoIn(one, 0, 3) for one in also_in)
    return Citation(1, Quote(article.id, "Un.", 0, 3, 0, 3, 1.0), article, others)


def test_the_line_names_some_and_counts_the_others() -> None:
    day = datetime.date(2024, 3, 1)
    one = make_article("Un.", "b.txt", title="Autre", date=day, source="L’Ouest")
    line = also_in_line(_cited([one], "L’Est"), "fr")
    assert line == (
        "Aussi dans\N{NO-BREAK SPACE}: «\u202fAutre\u202f» (L’Ouest, 1er mars 2024) "
        "— 2 sources distinctes"
    )
    many = [one] * (NAMED_REPRINTS + 3)
    assert "and 3 more — 2 distinct sources" in also_in_line(_cited(many, "L’Est"), "en")
    assert also_in_line(_cited([one], "l’ouest"), "en").endswith("— one source only")
    unnamed = make_article("Un.", "c.txt", title="Sans rien")
    for source in (None, "L’Est"):
        assert also_in_line(_cited([unnamed], source), "en") == "Also in: “Sans rien”"
