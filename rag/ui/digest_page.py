"""What is new as one page of HTML: in the chat, or alone, to be mailed or printed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from markupsafe import Markup

from rag.answering.digest import Digest, DigestStory
from rag.answering.digest_texts import DIGEST_TEXTS, counts, facts, naming, period
from rag.types import Article
from rag.ui.answer_message import checked_words
from rag.ui.article_facts import safe_url, source_address, source_reference
from rag.ui.html import render
from rag.ui.nested_quotes import Piece, nest
from rag.ui.texts import TEXTS, other_language

DIGEST_PATH = "/digest"
DIGEST_COOKIE = "guillemets_digest"


def render_digest(digest: Digest, language: str, static: str | None = None) -> Markup:
    """The page of a digest, with a form for other days.

    ``static`` is where the chat's style sheets are, seen from the page, whose quotes open in
    the chat then. Without it the page stands alone: no script, no request, no way to change
    its days. Raises IndexDamagedError when a quote is not in its article.
    """
    return render(
        "digest",
        texts=TEXTS[language].digest,
        words=DIGEST_TEXTS[language],
        language=language,
        other=other_language(language),
        other_language=TEXTS[language].masthead.other_language,
        static=static,
        since=digest.since.isoformat(),
        until=digest.until.isoformat() if digest.until else "",
        period=period(digest, language),
        counts=counts(digest, language),
        stories=[_story(one, language, static is not None) for one in digest.stories],
    )


@dataclass(frozen=True, slots=True)
class _Quote:
    """A quote's words, and what opens it where there is a chat."""

    pieces: tuple[Piece, ...]
    place: str | None


@dataclass(frozen=True, slots=True)
class _Link:
    """An article in words; ``place`` opens it, None for none."""

    words: str
    place: str | None


@dataclass(frozen=True, slots=True)
class _Story:
    """A story as the template shows it."""

    language: str
    title: str
    facts: str
    quotes: tuple[_Quote, ...]
    original: str | None
    file: str
    others: tuple[_Link, ...]


def _story(story: DigestStory, language: str, in_chat: bool) -> _Story:
    article = story.article
    quotes = tuple(
        _Quote(
            nest([(checked_words(article, quote), False)]),
            f"./{source_reference(quote)}" if in_chat else None,
        )
        for quote in story.quotes
    )
    return _Story(
        language=article.language,
        title=article.title,
        facts=facts(story, language),
        quotes=quotes,
        original=safe_url(article.url),
        file=article.path,
        others=tuple(
            _Link(naming(one, language), _place(one, in_chat)) for one in story.others
        ),
    )


def _place(article: Article, in_chat: bool) -> str | None:
    if in_chat:
        return f"./{source_address(article.id, 0, 0)}"
    return safe_url(article.url)


def last_visit(cookie: str, today: datetime.date) -> tuple[datetime.date | None, str]:
    """The day of the visit before today's, from a cookie, and the cookie to keep now.

    A cookie holds two days, of the visit before and of the last one: a page that is loaded
    again today tells of the same days.
    """
    days = []
    for written in cookie.split(".", 1):
        try:
            days.append(datetime.date.fromisoformat(written))
        except ValueError:
            return None, f"{today}.{today}"
    before, last = days[0], days[-1]
    if last >= today:
        # Of a first visit nothing came before.
        return (before if before < today else None), f"{before}.{last}"
    return last, f"{last}.{today}"
