"""How an article was read, folded below it: why its date, what was left out, what to check."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from rag.language.typography import format_date
from rag.types import Article, BrokenFile
from rag.types.provenance import left_out_words
from rag.ui.html import render
from rag.ui.texts import TEXTS


def render_reading(article: Article, problems: Sequence[BrokenFile], language: str) -> Markup:
    """What an index knows of it; the words left out are asked for when it is unfolded.

    ``problems`` are those of the article.
    """
    texts = TEXTS[language].reading
    date = texts.no_date
    if article.date is not None and article.date_from is not None:
        day, why = format_date(article.date, language), texts.dates_from[article.date_from]
        date = texts.date.format(date=day, why=why)
    counts = [
        texts.words.format(kind=texts.kinds[kind], count=count)
        for kind, count in left_out_words(article.left_out).items()
    ]
    said = [one.problem.said_in(language) for one in problems]
    is_dated = article.date is None or article.date_from is not None
    return render(
        "reading",
        texts=texts,
        article=article.id,
        date=date if is_dated else "",
        counts=counts,
        problems=said,
    )


def render_left_out(article: Article, language: str) -> Markup:
    """The words of an article's file that are not in it, by kind."""
    texts = TEXTS[language].reading
    left_out = [(texts.kinds[one.kind], one.text) for one in article.left_out if one.text]
    return render("left_out", texts=texts, language=article.language, left_out=left_out)
