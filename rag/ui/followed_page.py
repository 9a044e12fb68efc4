"""The page of followed questions: what is new to each, and how to hear of it elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from rag.answering.followed import FollowedQuestion, News
from rag.language.typography import format_date
from rag.types import Citation
from rag.ui.answer_message import checked_words
from rag.ui.article_facts import safe_url, source_line, source_reference
from rag.ui.filters import filter_labels, filter_query
from rag.ui.html import render
from rag.ui.nested_quotes import Piece, nest
from rag.ui.question_query import question_query
from rag.ui.texts import TEXTS, other_language

FOLLOWED_PATH = "/followed"


def render_followed(
    questions: Sequence[FollowedQuestion],
    news: Sequence[News],
    language: str,
    static: str,
    feed: str,
    removed: FollowedQuestion | None = None,
) -> Markup:
    """Return the whole page; ``news`` are those of ``questions``, newest first.

    ``static`` is where style sheets and scripts are and ``feed`` where the feed is, seen from
    the page; ``removed`` is the question that was taken off just now. Raises
    IndexDamagedError when a quote is not in its article.
    """
    texts = TEXTS[language].following
    return render(
        "followed",
        texts=texts,
        language=language,
        other=other_language(language),
        other_language=TEXTS[language].masthead.other_language,
        static=static,
        feed=feed,
        removed=removed and (removed.number, texts.removed.format(question=removed.question)),
        last=max((one.number for one in news if not one.is_seen), default=0),
        questions=[_question(one, news, language) for one in sorted(questions, key=_first)],
    )


def _first(one: FollowedQuestion) -> tuple[bool, int]:
    """What has news comes first, then what was followed last."""
    return not one.waiting, -one.number


@dataclass(frozen=True, slots=True)
class _Told:
    """A quote that is news; ``place`` opens it in the chat."""

    language: str
    pieces: tuple[Piece, ...]
    title: str
    about: str
    found: str
    place: str
    address: str | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Question:
    """A followed question with its news; ``quiet`` says that there are none."""

    number: int
    question: str
    narrowed: str
    query: str
    remove: str
    waiting: str
    has_new: bool
    quiet: str
    told: tuple[_Told, ...]
    has_unreadable: bool


def _question(one: FollowedQuestion, news: Iterable[News], language: str) -> _Question:
    texts = TEXTS[language].following
    own = [found for found in news if found.question == one.number]
    since = format_date(one.followed_at.astimezone().date(), language)
    narrowed = filter_query(one.filters)
    asked = question_query(one.question)
    return _Question(
        number=one.number,
        question=one.question,
        narrowed=" · ".join(filter_labels(one.filters, language)),
        query=f"{asked}&{narrowed}" if narrowed else asked,
        remove=texts.remove_one.format(question=one.question),
        waiting=texts.waiting(one.waiting),
        has_new=one.waiting > 0,
        quiet="" if own else texts.nothing_yet.format(date=since),
        told=tuple(
            _told(citation, found, language)
            for found in own
            if found.turn
            for citation in found.turn.answer.citations
        ),
        has_unreadable=any(found.turn is None for found in own),
    )


def _told(citation: Citation, found: News, language: str) -> _Told:
    article, texts = citation.article, TEXTS[language].following
    day = format_date(found.found_at.astimezone().date(), language)
    return _Told(
        language=article.language,
        pieces=nest([(checked_words(article, citation.quote), False)]),
        title=article.title,
        about=source_line(article, language),
        found=texts.found_on.format(date=day),
        place=f"./{source_reference(citation.quote)}",
        address=safe_url(article.url),
        is_new=not found.is_seen,
    )


def removed_query(number: int) -> str:
    """The query of the page that tells which question was taken off."""
    return urlencode({"removed": number})
