"""An assistant that says what a test wrote, and gold questions asked of it."""

import dataclasses
import datetime
import functools
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from rag.config import load_settings
from rag.evaluation import GoldQuestion, Report, describe, evaluate
from rag.evaluation.table import print_report
from rag.types import (
    Abstention,
    Answer,
    Article,
    Citation,
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


# The terminal


def printed(shown: Report) -> str:
    console = Console(file=io.StringIO(), width=100)
    print_report(shown, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
