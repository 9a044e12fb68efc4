"""What stands above the question box: the filters, the articles, the ways out."""

from __future__ import annotations

from rag.types import Filters, Overview
from rag.ui.escaping import escape
from rag.ui.filters import render_filters
from rag.ui.texts import TEXTS


def render_toolbar(overview: Overview, language: str) -> str:
    """Return the filters, none in force, the way to the articles, and the export."""
    texts = TEXTS[language]
    formats = "".join(
        f'<button type="button" data-export="{name}">{escape(label)}</button>'
        for name, label in (
            ("markdown", texts.export_markdown),
            ("html", texts.export_html),
        )
    )
    return (
        f'<div class="toolbar">{render_filters(Filters(), overview, language)}'
        f'<div class="menus"><button type="button" id="open-articles" aria-haspopup="dialog">'
        f"{escape(texts.articles_title)}</button>"
        f'<details id="export"><summary>{escape(texts.export)}</summary>'
        f"<div>{formats}</div></details></div></div>"
    )
