"""A Milvus server: reaching it, asking it, and saying what is wrong with it.

pymilvus is Milvus's own client. It gives up at once where nothing listens, so what an
outage interrupts is repeated here, with growing pauses, for as long as the asker has
patience. Both packages are imported when a server is first asked for.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from rag.config import MILVUS_PASSWORD_VARIABLE, MILVUS_TOKEN_VARIABLE, MILVUS_USER_VARIABLE
from rag.errors import EngineError

if TYPE_CHECKING:
    from pymilvus import MilvusClient

# Seconds for a call, and for how many a server may be out of reach. A reader waits for a
# question, nobody for a build.
QUESTION_SECONDS = QUESTION_PATIENCE = 5.0
BUILD_SECONDS = BUILD_PATIENCE = 30.0
# One call in which a small server does all of it.
LOAD_SECONDS = 300.0
# A cluster makes and loads an index as long as there are vectors, and tells when it has.
INDEX_SECONDS = 6 * 3600.0
CONNECT_SECONDS = 5.0

# What gRPC tells of another kind of server.
_NOT_MILVUS = (
    "Failed parsing HTTP/2",
    "http1.x server",
    "Handshake",
    "WRONG_VERSION_NUMBER",
    "non-200 HTTP response",
)

T = TypeVar("T")


class UnreachableError(EngineError):
    """Nothing answers: the server may come back."""


class MilvusServer:
    """The server at ``uri``; connects when it is first asked. Safe to use from threads.

    ``patience`` is for how many seconds it may be out of reach, ``connecting`` for how many
    what listens there may say nothing.
    """

    def __init__(self, uri: str, patience: float, connecting: float = CONNECT_SECONDS) -> None:
        self._uri = uri
        self._patience = patience
        self._connecting = connecting
        self._lock = threading.Lock()
        self._client: MilvusClient | None = None

    def ask(self, what: Callable[[MilvusClient], T]) -> T:
        """What the server answers; raises EngineError with what to do.

        ``what`` is done again while the server cannot be reached, until patience ends.
        """
        import_client()
        from tenacity import (
            Retrying,
            retry_if_exception_type,
            stop_after_delay,
            wait_random_exponential,
        )

        repeated: T = Retrying(
            retry=retry_if_exception_type(UnreachableError),
            stop=stop_after_delay(self._patience),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            reraise=True,
        )(self._ask_once, what)
        return repeated

    def _ask_once(self, what: Callable[[MilvusClient], T]) -> T:
        import grpc
        from pymilvus.exceptions import MilvusException

        try:
            return what(self._connected())
        except (MilvusException, grpc.RpcError, grpc.FutureTimeoutError) as error:
            # A new connection is made the next time, whatever became of this one.
            self.close()
            raise self._explained(error) from error

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            # What is broken cannot be closed in order.
            with contextlib.suppress(Exception):
                client.close()

    def _connected(self) -> MilvusClient:
        from pymilvus import MilvusClient

        with self._lock:
            if self._client is None:
                self._client = MilvusClient(
                    uri=self._uri,
                    user=os.environ.get(MILVUS_USER_VARIABLE, ""),
                    password=os.environ.get(MILVUS_PASSWORD_VARIABLE, ""),
                    token=os.environ.get(MILVUS_TOKEN_VARIABLE, ""),
                    timeout=self._connecting,
                    dedicated=True,
                )
            return self._client

    def _explained(self, error: Exception) -> EngineError:
        code, message = _code_of(error), _message_of(error)
        told = " ".join(map(_message_of, _chain(error)))
        if code in ("UNAUTHENTICATED", "PERMISSION_DENIED") or "auth check fail" in message:
            return EngineError(
                f"the Milvus server at {self._uri} refuses access; set "
                f"{MILVUS_TOKEN_VARIABLE}, or {MILVUS_USER_VARIABLE} and "
                f"{MILVUS_PASSWORD_VARIABLE}, to what it expects"
            )
        if code == "UNIMPLEMENTED" or any(sign in told for sign in _NOT_MILVUS):
            return EngineError(
                f"what answers at {self._uri} is no Milvus server, or too old a one; 'uri' "
                "must name one of version 2.5 or later, for example http://127.0.0.1:19530"
            )
        if code == "DEADLINE_EXCEEDED":
            return EngineError(
                f"the Milvus server at {self._uri} did not answer in time; try again, and look "
                "whether it is overloaded"
            )
        if code == "UNAVAILABLE" or not hasattr(error, "compatible_code"):
            return UnreachableError(
                f"the Milvus server at {self._uri} cannot be reached; start it, or set 'uri' "
                "to where it is; nothing is lost"
            )
        return EngineError(
            f"the Milvus server at {self._uri} reports: {message[:300]}; look into its log, "
            "and make the collection anew with: rag build"
        )


def is_not_found(error: BaseException | None) -> bool:
    """Whether a server's ``error`` says that the collection is not there."""
    from pymilvus.exceptions import ErrorCode, MilvusException

    return isinstance(error, MilvusException) and (
        error.code == ErrorCode.COLLECTION_NOT_FOUND or error.compatible_code == 4
    )


def is_not_loaded(error: BaseException | None) -> bool:
    """Whether a server's ``error`` says that the collection is not in its memory."""
    from pymilvus.exceptions import MilvusException

    return isinstance(error, MilvusException) and (
        error.code == 101 or "not loaded" in error.message or "'released'" in error.message
    )


def import_client() -> Any:
    """The client's package; EngineError when it is not installed."""
    try:
        import pymilvus
        import tenacity  # noqa: F401
    except ImportError as error:
        raise EngineError(
            f"'uri' names a Milvus server, and a package to speak to it ({error.name}) is not "
            "installed; install what is needed with: pip install 'pymilvus>=3,<4' tenacity"
        ) from error
    # It logs a traceback for each error, which is told in one line here.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    return pymilvus


def count_held(client: MilvusClient, collection: str) -> int:
    """How many passages a loaded collection holds, the last one included."""
    (found,) = client.query(
        collection,
        output_fields=["count(*)"],
        consistency_level="Strong",
        timeout=BUILD_SECONDS,
    )
    return int(found["count(*)"])


def _code_of(error: Exception) -> str:
    """The name of the gRPC code, of those that matter, wherever it stands."""
    for one in _chain(error):
        code = getattr(one, "code", None)
        if callable(code):
            code = code()
        name = str(getattr(code, "name", ""))
        if name in _CODES:
            return name
    # A call that was given up tells it in words.
    message = _message_of(error)
    for name in _CODES:
        if f"StatusCode.{name}" in message:
            return name
    return "UNAVAILABLE" if "Fail connecting to server" in message else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it came of; pymilvus raises errors from themselves."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__context__, one.__cause__]


_CODES = (
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "UNIMPLEMENTED",
    "DEADLINE_EXCEEDED",
    "UNAVAILABLE",
)


def _message_of(error: BaseException) -> str:
    message = getattr(error, "message", None) or str(error)
    return " ".join(str(message).split())
