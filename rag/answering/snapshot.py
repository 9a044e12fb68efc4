"""One generation, open for one answer: all that a reply shows comes from it."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Collection, Iterator, Sequence

from rag.answering.assemble import assemble, refused
from rag.answering.choose_quotes import Reading, about_the_tool, read
from rag.answering.digest import Digest, make_digest
from rag.answering.read_passages import read_passages
from rag.answering.retrieve import CANDIDATES, retrieve
from rag.answering.sentences_alone import compare_alone
from rag.answering.suggest import example_questions, suggested_questions
from rag.answering.summarise import carrying_quotes
from rag.answering.tell_once import (
    one_a_story,
    without_repeats,
    without_reprints,
)
from rag.answering.timeline import newest_first
from rag.index import Index
from rag.index.article_list import ArticleList, Order, cut
from rag.index.articles import Articles
from rag.language.as_of import AskedAsOf, read_as_of
from rag.language.follow_ups import complete, is_put_to_the_tool
from rag.language.long_questions import in_small_letters, shorten
from rag.language.questions import understand
from rag.language.wishes import (
    news_since,
    subject_of_list,
    subject_of_summary,
    subject_of_timeline,
    wish_of,
)
from rag.models.encoder import Encoder
from rag.models.parts_encoder import has_parts
from rag.models.span_reader import PassageToRead, Reader
from rag.types import (
    Answer,
    Article,
    ArticleOf,
    Filters,
    Hit,
    Overview,
    Passage,
    Reason,
    Timings,
    Version,
    Wish,
)

DEFAULT_TOP = 3
# Enough for a fourth page of hits; more would only be read.
CONSIDERED = 10
# For « Quels articles parlent de … » and « De quoi parlent les articles ».
LIST_CONSIDERED = 50
LISTED = 10
SURVEYED = 8
# Among so many newest articles, SURVEYED different stories are looked for.
SURVEY_CONSIDERED = 80
SUMMARY_SENTENCES = 5
FOLLOW_UPS = 3
_ARTICLES_FOR_EXAMPLES = 20
# More than one answer reads, and few enough to stay in memory through many.
_REMEMBERED = 256


class Snapshot:
    """What one generation answers, whichever serves meanwhile.

    ``Assistant.snapshot`` opens it, and keeps the generation open as long as it is used.
    Articles are remembered, so that an answer reads each once. Safe to use from several
    threads.
    """

    def __init__(
        self, index: Index, encoder: Encoder, reader: Reader | None, passages_to_read: int
    ) -> None:
        """Answer from ``index``, whose model ``encoder`` is.

        ``reader`` reads at most ``passages_to_read`` passages a question.
        """
        self._index = index
        self._encoder = encoder
        self._reader = reader
        self._passages_to_read = passages_to_read
        self._has_parts = has_parts(encoder, index.manifest.fingerprint)
        self._article_of: ArticleOf = functools.lru_cache(_REMEMBERED)(index.articles.read)

    def ask(
        self,
        question: str,
        *,
        filters: Filters = Filters(),
        top: int = DEFAULT_TOP,
        previous: str | None = None,
    ) -> Answer:
        """What the articles that pass ``filters`` say, in at most ``top`` quotes.

        ``previous`` is the question asked before, as it was understood; a question such
        as « Et pourquoi ? » is completed from it. A summary, a survey and a list have limits
        of their own. Raises ValueError when ``top`` is less than 1.
        """
        if top < 1:
            raise ValueError(f"top is {top}; expected at least 1")
        # A terminal in another encoding hands over what is no text.
        question = question.encode("utf-8", "replace").decode()
        if not any(character.isalnum() for character in question):
            return refused(question, Reason.EMPTY_QUESTION)
        then = read_as_of(question)
        if then is not None:
            return self._ask_as_of(question, then, filters, top, previous)
        short = shorten(question)
        if short != question:
            answer = self.ask(short, filters=filters, top=top, previous=previous)
            understood = answer.understood or short
            answer = dataclasses.replace(answer, question=question, is_shortened=True)
            return dataclasses.replace(answer, understood=understood)
        if not self._index.manifest.passages:
            return refused(question, Reason.NO_ARTICLES)
        match wish_of(question):
            case Wish.SURVEY:
                first = max(filter(None, (filters.since, news_since(question))), default=None)
                filters = dataclasses.replace(filters, since=first)
                newest = self._newest(SURVEY_CONSIDERED, filters)
                apart = list(one_a_story(newest, self._index))[:SURVEYED]
                return self._carried(question, apart, 1, Wish.SURVEY, filters)
            case Wish.SUMMARY:
                return self._summary(question, filters)
            case Wish.LIST:
                subject = subject_of_list(question)
                return self._search(question, subject, filters, LISTED, Wish.LIST)
            case Wish.TIMELINE:
                subject = subject_of_timeline(question)
                return newest_first(
                    self._search(question, subject, filters, LISTED, Wish.TIMELINE)
                )
        of_days = self._what_happened(question, filters)
        if of_days is not None:
            return of_days
        completed = complete(question, subject_of_list(previous)) if previous else None
        answer = self._search(question, completed or question, filters, top)
        return dataclasses.replace(answer, understood=completed)

    def _ask_as_of(
        self,
        question: str,
        then: AskedAsOf,
        filters: Filters,
        top: int,
        previous: str | None,
    ) -> Answer:
        day = min(then.day, filters.as_of or then.day)
        filters = dataclasses.replace(filters, as_of=day)
        answer = self.ask(then.question, filters=filters, top=top, previous=previous)
        understood = answer.understood or then.question
        return dataclasses.replace(answer, question=question, understood=understood, as_of=day)

    def _search(
        self,
        question: str,
        asked: str,
        filters: Filters,
        top: int,
        wish: Wish = Wish.ANSWER,
    ) -> Answer:
        """Answer ``question``, which was understood as ``asked``."""
        index, article_of = self._index, self._article_of
        started = time.perf_counter()
        # The asking tells the language better than what is asked for alone.
        language = understand(question).language
        understood = dataclasses.replace(understand(asked), language=language)
        asked = in_small_letters(asked)
        vector = self._encoder.embed_question(asked)
        embedded = time.perf_counter()
        articles_wanted = wish is not Wish.ANSWER
        considered = LIST_CONSIDERED if articles_wanted else CONSIDERED
        # Both sides propose so many; reprints among them must not crowd out the others.
        found = retrieve(index, vector, understood.terms, filters, 2 * CANDIDATES)
        found = without_reprints(
            found, index, article_of, considered, one_a_story=articles_wanted
        )
        retrieved = time.perf_counter()
        if not found:
            return refused(question, Reason.FILTERS_EXCLUDE_ALL, filters.as_of)
        if wish is Wish.ANSWER and self._reader is not None:
            count = self._passages_to_read
            found = read_passages(self._reader, asked, found, article_of, count)
        elif wish is Wish.ANSWER and self._has_parts:
            found = compare_alone(self._encoder, vector, found, article_of, CONSIDERED)
        found = without_repeats(found, index, article_of)
        reading = read(
            understood, found, index, article_of, top, one_an_article=articles_wanted
        )
        if is_put_to_the_tool(question):
            reading = about_the_tool(reading)
        finished = time.perf_counter()
        timings = Timings(
            embed=1000 * (embedded - started),
            retrieve=1000 * (retrieved - embedded),
            read=1000 * (finished - retrieved),
            total=1000 * (finished - started),
        )
        made = assemble(question, language, reading, wish, filters, index, article_of)
        hits = tuple(one.hit for one in reading.found or found)
        return dataclasses.replace(made, hits=hits, timings=timings)

    def _what_happened(self, question: str, filters: Filters) -> Answer | None:
        """What the articles of the days tell, where nothing but that is asked of them.

        None where something else is asked, or no article is dated then.
        """
        asked = understand(question)
        if not asked.asks_what_happened:
            return None
        articles: dict[str, Article] = {}
        for days in asked.days:
            since = max(filters.since or days.first, days.first)
            until = min(filters.until or days.last, days.last)
            then = dataclasses.replace(filters, since=since, until=until)
            articles |= {one.id: one for one in self._newest(SURVEY_CONSIDERED, then)}
        if not articles:
            return None
        apart = list(one_a_story(list(articles.values()), self._index))[:SURVEYED]
        # Of few articles each tells more.
        count = max(1, DEFAULT_TOP // len(apart))
        return self._carried(question, apart, count, Wish.SURVEY, filters)

    def _summary(self, question: str, filters: Filters) -> Answer:
        """What carries the article that the request names, else the newest."""
        subject = subject_of_summary(question)
        if subject is None:
            newest = self._newest(1, filters)
            return self._carried(question, newest, SUMMARY_SENTENCES, Wish.SUMMARY, filters)
        about = self._search(question, subject, filters, 1, Wish.SUMMARY)
        if not about.answered:
            return about
        articles = [about.citations[0].article]
        return self._carried(question, articles, SUMMARY_SENTENCES, Wish.SUMMARY, filters)

    def search(
        self, query: str, *, filters: Filters = Filters(), count: int = CONSIDERED
    ) -> tuple[Hit, ...]:
        """The ``count`` passages nearest to ``query``, best first; none for no words."""
        query = in_small_letters(shorten(query.encode("utf-8", "replace").decode()))
        if not self._index.manifest.passages or not any(map(str.isalnum, query)):
            return ()
        vector = self._encoder.embed_question(query)
        found = retrieve(self._index, vector, understand(query).terms, filters, count)
        return tuple(one.hit for one in found)

    def article(self, article_id: str) -> Article:
        """The article with that id; IndexDamagedError when the index has none."""
        return self._article_of(article_id)

    def list_articles(
        self,
        search: str = "",
        order: Order = Order.DATE,
        descending: bool = True,
        first: int = 0,
        count: int = 50,
    ) -> ArticleList:
        """``count`` of the articles whose title or source holds the words of ``search``."""
        lines = self._index.articles.lines.select(search, order, descending)
        return cut(lines, first, count)

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """The texts that an article had before, oldest first."""
        return self._index.articles.versions(article_id)

    def digest(self, filters: Filters) -> Digest:
        """What is new since the first day of ``filters``, as ``make_digest`` tells."""
        return make_digest(self._index, filters)

    def without_reader(self) -> Snapshot:
        """The same generation, answering by cosines and words alone, many times sooner."""
        if self._reader is None:
            return self
        return Snapshot(self._index, self._encoder, None, self._passages_to_read)

    @property
    def articles(self) -> Articles:
        """What the catalogue knows of its articles."""
        return self._index.articles

    def overview(self) -> Overview:
        """What the index holds."""
        return self._index.articles.overview()

    def examples(self, language: str, count: int = 4) -> tuple[str, ...]:
        """Questions about the newest articles, as ``example_questions`` makes them."""
        newest = self._newest(_ARTICLES_FOR_EXAMPLES)
        texts = [article.text for article in newest]
        return example_questions(texts, {one.outlet for one in newest}, language, count)

    def follow_ups(
        self,
        answer: Answer,
        language: str,
        *,
        filters: Filters = Filters(),
        asked: Collection[str] = (),
    ) -> tuple[str, ...]:
        """Questions to go on with after ``answer``, as ``suggested_questions`` finds them."""
        return suggested_questions(
            answer, self._index, self._article_of, filters, asked, language, FOLLOW_UPS
        )

    def passages(self) -> Iterator[Passage]:
        """All passages, those of an article together."""
        return (stored.passage for stored in self._index.passages.every())

    def warm_up(self) -> None:
        """Load what the first question would wait for."""
        self._encoder.embed_question("?")
        if self._reader is not None:
            self._reader.read("?", [PassageToRead("", "?", ((0, 1),))], 1)
        self._index.search.warm_up()

    def _newest(self, count: int, filters: Filters = Filters()) -> list[Article]:
        return [
            self._article_of(one) for one in self._index.articles.newest_ids(count, filters)
        ]

    def _carried(
        self,
        question: str,
        articles: Sequence[Article],
        count: int,
        wish: Wish,
        filters: Filters,
    ) -> Answer:
        """The ``count`` sentences that carry each of ``articles``."""
        if not articles:
            return refused(question, Reason.FILTERS_EXCLUDE_ALL, filters.as_of)
        started = time.perf_counter()
        quotes = tuple(
            quote for one in articles for quote in carrying_quotes(self._index, one, count)
        )
        spent = 1000 * (time.perf_counter() - started)
        timings = Timings(read=spent, total=spent)
        language = understand(question).language
        reading = Reading(quotes, 1.0, None if quotes else Reason.NOTHING_CLOSE)
        index, article_of = self._index, self._article_of
        made = assemble(question, language, reading, wish, filters, index, article_of)
        return dataclasses.replace(made, timings=timings)
