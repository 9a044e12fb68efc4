"""Measure what the reading leaves to measurement: the fusion and the confidence.

``python -m rag.evaluation.training.calibrate --french FILE --corpus FILE``: the questions are
those of
the titles that the training left out, asked over the paragraphs of both files.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from rag.answering.choose_quotes import FUSION, Fusion, Reading, read, read_passages
from rag.answering.retrieve import Found, retrieve
from rag.answering.snapshot import CONSIDERED
from rag.config import Settings
from rag.evaluation import GoldQuestion, read_squad
from rag.evaluation.metrics import auroc, contains_answer
from rag.evaluation.training.pairs import is_held_aside, read_examples
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.language.questions import understand
from rag.library.build import build
from rag.models.encoder import Encoder, open_encoder
from rag.models.span_reader import PassageToRead, Reader, ReadPassage, open_reader
from rag.types import Filters

# 0 tells what each brings.
RELEVANCE_WEIGHTS = (0.0, 0.01, 0.02, 0.05)
SPAN_WEIGHTS = (0.0, 0.003, 0.005, 0.01)
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6)
FOLDS = 5
QUOTES = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its hits, over all or over what is not under its title."""

    question: GoldQuestion
    should_answer: bool
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class RememberingReader:
    """A reader that reads each pair once."""

    reader: Reader
    known: dict[tuple[str, str], ReadPassage] = field(default_factory=dict)

    def read(self, question: str, passage: PassageToRead) -> ReadPassage:
        """What ``reader`` finds."""
        pair = question, passage.text
        if pair not in self.known:
            self.known[pair] = self.reader.read(question, passage)
        return self.known[pair]


def ask_twice(questions: Sequence[GoldQuestion], index: Index, encoder: Encoder) -> list[Asked]:
    """Every question over all, and over what is not under its title."""
    asked: list[Asked] = []
    for question in questions:
        vector = encoder.embed_question(question.question)
        terms = understand(question.question).terms
        for filters in (Filters(), Filters(excluded_articles=question.same_subject)):
            found = retrieve(index, vector, terms, filters, CONSIDERED)
            asked.append(Asked(question, not filters, found))
    return asked


def read_all(
    asked: Sequence[Asked], index: Index, reader: Reader, count: int, fusion: Fusion
) -> list[Reading]:
    """How all are read with ``fusion``, ``count`` passages a question at most."""
    readings: list[Reading] = []
    for one in asked:
        question = one.question.question
        found = read_passages(reader, question, one.found, index.articles.read, count, fusion)
        asking = understand(question)
        readings.append(read(asking, found, index, index.articles.read, QUOTES, fusion=fusion))
    return readings


def right(asked: Sequence[Asked], readings: Sequence[Reading], first: int) -> float:
    """Share of the answerable with a right quote among the ``first``."""
    return float(
        np.mean(
            [
                any(
                    contains_answer(quote.text, one.question.answers)
                    for quote in reading.quotes[:first]
                )
                for one, reading in zip(asked, readings, strict=True)
                if one.should_answer
            ]
        )
    )


def features(readings: Sequence[Reading]) -> npt.NDArray[np.float64]:
    """The evidence of every first quote, shape (readings, 4)."""
    rows = [reading.evidence for reading in readings if reading.evidence]
    return np.array([(e.passage, e.sentence, e.coverage, e.span) for e in rows])


def main(
    french: Annotated[Path, typer.Option(help="The SQuAD file that was trained on.")],
    corpus: Annotated[Path, typer.Option(help="SQuAD file of further paragraphs.")],
) -> None:
    """Print the measures by fusion, and the weights of the confidence."""
    settings = Settings()
    squad = read_squad([french], [corpus])
    aside = {one.question for one in read_examples(french) if is_held_aside(one.title)}
    encoder = open_encoder(settings)
    reader = open_reader(settings, encoder)
    if reader is None:
        raise SystemExit("no trained reader fits the settings")
    remembering = RememberingReader(reader)
    with tempfile.TemporaryDirectory() as folder:
        own = settings.model_copy(update={"index": Path(folder)})
        build(article_sources(squad.articles), own, encoder)
        index = Index.open_current(own.index)
        asked = ask_twice(
            [one for one in squad.questions if one.question in aside], index, encoder
        )
        count = settings.reader_passages
        for weights in itertools.product(RELEVANCE_WEIGHTS, SPAN_WEIGHTS):
            fusion = Fusion(*weights)
            readings = read_all(asked, index, remembering, count, fusion)
            shares = [round(right(asked, readings, first), 3) for first in (1, QUOTES)]
            print(f"{fusion}: a right quote first, among {QUOTES}: {shares}", flush=True)
        report_confidence(asked, read_all(asked, index, remembering, count, FUSION))
        index.close()


def report_confidence(asked: Sequence[Asked], readings: Sequence[Reading]) -> None:
    """Print the confidence's weights, and how good it is on titles it was not fitted to."""
    rows = features(readings)
    expected = np.array([one.should_answer for one in asked])
    titles = ["".join(sorted(one.question.same_subject)) for one in asked]
    for name, columns in {"same language": [0, 1, 2, 3], "other": [0, 1, 3]}.items():
        model = LogisticRegression(C=1e4, max_iter=10_000)
        model.fit(rows[:, columns], expected)
        weights, bias = model.coef_[0].round(4).tolist(), model.intercept_[0].round(4)
        confidence = cross_val_predict(
            model,
            rows[:, columns],
            expected,
            groups=titles,
            cv=GroupKFold(FOLDS),
            method="predict_proba",
        )[:, 1]
        area = auroc(confidence[expected], confidence[~expected])
        print(f"{name}: columns {columns}, weights {weights}, bias {bias}, AUROC {area:.3f}")
        for threshold in THRESHOLDS:
            answered = confidence >= threshold
            print(
                f"  {threshold}: answered of the answerable {answered[expected].mean():.3f}, "
                f"refused of the others {(~answered)[~expected].mean():.3f}"
            )


if __name__ == "__main__":
    typer.run(main)
