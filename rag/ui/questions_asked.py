"""What became of each question: told to whoever watches the program, not to readers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from rag.types import Answer

AskedBy = Literal["page", "program"]
Outcome = Literal["answered", "refused", "failed"]


@dataclass(slots=True)
class Asked:
    """A question, who asked it, its answer, None as long as there is none, and its seconds."""

    question: str
    by: AskedBy
    answer: Answer | None = None
    seconds: float = 0.0

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        if self.answer is None:
            return "failed"
        return "answered" if self.answer.answered else "refused"


Witness = Callable[[Asked], None]


class Questions:
    """Tells ``witnesses`` of every question once it has ended, however it did."""

    def __init__(
        self, *witnesses: Witness, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._witnesses = witnesses
        self._clock = clock

    @contextmanager
    def asked(self, question: str, by: AskedBy) -> Iterator[Asked]:
        """Watch a question; whoever asks it puts its answer into what this yields."""
        asked, began = Asked(question, by), self._clock()
        try:
            yield asked
        finally:
            asked.seconds = self._clock() - began
            for witness in self._witnesses:
                witness(asked)


UNWATCHED = Questions()
