"""``rag ask --file``: many questions, and their answers in a table."""

from __future__ import annotations

from pathlib import Path

from rag.answering.answer_file import Answered
from rag.answering.answer_rows import rows_of
from rag.answering.assistant import Assistant
from rag.answering.question_file import read_questions
from rag.cli.progress_bars import progress_bars
from rag.cli.saying import announce
from rag.config import Settings
from rag.files import content_name
from rag.types import Filters


def ask_many(settings: Settings, file: Path, out: Path, filters: Filters, top: int) -> None:
    """Answer the questions of ``file`` into ``out``, from one generation of the index.

    A run that was interrupted or killed goes on where it was, as long as neither the
    questions nor the index nor what is asked for are others.
    """
    asked = read_questions(file)
    count = len(asked.questions)
    assistant = Assistant.open(settings, announce)
    with assistant.snapshot() as snapshot:
        overview = snapshot.overview()
        told = (*asked.questions, overview.generation, repr(filters), str(top))
        with Answered(out, content_name(told)) as kept, progress_bars() as progress:
            if kept.done:
                announce(f"going on behind question {kept.done} of {count}")
            progress.start("questions", count)
            progress.advance(kept.done)
            try:
                for number in range(kept.done + 1, count + 1):
                    question = asked.questions[number - 1]
                    answer = snapshot.ask(question, filters=filters, top=top)
                    kept.add(rows_of(number, answer, overview))
                    progress.advance(1)
            except KeyboardInterrupt:
                announce(f"{kept.done} of {count} are answered; the same command goes on")
                raise
            answered = kept.finish(asked.delimiter)
    without = f"; {asked.without} rows held no question" if asked.without else ""
    print(f"{count} questions, {answered} answered, {count - answered} not: {out}{without}")
