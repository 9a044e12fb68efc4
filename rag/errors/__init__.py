"""The error family, and what may be wrong as data: a code, its fields, a sentence a language.

To add a problem: a line in ``codes``, and a sentence in each of ``english`` and ``french``.
"""

from rag.errors.codes import Code
from rag.errors.family import (
    ArticleError,
    EngineError,
    EvaluationError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexNewerError,
    IndexWriteError,
    KeepingError,
    ModelError,
    QuestionFileError,
    QuotesFileError,
    RagError,
    SettingsError,
    WorkersError,
)
from rag.errors.problem import SENTENCES, Field, Problem

__all__ = [
    "SENTENCES",
    "ArticleError",
    "Code",
    "EngineError",
    "EvaluationError",
    "Field",
    "IndexDamagedError",
    "IndexMismatchError",
    "IndexMissingError",
    "IndexNewerError",
    "IndexWriteError",
    "KeepingError",
    "ModelError",
    "Problem",
    "QuestionFileError",
    "QuotesFileError",
    "RagError",
    "SettingsError",
    "WorkersError",
]
