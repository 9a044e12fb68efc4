from __future__ import annotations

import dataclasses

import pytest

from rag.answering.refusal import Findings, reason_to_refuse
from rag.types import Detail, Reason

FINE = Findings(
    missing_dates=(),
    missing_names=(),
    missing_words=(),
    detail=None,
    holds_detail=True,
    of_another=False,
    doubtful=False,
    sure_without_detail=False,
)


def test_nothing_against_it_is_an_answer() -> None:
    assert reason_to_refuse(FINE) is None
    # A common word that no article has is no reason where one is sure.
    assert reason_to_refuse(dataclasses.replace(FINE, missing_words=("inauguré",))) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"missing_dates": ("1995",)}, Reason.DATES_NOT_FOUND),
        ({"missing_names": ("Dupont",), "missing_words": ("Dupont",)}, Reason.WORDS_NOT_FOUND),
        ({"holds_detail": False, "detail": Detail.AGE}, Reason.DETAIL_NOT_FOUND),
        ({"doubtful": True, "missing_words": ("inauguré",)}, Reason.WORDS_NOT_FOUND),
        ({"doubtful": True, "sure_without_detail": True}, Reason.DETAIL_NOT_FOUND),
        ({"doubtful": True}, Reason.NOTHING_CLOSE),
        ({"of_another": True}, Reason.NOTHING_CLOSE),
        # The first of several counts.
        ({"missing_dates": ("1995",), "missing_names": ("Dupont",)}, Reason.DATES_NOT_FOUND),
    ],
)
def test_each_finding_has_its_reason(changes: dict[str, object], reason: Reason) -> None:
    assert reason_to_refuse(dataclasses.replace(FINE, **changes)) is reason  # type: ignore[arg-type]
