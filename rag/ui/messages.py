"""The messages of the chat that are no answer: a question, a notice, a failure."""

from __future__ import annotations

from markupsafe import Markup

from rag.errors import (
    EngineError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexWriteError,
    KeepingError,
    ModelError,
    RagError,
)
from rag.ui.html import render
from rag.ui.texts import TEXTS
from rag.ui.texts.shape import FailureTexts


def render_question(question: str) -> Markup:
    """Return the message that shows a reader's question, as it was typed."""
    return render("question", question=question)


def render_notice(text: str) -> Markup:
    """Return a message for while the reader waits."""
    return render("notice", text=text)


def render_error(error: Exception, language: str) -> Markup:
    """Say what failed, and what the error says when it is one of ours."""
    failed = _what_failed(error, TEXTS[language].failures)
    detail = str(error) if isinstance(error, RagError) else None
    return render("failure", failed=failed, detail=detail)


def _what_failed(error: Exception, texts: FailureTexts) -> str:
    match error:
        case (
            IndexWriteError() | IndexDamagedError() | IndexMismatchError() | IndexMissingError()
        ):
            return texts.index
        case KeepingError():
            return texts.conversations
        case EngineError():
            return texts.engine
        case ModelError():
            return texts.model
        case RagError():
            return texts.other
    return texts.unexpected
