"""What is new: the articles of some days, a story once, in the sentences that carry it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from rag.answering.summarise import carrying_quotes
from rag.index import Index
from rag.language.near_duplicates import said_words
from rag.types import Article, Filters, Quote

# More would be no digest; what is left out is counted.
MOST_STORIES = 100
SENTENCES = 2
DEFAULT_DAYS = 7


@dataclass(frozen=True, slots=True)
class DigestStory:
    """A story by the fullest of its articles; ``others`` print it too, oldest first.

    For each quote ``article.text[quote.start:quote.end] == quote.text``. ``last`` is the day
    of the newest of its articles.
    """

    article: Article
    quotes: tuple[Quote, ...]
    others: tuple[Article, ...]
    last: datetime.date

    @property
    def outlets(self) -> int:
        """How many different outlets print it, of those that are known."""
        known = (one.outlet.casefold() for one in (self.article, *self.others))
        return len({outlet for outlet in known if outlet})


@dataclass(frozen=True, slots=True)
class Digest:
    """The stories of the days from ``since`` to ``until``, newest first.

    ``until`` None is without an end. ``articles`` counts those of these days; ``left_out`` the
    stories that are one too many.
    """

    since: datetime.date
    until: datetime.date | None
    articles: int
    stories: tuple[DigestStory, ...]
    left_out: int


def make_digest(
    index: Index, filters: Filters, most: int = MOST_STORIES, sentences: int = SENTENCES
) -> Digest:
    """The digest of the articles that pass ``filters``, which must tell since when.

    Articles without a date are of no day. Reads the articles of those days and, of the
    ``most`` newest stories, their sentences. Raises ValueError without a first day.
    """
    if filters.since is None:
        raise ValueError("a digest has a first day; give filters.since")
    found = index.articles.newest_ids(index.manifest.articles, filters)
    stories: dict[str, list[str]] = {}
    for one in found:
        stories.setdefault(index.articles.story_of(one) or one, []).append(one)
    told = tuple(
        _story(index, ids, sentences) for ids in list(stories.values())[: max(most, 0)]
    )
    return Digest(filters.since, filters.until, len(found), told, len(stories) - len(told))


def default_since(today: datetime.date, newest: datetime.date | None = None) -> datetime.date:
    """A week ago or, where no article is as new, a week before the ``newest``."""
    last = min(today, newest) if newest else today
    return last - datetime.timedelta(DEFAULT_DAYS)


def _story(index: Index, ids: list[str], sentences: int) -> DigestStory:
    """The story of articles that print it, newest first."""
    articles = [index.articles.read(one) for one in reversed(ids)]
    fullest = max(articles, key=lambda one: len(one.text))
    last = max(one.date for one in articles if one.date)
    return DigestStory(
        fullest,
        _quotes(index, fullest, sentences),
        tuple(one for one in articles if one is not fullest),
        last,
    )


def _quotes(index: Index, article: Article, count: int) -> tuple[Quote, ...]:
    """The sentences that carry an article, beside its title, which stands above them."""
    title = said_words(article.title)
    quotes = carrying_quotes(index, article, count + 1)
    besides = [one for one in quotes if said_words(one.text) != title]
    best = sorted(besides, key=lambda one: -one.score)[:count]
    return tuple(sorted(best, key=lambda one: one.start)) or quotes[:count]
