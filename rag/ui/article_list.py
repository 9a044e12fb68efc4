"""The articles as a list beside the chat: searched, sorted, opened, brought and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from rag.answering.answer_texts import ANSWER_TEXTS
from rag.errors import RagError
from rag.index.article_list import ArticleLine, ArticleList, Order
from rag.ingest import FORMATS
from rag.language.typography import format_date
from rag.ui.filters import TitleOf
from rag.ui.html import render
from rag.ui.texts import TEXTS
from rag.ui.update_status import render_upkeep

if TYPE_CHECKING:
    from rag.answering.snapshot import Snapshot

LINES_A_PAGE = 50
_LONGEST_ID = 200


def title_finder(snapshot: Snapshot) -> TitleOf:
    """Return what gives an article's title by its id, None where there is none."""

    def title_of(article_id: str) -> str | None:
        if len(article_id) > _LONGEST_ID:
            return None
        try:
            return snapshot.article(article_id).title
        except RagError:
            return None

    return title_of


def render_articles_panel(language: str, can_change: bool) -> Markup:
    """Return the panel of the articles, closed and without its list."""
    return render(
        "articles_panel",
        texts=TEXTS[language],
        can_change=can_change,
        formats=FORMATS,
        upkeep=render_upkeep(language),
    )


def render_articles(
    found: ArticleList, order: Order, descending: bool, language: str, can_change: bool
) -> Markup:
    """Return a page of the list of articles, with what sorts it and turns its pages."""
    texts = TEXTS[language].articles
    last = found.first + len(found.lines)
    labels = (
        (Order.TITLE, texts.column_title),
        (Order.DATE, texts.column_date),
        (Order.SOURCE, texts.column_source),
        (Order.LENGTH, texts.column_length),
    )
    return render(
        "articles",
        texts=texts,
        can_change=can_change,
        heads=[_head(one, label, order, descending) for one, label in labels],
        rows=[_row(line, language) for line in found.lines],
        first=found.first,
        last=last,
        total=found.total,
        previous=max(0, found.first - LINES_A_PAGE),
        place=texts.place.format(
            first=_grouped(found.first + 1), last=_grouped(last), total=_grouped(found.total)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """A column's head, which sorts by it."""

    order: Order
    label: str
    sort: str
    arrow: str


@dataclass(frozen=True, slots=True)
class _Row:
    """An article in the list, in words."""

    id: str
    title: str
    date: str
    source: str
    length: str


def _head(order: Order, label: str, sorted_by: Order, descending: bool) -> _Head:
    if order is not sorted_by:
        return _Head(order, label, "none", "")
    sort, arrow = ("descending", " ↓") if descending else ("ascending", " ↑")
    return _Head(order, label, sort, arrow)


def _row(line: ArticleLine, language: str) -> _Row:
    date = format_date(line.date, language) if line.date else ANSWER_TEXTS[language].undated
    return _Row(line.id, line.title, date, line.source or "—", _grouped(line.length))


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
