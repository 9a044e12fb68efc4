"""Embedding on a Ray cluster, with Ray Data: an encoder an actor.

Ray is spoken to in a process of its own (``ray_driver``): there it may print,
catch signals and wait as long as it likes.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import logging
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.errors import SettingsError, WorkersError
from rag.models.text_parts import Text
from rag.models.workers.child_process import Child
from rag.models.workers.protocol import Batch, Done, Embedded, Failed, OpenEncoder, Rate
from rag.models.workers.ray_driver import Connected, drive

logger = logging.getLogger(__name__)

# Ray Data wants all texts of a run in advance, and every run starts its encoders anew: so
# many batches are seconds of starting in minutes of work, and some 100 MB of text.
BATCHES_A_RUN = 2048
# Seconds.
_TO_ANSWER = 5

_KEPT = "what was embedded is kept for the next build"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds in which nothing may come from the cluster; ``wonder``, until that is told."""

    connect: int = 120
    embed: int = 1800
    wonder: int = 30


class RayCluster:
    """The Ray cluster at ``address``: HOST:PORT, or "auto" for the one of this machine.

    There is an encoder for each GPU or, where there is none, for every few cores;
    ``most`` limits how many (0 for no limit). ``fingerprint`` is that of the encoder they
    must open.
    """

    def __init__(
        self,
        address: str,
        open_encoder: OpenEncoder,
        fingerprint: str,
        most: int = 0,
        announce: Callable[[str], None] = logger.info,
        patience: Patience = Patience(),
    ) -> None:
        self._address = address
        self._patience = patience
        self._arguments = open_encoder, fingerprint, most
        self._announce = announce

    def embed(self, batches: Iterable[Sequence[Text]]) -> Done:
        """The vectors of each batch, in the order in which they are done."""
        numbered = (Batch(*one) for one in enumerate(batches))
        first = next(numbered, None)
        if first is None:
            return
        _check_installed()
        _check_address(self._address)
        rate = Rate()
        child = Child("ray", drive, self._address, *self._arguments)
        exchange = _Exchange(self._address, child, self._announce, self._patience)
        with contextlib.closing(exchange) as cluster:
            where = cluster.connect()
            self._announce(f"Embedding with {where}; each opens the model first")
            for run in _runs(itertools.chain([first], numbered)):
                for done in cluster.embed(run):
                    rate.count(len(done.vectors))
                    yield done.number, done.vectors
        self._announce(f"{rate}, with {where}")


class _Exchange:
    """What is said to the process that speaks to Ray, and what it answers."""

    def __init__(
        self,
        address: str,
        child: Child,
        announce: Callable[[str], None],
        patience: Patience,
    ) -> None:
        self._address = address
        self._patience = patience
        self._child = child
        self._announce = announce

    def close(self) -> None:
        """Leave the cluster; what runs there for us ends."""
        self._child.end()

    def connect(self) -> Connected:
        """Wait for the cluster."""
        self._wait(
            self._patience.connect,
            f"what listens at {self._address} did not answer as a Ray cluster within "
            f"{self._patience.connect} s; give the address that 'ray start --head' printed",
        )
        found = self._hear()
        assert isinstance(found, Connected)
        return found

    def embed(self, batches: Iterable[Batch]) -> Iterator[Embedded]:
        """Have Ray Data run over ``batches``."""
        left: dict[int, Batch] = {}
        for batch in batches:
            left[batch.number] = batch
            self._send(batch)
        self._send(None)
        while left:
            seconds = self._patience.embed
            self._wait(
                seconds,
                f"the Ray cluster at {self._address} gave nothing back for {seconds // 60} "
                f"minutes; see 'ray status', then build again; {_KEPT}",
            )
            try:
                found = self._hear()
            except WorkersError as error:
                first = left[min(left)]
                raise WorkersError(
                    f"{error}; the first that is missing is {first}; {_KEPT}"
                ) from error
            assert isinstance(found, Embedded)
            del left[found.number]
            yield found

    def _send(self, message: Batch | None) -> None:
        # If it ended, that is noticed where it is listened to.
        with contextlib.suppress(OSError):
            self._child.connection.send(message)

    def _wait(self, seconds: int, otherwise: str) -> None:
        """Return when something can be heard; raise WorkersError after so many seconds."""
        wonder = self._patience.wonder
        for waited in range(wonder, seconds + 1, wonder):
            if self._child.connection.poll(wonder):
                return
            self._announce(
                f"Nothing from the Ray cluster for {waited} s; 'ray status' tells whether "
                "something else holds its CPUs or GPUs"
            )
        raise WorkersError(otherwise)

    def _hear(self) -> Connected | Embedded:
        try:
            message = self._child.connection.recv()
        except (EOFError, OSError):
            message = Failed(f"the process that speaks to Ray ended by {self._child.ending()}")
        if isinstance(message, Failed):
            raise WorkersError(message.reason)
        found: Connected | Embedded = message
        return found


def _runs(batches: Iterator[Batch]) -> Iterator[Iterator[Batch]]:
    """Stretches of ``batches``, each to be used before the next."""
    for first in batches:
        rest = itertools.islice(batches, BATCHES_A_RUN - 1)
        yield itertools.chain([first], rest)


def _check_installed() -> None:
    for package in ("ray", "pyarrow"):
        if importlib.util.find_spec(package) is None:
            raise WorkersError(
                f"'ray' is set, but the package {package} is not installed; "
                "pip install 'guillemets[ray]'"
            )


def _check_address(address: str) -> None:
    """Find out at once what Ray would try for minutes."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "/" in host:
        raise SettingsError(
            f"'ray' is '{address}'; expected the HOST:PORT that 'ray start --head' printed, "
            "or 'auto' for the cluster of this machine"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _TO_ANSWER).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise WorkersError(
            f"no Ray cluster answers at {address} ({error}); start one with 'ray start "
            "--head', or correct the address in --ray"
        ) from error
