"""Reports kept in a file, two of them compared, and both shown as tables."""

import dataclasses
import functools
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from rag.errors import EvaluationError
from rag.evaluation import Report, compare_outcomes, load_outcomes
from rag.evaluation.compare import Change
from rag.evaluation.metrics import RESAMPLES
from rag.evaluation.table import print_comparison
from tests.evaluation.fake_gold import FEW_RESAMPLES
from tests.evaluation.scripted import (
    MEASURES,
    NOTHING_EXCLUDED,
    RING_1,
    RING_2,
    SCRIPT,
    Scripted,
    printed,
    report_of,
)

compare_roughly = functools.partial(compare_outcomes, resamples=FEW_RESAMPLES)


def written(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


# Reading a report back, and comparing two


def saved(report: Report, folder: Path) -> Path:
    return written(folder, "old.json", report.to_json())


def test_outcomes_are_read_back_as_they_were(tmp_path: Path) -> None:
    report = report_of()
    assert load_outcomes(saved(report, tmp_path)) == report.outcomes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ([1], "has no 'questions'"),
        ({"counts": {}}, "has no 'questions'"),
        ({"questions": [{"id": "1"}]}, "question '0."),
    ],
)
def test_a_file_that_is_no_report(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        load_outcomes(written(tmp_path, "old.json", content))
    assert message in str(raised.value)


CHANGED = {
    **SCRIPT,
    # Now right at once.
    ("Le cœur ?", NOTHING_EXCLUDED): Scripted([RING_2], [RING_2], 0.7, milliseconds=10),
    # Now wrong, and answered.
    ("Is it cold?", NOTHING_EXCLUDED): Scripted([RING_1], [RING_1], 0.6, milliseconds=10),
    # Now refused.
    ("Quel prix ?", NOTHING_EXCLUDED): Scripted(
        [RING_1], [RING_1], 0.1, answered=False, milliseconds=10
    ),
}


def test_comparison_names_the_questions_that_changed() -> None:
    found = compare_roughly(report_of().outcomes, report_of(CHANGED).outcomes)
    assert [(one.new.id, one.change) for one in found.questions] == [
        ("h", Change.NOW_RIGHT),
        ("c", Change.NOW_WRONG),
        ("c", Change.NOW_ANSWERED),
        ("p", Change.NOW_REFUSED),
    ]


def test_comparison_gives_differences_with_paired_intervals() -> None:
    found = compare_outcomes(report_of().outcomes, report_of(CHANGED).outcomes)
    by_name = {change.name: change for change in found.measures}
    assert list(by_name) == [name for names in MEASURES.values() for name in names]
    recall = by_name["refusal_recall"]
    assert (recall.old, recall.new, recall.difference) == (1 / 2, 2 / 2, 1 / 2)
    # Of two questions only one changed: from none of the samples to all of them.
    assert (recall.low, recall.high) == (0.0, 1.0)
    # Paired: a question that did not change adds no spread.
    same = compare_outcomes(report_of().outcomes, report_of().outcomes)
    assert {(one.difference, one.low, one.high) for one in same.measures} == {(0.0, 0.0, 0.0)}
    assert same.questions == ()


def test_comparison_is_over_the_questions_that_both_runs_asked() -> None:
    old = report_of().outcomes
    renamed = dataclasses.replace(old[0], question="Autre ?")
    found = compare_roughly(old[:3], (renamed, *old[1:]))
    assert (found.shared, found.only_old, found.only_new) == (2, ("h",), ("h", "p"))
    with pytest.raises(EvaluationError, match="share no question"):
        compare_roughly(old[:1], old[1:])


def row(output: str, label: str) -> list[str]:
    line = next(line for line in output.splitlines() if line.strip("│ ").startswith(label))
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_table_shows_the_measures_over_all_and_by_language() -> None:
    output = printed(report_of(resamples=RESAMPLES))
    assert "all questions: 4, of which 2 answerable; 4 askings, 2 refused" in output
    assert "language en: 1, of which 1 answerable" in output
    assert row(output, "abstention AUROC")[1] == f"{3 / 4:.3f}"
    assert row(output, "latency p50 (ms)") == ["latency p50 (ms)", "25", "10 to 40", "4"]
    assert row(output.partition("language en")[2], "refusal recall")[1:] == ["–", "–", "0"]


def test_comparison_table_shows_differences_and_questions() -> None:
    found = compare_outcomes(report_of().outcomes, report_of(CHANGED).outcomes)
    console = Console(file=io.StringIO(), width=100)
    print_comparison(found, console)
    assert isinstance(console.file, io.StringIO)
    output = console.file.getvalue()
    assert row(output, "refusal recall") == [
        "refusal recall",
        "0.500",
        "1.000",
        "+0.500",
        "0.000 to 1.000",
    ]
    assert "wrong to right: h Le cœur ?" in output
    assert "no question changed" not in output
