"""The report and the comparison of two, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.evaluation.calibration import Calibration, calibrate
from rag.evaluation.compare import Comparison, MeasureChange
from rag.evaluation.report import Report, Scores
from rag.evaluation.scores import Measure

LABELS: Mapping[tuple[str, str], str] = {
    ("passages", "hit@1"): "passage hit@1",
    ("passages", "hit@3"): "passage hit@3",
    ("passages", "hit@5"): "passage hit@5",
    ("passages", "hit@10"): "passage hit@10",
    ("passages", "mrr@10"): "passage MRR@10",
    ("passages", "ndcg@10"): "passage nDCG@10",
    ("quotes", "answer@1"): "answer in quote @1",
    ("quotes", "answer@3"): "answer in quotes @3",
    ("quotes", "answered_right@1"): "answered, and right @1",
    ("quotes", "valid"): "valid quotes",
    ("marks", "f1"): "marked words F1",
    ("marks", "em"): "marked words EM",
    ("abstention", "auroc"): "abstention AUROC",
    ("abstention", "refusal_precision"): "refusal precision",
    ("abstention", "refusal_recall"): "refusal recall",
    ("abstention", "answered_when_answerable"): "answered when answerable",
    ("latency_ms", "p50"): "latency p50 (ms)",
    ("latency_ms", "p95"): "latency p95 (ms)",
}
_SHOWN_INVALID = 10
_NOTHING = "–"


def print_report(report: Report, console: Console) -> None:
    """Print the measures over all and, if there are several, by language."""
    _print_scores("all questions", report.overall, console)
    if len(report.by_language) > 1:
        for language, scores in report.by_language.items():
            _print_scores(f"language {language}", scores, console)
    _print_calibration(calibrate(report.outcomes), console)
    _print_notes(report, console)


def _print_scores(title: str, scores: Scores, console: Console) -> None:
    counts = scores.counts
    console.print(
        Text(
            f"{title}: {counts.questions}, of which {counts.answerable} answerable; "
            f"{counts.askings} askings, {counts.refused} refused"
        )
    )
    table = Table()
    table.add_column("measure")
    for heading in ("value", "95 % interval", "n"):
        table.add_column(heading, justify="right")
    for (section, name), label in LABELS.items():
        found = scores.measures[section][name]
        table.add_row(
            label, number(section, found.value), interval(section, found), str(found.n)
        )
    console.print(table)


def _print_calibration(calibration: Calibration, console: Console) -> None:
    if calibration.error is None:
        return
    console.print(
        Text(
            f"confidence against first quotes right: {calibration.error:.3f} apart in the mean"
        )
    )
    table = Table()
    for heading in ("confidence", "mean", "right", "n"):
        table.add_column(heading, justify="right")
    for one in calibration.bins:
        table.add_row(
            f"{one.low:.1f} to {one.high:.1f}",
            number("", one.confidence),
            number("", one.right),
            str(one.n),
        )
    console.print(table)


def _print_notes(report: Report, console: Console) -> None:
    counts = report.overall.counts
    notes = list(report.notes)
    if counts.not_in_index:
        notes.append(
            f"{counts.not_in_index} answerable questions have their answer in no passage "
            "of the index and count as missed"
        )
    for note in notes:
        console.print(Text(f"note: {note}"))
    invalid = report.invalid_quotes()
    for question_id, quote in invalid[:_SHOWN_INVALID]:
        console.print(
            Text(
                f"invalid quote: question {question_id}, {quote.path} "
                f"[{quote.start}:{quote.end}] is not {quote.text[:60]!r}"
            )
        )
    if len(invalid) > _SHOWN_INVALID:
        console.print(Text(f"and {len(invalid) - _SHOWN_INVALID} other invalid quotes"))


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print how the measures changed, and the questions that did."""
    console.print(Text(f"{comparison.shared} questions asked in both runs"))
    table = Table()
    table.add_column("measure")
    for heading in ("old", "new", "difference", "95 % interval"):
        table.add_column(heading, justify="right")
    for change in comparison.measures:
        table.add_row(
            LABELS[change.section, change.name],
            number(change.section, change.old),
            number(change.section, change.new),
            signed(change),
            interval(change.section, change),
        )
    console.print(table)
    for which, ids in (("old", comparison.only_old), ("new", comparison.only_new)):
        if ids:
            console.print(Text(f"{len(ids)} questions only in the {which} run"))
    for changed in comparison.questions:
        console.print(Text(f"{changed.change}: {changed.new.id} {changed.new.question}"))
    if not comparison.questions:
        console.print(Text("no question changed"))


def interval(section: str, found: Measure | MeasureChange) -> str:
    """A 95 % interval, as the table shows it."""
    if found.low is None:
        return _NOTHING
    return f"{number(section, found.low)} to {number(section, found.high)}"


def signed(change: MeasureChange) -> str:
    """A difference with its sign, as the table shows it."""
    sign = "+" if change.difference is not None and change.difference > 0 else ""
    return sign + number(change.section, change.difference)


def number(section: str, value: float | None) -> str:
    """A value of a section, as the table shows it."""
    if value is None:
        return _NOTHING
    return f"{value:.0f}" if section == "latency_ms" else f"{value:.3f}"
