"""The shape of the words of two pages beside the chat: evaluation and statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvaluationTexts:
    """The page of evaluation.

    ``measures`` go by the sections and names of ``rag/evaluation/scores.py``, ``changes`` by
    the values of ``rag.evaluation.compare.Change``.
    """

    title: str
    lead: str
    none: str
    run: str
    running: str
    failed: str
    not_yet: str
    about: str
    invalid: str
    of_measures: str
    of_changes: str
    no_change: str
    of_questions: str
    column_measure: str
    column_value: str
    column_interval: str
    column_change: str
    column_question: str
    column_result: str
    column_first_quote: str
    column_confidence: str
    column_mean: str
    column_right: str
    result_right: str
    result_wrong: str
    result_refused_rightly: str
    result_refused_wrongly: str
    result_answered_wrongly: str
    curve: str
    curve_answered: str
    curve_right: str
    curve_spoken: str
    reliability: str
    reliability_confidence: str
    reliability_spoken: str
    reliability_numbers: str
    measures: Mapping[tuple[str, str], str]
    changes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StatisticsTexts:
    """The page of statistics; ``thousands`` stands between groups of digits."""

    title: str
    built: str
    articles: str
    passages: str
    sentences: str
    model: str
    engine: str
    size: str
    corrected: str
    stories: str
    reprinted: str
    left_out: str
    by_month: str
    undated: str
    by_source: str
    no_source: str
    by_language: str
    by_length: str
    words: str
    left_out_words: str
    others: str
    largest_stories: str
    reasons: str
    file: str
    reason: str
    nothing: str
    thousands: str
    decimal: str
    megabytes: str
