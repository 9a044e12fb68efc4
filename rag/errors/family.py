"""The error family: every error says what was found, expected and to do."""

from __future__ import annotations

from rag.errors.problem import Problem


class RagError(Exception):
    """Base of every error this package raises on purpose.

    The message is one line that a user can act on; the command line prints it
    and leaves with ``exit_code``. ``problem`` is what it says, for other languages.
    """

    exit_code = 2

    def __init__(self, problem: Problem | str) -> None:
        super().__init__(problem)
        self.problem = Problem.other(problem) if isinstance(problem, str) else problem


class SettingsError(RagError):
    """A setting that does not exist or has an unusable value."""


class ArticleError(RagError):
    """A file that cannot be read as an article, or changed as one."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)


class ModelError(RagError):
    """A model that is missing, damaged or does not fit."""


class WorkersError(RagError):
    """Processes or machines that cannot embed what they were given."""


class IndexMissingError(RagError):
    """No index where one was expected."""


class IndexDamagedError(RagError):
    """An index that contradicts itself or its manifest."""

    exit_code = 1


class IndexNewerError(IndexDamagedError):
    """An index of a later version, which nothing here may take the place of."""

    exit_code = 2


class IndexMismatchError(RagError):
    """An index that was made with other settings than those in force."""


class IndexWriteError(RagError):
    """An index that cannot be written."""


class EngineError(RagError):
    """A server of passages that cannot be reached or used."""


class EvaluationError(RagError):
    """Gold questions that cannot be read."""


class KeepingError(RagError):
    """Conversations or feedback that cannot be kept or read."""


class QuestionFileError(RagError):
    """A file of questions that cannot be read, or one of answers that cannot be written."""


class QuotesFileError(RagError):
    """A file of exported citations that cannot be read."""
