"""Embedding in several processes of this machine, each with an encoder of its own."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import cast

from rag.errors import WorkersError
from rag.models.text_parts import Text
from rag.models.workers.child_process import Child
from rag.models.workers.protocol import (
    TRIES,
    Batch,
    Done,
    Failed,
    OpenEncoder,
    Rate,
    Vectors,
    embedded,
    open_same,
    reason_of,
)

logger = logging.getLogger(__name__)

# What the libraries that compute ask for the number of their threads.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


class Processes:
    """``count`` processes, each started when there is a batch for it.

    One that ends before its batch is done is replaced and the batch tried again, TRIES
    times in all. ``fingerprint`` is that of the encoder they must open.
    """

    def __init__(
        self,
        count: int,
        open_encoder: OpenEncoder,
        fingerprint: str,
        announce: Callable[[str], None] = logger.info,
    ) -> None:
        self._count = count
        self._open_encoder = open_encoder
        self._fingerprint = fingerprint
        self._announce = announce

    def embed(self, batches: Iterable[Sequence[Text]]) -> Done:
        """The vectors of each batch, in the order in which they are done."""
        crew = _Crew(self._count, self._start, self._announce)
        rate = Rate()
        with contextlib.closing(crew):
            for batch, vectors in crew.work(Batch(*one) for one in enumerate(batches)):
                rate.count(len(batch.texts))
                yield batch.number, vectors
        if rate:
            self._announce(f"{rate}, by {self._count} processes")

    def _start(self) -> Child:
        threads = max(1, _cores() // self._count)
        return Child("embedding", _work, self._open_encoder, self._fingerprint, threads)


@dataclass(slots=True)
class _Task:
    """A batch, and how often a process ended over it."""

    batch: Batch
    ended: int = 0


class _Crew:
    """The processes of one build, and which of them is at work on what."""

    def __init__(
        self, count: int, start: Callable[[], Child], announce: Callable[[str], None]
    ) -> None:
        self._count = count
        self._start = start
        self._announce = announce
        self._idle: list[Child] = []
        self._busy: dict[Connection, tuple[Child, _Task]] = {}
        self._again: deque[_Task] = deque()
        self._begun = False

    def work(self, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Vectors]]:
        """Each batch with its vectors, as they are done."""
        self._hand_out(batches)
        while self._busy:
            for connection in wait(list(self._busy)):
                done = self._hear(cast(Connection, connection))
                # Before the vectors are put away: nobody should wait for that.
                self._hand_out(batches)
                if done is not None:
                    yield done

    def close(self) -> None:
        """End every process."""
        for child in (*self._idle, *(child for child, _ in self._busy.values())):
            child.end()

    def _hand_out(self, batches: Iterator[Batch]) -> None:
        """Have every process at work, as far as there are batches."""
        while len(self._busy) < self._count:
            task = self._again.popleft() if self._again else _next_task(batches)
            if task is None:
                return
            child = self._idle.pop() if self._idle else self._new_child()
            self._busy[child.connection] = (child, task)
            # One that ended meanwhile is noticed where it is listened to.
            with contextlib.suppress(OSError):
                child.connection.send(task.batch)

    def _new_child(self) -> Child:
        if not self._begun:
            self._begun = True
            self._announce(
                f"Embedding with {self._count} processes; each opens the model first"
            )
        return self._start()

    def _hear(self, connection: Connection) -> tuple[Batch, Vectors] | None:
        """A batch that is done; None where its process ended, and it is to be tried again."""
        child, task = self._busy[connection]
        try:
            message = connection.recv()
        except (EOFError, OSError):
            self._replace(connection)
            return None
        if isinstance(message, Failed):
            raise WorkersError(message.reason)
        del self._busy[connection]
        self._idle.append(child)
        return task.batch, message.vectors

    def _replace(self, connection: Connection) -> None:
        child, task = self._busy.pop(connection)
        how = child.ending()
        child.end()
        task.ended += 1
        if task.ended == TRIES:
            raise WorkersError(
                f"{task.batch} could not be embedded: {TRIES} processes ended over it, the "
                f"last by {how}; if memory is short, take fewer with --workers; what was "
                "embedded is kept for the next build"
            )
        self._announce(f"A process ended by {how}; another one takes over its texts")
        self._again.append(task)


def _next_task(batches: Iterator[Batch]) -> _Task | None:
    batch = next(batches, None)
    return None if batch is None else _Task(batch)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _work(
    connection: Connection, open_encoder: OpenEncoder, fingerprint: str, threads: int
) -> None:
    """Embed one batch after the other, in a process of its own."""
    # Read when torch is imported: the processes share the cores.
    os.environ.update(dict.fromkeys(_THREADS, str(threads)))
    _make_no_semaphores()
    try:
        encoder = open_same(open_encoder, fingerprint)
    except Exception as error:
        connection.recv()
        connection.send(Failed(reason_of(error)))
        return
    while True:
        batch: Batch = connection.recv()
        connection.send(embedded(encoder, batch))


def _make_no_semaphores() -> None:
    """Have libraries below the model make none, as a kill would leave them behind.

    Python would complain of that on the terminal.
    """
    from tqdm import tqdm

    os.environ["JOBLIB_MULTIPROCESSING"] = "0"
    tqdm.set_lock(threading.RLock())
