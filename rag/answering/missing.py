"""What of a question stands in no article: its names, words and years, and what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag.answering.retrieve import Found
from rag.index import Index
from rag.language.analysis import Word, fold, words
from rag.language.questions import Question
from rag.language.spelling import near_spelling
from rag.types import Article, Filters


@dataclass(frozen=True, slots=True)
class Missing:
    """As the question wrote them; across languages only names can be missed."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    years: tuple[str, ...]


def find_missing(
    question: Question,
    index: Index,
    frequencies: Mapping[str, int],
    *,
    is_same_language: bool,
) -> Missing:
    """What no article has; ``frequencies`` tell in how many passages each term occurs."""
    told_otherwise = _told_otherwise(question, index)

    def absent(asked: Iterable[Word]) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(
                word.text
                for word in asked
                if not frequencies[word.term] and fold(word.text) not in told_otherwise
            )
        )

    return Missing(
        names=absent(question.names) if is_same_language else (),
        words=absent(question.words if is_same_language else question.names),
        years=tuple(
            year
            for year in question.years
            if not frequencies[year] and not index.articles.has_year(int(year))
        ),
    )


def _told_otherwise(question: Question, index: Index) -> frozenset[str]:
    """Words that ask, and those of days that articles are dated at: no text holds them."""
    articles = index.articles
    days = (
        days.words
        for days in question.days
        if articles.newest_ids(1, Filters(days.first, days.last))
    )
    years = (year for year in question.years if articles.has_year(int(year)))
    return question.asking.union(years, *days)


def meant(
    missing: Sequence[str], found: Sequence[Found], articles: Mapping[str, Article]
) -> tuple[tuple[str, str], ...]:
    """The near spelling of missing words among those of the passages that were found."""
    if not missing:
        return ()
    known = {
        word.text
        for one in found
        for article in (articles[one.hit.passage.article_id],)
        for text in (
            article.title,
            article.text[one.hit.passage.start : one.hit.passage.end],
        )
        for word in words(text)
    }
    pairs = ((word, near_spelling(word, known)) for word in missing)
    return tuple((word, near) for word, near in pairs if near is not None)
