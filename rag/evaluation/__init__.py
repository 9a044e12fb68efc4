"""Gold questions to a report: how well passages are found and quotes answer."""

from rag.evaluation.calibration import Calibration, Point, abstention_curve, calibrate
from rag.evaluation.compare import Comparison, compare_outcomes
from rag.evaluation.drafts import Drafts, draft_questions, drafts_text, write_drafts
from rag.evaluation.gold import GoldQuestion, read_gold
from rag.evaluation.report import (
    About,
    Report,
    describe,
    evaluate,
    load_outcomes,
    load_report,
)
from rag.evaluation.squad import SquadSet, read_squad
from rag.evaluation.table import print_comparison, print_report

__all__ = [
    "About",
    "Calibration",
    "Comparison",
    "Drafts",
    "GoldQuestion",
    "Point",
    "Report",
    "SquadSet",
    "abstention_curve",
    "calibrate",
    "compare_outcomes",
    "describe",
    "draft_questions",
    "drafts_text",
    "evaluate",
    "load_outcomes",
    "load_report",
    "print_comparison",
    "print_report",
    "read_gold",
    "read_squad",
    "write_drafts",
]
