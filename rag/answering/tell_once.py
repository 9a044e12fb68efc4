"""A story is told once: what reprints repeat is left out, and named beside the quote."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from rag.answering.retrieve import Found
from rag.index import Index
from rag.language.near_duplicates import said_words
from rag.types import AlsoIn, Article, ArticleOf, Citation, Filters, Sentence

# A story that more articles print is named with so many of them.
MOST_REPRINTS = 100


class _Told:
    """The sentences that were told, of every story by which article."""

    def __init__(self, index: Index, article_of: ArticleOf) -> None:
        self._index = index
        self._article_of = article_of
        self._stories: dict[str, str | None] = {}
        self._by: dict[tuple[str, tuple[str, ...]], str] = {}

    def story(self, article_id: str) -> str | None:
        """The story that several articles print, this one among them."""
        if article_id not in self._stories:
            self._stories[article_id] = self._index.articles.story_of(article_id)
        return self._stories[article_id]

    def is_repeated(self, article_id: str, sentence: Sentence) -> bool:
        """Whether another article that prints the story has told this; it is told now."""
        story = self.story(article_id)
        if story is None:
            return False
        key = (
            story,
            said_words(self._article_of(article_id).text[sentence.start : sentence.end]),
        )
        return self._by.setdefault(key, article_id) != article_id


def without_reprints(
    found: Iterable[Found],
    index: Index,
    article_of: ArticleOf,
    count: int,
    *,
    one_a_story: bool = False,
) -> tuple[Found, ...]:
    """The first ``count`` hits that say something which no hit of a reprint said before.

    With ``one_a_story`` all hits of a story are of one article.
    """
    told = _Told(index, article_of)
    teller: dict[str, str] = {}
    kept: list[Found] = []
    for one in found:
        if len(kept) == count:
            break
        article_id = one.hit.passage.article_id
        story = told.story(article_id)
        if one_a_story and story and teller.setdefault(story, article_id) != article_id:
            continue
        # Every one is to be told, so all() would stop too early.
        repeated = [told.is_repeated(article_id, s) for s in one.hit.passage.sentences]
        if not all(repeated):
            kept.append(one)
    return tuple(kept)


def without_repeats(
    found: Sequence[Found], index: Index, article_of: ArticleOf
) -> tuple[Found, ...]:
    """``found`` without the sentences that a reprint said in an earlier hit."""
    told = _Told(index, article_of)
    return tuple(
        dataclasses.replace(
            one,
            sentences=tuple(
                scored
                for scored in one.sentences
                if not told.is_repeated(one.hit.passage.article_id, scored.sentence)
            ),
        )
        for one in found
    )


def one_a_story(articles: Iterable[Article], index: Index) -> Iterator[Article]:
    """``articles`` without those that print a story again."""
    seen: set[str] = set()
    for article in articles:
        story = index.articles.story_of(article.id)
        if story is None or story not in seen:
            yield article
        if story is not None:
            seen.add(story)


def with_reprints(
    citation: Citation,
    index: Index,
    article_of: ArticleOf,
    filters: Filters,
    *,
    whole_story: bool = False,
) -> Citation:
    """``citation`` with the reprints that pass ``filters`` and say its words too.

    With ``whole_story`` also those that tell the story without these words.
    """
    words = said_words(citation.quote.text)
    also_in: list[AlsoIn] = []
    for article_id in _reprints(citation.article, index, filters):
        article = article_of(article_id)
        place = _place(words, article, index)
        if place is not None:
            also_in.append(AlsoIn(article, place.start, place.end))
        elif whole_story:
            also_in.append(AlsoIn(article, 0, 0))
    return dataclasses.replace(citation, also_in=tuple(also_in))


def _reprints(article: Article, index: Index, filters: Filters) -> list[str]:
    """The other articles that print the story and pass ``filters``, oldest first."""
    others = frozenset(index.articles.reprints_of(article.id))
    if filters.articles:
        others &= filters.articles
    if not others:
        return []
    allowed = dataclasses.replace(filters, articles=others)
    return index.articles.newest_ids(MOST_REPRINTS, allowed)[::-1]


def _place(words: tuple[str, ...], article: Article, index: Index) -> Sentence | None:
    """The sentence of ``article`` that says ``words``."""
    for sentence in index.passages.sentences(article.id):
        if said_words(article.text[sentence.start : sentence.end]) == words:
            return sentence
    return None
