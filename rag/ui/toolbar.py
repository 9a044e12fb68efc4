"""What stands above the question box: the filters, the articles, the ways out."""

from __future__ import annotations

from markupsafe import Markup

from rag.types import Filters, Overview
from rag.ui.filters import render_filters
from rag.ui.html import render
from rag.ui.texts import TEXTS


def render_toolbar(overview: Overview, language: str, keeps: bool = False) -> Markup:
    """Return the filters, none in force, the menus at their side, a place for complaints.

    They are the conversations, where any are kept, the way to the articles, the export.
    """
    return render(
        "toolbar",
        texts=TEXTS[language],
        filters=render_filters(Filters(), overview, language),
        keeps=keeps,
    )
