"""The filters of a question: read from an address, shown as a form and as chips."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from urllib.parse import urlencode

from markupsafe import Markup

from rag.language.typography import format_date
from rag.types import Filters, Overview
from rag.ui.html import render
from rag.ui.texts import TEXTS
from rag.ui.texts.shape import FilterTexts

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST_SHOWN = 40
_LONGEST_TITLE = 60

# An article's title by its id, None where there is no such article.
TitleOf = Callable[[str], str | None]


def no_titles(_: str) -> None:
    """Know no article."""


class FilterError(ValueError):
    """A filter that cannot be; the message is for the reader, in the reader's language."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def read_filters(
    written: Iterable[tuple[str, str]],
    sources: Collection[str],
    language: str,
    title_of: TitleOf = no_titles,
) -> Filters:
    """Return the filters ``written`` under their names, those of an address.

    They are since, until, as_of, source and article. There may be several of the name
    source. What is empty filters nothing. Raises FilterError for what is no date, for an end
    before the beginning, for a source that is none of ``sources`` and for an article without
    a title.
    """
    texts = TEXTS[language].filters
    written = [(name, value) for name, value in written if value]
    since = _day("since", dict(written), texts)
    until = _day("until", dict(written), texts)
    if since and until and until < since:
        message = texts.wrong_order.format(
            until=format_date(until, language), since=format_date(since, language)
        )
        raise FilterError("until", message)
    as_of = _day("as_of", dict(written), texts)
    chosen = [value for name, value in written if name == "source"]
    for source in chosen:
        if source not in sources:
            shown = _shortened(source)
            raise FilterError("source", texts.no_source.format(written=shown))
    article = dict(written).get("article", "")
    if article and title_of(article) is None:
        raise FilterError("article", texts.no_article)
    articles = frozenset({article} if article else ())
    return Filters(since, until, frozenset(chosen), articles, as_of=as_of)


def filter_query(filters: Filters) -> str:
    """Write what ``read_filters`` reads, as the query of an address."""
    return urlencode([(name, value) for name, value, _ in _parts(filters, "en")])


def filter_labels(filters: Filters, language: str, title_of: TitleOf = no_titles) -> list[str]:
    """Name each filter in force, in words (not escaped)."""
    return [label for _, _, label in _parts(filters, language, title_of)]


def render_filters(
    filters: Filters, overview: Overview, language: str, title_of: TitleOf = no_titles
) -> Markup:
    """Return the folded form and a chip for each filter in force."""
    return render(
        "filters",
        texts=TEXTS[language].filters,
        in_force=filter_query(filters),
        articles=sorted(filters.articles),
        since=filters.since.isoformat() if filters.since else "",
        until=filters.until.isoformat() if filters.until else "",
        as_of=filters.as_of.isoformat() if filters.as_of else "",
        sources=[(name, name in filters.sources) for name in source_names(overview)],
        chips=_parts(filters, language, title_of),
    )


def source_names(overview: Overview) -> list[str]:
    """List the sources that a question can be narrowed to."""
    return [name for name, _ in overview.sources if name]


def _day(field: str, written: Mapping[str, str], texts: FilterTexts) -> dt.date | None:
    value = written.get(field, "")
    if not value:
        return None
    try:
        if _DAY.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise FilterError(field, texts.no_date.format(written=_shortened(value)))


def _shortened(written: str, longest: int = _LONGEST_SHOWN) -> str:
    return written if len(written) <= longest else written[:longest] + "…"


def _parts(
    filters: Filters, language: str, title_of: TitleOf = no_titles
) -> list[tuple[str, str, str]]:
    """Each filter's name, value and label."""
    texts = TEXTS[language].filters
    parts: list[tuple[str, str, str]] = []
    for name, day, label in (
        ("since", filters.since, texts.since_day),
        ("until", filters.until, texts.until_day),
        ("as_of", filters.as_of, texts.as_of_day),
    ):
        if day:
            parts.append((name, day.isoformat(), label.format(date=format_date(day, language))))
    parts.extend(("source", source, source) for source in sorted(filters.sources))
    for article in sorted(filters.articles):
        title = _shortened(title_of(article) or article, _LONGEST_TITLE)
        parts.append(("article", article, texts.only_article.format(title=title)))
    return parts
