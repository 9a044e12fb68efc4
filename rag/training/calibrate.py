"""Fit what the reading leaves to measurement: the reader's weight and the confidence.

``python -m rag.training.calibrate --squad FILE --corpus FILE``. Half of the titles are
fitted on, the other half tells how good it is.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from sklearn.linear_model import LogisticRegression

from rag import reading
from rag.assistant import CONSIDERED
from rag.building import article_sources, build
from rag.config import Settings
from rag.embedding import Encoder, open_encoder
from rag.evaluation import GoldQuestion, read_squad
from rag.index import Index
from rag.language.questions import understand
from rag.metrics import auroc, contains_answer
from rag.retrieval import Found, retrieve
from rag.trained_reader import PassageToRead, Reader, ReadPassage, open_reader
from rag.types import Filters

WEIGHTS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04)
THRESHOLDS = (0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its hits and what the reader said of the first of them."""

    question: GoldQuestion
    should_answer: bool
    held_aside: bool
    found: tuple[Found, ...]
    read: list[ReadPassage]


@dataclass(frozen=True, slots=True)
class Remembered:
    """A reader that repeats what was read before."""

    passages: list[ReadPassage]

    def read(self, question: str, passages: Sequence[PassageToRead]) -> list[ReadPassage]:
        """What was read for this very question."""
        del question, passages
        return self.passages


def ask_twice(
    questions: Sequence[GoldQuestion],
    index: Index,
    encoder: Encoder,
    reader: Reader,
    count: int,
    on_asked: Callable[[int], None],
) -> Iterator[Asked]:
    """Every question over all, and over what is not under its title."""
    for number, question in enumerate(questions):
        on_asked(number)
        vector = encoder.embed_question(question.question)
        terms = understand(question.question).terms
        subject = "".join(sorted(question.same_subject))
        aside = hashlib.sha256(subject.encode()).digest()[0] % 2 == 1
        for filters in (Filters(), Filters(excluded_articles=question.same_subject)):
            found = retrieve(index, vector, terms, filters, CONSIDERED)
            passages = [reading.to_read(one, index) for one in found[:count]]
            read = reader.read(question.question, passages)
            yield Asked(question, not filters, aside, found, read)


def outcomes(
    asked: Sequence[Asked], index: Index, weight: float, count: int
) -> list[reading.Reading]:
    """How all would be read with the reader's ``weight``."""
    results = []
    for one in asked:
        question = one.question.question
        found = reading.read_passages(
            Remembered(one.read), question, one.found, index, count, weight
        )
        results.append(reading.read(understand(question), found, index, 3, weight=weight))
    return results


def right(asked: Sequence[Asked], results: Sequence[reading.Reading], first: int) -> float:
    """Share of the answerable with a right quote among the ``first``."""
    return float(
        np.mean(
            [
                any(
                    contains_answer(quote.text, one.question.answers)
                    for quote in result.quotes[:first]
                )
                for one, result in zip(asked, results, strict=True)
                if one.should_answer
            ]
        )
    )


def features(results: Sequence[reading.Reading]) -> npt.NDArray[np.float64]:
    """The evidence of every first quote, shape (readings, 4)."""
    rows = [result.evidence for result in results if result.evidence]
    return np.array([(e.passage, e.sentence, e.coverage, e.span) for e in rows])


def main(
    squad: Annotated[Path, typer.Option(help="SQuAD file of questions.")],
    corpus: Annotated[Path, typer.Option(help="SQuAD file of further paragraphs.")],
) -> None:
    """Print the measures by weight, and the weights of the confidence."""
    settings = Settings()
    found = read_squad([squad], [corpus])
    encoder = open_encoder(settings)
    reader = open_reader(settings, encoder)
    if reader is None:
        raise SystemExit("no trained reader fits the settings")
    with tempfile.TemporaryDirectory() as folder:
        own = settings.model_copy(update={"index": Path(folder)})
        build(article_sources(found.articles), own, encoder)
        index = Index.open_current(own.index)
        asked = list(
            ask_twice(
                found.questions,
                index,
                encoder,
                reader,
                settings.reader_passages,
                lambda number: print(f"{number} asked") if number % 50 == 0 else None,
            )
        )
        report(asked, index, settings.reader_passages)


def report(asked: Sequence[Asked], index: Index, count: int) -> None:
    """Print what `main` promises."""
    fitted = [one for one in asked if not one.held_aside]
    aside = [one for one in asked if one.held_aside]
    for weight in WEIGHTS:
        figures = [
            (right(part, results, 1), right(part, results, 3))
            for part in (fitted, aside)
            for results in (outcomes(part, index, weight, count),)
        ]
        print(f"weight {weight}: fitted on, held aside: {figures}")
        train, test = (outcomes(part, index, weight, count) for part in (fitted, aside))
        for columns in ([0, 1, 2, 3], [0, 1, 3], [3]):
            model = LogisticRegression(C=1e4, max_iter=5000)
            model.fit(features(train)[:, columns], [one.should_answer for one in fitted])
            confidence = model.predict_proba(features(test)[:, columns])[:, 1]
            expected = np.array([one.should_answer for one in aside])
            area = auroc(confidence[expected], confidence[~expected])
            print(
                f"  columns {columns}: {model.coef_.round(4).tolist()}, "
                f"{model.intercept_.round(4).tolist()}, AUROC held aside {area:.3f}"
            )
            for threshold in THRESHOLDS:
                answered = confidence >= threshold
                print(
                    f"    {threshold}: answered when answerable "
                    f"{answered[expected].mean():.3f}, refused otherwise "
                    f"{(~answered)[~expected].mean():.3f}"
                )


if __name__ == "__main__":
    typer.run(main)
