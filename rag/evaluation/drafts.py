"""What readers said of quotes, made into draft gold questions for a person to check."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answering.conversations import Feedback, Verdict
from rag.errors import EvaluationError
from rag.evaluation.gold import GoldQuestion

# Gold files may say more than is read from them.
_CHECK = {
    True: "a reader called these words good: do they answer?",
    False: "no quote that was shown answers: do the articles really not say?",
}


@dataclass(frozen=True, slots=True)
class Drafts:
    """Draft gold questions, and how many questions are ``unclear``.

    Of those no quote was called good and not every quote that was shown was judged, so
    that nobody knows whether the articles answer.
    """

    questions: tuple[GoldQuestion, ...]
    unclear: int


def draft_questions(feedback: Iterable[Feedback]) -> Drafts:
    """Make one draft of all that was said about a question, in whichever conversation.

    A question with a quote that is good is answerable; its answers are the words that were
    marked in such quotes, or the quotes. One whose answer showed only quotes that do not
    answer or are wrong is not answerable.
    """
    asked: dict[tuple[str, str], list[Feedback]] = {}
    for given in feedback:
        key = (" ".join(given.question.casefold().split()), given.language)
        asked.setdefault(key, []).append(given)
    drafts = [_draft(about) for about in asked.values()]
    known = tuple(draft for draft in drafts if draft is not None)
    return Drafts(known, len(drafts) - len(known))


def drafts_text(drafts: Drafts) -> str:
    """Write what ``read_gold`` reads."""
    return "".join(f"{_line(question)}\n" for question in drafts.questions)


def write_drafts(drafts: Drafts, file: Path) -> None:
    """Write them to a new file; EvaluationError when there is one or it cannot be written.

    What was drafted before may have been worked on since.
    """
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(drafts_text(drafts))
    except FileExistsError as error:
        raise EvaluationError(
            f"{file} is there already and may have been worked on; name another file"
        ) from error
    except OSError as error:
        raise EvaluationError(
            f"the drafts cannot be written to {file} ({error.strerror}); name another file"
        ) from error


def _draft(about: Sequence[Feedback]) -> GoldQuestion | None:
    good = [
        (answer, given.path)
        for given in about
        if given.verdict is Verdict.GOOD and (answer := _answer(given))
    ]
    if not good and not _all_were_refused(about):
        return None
    paths = {path for _, path in good}
    return GoldQuestion(
        id=f"feedback-{about[0].turn}",
        question=about[0].question.strip(),
        language=about[0].language,
        answerable=bool(good),
        answers=tuple(dict.fromkeys(answer for answer, _ in good)),
        article=paths.pop() if len(paths) == 1 else None,
    )


def _answer(given: Feedback) -> str | None:
    """The words that answer; None for signs alone, which every quote would contain."""
    answers = (given.marked.strip(), given.text.strip())
    return next((one for one in answers if any(sign.isalnum() for sign in one)), None)


def _all_were_refused(about: Sequence[Feedback]) -> bool:
    """Whether every quote of one of the answers was judged, and none was good."""
    refused: dict[int, int] = {}
    good = {given.turn for given in about if given.verdict is Verdict.GOOD}
    for given in about:
        refused[given.turn] = refused.get(given.turn, 0) + 1
    return any(refused[given.turn] == given.quotes for given in about if given.turn not in good)


def _line(question: GoldQuestion) -> str:
    written = {
        "id": question.id,
        "question": question.question,
        "lang": question.language,
        "answerable": question.answerable,
        "answers": question.answers,
        **({"article": question.article} if question.article else {}),
        "check": _CHECK[question.answerable],
    }
    return json.dumps(written, ensure_ascii=False)
