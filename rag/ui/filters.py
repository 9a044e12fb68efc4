"""The filters of a question: read from an address, shown as a form and as chips."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from urllib.parse import urlencode

from rag.language.typography import format_date
from rag.types import Filters, Overview
from rag.ui.html import escape
from rag.ui.texts import TEXTS, Texts

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
    """Return the filters ``written`` under the names since, until, source and article.

    There may be several of the name source. What is empty filters nothing. Raises
    FilterError for what is no date, for an end before the beginning, for a source that is
    none of ``sources`` and for an article without a title.
    """
    texts = TEXTS[language]
    written = [(name, value) for name, value in written if value]
    since = _day("since", dict(written), texts)
    until = _day("until", dict(written), texts)
    if since and until and until < since:
        message = texts.filters.wrong_order.format(
            until=format_date(until, language), since=format_date(since, language)
        )
        raise FilterError("until", message)
    chosen = [value for name, value in written if name == "source"]
    for source in chosen:
        if source not in sources:
            shown = _shortened(source)
            raise FilterError("source", texts.filters.no_source.format(written=shown))
    article = dict(written).get("article", "")
    if article and title_of(article) is None:
        raise FilterError("article", texts.filters.no_article)
    return Filters(since, until, frozenset(chosen), frozenset({article} if article else ()))


def filter_query(filters: Filters) -> str:
    """Write what ``read_filters`` reads, as the query of an address."""
    return urlencode([(name, value) for name, value, _ in _parts(filters, "en")])


def filter_labels(filters: Filters, language: str, title_of: TitleOf = no_titles) -> list[str]:
    """Name each filter in force, in words (not escaped)."""
    return [label for _, _, label in _parts(filters, language, title_of)]


def render_filters(
    filters: Filters, overview: Overview, language: str, title_of: TitleOf = no_titles
) -> str:
    """Return the folded form and a chip for each filter in force."""
    texts = TEXTS[language]
    return (
        f'<div id="filters" data-in-force="{escape(filter_query(filters))}">'
        f"<details><summary>{escape(texts.filters.title)}</summary>"
        f"{_form(filters, overview, texts)}</details>"
        f"{_chips(filters, language, title_of)}</div>"
    )


def source_names(overview: Overview) -> list[str]:
    """List the sources that a question can be narrowed to."""
    return [name for name, _ in overview.sources if name]


def _day(field: str, written: Mapping[str, str], texts: Texts) -> dt.date | None:
    value = written.get(field, "")
    if not value:
        return None
    try:
        if _DAY.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise FilterError(field, texts.filters.no_date.format(written=_shortened(value)))


def _shortened(written: str, longest: int = _LONGEST_SHOWN) -> str:
    return written if len(written) <= longest else written[:longest] + "…"


def _parts(
    filters: Filters, language: str, title_of: TitleOf = no_titles
) -> list[tuple[str, str, str]]:
    """Each filter's name, value and label."""
    texts = TEXTS[language]
    parts: list[tuple[str, str, str]] = []
    for name, day, label in (
        ("since", filters.since, texts.filters.since_day),
        ("until", filters.until, texts.filters.until_day),
    ):
        if day:
            parts.append((name, day.isoformat(), label.format(date=format_date(day, language))))
    parts.extend(("source", source, source) for source in sorted(filters.sources))
    for article in sorted(filters.articles):
        title = _shortened(title_of(article) or article, _LONGEST_TITLE)
        parts.append(("article", article, texts.filters.only_article.format(title=title)))
    return parts


def _form(filters: Filters, overview: Overview, texts: Texts) -> str:
    days = "".join(
        f'<label>{escape(label)}<input type="date" name="{name}" max="9999-12-31" '
        f'value="{day.isoformat() if day else ""}" aria-describedby="filter-error"></label>'
        for name, label, day in (
            ("since", texts.filters.since, filters.since),
            ("until", texts.filters.until, filters.until),
        )
    )
    # The form does not choose them, and must not lose them.
    articles = "".join(
        f'<input type="hidden" name="article" value="{escape(article)}">'
        for article in sorted(filters.articles)
    )
    return (
        f"<form>{articles}{days}{_source_choice(filters, overview, texts)}"
        f'<button type="submit">{escape(texts.filters.apply)}</button>'
        f'<p id="filter-error" role="alert"></p></form>'
    )


def _source_choice(filters: Filters, overview: Overview, texts: Texts) -> str:
    names = source_names(overview)
    if not names:
        return ""
    boxes = "".join(
        f'<label><input type="checkbox" name="source" value="{escape(name)}"'
        f"{' checked' if name in filters.sources else ''}>{escape(name)}</label>"
        for name in names
    )
    return (
        f'<fieldset tabindex="-1" aria-describedby="filter-error">'
        f"<legend>{escape(texts.filters.sources)}</legend><div>{boxes}</div></fieldset>"
    )


def _chips(filters: Filters, language: str, title_of: TitleOf) -> str:
    texts = TEXTS[language]
    chips = "".join(
        f'<li><button type="button" data-remove="{name}" value="{escape(value)}" '
        f'aria-label="{escape(texts.filters.remove.format(filter=label))}">'
        f'<span>{escape(label)}</span><span aria-hidden="true">×</span></button></li>'
        for name, value, label in _parts(filters, language, title_of)
    )
    return f'<ul aria-label="{escape(texts.filters.in_force)}">{chips}</ul>' if chips else ""
