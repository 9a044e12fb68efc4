"""What stands above the question box: the filters, the articles, the ways out."""

from __future__ import annotations

from rag.types import Filters, Overview
from rag.ui.filters import render_filters
from rag.ui.html import escape
from rag.ui.texts import TEXTS


def render_toolbar(overview: Overview, language: str, keeps: bool = False) -> str:
    """Return the filters, none in force, the menus at their side, a place for complaints.

    They are the conversations, where any are kept, the way to the articles, the export.
    """
    texts = TEXTS[language]
    formats = "".join(
        f'<button type="button" data-export="{name}">{escape(label)}</button>'
        for name, label in (
            ("markdown", texts.copies.as_markdown),
            ("html", texts.copies.as_html),
        )
    )
    kept = (
        f'<details id="conversations"><summary>{escape(texts.conversations.title)}</summary>'
        f"<div></div></details>"
        if keeps
        else ""
    )
    return (
        f'<div class="toolbar">{render_filters(Filters(), overview, language)}'
        f'<div class="menus">{kept}'
        f'<button type="button" id="open-articles" aria-haspopup="dialog">'
        f"{escape(texts.articles.title)}</button>"
        f'<details id="export"><summary>{escape(texts.copies.export)}</summary>'
        f"<div>{formats}</div></details></div></div>"
        f'<p id="not-asked" role="alert"></p>'
    )
