"""Questions to go on with, which the articles can answer.

They are made of names that stand near an answer's quotes. Asking each of them would cost
more than the answer itself, since a question must be embedded; so the words are looked up
instead: a name is offered when it stands in a sentence that was not yet quoted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from rag.answering.answer_texts import (
    ANSWER_TEXTS,
    example_question,
    list_question,
    speaker_question,
)
from rag.index import Index, Selection
from rag.language.analysis import fold, terms
from rag.language.names import frequent_names
from rag.language.speakers import speakers
from rag.types import Answer, ArticleOf, Filters, Quote, Sentence, Wish

# Each costs a look into the words of the index.
_NAMES_TRIED = 8
_PASSAGES_TRIED = 10


def example_questions(
    texts: Sequence[str], outlets: Collection[str], language: str, count: int
) -> tuple[str, ...]:
    """At most ``count`` questions: who speaks in ``texts``, whom they name, what all is about.

    Nobody is asked about by the name of one of the ``outlets`` that print the articles.
    """
    said = speakers(texts, count)
    names = [one for one in frequent_names(texts, _NAMES_TRIED) if one not in said]
    questions = [speaker_question(name, language) for name in said]
    questions += [
        example_question(name, language) for name in names if not _prints(name, outlets)
    ]
    return (*questions[: count - 1], ANSWER_TEXTS[language].survey_question)


def _prints(name: str, outlets: Collection[str]) -> bool:
    return any(name in outlet for outlet in outlets)


def suggested_questions(
    answer: Answer,
    index: Index,
    article_of: ArticleOf,
    filters: Filters,
    asked: Collection[str],
    language: str,
    count: int,
) -> tuple[str, ...]:
    """At most ``count`` questions in ``language`` about what stands near the quotes.

    The articles that pass ``filters`` say more on each than was quoted. None is among
    those ``asked`` already, and none is about what ``answer`` was asked for.
    """
    selection = index.search.select(filters)
    quotes = [citation.quote for citation in answer.shown()]
    known = {_spoken(question) for question in asked}
    about: list[str] = []
    lists: list[str] = []
    speaking = speakers({one.article.text: None for one in answer.shown()}, _NAMES_TRIED)
    outlets = {one.article.outlet for one in answer.shown()}
    for name in _names(answer, speaking):
        if _prints(name, outlets):
            continue
        articles = _articles_with_more(name, index, article_of, selection, quotes)
        if articles:
            ask = speaker_question if name in speaking else example_question
            about.append(ask(name, language))
        if len(articles) > 1 and answer.wish is not Wish.LIST:
            lists.append(list_question(name, language))
    about, lists = (
        [question for question in questions if _spoken(question) not in known]
        for questions in (about, lists)
    )
    return (*about[: count - len(lists[:1])], *lists[:1])


def _names(answer: Answer, speaking: Sequence[str]) -> list[str]:
    """Those of who is ``speaking``, then names near the quotes, none of the question's."""
    shown = list(answer.shown())
    passages = {
        one.article.text[one.quote.passage_start : one.quote.passage_end]: None for one in shown
    }
    articles = {one.article.text: None for one in shown}
    names = dict.fromkeys(
        (
            *speaking,
            *frequent_names(passages, _NAMES_TRIED),
            *frequent_names(articles, _NAMES_TRIED),
        )
    )
    asked = {*terms(answer.question), *terms(answer.understood or "")}
    return [name for name in names if asked.isdisjoint(terms(name))][:_NAMES_TRIED]


def _articles_with_more(
    name: str,
    index: Index,
    article_of: ArticleOf,
    selection: Selection | None,
    quotes: Collection[Quote],
) -> set[str]:
    """The articles in which ``name`` stands in a sentence that ``quotes`` leave out."""
    found: set[str] = set()
    written = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    numbers = [row for row, _ in index.search.matching(terms(name), _PASSAGES_TRIED, selection)]
    for stored in index.passages.read(numbers).values():
        passage = stored.passage
        if passage.article_id in found:
            continue
        text = article_of(passage.article_id).text
        unquoted = _unquoted(passage.article_id, passage.sentences, quotes)
        if any(written.search(text, one.start, one.end) for one in unquoted):
            found.add(passage.article_id)
    return found


def _unquoted(
    article_id: str, sentences: Collection[Sentence], quotes: Collection[Quote]
) -> Iterator[Sentence]:
    for sentence in sentences:
        if not any(
            quote.article_id == article_id
            and quote.start < sentence.end
            and sentence.start < quote.end
            for quote in quotes
        ):
            yield sentence


def _spoken(question: str) -> str:
    """What two spellings of a question share."""
    return " ".join(re.findall(r"\w+", fold(question)))
