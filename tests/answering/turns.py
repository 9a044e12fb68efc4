"""Turns to keep: of the fake assistant, and any that could be."""

from __future__ import annotations

import dataclasses
import datetime as dt

from hypothesis import strategies as st

from rag.answering.conversations import Turn
from rag.types import (
    Abstention,
    Answer,
    Article,
    Citation,
    Context,
    Detail,
    Filters,
    Hit,
    Passage,
    Quote,
    Reason,
    Sentence,
    Timings,
    Wish,
)
from tests.browser.fake_assistant import FakeAssistant

NOON = dt.datetime(2025, 9, 2, 12, tzinfo=dt.UTC)

_texts = st.text(max_size=12)
_days = st.dates()
_numbers = st.floats(allow_nan=False, allow_infinity=False)


def turn_of(question: str, filters: Filters | None = None) -> Turn:
    """What the fake assistant answers."""
    assistant = FakeAssistant()
    asked_of = filters or Filters()
    answer = assistant.ask(question, filters=asked_of)
    titles = {
        hit.passage.article_id: assistant.article(hit.passage.article_id).title
        for hit in answer.hits
    }
    return Turn(answer, assistant.overview(), NOON, titles, asked_of)


@st.composite
def _citations(draw: st.DrawFn, number: int) -> Citation:
    text = draw(st.text(min_size=1, max_size=40))
    cuts = st.integers(0, len(text))
    before, after, start, end = sorted(draw(st.tuples(cuts, cuts, cuts, cuts)))
    article = Article(
        id=draw(_texts),
        path=draw(_texts),
        text=text,
        title=draw(_texts),
        file_hash=draw(_texts),
        date=draw(st.none() | _days),
        language=draw(st.sampled_from(["fr", "en"])),
        source=draw(st.none() | _texts),
        url=draw(st.none() | _texts | st.just("https://a.invalid/b?c=d")),
        author=draw(st.none() | _texts),
    )
    spans = st.tuples(*[st.integers(start, end)] * 2).map(lambda pair: (min(pair), max(pair)))
    quote = Quote(
        article_id=article.id,
        text=text[start:end],
        start=start,
        end=end,
        passage_start=before,
        passage_end=end,
        score=draw(_numbers),
        highlights=tuple(draw(st.lists(spans, max_size=2))),
        context=draw(st.sampled_from([None, Context(text[before:after], before, after)])),
        answer=draw(st.none() | spans),
    )
    return Citation(number, quote, article)


@st.composite
def _hits(draw: st.DrawFn) -> Hit:
    sentence = Sentence(draw(st.integers(0, 99)), draw(st.integers(100, 199)))
    passage = Passage(draw(_texts), sentence.start, sentence.end, (sentence,))
    return Hit(draw(st.integers(0, 9)), passage, *draw(st.tuples(*[_numbers] * 3)))


@st.composite
def any_turns(draw: st.DrawFn) -> Turn:
    """Answers and refusals with whatever they can hold."""
    cited = tuple(draw(_citations(number)) for number in range(1, draw(st.integers(1, 3))))
    refused = draw(st.booleans())
    abstention = Abstention(
        draw(st.sampled_from(Reason)),
        tuple(draw(st.lists(_texts, max_size=2))),
        tuple(draw(st.lists(_texts, max_size=2))),
        draw(st.none() | st.sampled_from(Detail)),
        nearest=cited,
    )
    answer = Answer(
        question=draw(st.text()),
        language=draw(st.sampled_from(["fr", "en"])),
        citations=() if refused else cited,
        abstention=abstention if refused else None,
        confidence=draw(st.floats(0, 1)),
        hits=tuple(draw(st.lists(_hits(), max_size=3))),
        timings=Timings(*draw(st.tuples(*[st.floats(0, 1e6)] * 4))),
        understood=draw(st.none() | st.text()),
        wish=draw(st.sampled_from(Wish)),
    )
    overview = dataclasses.replace(
        FakeAssistant().overview(),
        first_date=draw(st.none() | _days),
        last_date=draw(st.none() | _days),
    )
    filters = Filters(
        draw(st.none() | _days),
        draw(st.none() | _days),
        sources=draw(st.frozensets(_texts, max_size=2)),
        excluded_articles=draw(st.frozensets(_texts, max_size=2)),
    )
    asked_at = draw(st.datetimes(timezones=st.just(dt.UTC)))
    titles = {hit.passage.article_id: draw(_texts) for hit in answer.hits}
    return Turn(answer, overview, asked_at, titles, filters)
