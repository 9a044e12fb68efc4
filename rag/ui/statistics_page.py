"""Statistics as one page of HTML: no script, no request, light and dark."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rag.language.typography import format_date
from rag.library.statistics import Statistics
from rag.ui.html import render
from rag.ui.texts import TEXTS
from rag.ui.texts.report_shape import StatisticsTexts

# More than so many sources would make no plot.
SHOWN_SOURCES = 20
_SHOWN_BROKEN = 500
# The plots' units: SVG scales them to the page.
_COLUMN, _HEIGHT = 14, 120
# The plot of the months is as wide as so many letters are high.
_SIGNS = 32
_LABEL, _BAR, _ROW, _NUMBER = 130, 180, 20, 50
_LABEL_SIGNS = 19


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar of a plot, from ``x``, ``y`` on; ``label`` is "" where there is no room."""

    name: str
    count: str
    label: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Plot:
    """Bars in a plot of ``width`` × ``height``."""

    title: str
    note: str
    bars: tuple[_Bar, ...]
    width: float
    height: float


def render_statistics(found: Statistics, language: str) -> Markup:
    """The page that shows ``found``, in ``language``; whatever is foreign is escaped."""
    texts, overview = TEXTS[language].statistics, found.overview
    return render(
        "statistics",
        language=language,
        texts=texts,
        built=texts.built.format(date=format_date(overview.built_at.date(), language)),
        facts=_facts(found, texts),
        months=_months(found, texts),
        plots=_plots(found, language),
        stories=[
            [(one.title, one.outlet, _date(one.date, language)) for one in story.articles]
            for story in found.largest
        ],
        broken=[
            (file.path, *file.problem.said_in(language))
            for file in overview.broken[:_SHOWN_BROKEN]
        ],
        more_broken=_number(len(overview.broken) - _SHOWN_BROKEN, texts)
        if len(overview.broken) > _SHOWN_BROKEN
        else "",
        month_size=_SIGNS,
        label_width=_LABEL,
        row=_ROW,
    )


def _date(date: datetime.date | None, language: str) -> str:
    return format_date(date, language) if date else ""


def _facts(found: Statistics, texts: StatisticsTexts) -> list[tuple[str, str]]:
    overview = found.overview
    megabytes = f"{found.size / 1e6:.1f}".replace(".", texts.decimal)
    counted = (
        (texts.articles, overview.articles),
        (texts.passages, overview.passages),
        (texts.sentences, overview.sentences),
        (texts.stories, found.stories),
        (texts.reprinted, found.reprinted),
        (texts.corrected, found.corrected),
        (texts.left_out, len(overview.broken)),
    )
    return [
        *((name, _number(count, texts)) for name, count in counted),
        (texts.size, f"{megabytes}\N{NO-BREAK SPACE}{texts.megabytes}"),
        (texts.model, overview.model),
        (texts.engine, " ".join(filter(None, (overview.engine, overview.collection)))),
    ]


def _number(count: int, texts: StatisticsTexts) -> str:
    return f"{count:,}".replace(",", texts.thousands)


def _months(found: Statistics, texts: StatisticsTexts) -> _Plot:
    """A column a month, named where there is room."""
    highest = max((count for _, count in found.months), default=1)
    labels = _month_labels([month for month, _ in found.months])
    bars = []
    for place, (month, count) in enumerate(found.months):
        height = _HEIGHT * count / highest
        x, y = place * _COLUMN, _HEIGHT - height
        label = labels.get(month, "")
        bars.append(_Bar(month, _number(count, texts), label, x, y, _COLUMN - 3, height))
    note = texts.undated.format(count=_number(found.undated, texts)) if found.undated else ""
    # The last name may begin where the columns end.
    width = max(len(bars), 32) * _COLUMN * _SIGNS / (_SIGNS - 3)
    return _Plot(texts.by_month, note, tuple(bars), width, _HEIGHT + 1.3 * width / _SIGNS)


def _month_labels(months: Sequence[str]) -> dict[str, str]:
    """The years that begin, or some of many; the first month where none does."""
    every = 1 if len(months) <= 120 else 5 if len(months) <= 600 else 20
    years = {one: one[:4] for one in months if one.endswith("-01")}
    shown = {one: year for one, year in years.items() if int(year) % every == 0}
    return shown or {one: one for one in months[:1]}


def _plots(found: Statistics, language: str) -> list[_Plot]:
    texts, kinds = TEXTS[language].statistics, TEXTS[language].reading.kinds
    overview = found.overview
    named = list(overview.sources)
    shown = named[:SHOWN_SOURCES]
    others = sum(count for _, count in named[SHOWN_SOURCES:])
    if others:
        shown.append((texts.others, others))
    without = overview.articles - sum(count for _, count in named)
    if without:
        shown.append((texts.no_source, without))
    words = texts.words.format(count=_number(found.words, texts))
    left_out = [(kinds[kind], count) for kind, count in found.left_out_words]
    return [
        _rows(texts.by_source, "", shown, texts),
        _rows(texts.by_language, "", overview.languages, texts),
        _rows(texts.by_length, words, found.lengths, texts),
        *([_rows(texts.left_out_words, "", left_out, texts)] if left_out else []),
    ]


def _rows(
    title: str, note: str, counts: Sequence[tuple[str, int]], texts: StatisticsTexts
) -> _Plot:
    """A bar a row, its name before it."""
    highest = max((count for _, count in counts), default=0) or 1
    bars = tuple(
        _Bar(
            name,
            _number(count, texts),
            name if len(name) <= _LABEL_SIGNS else f"{name[: _LABEL_SIGNS - 1]}…",
            _LABEL,
            place * _ROW,
            _BAR * count / highest,
            _ROW - 5,
        )
        for place, (name, count) in enumerate(counts)
    )
    return _Plot(title, note, bars, _LABEL + _BAR + _NUMBER, len(bars) * _ROW)
