"""The nouns of the project: typed, frozen, standard library only.

Every offset in this file counts characters (Unicode code points) of
``Article.text``, start included and end excluded, so that for anything that
shows an article's words ``article.text[x.start:x.end] == x.text``.
"""

from __future__ import annotations

import datetime
import enum
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rag.errors import Problem
from rag.types.provenance import DateFrom, LeftOut, Place, QuotePlace


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it was read from its file.

    ``text`` is in Unicode NFC with ``\\n`` line ends and otherwise as written.
    ``id`` is derived from ``path`` and ``text``, so it is the same on every
    machine. ``path`` is relative to the articles folder, with ``/``.

    ``places`` are sorted by their start; what is in none of them is an ordinary paragraph of
    which no more is known. They do not overlap, but that doubtful words lie within others.
    ``left_out`` tells nothing of what the article says: two that differ in it are equal.
    """

    id: str
    path: str
    text: str
    title: str
    file_hash: str
    date: datetime.date | None = None
    language: str = "fr"
    source: str | None = None
    url: str | None = None
    author: str | None = None
    date_from: DateFrom | None = None
    places: tuple[Place, ...] = ()
    left_out: tuple[LeftOut, ...] = field(default=(), compare=False, repr=False)

    def places_in(self, start: int, end: int) -> tuple[Place, ...]:
        """The places that share characters with ``text[start:end]``, in order."""
        return tuple(one for one in self.places if one.start < end and start < one.end)

    def place_of(self, start: int, end: int) -> QuotePlace:
        """Where ``text[start:end]`` stands in the article's file."""
        return QuotePlace.of(self.places_in(start, end), start, end)

    @property
    def outlet(self) -> str:
        """Who published it: its source, or the host of its address, or ""."""
        if self.source:
            return self.source
        try:
            host = urllib.parse.urlsplit(self.url or "").hostname or ""
        except ValueError:
            return ""
        return host.removeprefix("www.")


# Gives the article of an id; IndexDamagedError where there is none.
ArticleOf = Callable[[str], Article]


@dataclass(frozen=True, slots=True)
class Version:
    """A text that an article had until it was ``replaced_at`` (when a build saw it)."""

    text: str
    replaced_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's place in its article."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article: what is embedded and found."""

    article_id: str
    start: int
    end: int
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question. For every score, higher is better.

    ``cosine`` is the dot product of unit vectors (-1 to 1), ``lexical`` the
    BM25 score (0 when no word is shared) and ``score`` their fusion.
    ``number`` is the passage's row in the index.
    """

    number: int
    passage: Passage
    score: float
    cosine: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Quote:
    """Verbatim words of an article, with their place.

    ``highlights`` are spans of the article that lie inside the quote.
    ``answer`` is the span that answers, where the reader found one.
    ``context`` is the sentence before it, brought along because the quote
    opens with a word that points back; it is not part of the answer.
    """

    article_id: str
    text: str
    start: int
    end: int
    passage_start: int
    passage_end: int
    score: float
    highlights: tuple[tuple[int, int], ...] = ()
    context: Context | None = None
    answer: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Verbatim words that stand before a quote in its paragraph, shown as context."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AlsoIn:
    """Another article that prints the story of a citation.

    ``article.text[start:end]`` are the words of the quote again, whatever their case and
    typography; the span is empty where the article tells the story without them.
    """

    article: Article
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A bracketed number and what it points to.

    ``also_in`` are the reprints that say it too, oldest first.
    """

    number: int
    quote: Quote
    article: Article
    also_in: tuple[AlsoIn, ...] = ()

    @property
    def place(self) -> QuotePlace:
        """Where the quote stands in the article's file."""
        return self.article.place_of(self.quote.start, self.quote.end)

    @property
    def outlets(self) -> int:
        """How many different outlets say it, of those that are known."""
        articles = (self.article, *(other.article for other in self.also_in))
        return len({one.outlet.casefold() for one in articles if one.outlet})


class Reason(enum.StrEnum):
    """Why a question is not answered."""

    EMPTY_QUESTION = "empty_question"
    NO_ARTICLES = "no_articles"
    FILTERS_EXCLUDE_ALL = "filters_exclude_all"
    WORDS_NOT_FOUND = "words_not_found"
    DATES_NOT_FOUND = "dates_not_found"
    DETAIL_NOT_FOUND = "detail_not_found"
    NOTHING_CLOSE = "nothing_close"
    PUT_TO_THE_TOOL = "put_to_the_tool"


class Wish(enum.StrEnum):
    """What is wanted: quotes that answer, or that carry an article, or one an article."""

    ANSWER = "answer"
    SUMMARY = "summary"
    SURVEY = "survey"
    LIST = "list"
    TIMELINE = "timeline"


class Detail(enum.StrEnum):
    """The kind of detail a question asks for, when its words tell."""

    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
    AGE = "age"
    PRICE = "price"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Abstention:
    """The articles do not say: why, and what comes nearest.

    ``missing_words`` and ``missing_dates`` are as the question wrote them;
    ``detail`` is what was asked for when the reason is DETAIL_NOT_FOUND.
    ``nearest`` is not an answer and must be shown as such. ``meant`` are words of the
    articles that differ little from missing ones: what was written, and what was meant.
    """

    reason: Reason
    missing_words: tuple[str, ...] = ()
    missing_dates: tuple[str, ...] = ()
    detail: Detail | None = None
    nearest: tuple[Citation, ...] = ()
    meant: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Timings:
    """How long an answer took, in milliseconds."""

    embed: float = 0.0
    retrieve: float = 0.0
    read: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say to a question: citations, or an abstention.

    ``confidence`` (0 to 1) estimates that the first citation answers; the
    answer abstains when it is under the shipped threshold. ``hits`` are the
    passages considered, best first. ``understood`` is the question as it was completed
    from the one before or, where ``is_shortened``, as far as a long one is asked; None when it
    was taken as it stands. ``wish`` tells what the citations are: for a summary they stand in
    the article's order, for a survey, a list and a timeline there is one an article, in a
    timeline the newest first. ``as_of`` is the last day whose articles were asked, where the
    question or its filters ask from a day.
    """

    question: str
    language: str
    citations: tuple[Citation, ...]
    abstention: Abstention | None
    confidence: float
    hits: tuple[Hit, ...] = field(default=(), repr=False)
    timings: Timings = Timings()
    understood: str | None = None
    wish: Wish = Wish.ANSWER
    is_shortened: bool = False
    as_of: datetime.date | None = None

    @property
    def answered(self) -> bool:
        """Whether the articles answer."""
        return self.abstention is None

    def shown(self) -> Iterator[Citation]:
        """Every citation that a page would show, answer or nearest."""
        yield from self.citations
        if self.abstention is not None:
            yield from self.abstention.nearest


@dataclass(frozen=True, slots=True)
class Filters:
    """What part of the index a question is asked of; empty means all.

    Dates are inclusive; an article without a date passes only when no date is
    asked for. ``sources`` and ``articles`` keep only what they name, when they
    name something; ``excluded_articles`` are left out. ``as_of``
    is a day from which is asked: what was published later does not count, as for ``until``.
    """

    since: datetime.date | None = None
    until: datetime.date | None = None
    sources: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    excluded_articles: frozenset[str] = frozenset()
    as_of: datetime.date | None = None

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def last_day(self) -> datetime.date | None:
        """The last day whose articles pass, None for no such day."""
        return min(filter(None, (self.until, self.as_of)), default=None)


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file that was left out, and why."""

    path: str
    problem: Problem

    @property
    def reason(self) -> str:
        """Why, in one line of English."""
        return str(self.problem)


@dataclass(frozen=True, slots=True)
class Overview:
    """What an index holds, for a page's first line and for ``rag stats``.

    ``engine`` is what finds its passages, in ``collection`` where that is a server.
    """

    generation: str
    built_at: datetime.datetime
    model: str
    articles: int
    passages: int
    sentences: int
    first_date: datetime.date | None
    last_date: datetime.date | None
    languages: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    broken: tuple[BrokenFile, ...]
    engine: str = "embedded"
    collection: str = ""
