"""Asking and judging, and the report of it."""

import dataclasses
import json

import pytest

from rag.evaluation import GoldQuestion
from rag.evaluation.asking import is_valid
from rag.evaluation.metrics import RESAMPLES
from rag.types import Context, Passage, Quote
from tests.evaluation.scripted import (
    ABOUT,
    GOLD,
    LAKE_2,
    MEASURES,
    NOTHING_EXCLUDED,
    PASSAGES,
    RING,
    RING_1,
    RING_2,
    SCRIPT,
    SETTINGS,
    WITHOUT_RING,
    Scripted,
    ScriptedAssistant,
    ask_all,
    printed,
    report_of,
    values,
)

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
