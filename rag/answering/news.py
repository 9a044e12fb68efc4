"""Followed questions asked of new articles alone, and which of their quotes are news."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from rag.answering.conversations import Turn, now
from rag.answering.followed import FollowedQuestion
from rag.answering.following import Following
from rag.answering.snapshot import Snapshot
from rag.language.near_duplicates import SHARED, said_words, shingles
from rag.progress import Progress, Silent
from rag.types import Answer, Citation, Filters, Reason, Wish

# A filter of so many articles is as much as one question to SQLite takes with ease.
_ARTICLES_AT_ONCE = 2000
# So many articles are told of one question after one build, those that answer best.
MOST_ARTICLES = 10
# By cosines and words alone, 72 of 73 followed questions of the test press that the reader then
# answers rightly are as sure as this, and 35 % of those that new articles do not answer.
_WORTH_READING = 0.3
_MISSING = (Reason.WORDS_NOT_FOUND, Reason.DATES_NOT_FOUND)
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d+)*")


@dataclass(frozen=True, slots=True)
class Checked:
    """How many questions were asked, and how many quotes are to be seen because of it."""

    questions: int = 0
    quotes: int = 0


def check_followed(
    following: Following,
    snapshot: Snapshot,
    progress: Progress | None = None,
    stopping: Callable[[], bool] = lambda: False,
    clock: Callable[[], datetime.datetime] = now,
) -> Checked:
    """Ask every followed question of the articles that it was not asked of before.

    Articles that changed are asked again; what they said before is no news, nor is what a
    reprint of a known article repeats, nor what was told. What was done when it is stopped,
    or killed, is not done again. Raises KeepingError and what Snapshot.ask raises.
    """
    progress = progress or Silent()
    generation = snapshot.overview().generation
    if not following.is_behind(generation):
        return Checked()
    hashes = snapshot.articles.hashes_by_id()
    batch = following.register(generation, lambda: hashes)
    behind = following.behind(batch)
    oldest = min((one.asked for one in behind), default=batch)
    batches = following.newer_than(oldest, hashes)
    asked = told = 0
    progress.start("followed questions", len(behind))
    for question in behind:
        if stopping():
            break
        new = frozenset(one for one, since in batches.items() if since > question.asked)
        turn = _ask(snapshot, question, new, following, clock()) if new else None
        if following.note(question, batch, turn) and turn is not None:
            told += len(turn.answer.citations)
        asked += 1
        progress.advance(1)
    return Checked(asked, told)


def _ask(
    snapshot: Snapshot,
    question: FollowedQuestion,
    new: frozenset[str],
    following: Following,
    asked_at: datetime.datetime,
) -> Turn | None:
    """What articles of ``new`` say that is news, as an answer; None for nothing."""
    found: list[Citation] = []
    last: Answer | None = None
    allowed = sorted(new & question.filters.articles if question.filters.articles else new)
    for start in range(0, len(allowed), _ARTICLES_AT_ONCE):
        part = frozenset(allowed[start : start + _ARTICLES_AT_ONCE])
        filters = dataclasses.replace(question.filters, articles=part)
        for answer in _answers(snapshot, question.question, filters):
            found += answer.citations
            last = last or answer
    if last is None:
        return None
    is_news = _News(snapshot, new, following.told(question.number))
    told = [citation for citation in found if is_news(citation)][:MOST_ARTICLES]
    if not told:
        return None
    numbered = tuple(dataclasses.replace(one, number=n) for n, one in enumerate(told, 1))
    answer = dataclasses.replace(last, citations=numbered, hits=())
    return Turn(answer, snapshot.overview(), asked_at, filters=question.filters)


def _answers(snapshot: Snapshot, question: str, filters: Filters) -> Iterable[Answer]:
    """Answers of one quote each, until the articles that are left say nothing.

    An answer is sure of its first quote alone; so the article of it is left out, with what
    reprints it, and the others are asked.
    """
    for _ in range(MOST_ARTICLES):
        if not _is_worth_reading(snapshot, question, filters):
            return
        answer = snapshot.ask(question, filters=filters, top=1)
        if not answer.answered or not answer.citations:
            return
        yield answer
        if answer.wish is not Wish.ANSWER:
            # Quotes of several articles already.
            return
        cited = {one.article.id for one in answer.citations}
        for one in tuple(cited):
            cited.update(snapshot.articles.reprints_of(one))
        left = filters.articles - cited
        if not left:
            return
        filters = dataclasses.replace(filters, articles=left)


def _is_worth_reading(snapshot: Snapshot, question: str, filters: Filters) -> bool:
    """Whether the reader, which takes most of an answer's time, may find anything."""
    quick = snapshot.without_reader()
    if quick is snapshot:
        return True
    answer = quick.ask(question, filters=filters, top=1)
    if answer.abstention is not None and answer.abstention.reason in _MISSING:
        return False
    return answer.wish is not Wish.ANSWER or answer.confidence >= _WORTH_READING


class _News:
    """Tells what is news: neither told, nor in a former text, nor in a known reprint."""

    def __init__(self, snapshot: Snapshot, new: Collection[str], told: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._new = new
        self._told = [_Said(words) for words in told]

    def __call__(self, citation: Citation) -> bool:
        """Whether a quote is news; it is told from now on."""
        said, article_id = _Said(citation.quote.text), citation.article.id
        articles = self._snapshot.articles
        former = (one.text for one in articles.versions(article_id))
        if any(said.stands_in(_Said(text)) for text in former):
            return False
        known = (one for one in articles.reprints_of(article_id) if one not in self._new)
        printed = (_Said(articles.read(one).text) for one in known)
        if any(said.is_repeated_in(text) for text in (*self._told, *printed)):
            return False
        self._told.append(said)
        return True


class _Said:
    """What a text says, whatever its typography."""

    def __init__(self, text: str) -> None:
        self._words = f" {' '.join(said_words(text))} "
        self._shingles = shingles(text)
        self._numbers = frozenset(_NUMBER.findall(text))

    def stands_in(self, other: _Said) -> bool:
        """Whether all of its words stand in ``other``, in their order."""
        return self._words in other._words

    def is_repeated_in(self, other: _Said) -> bool:
        """Whether ``other`` says it in nearly the same words, and every number in it.

        The share of shingles is that of reprints; another number is another state of things.
        """
        if self.stands_in(other):
            return True
        shared = len(self._shingles & other._shingles)
        same_words = shared >= SHARED * len(self._shingles)
        return same_words and self._numbers <= other._numbers
