"""The page of evaluation: gold questions, how they were answered, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from rag.evaluation import Comparison, abstention_curve, calibrate
from rag.evaluation.asking import Outcome
from rag.evaluation.calibration import Bin
from rag.evaluation.compare import MeasureChange
from rag.evaluation.scores import Measure
from rag.evaluation.table import LABELS, interval, number, signed
from rag.language.typography import format_date
from rag.ui.evaluation_plots import render_curve, render_reliability
from rag.ui.evaluation_runs import Evaluations, Result
from rag.ui.html import render
from rag.ui.texts import FRENCH, TEXTS, other_language
from rag.ui.texts.report_shape import EvaluationTexts

EVALUATION_PATH = "/evaluation"
_NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"


def render_evaluation(
    evaluations: Evaluations, chosen: str | None, language: str, static: str
) -> Markup:
    """Return the whole page, with the last result of the gold file ``chosen``, else the first.

    ``static`` is where style sheets and scripts are, seen from the page.
    """
    texts, names = TEXTS[language].evaluation, evaluations.names()
    shown = chosen if chosen in names else next(iter(names), None)
    running = evaluations.progress()
    result = evaluations.result(shown) if shown is not None else None
    told = ""
    if running is not None:
        told = texts.running.format(done=running.done, total=running.total)
    return render(
        "evaluation",
        texts=texts,
        language=language,
        other=other_language(language),
        other_language=TEXTS[language].masthead.other_language,
        static=static,
        folder=evaluations.folder,
        names=[(name, urlencode({"gold": name})) for name in names],
        shown=shown,
        running=running,
        told=told,
        known={"running": texts.running, "isRunning": running is not None},
        failure=evaluations.failure(shown) if shown is not None else None,
        result=_result(result, language) if result is not None else None,
    )


def _result(result: Result, language: str) -> Markup:
    texts, report = TEXTS[language].evaluation, result.report
    changes = {
        (one.section, one.name): one
        for one in (result.comparison.measures if result.comparison else ())
    }
    columns = [texts.column_measure, texts.column_value, texts.column_interval, "n"]
    if changes:
        columns.append(texts.column_change)
    broken = len(report.invalid_quotes())
    calibration = calibrate(report.outcomes)
    return render(
        "evaluation_result",
        texts=texts,
        about=_about(result, language),
        invalid=texts.invalid.format(count=broken) if broken else None,
        measure_columns=columns,
        measures=[
            (
                texts.measures[key],
                _measure(
                    key[0],
                    report.overall.measures[key[0]][key[1]],
                    changes.get(key),
                    language,
                ),
            )
            for key in LABELS
        ],
        curve=render_curve(abstention_curve(report.outcomes), language),
        reliability=render_reliability(calibration, language),
        bins=[_bin(one, language) for one in calibration.bins],
        changes=_changes(result.comparison, texts),
        questions=[_question(one, language) for one in report.outcomes],
    )


def _about(result: Result, language: str) -> str:
    counts, about = result.report.overall.counts, result.report.about
    return TEXTS[language].evaluation.about.format(
        date=format_date(result.ended.date(), language),
        questions=counts.questions,
        answerable=counts.answerable,
        articles=TEXTS[language].masthead.articles(about.articles),
        model=about.model,
    )


def _measure(
    section: str, found: Measure, change: MeasureChange | None, language: str
) -> list[str]:
    """The cells of a measure's row, after its name."""
    cells = [
        _local(number(section, found.value), language),
        _between(section, found, language),
        str(found.n),
    ]
    if change is not None:
        cells.append(
            f"{_local(signed(change), language)} ({_between(section, change, language)})"
        )
    return cells


def _between(section: str, found: Measure | MeasureChange, language: str) -> str:
    written = _local(interval(section, found), language)
    return written.replace(" to ", " à ") if language == FRENCH else written


def _bin(one: Bin, language: str) -> list[str]:
    written = (
        f"{one.low:.1f}–{one.high:.1f}",
        number("", one.confidence),
        number("", one.right),
        str(one.n),
    )
    return [_local(cell, language) for cell in written]


def _changes(
    comparison: Comparison | None, texts: EvaluationTexts
) -> list[tuple[str, str, str]] | None:
    """What changed, the question's language and the question; None without a run before."""
    if comparison is None:
        return None
    return [
        (texts.changes[one.change.value], one.new.lang, one.new.question)
        for one in comparison.questions
    ]


@dataclass(frozen=True, slots=True)
class _Question:
    """A gold question and how it was answered, in words."""

    question: str
    language: str
    kind: str
    result: str
    quote: str
    confidence: str


def _question(outcome: Outcome, language: str) -> _Question:
    kind, words = _judgement(outcome, TEXTS[language].evaluation)
    quote = ""
    if outcome.quotes:
        # Rows of a table, where a whole paragraph would bury the next question.
        quote = f"«{_NARROW_SPACE}{outcome.quotes[0].text}{_NARROW_SPACE}»"
    confidence = _local(f"{outcome.confidence:.2f}", language)
    return _Question(outcome.question, outcome.lang, kind, words, quote, confidence)


def _judgement(outcome: Outcome, texts: EvaluationTexts) -> tuple[str, str]:
    """Whether an outcome is good, as a class and in words."""
    if not outcome.answerable:
        if outcome.answered:
            return "bad", texts.result_answered_wrongly
        return "good", texts.result_refused_rightly
    if not outcome.answered:
        return "bad", texts.result_refused_wrongly
    if outcome.first_right_quote() == 1:
        return "good", texts.result_right
    return "bad", texts.result_wrong


def _local(written: str, language: str) -> str:
    return written.replace(".", ",") if language == FRENCH else written
