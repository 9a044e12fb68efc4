"""An evaluation from files to a report: opens the assistant, asks it everything."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from platformdirs import user_cache_path

from rag.answering.assistant import Assistant
from rag.answering.snapshot import Snapshot
from rag.config import Settings
from rag.errors import EvaluationError
from rag.evaluation.gold import GoldQuestion, read_gold
from rag.evaluation.report import About, Report, describe, evaluate
from rag.evaluation.squad import read_squad
from rag.files import content_name
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.models.encoder import open_encoder
from rag.models.span_reader import open_reader
from rag.progress import Progress


def evaluate_gold(
    settings: Settings, gold: Path, progress: Progress, announce: Callable[[str], None]
) -> Report:
    """Ask the questions of ``gold`` over the index of ``settings``."""
    questions = read_gold(gold)
    assistant = Assistant.open(settings, announce)
    with assistant.snapshot() as snapshot:
        about = describe(settings, snapshot.overview(), gold=[gold])
        return _run(snapshot, questions, about, progress)


def evaluate_squad(
    settings: Settings,
    squad: Sequence[Path],
    corpus: Sequence[Path],
    progress: Progress,
    announce: Callable[[str], None],
) -> Report:
    """Ask the questions of ``squad`` over all paragraphs of the files.

    Their index is kept in the user's cache for the next time.
    """
    found = read_squad(list(squad), list(corpus))
    name = content_name(article.id for article in found.articles)
    own = settings.model_copy(
        update={"index": user_cache_path("guillemets") / "evaluation" / name}
    )
    encoder = open_encoder(settings, announce)
    build(article_sources(found.articles), own, encoder, progress, announce)
    assistant = Assistant(own, encoder, open_reader(own, encoder))
    with assistant.snapshot() as snapshot:
        overview = snapshot.overview()
        about = describe(settings, overview, gold=list(squad), corpus=list(corpus))
        return _run(snapshot, found.questions, about, progress, found.notes)


def write_report(report: Report, file: Path) -> None:
    """Write the whole report as JSON; raises EvaluationError when it cannot be."""
    written = json.dumps(report.to_json(), ensure_ascii=False, indent=1)
    try:
        file.write_text(written + "\n", encoding="utf-8")
    except OSError as error:
        raise EvaluationError(
            f"the report cannot be written to {file} ({error.strerror}); name another file"
        ) from error


def _run(
    snapshot: Snapshot,
    questions: Sequence[GoldQuestion],
    about: About,
    progress: Progress,
    notes: Sequence[str] = (),
) -> Report:
    progress.start("loading the model", 1)
    snapshot.warm_up()
    progress.advance(1)
    progress.start("questions", len(questions))
    passages = snapshot.passages()
    return evaluate(
        snapshot,
        questions,
        passages,
        about,
        notes=notes,
        on_asked=lambda: progress.advance(1),
    )
