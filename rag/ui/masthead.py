"""The top of the page: what this is, what it is not, what it searches."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from rag.errors import RagError
from rag.language.typography import format_date
from rag.types import Overview
from rag.ui.html import render
from rag.ui.messages import render_error
from rag.ui.texts import TEXTS, other_language
from rag.ui.texts.shape import MastheadTexts
from rag.ui.update_status import render_upkeep


@dataclass(frozen=True, slots=True)
class Ways:
    """Where other pages are, seen from the front page; None for one that is not there."""

    evaluation: str | None = None
    followed: str | None = None
    digest: str | None = None


NO_WAYS = Ways()


def render_masthead(
    searched: Overview | RagError, language: str, ways: Ways = NO_WAYS
) -> Markup:
    """Return the top of the page; ``searched`` is the error where the index cannot tell."""
    return render(
        "masthead",
        texts=TEXTS[language],
        other=other_language(language),
        ways=ways,
        failure=render_error(searched, language) if isinstance(searched, RagError) else None,
        facts="" if isinstance(searched, RagError) else index_facts(searched, language),
        upkeep=render_upkeep(language),
    )


def index_facts(overview: Overview, language: str) -> str:
    """How many articles there are, from when to when, and of when the index is."""
    texts = TEXTS[language].masthead
    built = texts.built.format(date=format_date(overview.built_at.date(), language))
    return f"{texts.articles(overview.articles)}{_dates(overview, texts, language)} · {built}"


def _dates(overview: Overview, texts: MastheadTexts, language: str) -> str:
    if overview.first_date is None or overview.last_date is None:
        return ""
    first = format_date(overview.first_date, language)
    last = format_date(overview.last_date, language)
    if first == last:
        return " " + texts.dated.format(date=first)
    return " " + texts.dated_range.format(first=first, last=last)
