"""The page of evaluation: gold questions, how they were answered, and what changed."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from rag.evaluation import Comparison, abstention_curve, calibrate
from rag.evaluation.asking import Outcome
from rag.evaluation.compare import MeasureChange
from rag.evaluation.scores import Measure
from rag.evaluation.table import LABELS, interval, number, signed
from rag.language.typography import format_date
from rag.ui.evaluation_plots import render_curve, render_reliability
from rag.ui.evaluation_runs import Evaluations, Result
from rag.ui.html import escape
from rag.ui.texts import FRENCH, TEXTS, Texts

EVALUATION_PATH = "/evaluation"
_NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"


def render_evaluation(
    evaluations: Evaluations, chosen: str | None, language: str, static: str
) -> str:
    """Return the whole page, with the last result of the gold file ``chosen``, else the first.

    ``static`` is where style sheets and scripts are.
    """
    texts, names = TEXTS[language], evaluations.names()
    shown = chosen if chosen in names else next(iter(names), None)
    running = evaluations.progress()
    parts = [_choice(evaluations, shown, texts)]
    if running is not None:
        told = texts.evaluation.running.format(done=running.done, total=running.total)
        parts.append(
            f'<p class="running" role="status"><span id="told-progress">{escape(told)}</span> '
            f'<progress id="progress" aria-label="{escape(told)}" value="{running.done}" '
            f'max="{max(running.total, 1)}"></progress></p>'
        )
    if shown is not None:
        parts.append(_outcome(evaluations, shown, texts, language))
    known = {"running": texts.evaluation.running, "isRunning": running is not None}
    other = next(name for name in TEXTS if name != language)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark">'
        f"<title>{escape(texts.evaluation.title)} · Guillemets</title>"
        f'<link rel="icon" type="image/svg+xml" href="{static}/icon.svg">'
        f'<link rel="stylesheet" href="{static}/page.css">'
        f'<link rel="stylesheet" href="{static}/evaluation.css">'
        f"<script>const evaluation = {json.dumps(known)};</script>"
        f'<script src="{static}/evaluation.js" defer></script></head>'
        f'<body class="evaluation"><header class="masthead"><div class="name">'
        f'<a href="/">Guillemets</a><a class="language" href="?lang={other}" lang="{other}">'
        f"{escape(texts.masthead.other_language)}</a></div><h1>{escape(texts.evaluation.title)}</h1>"
        f"<p>{escape(texts.evaluation.lead)}</p></header><main>{''.join(parts)}</main></body></html>"
    )


def _choice(evaluations: Evaluations, shown: str | None, texts: Texts) -> str:
    names = evaluations.names()
    if not names:
        words = texts.evaluation.none.format(folder=evaluations.folder)
        return f'<p class="none">{escape(words)}</p>'
    disabled = " disabled" if evaluations.progress() is not None else ""
    rows: list[str] = []
    for name in names:
        query = escape(urlencode({"gold": name}))
        current = ' aria-current="page"' if name == shown else ""
        rows.append(
            f'<li><a href="?{query}"{current}>{escape(name)}</a>'
            f'<form method="post" action="{EVALUATION_PATH}?{query}">'
            f'<button type="submit"{disabled}>{escape(texts.evaluation.run)}'
            f'<span class="spoken"> {escape(name)}</span></button></form></li>'
        )
    return f'<ul class="gold">{"".join(rows)}</ul>'


def _outcome(evaluations: Evaluations, name: str, texts: Texts, language: str) -> str:
    failure = evaluations.failure(name)
    if failure is not None:
        return (
            f'<div class="failure" role="alert"><p>{escape(texts.evaluation.failed)}</p>'
            f'<p class="detail" lang="en">{escape(failure)}</p></div>'
        )
    result = evaluations.result(name)
    if result is None:
        return f"<p>{escape(texts.evaluation.not_yet)}</p>"
    return (
        _about(result, texts, language)
        + _measures(result, texts, language)
        + _plots(result, texts, language)
        + _changes(result.comparison, texts)
        + _questions(result, texts, language)
    )


def _about(result: Result, texts: Texts, language: str) -> str:
    counts, about = result.report.overall.counts, result.report.about
    words = texts.evaluation.about.format(
        date=format_date(result.ended.date(), language),
        questions=counts.questions,
        answerable=counts.answerable,
        articles=texts.masthead.articles(about.articles),
        model=about.model,
    )
    broken = len(result.report.invalid_quotes())
    alert = ""
    if broken:
        alert = f'<p role="alert">{escape(texts.evaluation.invalid.format(count=broken))}</p>'
    return f'<p class="about">{escape(words)}</p>{alert}'


def _measures(result: Result, texts: Texts, language: str) -> str:
    changes = {
        (one.section, one.name): one
        for one in (result.comparison.measures if result.comparison else ())
    }
    columns = [
        texts.evaluation.column_measure,
        texts.evaluation.column_value,
        texts.evaluation.column_interval,
        "n",
    ]
    if changes:
        columns.append(texts.evaluation.column_change)
    rows = "".join(
        _measure(
            key, result.report.overall.measures[key[0]][key[1]], changes.get(key), language
        )
        for key in LABELS
    )
    return _table(texts.evaluation.of_measures, columns, rows, "measures")


def _measure(
    key: tuple[str, str], found: Measure, change: MeasureChange | None, language: str
) -> str:
    section = key[0]
    cells = [
        _local(number(section, found.value), language),
        _between(section, found, language),
        str(found.n),
    ]
    if change is not None:
        cells.append(
            f"{_local(signed(change), language)} ({_between(section, change, language)})"
        )
    label = TEXTS[language].evaluation.measures[key]
    return f'<tr><th scope="row">{escape(label)}</th>{_cells(cells)}</tr>'


def _between(section: str, found: Measure | MeasureChange, language: str) -> str:
    written = _local(interval(section, found), language)
    return written.replace(" to ", " à ") if language == FRENCH else written


def _plots(result: Result, texts: Texts, language: str) -> str:
    outcomes = result.report.outcomes
    calibration = calibrate(outcomes)
    rows = "".join(
        f"<tr>{_cells([_local(f'{one.low:.1f}–{one.high:.1f}', language)])}"
        f"{_cells([_local(number('', one.confidence), language)])}"
        f"{_cells([_local(number('', one.right), language), str(one.n)])}</tr>"
        for one in calibration.bins
    )
    columns = [
        texts.evaluation.column_confidence,
        texts.evaluation.column_mean,
        texts.evaluation.column_right,
        "n",
    ]
    return (
        f'<div class="plots"><figure><figcaption>{escape(texts.evaluation.curve)}</figcaption>'
        f"{render_curve(abstention_curve(outcomes), language)}</figure>"
        f"<figure><figcaption>{escape(texts.evaluation.reliability)}</figcaption>"
        f"{render_reliability(calibration, language)}</figure></div>"
        f"<details><summary>{escape(texts.evaluation.reliability_numbers)}</summary>"
        f"{_table('', columns, rows, 'bins')}</details>"
    )


def _changes(comparison: Comparison | None, texts: Texts) -> str:
    if comparison is None:
        return ""
    head = f"<h2>{escape(texts.evaluation.of_changes)}</h2>"
    if not comparison.questions:
        return f"{head}<p>{escape(texts.evaluation.no_change)}</p>"
    items = "".join(
        f"<li>{escape(texts.evaluation.changes[one.change.value])} "
        f'<span lang="{escape(one.new.lang)}">{escape(one.new.question)}</span></li>'
        for one in comparison.questions
    )
    return f'{head}<ul class="changes">{items}</ul>'


def _questions(result: Result, texts: Texts, language: str) -> str:
    rows = "".join(_question(one, texts, language) for one in result.report.outcomes)
    columns = [
        texts.evaluation.column_question,
        texts.evaluation.column_result,
        texts.evaluation.column_first_quote,
        texts.evaluation.column_confidence,
    ]
    return _table(texts.evaluation.of_questions, columns, rows, "questions")


def _question(outcome: Outcome, texts: Texts, language: str) -> str:
    kind, words = _judgement(outcome, texts)
    quoted = ""
    if outcome.quotes:
        # Rows of a table, where a whole paragraph would bury the next question.
        quoted = f"«{_NARROW_SPACE}{outcome.quotes[0].text}{_NARROW_SPACE}»"
    return (
        f'<tr><td lang="{escape(outcome.lang)}">{escape(outcome.question)}</td>'
        f'<td class="{kind}">{escape(words)}</td><td class="quote">{escape(quoted)}</td>'
        f"{_cells([_local(f'{outcome.confidence:.2f}', language)])}</tr>"
    )


def _judgement(outcome: Outcome, texts: Texts) -> tuple[str, str]:
    """Whether an outcome is good, as a class and in words."""
    if not outcome.answerable:
        if outcome.answered:
            return "bad", texts.evaluation.result_answered_wrongly
        return "good", texts.evaluation.result_refused_rightly
    if not outcome.answered:
        return "bad", texts.evaluation.result_refused_wrongly
    if outcome.first_right_quote() == 1:
        return "good", texts.evaluation.result_right
    return "bad", texts.evaluation.result_wrong


def _table(title: str, columns: list[str], rows: str, kind: str) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    return (
        f'{heading}<div class="wide" tabindex="0" role="region" '
        f'aria-label="{escape(title or columns[0])}"><table class="{kind}">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cells(cells: list[str]) -> str:
    return "".join(f'<td class="figure">{escape(cell)}</td>' for cell in cells)


def _local(written: str, language: str) -> str:
    return written.replace(".", ",") if language == FRENCH else written
