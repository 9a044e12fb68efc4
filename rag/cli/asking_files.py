"""``rag ask --file``: many questions, with a bar and a count."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.answering.answer_json import answer_to_json
from rag.cli.many_questions import ask_file
from rag.cli.progress_bars import progress_bars
from rag.cli.question_files import read_questions
from rag.cli.saying import print_json

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.types import Filters


def ask_each(
    assistant: Assistant, questions: Path, out: Path, filters: Filters, top: int, as_json: bool
) -> None:
    """Ask ``questions`` of one generation, write ``out``, and say how many were answered."""
    with assistant.snapshot() as snapshot, progress_bars() as progress:
        overview = snapshot.overview()

        def ask(question: str) -> dict[str, Any]:
            answer = snapshot.ask(question, filters=filters, top=top)
            said = answer_to_json(answer, overview)
            for quote, citation in zip(said["quotes"], answer.citations, strict=True):
                quote["source"] = citation.article.source
            return said

        asked_with = {
            "generation": overview.generation,
            "top": top,
            "since": filters.since and filters.since.isoformat(),
            "until": filters.until and filters.until.isoformat(),
            "sources": sorted(filters.sources),
        }
        counts = ask_file(questions, out, asked_with, ask, progress)
    for question in read_questions(questions):
        if question.broken:
            print(f"rag: line {question.line}: {question.broken}", file=sys.stderr)
    told = {name: counts[name] for name in ("answered", "refused", "broken")}
    if as_json:
        print_json({**told, "out": str(out)})
    else:
        print(", ".join(f"{count} {name}" for name, count in told.items()) + f": {out}")
