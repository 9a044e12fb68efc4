"""A process of our own that ends with us, however we end."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from rag.errors import WorkersError

# Spawned, not forked: a fork inherits locks that threads of this process hold.
_CONTEXT = multiprocessing.get_context("spawn")


class Child:
    """A process that runs ``target(connection, *arguments)``, and the way to talk to it.

    ``target`` is a function of a module and all it is given can be pickled. The process
    does not hear Ctrl-C, which is for this one to handle, and ends when this one does.
    """

    def __init__(self, name: str, target: Callable[..., None], *arguments: object) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_run, args=(target, theirs, *arguments), name=name, daemon=True
        )
        try:
            with _interrupts_held():
                self._process.start()
        except OSError as error:
            self.connection.close()
            raise WorkersError(
                f"no process could be started ({error}); take fewer with --workers"
            ) from error
        finally:
            # While it is open here, the end of the process would go unnoticed.
            theirs.close()

    @property
    def pid(self) -> int | None:
        """The number of the process."""
        return self._process.pid

    def ending(self) -> str:
        """Wait for a process that hung up, and tell how it ended."""
        self._process.join(5)
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"signal {-code}"
        return f"exit code {code}"

    def end(self) -> None:
        """End the process at once; it holds nothing that could be lost."""
        self.connection.close()
        self._process.kill()
        self._process.join()
        self._process.close()


def _run(target: Callable[..., None], connection: Connection, *arguments: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    # Whoever should hear of it is gone.
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        target(connection, *arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Have a process that is started here begin deaf to Ctrl-C.

    Until it can say so itself, an interrupt would have it print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
