"""Logs for programs: a line of JSON an event, without a question's words unless wanted."""

from __future__ import annotations

import datetime
import json
import logging
import sys
import traceback
from typing import TYPE_CHECKING, Any, TextIO

from rag.ui.questions_asked import Asked, Witness

if TYPE_CHECKING:
    from rag.config import Settings

logger = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object on one line.

    The words of exceptions and of libraries may repeat what was asked, so their place in the
    code stands for them, unless ``with_questions``.
    """

    def __init__(self, with_questions: bool) -> None:
        super().__init__()
        self._with_questions = with_questions

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **self._event(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = self._exception(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)

    def _event(self, record: logging.LogRecord) -> dict[str, Any]:
        event: dict[str, Any] | None = getattr(record, "event", None)
        if event is not None:
            return event
        # What libraries say may repeat what they were sent.
        if self._with_questions or record.name.partition(".")[0] == "rag":
            return {"event": "message", "message": record.getMessage()}
        return {"event": "message", "place": f"{record.pathname}:{record.lineno}"}

    def _exception(self, error: BaseException) -> dict[str, Any]:
        frames = traceback.extract_tb(error.__traceback__)
        told: dict[str, Any] = {
            "kind": type(error).__name__,
            "places": [f"{one.filename}:{one.lineno} {one.name}" for one in frames],
        }
        if self._with_questions:
            told["message"] = str(error)
        return told


def log_as_json(with_questions: bool, stream: TextIO | None = None) -> None:
    """Have everything that is logged from now on written to ``stream``, stderr by default.

    What this program itself tells of questions is written, of all else warnings and worse.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(with_questions))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logger.setLevel(logging.INFO)


def question_logger(settings: Settings) -> Witness:
    """Return what logs each question, with its words where ``settings`` want them."""

    def log(asked: Asked) -> None:
        event = describe(asked)
        if settings.log_questions:
            event["question"] = asked.question
        logger.info("a question", extra={"event": event})

    return log


def describe(asked: Asked) -> dict[str, Any]:
    """What is logged of a question: how it was answered, and none of its words."""
    event: dict[str, Any] = {
        "event": "question",
        "by": asked.by,
        "outcome": asked.outcome,
        "seconds": round(asked.seconds, 3),
    }
    answer = asked.answer
    if answer is None:
        return event
    event |= {
        "wish": answer.wish.value,
        "language": answer.language,
        "quotes": len(answer.citations),
        "confidence": round(answer.confidence, 3),
    }
    if answer.abstention is not None:
        event["reason"] = answer.abstention.reason.value
    return event
