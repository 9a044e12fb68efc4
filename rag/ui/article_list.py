"""The articles as a list beside the chat: searched, sorted, opened, brought and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.answering.answer_texts import ANSWER_TEXTS
from rag.errors import RagError
from rag.index.article_list import ArticleLine, ArticleList, Order
from rag.ingest import FORMATS
from rag.language.typography import format_date
from rag.ui.filters import TitleOf
from rag.ui.html import escape
from rag.ui.texts import TEXTS, Texts
from rag.ui.update_status import render_upkeep

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant

LINES_A_PAGE = 50
_LONGEST_ID = 200


def title_finder(assistant: Assistant) -> TitleOf:
    """Return what gives an article's title by its id, None where there is none."""

    def title_of(article_id: str) -> str | None:
        if len(article_id) > _LONGEST_ID:
            return None
        try:
            return assistant.article(article_id).title
        except RagError:
            return None

    return title_of


def render_articles_panel(language: str, can_change: bool) -> str:
    """Return the panel of the articles, closed and without its list."""
    texts = TEXTS[language]
    close = escape(texts.source.close)
    bring = (
        _bring(texts)
        if can_change
        else f'<p class="hint">{escape(texts.articles.read_only)}</p>'
    )
    return (
        f'<section id="articles-panel" role="dialog" aria-labelledby="articles-title" hidden>'
        f'<div class="inside"><div class="head">'
        f'<h2 id="articles-title">{escape(texts.articles.title)}</h2>'
        f'<button type="button" data-close-articles title="{close}" aria-label="{close}">×'
        f"</button></div>"
        f'{bring}<p class="hint" id="watched" hidden></p>'
        f'<ul id="arriving" aria-live="polite"></ul>{render_upkeep(language)}'
        f'<label class="search"><span>{escape(texts.articles.search)}</span>'
        f'<input type="search" id="articles-search" maxlength="200" autocomplete="off"></label>'
        f'<div id="articles-list"></div></div></section>'
        f'<p id="dropping" hidden>{escape(texts.bringing.drop_here)}</p>'
    )


def render_articles(
    found: ArticleList, order: Order, descending: bool, language: str, can_change: bool
) -> str:
    """Return a page of the list of articles, with what sorts it and turns its pages."""
    texts = TEXTS[language]
    if not found.lines:
        return f'<p class="hint" role="status">{escape(texts.articles.none)}</p>'
    heads = "".join(
        _head(one, label, order, descending)
        for one, label in (
            (Order.TITLE, texts.articles.column_title),
            (Order.DATE, texts.articles.column_date),
            (Order.SOURCE, texts.articles.column_source),
            (Order.LENGTH, texts.articles.column_length),
        )
    )
    if can_change:
        heads += f'<th><span class="spoken">{escape(texts.articles.column_remove)}</span></th>'
    rows = "".join(_row(line, language, can_change) for line in found.lines)
    return (
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"{_pages(found, texts)}"
    )


def _bring(texts: Texts) -> str:
    formats = ", ".join(FORMATS)
    return (
        f'<div class="bring"><label class="pick"><input type="file" id="pick" multiple '
        f'accept="{escape(",".join(FORMATS))}"><span>{escape(texts.bringing.bring)}</span></label>'
        f'<p class="hint">{escape(texts.bringing.hint.format(formats=formats))}</p></div>'
    )


def _head(order: Order, label: str, sorted_by: Order, descending: bool) -> str:
    sort = ("descending" if descending else "ascending") if order is sorted_by else "none"
    arrow = {"ascending": " ↑", "descending": " ↓"}.get(sort, "")
    return (
        f'<th aria-sort="{sort}" scope="col"><button type="button" data-order="{order}">'
        f'{escape(label)}<span aria-hidden="true">{arrow}</span></button></th>'
    )


def _row(line: ArticleLine, language: str, can_change: bool) -> str:
    texts = TEXTS[language]
    date = format_date(line.date, language) if line.date else ANSWER_TEXTS[language].undated
    remove = ""
    if can_change:
        label = escape(texts.articles.remove.format(title=line.title))
        remove = (
            f'<td class="remove"><button type="button" data-remove-article="{escape(line.id)}" '
            f'title="{label}" aria-label="{label}">×</button></td>'
        )
    return (
        f'<tr><td class="title"><button type="button" data-article="{escape(line.id)}">'
        f"{escape(line.title)}</button></td><td>{escape(date)}</td>"
        f'<td class="source">{escape(line.source or "—")}</td>'
        f'<td class="length" data-label="{escape(texts.articles.column_length)}">'
        f"{_grouped(line.length)}</td>{remove}</tr>"
    )


def _pages(found: ArticleList, texts: Texts) -> str:
    last = found.first + len(found.lines)
    place = texts.articles.place.format(
        first=_grouped(found.first + 1), last=_grouped(last), total=_grouped(found.total)
    )

    def turn(label: str, sign: str, first: int, possible: bool) -> str:
        return (
            f'<button type="button" data-first="{first}" title="{escape(label)}" '
            f'aria-label="{escape(label)}"{"" if possible else " disabled"}>{sign}</button>'
        )

    before = turn(
        texts.articles.previous_page, "‹", max(0, found.first - LINES_A_PAGE), found.first > 0
    )
    after = turn(texts.articles.next_page, "›", last, last < found.total)
    return f'<p class="pages">{before}<span role="status">{escape(place)}</span>{after}</p>'


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
