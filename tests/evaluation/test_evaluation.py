"""Asking and judging, the report and the comparison of two."""

import dataclasses
import datetime
import functools
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from rag.config import load_settings
from rag.errors import EvaluationError
from rag.evaluation import (
    GoldQuestion,
    Report,
    compare_outcomes,
    describe,
    evaluate,
    load_outcomes,
)
from rag.evaluation.asking import is_valid
from rag.evaluation.compare import Change
from rag.evaluation.metrics import RESAMPLES
from rag.evaluation.table import print_comparison, print_report
from rag.types import (
    Abstention,
    Answer,
    Article,
    Citation,
    Context,
    Filters,
    Hit,
    Overview,
    Passage,
    Quote,
    Reason,
    Sentence,
    Timings,
)
from tests.evaluation.fake_gold import FEW_RESAMPLES

EVERYTHING = Filters()
MEASURES = {
    "passages": ["hit@1", "hit@3", "hit@5", "hit@10", "mrr@10", "ndcg@10"],
    "quotes": ["answer@1", "answer@3", "answered_right@1", "valid"],
    "marks": ["f1", "em"],
    "abstention": ["auroc", "refusal_precision", "refusal_recall", "answered_when_answerable"],
    "latency_ms": ["p50", "p95"],
}

RING = Article("ring", "ring.txt", "Elle a une bague. Le cœur est bleu.", "Bague", "0")
LAKE = Article("lake", "fr/lake.txt", "Le lac est froid. Il est bleu.", "Lac", "1")


def passage(article: Article, start: int, end: int) -> Passage:
    return Passage(article.id, start, end, (Sentence(start, end),))


# One passage a sentence.
RING_1, RING_2 = passage(RING, 0, 17), passage(RING, 18, 35)
LAKE_1, LAKE_2 = passage(LAKE, 0, 17), passage(LAKE, 18, 30)
PASSAGES = (RING_1, RING_2, LAKE_1, LAKE_2)


@dataclasses.dataclass(frozen=True)
class Scripted:
    """What the scripted assistant says: passages found, and those it quotes."""

    found: Sequence[Passage]
    quoted: Sequence[Passage]
    confidence: float
    answered: bool = True
    milliseconds: float = 0.0


class ScriptedAssistant:
    """An assistant that says what the test wrote, by question and exclusion."""

    def __init__(
        self, script: Mapping[tuple[str, frozenset[str]], Scripted], *articles: Article
    ) -> None:
        self._script = script
        self._articles = {article.id: article for article in articles or (RING, LAKE)}

    def article(self, article_id: str) -> Article:
        return self._articles[article_id]

    def ask(self, question: str, *, filters: Filters = EVERYTHING, top: int = 3) -> Answer:
        said = self._script[question, filters.excluded_articles]
        citations = tuple(
            Citation(number, self._quote(one), self.article(one.article_id))
            for number, one in enumerate(said.quoted[:top], 1)
        )
        return Answer(
            question=question,
            language="fr",
            citations=citations if said.answered else (),
            abstention=None
            if said.answered
            else Abstention(Reason.NOTHING_CLOSE, nearest=citations),
            confidence=said.confidence,
            hits=tuple(
                Hit(number, one, -number, 0.0, 0.0) for number, one in enumerate(said.found)
            ),
            timings=Timings(total=said.milliseconds),
        )

    def _quote(self, one: Passage) -> Quote:
        text = self.article(one.article_id).text[one.start : one.end]
        return Quote(one.article_id, text, one.start, one.end, one.start, one.end, 1.0)


NOTHING_EXCLUDED: frozenset[str] = frozenset()
WITHOUT_RING = frozenset({"ring"})
SETTINGS = load_settings()
OVERVIEW = Overview(
    generation="g1",
    built_at=datetime.datetime(2025, 8, 15, tzinfo=datetime.UTC),
    model="fake",
    articles=2,
    passages=4,
    sentences=4,
    first_date=None,
    last_date=None,
    languages=(("fr", 2),),
    sources=(),
    broken=(),
)
ABOUT = describe(SETTINGS, OVERVIEW, gold=[Path("gold/q.jsonl")])

HEART = GoldQuestion("h", "Le cœur ?", "fr", True, ("cœur est BLEU",))
COLD = GoldQuestion("c", "Is it cold?", "en", True, ("froid",), article="lake.txt")
AGE = GoldQuestion("a", "Quel âge ?", "fr", False)
PRICE = GoldQuestion("p", "Quel prix ?", "fr", False)
GOLD = (HEART, COLD, AGE, PRICE)
SCRIPT = {
    # Found second; the quote is wrong, the second right.
    ("Le cœur ?", NOTHING_EXCLUDED): Scripted(
        [LAKE_2, RING_2], [LAKE_2, RING_2], 0.6, milliseconds=10
    ),
    # Found first and quoted, but refused.
    ("Is it cold?", NOTHING_EXCLUDED): Scripted(
        [LAKE_1, RING_1], [LAKE_1], 0.4, answered=False, milliseconds=20
    ),
    ("Quel âge ?", NOTHING_EXCLUDED): Scripted(
        [RING_1], [RING_1], 0.1, answered=False, milliseconds=30
    ),
    ("Quel prix ?", NOTHING_EXCLUDED): Scripted([RING_1], [RING_1], 0.5, milliseconds=40),
}


# Rough intervals do where they are not what is looked at.
ask_all = functools.partial(evaluate, resamples=FEW_RESAMPLES)
compare_roughly = functools.partial(compare_outcomes, resamples=FEW_RESAMPLES)


def report_of(
    script: Mapping[tuple[str, frozenset[str]], Scripted] = SCRIPT,
    resamples: int = FEW_RESAMPLES,
) -> Report:
    return evaluate(ScriptedAssistant(script), GOLD, PASSAGES, ABOUT, resamples=resamples)


def values(scores: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: measure["value"]
        for section in MEASURES
        for name, measure in scores[section].items()
    }


def written(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


# The report


def test_measures_of_a_gold_file() -> None:
    found = report_of().to_json()
    assert values(found) == {
        "hit@1": 1 / 2,
        "hit@3": 2 / 2,
        "hit@5": 2 / 2,
        "hit@10": 2 / 2,
        "mrr@10": (1 / 2 + 1 / 1) / 2,
        "ndcg@10": pytest.approx((0.6309297535714575 + 1) / 2),  # 1 / log2(3)
        "answer@1": 1 / 2,
        "answer@3": 2 / 2,
        "answered_right@1": 0 / 2,
        "valid": 5 / 5,
        # "il est bleu" shares 2 of 3 + 3 words, "lac est froid" 1 of 3 + 1.
        "f1": pytest.approx((2 * 2 / 6 + 2 * 1 / 4) / 2),
        "em": 0 / 2,
        # Pairs: 0.6 > 0.1, 0.6 > 0.5, 0.4 > 0.1, 0.4 < 0.5.
        "auroc": 3 / 4,
        "refusal_precision": 1 / 2,
        "refusal_recall": 1 / 2,
        "answered_when_answerable": 1 / 2,
        "p50": (20 + 30) / 2,
        "p95": pytest.approx(30 + 0.85 * (40 - 30)),
    }
    assert found["counts"] == {
        "questions": 4,
        "answerable": 2,
        "unanswerable": 2,
        "askings": 4,
        "should_be_refused": 2,
        "refused": 2,
        "quotes": 5,
        "not_in_index": 0,
    }
    assert found["passed"] is True


def test_report_by_language_gives_null_where_there_is_nothing_to_measure() -> None:
    english = report_of().to_json()["by_language"]["en"]
    assert english["counts"]["questions"] == 1
    assert english["passages"]["hit@1"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 1}
    nothing = {"value": None, "low": None, "high": None}
    assert english["abstention"]["refusal_recall"] == {**nothing, "n": 0}
    assert english["abstention"]["auroc"] == {**nothing, "n": 1}


def test_measures_have_the_names_and_the_form_that_are_promised() -> None:
    report = report_of(resamples=RESAMPLES)
    found = json.loads(json.dumps(report.to_json(), allow_nan=False))
    for scores in (found, *found["by_language"].values()):
        assert {section: list(scores[section]) for section in MEASURES} == MEASURES
        for section in MEASURES:
            for measure in scores[section].values():
                assert list(measure) == ["value", "low", "high", "n"]
                if measure["value"] is not None:
                    assert measure["low"] <= measure["value"] <= measure["high"]
    assert found["model"] == "fake"
    assert found["gold"] == ["q.jsonl"]
    assert found["settings"]["passage_tokens"] == SETTINGS.passage_tokens
    assert {"python", "rag", "numpy"} <= set(found["versions"])


def test_squad_questions_are_asked_again_without_their_article() -> None:
    question = GoldQuestion(
        "q", "Couleur ?", "fr", True, ("bleu",), None, "ring", ((30, 34),), WITHOUT_RING
    )
    impossible = GoldQuestion("i", "Prix ?", "fr", False, (), None, "ring")
    script = {
        ("Couleur ?", NOTHING_EXCLUDED): Scripted([RING_2], [RING_2], 0.9, milliseconds=10),
        ("Couleur ?", WITHOUT_RING): Scripted(
            [LAKE_2], [LAKE_2], 0.8, answered=False, milliseconds=99
        ),
        ("Prix ?", NOTHING_EXCLUDED): Scripted([RING_1], [RING_1], 0.95),
    }
    report = ask_all(ScriptedAssistant(script), [question, impossible], PASSAGES, ABOUT)
    assert report.overall.counts.askings == 3
    assert report.overall.counts.should_be_refused == 2
    found = values(report.to_json())
    assert found["auroc"] == 1 / 2  # 0.9 > 0.8, 0.9 < 0.95
    assert found["refusal_precision"] == 1 / 1
    assert found["refusal_recall"] == 1 / 2
    assert found["answered_when_answerable"] == 1 / 1
    assert found["valid"] == 3 / 3
    assert found["p50"] == (10 + 0) / 2  # the first asking's


def test_an_answer_in_no_passage_counts_as_missed_and_is_said() -> None:
    absent = GoldQuestion("h", "Le cœur ?", "fr", True, ("vert",))
    report = ask_all(ScriptedAssistant(SCRIPT), [absent], PASSAGES, ABOUT)
    assert report.overall.counts.not_in_index == 1
    assert values(report.to_json())["hit@10"] == 0 / 1
    assert "1 answerable questions have their answer in no passage" in printed(report)


def test_every_question_is_counted_as_it_is_asked() -> None:
    told: list[None] = []
    ask_all(
        ScriptedAssistant(SCRIPT), GOLD, PASSAGES, ABOUT, on_asked=lambda: told.append(None)
    )
    assert len(told) == len(GOLD)


# Validity of quotes

WHOLE = Quote("ring", "Le cœur est bleu.", 18, 35, 18, 35, 1.0, ((21, 25),))


@pytest.mark.parametrize(
    "quote",
    [
        WHOLE,
        dataclasses.replace(WHOLE, context=Context("Elle a une bague.", 0, 17)),
    ],
)
def test_quotes_that_the_article_holds_are_valid(quote: Quote) -> None:
    assert is_valid(quote, RING)


@pytest.mark.parametrize(
    "quote",
    [
        dataclasses.replace(WHOLE, start=17),
        dataclasses.replace(WHOLE, text="le cœur est bleu."),
        dataclasses.replace(WHOLE, start=18 - len(RING.text)),
        dataclasses.replace(WHOLE, text="", start=18, end=18, highlights=()),
        dataclasses.replace(WHOLE, highlights=((17, 20),)),
        dataclasses.replace(WHOLE, highlights=((30, 36),)),
        dataclasses.replace(WHOLE, highlights=((20, 20),)),
        dataclasses.replace(WHOLE, context=Context("Elle a une bague", 0, 17)),
    ],
)
def test_quotes_that_the_article_does_not_hold_are_invalid(quote: Quote) -> None:
    assert not is_valid(quote, RING)


class MisquotingAssistant(ScriptedAssistant):
    """Quotes every passage one character off."""

    def _quote(self, one: Passage) -> Quote:
        right = super()._quote(one)
        return dataclasses.replace(right, start=right.start + 1)


def test_an_invalid_quote_fails_the_report_and_is_named() -> None:
    report = ask_all(MisquotingAssistant(SCRIPT), GOLD, PASSAGES, ABOUT)
    assert not report.passed
    assert report.to_json()["passed"] is False
    assert values(report.to_json())["valid"] == 0 / 5
    assert [question for question, _ in report.invalid_quotes()] == ["h", "h", "c", "a", "p"]
    assert "invalid quote: question h, fr/lake.txt [19:30]" in printed(report)


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


# The terminal


def printed(shown: Report) -> str:
    console = Console(file=io.StringIO(), width=100)
    print_report(shown, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


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
