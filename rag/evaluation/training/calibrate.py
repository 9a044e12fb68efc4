"""Fit what the answering weighs, and change ``rag/answering/weights.json``.

``python -m rag.evaluation.training.calibrate --press FOLDER --squad FILE --out FILE``: on
questions that the reader was not trained on, those of press folders that were set aside and
of the titles of the SQuAD files that `is_aside` names.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from rag.answering.confidence import Confidence, Ranking, Weights
from rag.answering.read_passages import read_passages
from rag.answering.retrieve import CANDIDATES, Found, retrieve
from rag.answering.score_sentences import Candidate, Scorer
from rag.answering.snapshot import CONSIDERED
from rag.answering.tell_once import without_repeats, without_reprints
from rag.config import Settings
from rag.evaluation import GoldQuestion, read_gold, read_squad
from rag.evaluation.gold import names_article
from rag.evaluation.metrics import auroc, contains_answer
from rag.evaluation.training.examples import is_aside
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.language.questions import understand
from rag.library.build import build, build_folder
from rag.models.encoder import Encoder, open_encoder
from rag.models.span_reader import Reader, open_reader
from rag.types import Filters

# So many of the answerable questions are to be answered; the others' are refused.
ANSWERED = 0.9
# Keeps weights of evidence that tells little near 0.
RIDGE = 1e-4
RANKING = ("reading", "passage", "sentence_cosine", "coverage", "lacks_detail", "foreign")
# With a reader what it says is enough.
CONFIDENCE = ("odds",)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """A question's candidates and which of them answer.

    ``in_article`` tells those that answer in the article that the question names; other
    ones that hold an answer's words are neither right nor wrong to learn from.
    """

    candidates: tuple[Candidate, ...]
    answers: npt.NDArray[np.bool_]
    in_article: npt.NDArray[np.bool_]
    eligible: npt.NDArray[np.bool_]
    answerable: bool


def choices(
    questions: Sequence[tuple[GoldQuestion, Filters]],
    index: Index,
    encoder: Encoder,
    reader: Reader,
    count: int,
) -> Iterator[Choice]:
    """What the answering has to choose from, for each question."""
    article_of = index.articles.read
    for gold, filters in questions:
        asked = understand(gold.question)
        vector = encoder.embed_question(gold.question)
        found: tuple[Found, ...] = retrieve(index, vector, asked.terms, filters, 2 * CANDIDATES)
        found = without_reprints(found, index, article_of, CONSIDERED)
        if not found:
            continue
        found = read_passages(reader, gold.question, found, article_of, count)
        found = without_repeats(found, index, article_of)
        candidates = Scorer(asked, found, index, article_of).candidates
        if candidates:
            yield _choice(gold, candidates, answerable=gold.answerable and not filters)


def _choice(gold: GoldQuestion, candidates: Sequence[Candidate], answerable: bool) -> Choice:
    answers = [answerable and contains_answer(one.text, gold.answers) for one in candidates]
    own = [
        right
        and (
            one.article.id == gold.paragraph
            or (
                gold.paragraph is None
                and (gold.article is None or names_article(gold.article, one.article))
            )
        )
        for one, right in zip(candidates, answers, strict=True)
    ]
    return Choice(
        tuple(candidates),
        np.array(answers),
        np.array(own),
        np.array([one.says_something for one in candidates]),
        answerable,
    )


def ranking_evidence(choice: Choice) -> Floats:
    """What Ranking weighs, a row a candidate."""
    return np.array([Ranking.evidence(one.evidence) for one in choice.candidates])


def fit(choices: Sequence[Choice]) -> Weights:
    """The weights that make what answers likeliest, then how sure that makes."""
    ranking = fit_ranking(choices, RANKING)
    columns = CONFIDENCE
    rows, right = firsts(choices, ranking)
    names = [field.name for field in dataclasses.fields(Confidence)]
    model = LogisticRegression(C=100.0, max_iter=10_000)
    model.fit(rows[:, [names.index(name) for name in columns]], right)
    values = dict(zip(columns, model.coef_[0].tolist(), strict=True))
    confidence = Confidence(
        **{name: round(value, 4) for name, value in values.items()},
        bias=round(float(model.intercept_[0]), 4),
    )
    answerable = np.array([one.answerable for one in choices])
    sure = how_sure(rows, confidence)
    threshold = round(float(np.quantile(sure[answerable], 1 - ANSWERED)), 2)
    confidence = dataclasses.replace(confidence, threshold=threshold)
    return Weights(ranking, confidence, confidence)


def fit_ranking(choices: Sequence[Choice], columns: Sequence[str]) -> Ranking:
    """The conditional logit of the candidates and none."""
    names = [field.name for field in dataclasses.fields(Ranking)]
    places = [names.index(name) for name in (*columns, "bias")]
    # A sentence that answers elsewhere is neither right nor wrong to learn from.
    kept = [one.eligible & ~(one.answers & ~one.in_article) for one in choices]
    rows = [
        ranking_evidence(one)[keep][:, places] for one, keep in zip(choices, kept, strict=True)
    ]
    right = [one.in_article[keep] for one, keep in zip(choices, kept, strict=True)]

    def loss(weights: Floats) -> float:
        total = 0.0
        for choice, row, answers in zip(choices, rows, right, strict=True):
            scores = row @ weights
            every = np.logaddexp.reduce([0.0, *scores])
            if not choice.answerable:
                total += every
            elif answers.any():
                total += every - np.logaddexp.reduce(scores[answers])
        return float(total / len(choices) + RIDGE * (weights[:-1] ** 2).sum())

    start = np.array([0.5 if name == "reading" else 0.0 for name in (*columns, "bias")])
    found = minimize(loss, start, method="L-BFGS-B").x.tolist()
    return Ranking(
        **{name: round(value, 4) for name, value in zip((*columns, "bias"), found, strict=True)}
    )


def firsts(choices: Sequence[Choice], ranking: Ranking) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """What Confidence weighs for every question's first candidate, and whether it is right."""
    rows, right = [], []
    for one in choices:
        scores = [ranking(candidate.evidence) for candidate in one.candidates]
        first = int(np.where(one.eligible, scores, -np.inf).argmax())
        rows.append(Confidence.evidence(one.candidates[first].evidence, scores))
        right.append(bool(one.answers[first]))
    return np.array(rows), np.array(right)


def how_sure(rows: Floats, confidence: Confidence) -> Floats:
    """The confidence in every first candidate."""
    weights = np.array(dataclasses.astuple(confidence)[: rows.shape[1]])
    sure: Floats = 1 / (1 + np.exp(-(rows @ weights)))
    return sure


def describe(choices: Sequence[Choice], weights: Weights) -> str:
    """The measures of ``weights`` over ``choices``, in a line."""
    rows, right = firsts(choices, weights.ranking)
    sure = how_sure(rows, weights.confidence)
    answerable = np.array([one.answerable for one in choices])
    threshold = weights.confidence.threshold or 0.0
    area = auroc(sure[answerable], sure[~answerable])
    return (
        f"{len(choices)} askings: first right {right[answerable].mean():.3f}, "
        f"AUROC {area:.3f}, answered {(sure >= threshold)[answerable].mean():.3f}, "
        f"refused {(sure < threshold)[~answerable].mean():.3f}, "
        f"confidence {sure.mean():.3f} against {right.mean():.3f} right"
    )


def main(
    press: Annotated[list[Path], typer.Option(help="Press folders that were set aside.")],
    squad: Annotated[list[Path], typer.Option(help="SQuAD files that were trained on.")],
    work: Annotated[Path, typer.Option(help="Folder for the indexes; kept.")],
    out: Annotated[Path, typer.Option(help="The file of weights to change.")],
) -> None:
    """Fit the weights with the reader, describe them and put them into the file."""
    settings = Settings()
    encoder = open_encoder(settings)
    reader = open_reader(settings, encoder)
    if reader is None:
        raise SystemExit("no trained reader fits the settings")
    parts: dict[str, list[Choice]] = {}
    count = settings.reader_passages
    for number, folder in enumerate(press):
        own = Settings(articles=folder / "articles", index=work / f"press-{number}")
        build_folder(own, encoder)
        index = Index.open_current(own.index)
        asked = [(gold, Filters()) for gold in read_gold(folder / "gold.jsonl")]
        parts[folder.name] = list(choices(asked, index, encoder, reader, count))
        index.close()
    own = Settings(index=work / "squad")
    read = read_squad(squad)
    build(article_sources(read.articles), own, encoder)
    index = Index.open_current(own.index)
    titles = {article.id: article.title for article in read.articles}
    asked = [
        (gold, filters)
        for gold in read.questions
        if is_aside(titles[gold.paragraph or ""])
        for filters in (Filters(), Filters(excluded_articles=gold.same_subject))
    ]
    parts["squad"] = list(choices(asked, index, encoder, reader, count))
    index.close()
    every = [one for part in parts.values() for one in part]
    # Without a reader the weights of the file stay: press tells them nothing, as its
    # questions are as near to what does not answer.
    written = json.loads(out.read_text("utf-8"))
    weights = fit(every)
    written |= {"model": encoder.name, "read": dataclasses.asdict(weights)}
    for name, part in parts.items():
        print(f"{name}: {describe(part, weights)}", flush=True)
    out.write_text(json.dumps(written, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    typer.run(main)
