"""What runs in the process that speaks to Ray, and in Ray's actors."""

from __future__ import annotations

import logging
import os
import pickle
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from rag.models.workers.protocol import (
    TRIES,
    Batch,
    Embedded,
    Failed,
    OpenEncoder,
    embedded,
    open_same,
    reason_of,
)

# An encoder uses so many cores well, and has its model in memory once for all of them.
_CORES = 4


@dataclass(frozen=True, slots=True)
class Connected:
    """How many encoders there will be, on how many machines, and on what."""

    encoders: int
    machines: int
    cores: int
    on_gpu: bool

    def __str__(self) -> str:
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        each = "a GPU" if self.on_gpu else cores
        machines = "1 machine" if self.machines == 1 else f"{self.machines} machines"
        encoders = "1 encoder" if self.encoders == 1 else f"{self.encoders} encoders"
        return f"{encoders} on {each} each, {machines} of the Ray cluster"


def drive(
    connection: Connection, address: str, open_encoder: OpenEncoder, fingerprint: str, most: int
) -> None:
    """Connect to Ray and tell, then embed every run of batches that comes.

    A run is Batches and None. Each gives an Embedded; what goes wrong, a Failed.
    """
    _be_silent()
    try:
        found = _connect(address, most)
    except BaseException as error:  # Ray may leave the process where it cannot connect.
        connection.send(Failed(_not_usable(address, error)))
        return
    connection.send(found)
    while True:
        batches = list(iter(connection.recv, None))
        try:
            for done in _run(batches, found, open_encoder, fingerprint):
                connection.send(done)
        except Exception as error:
            cause = getattr(error, "cause", None) or error
            connection.send(
                Failed(
                    f"Ray gave up ({reason_of(cause)}); every machine of the cluster needs "
                    "guillemets with the same versions of Python and Ray, the model, and "
                    "memory for it"
                )
            )


def _be_silent() -> None:
    # Ray reports to stdout, where a result may be expected.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"


def _connect(address: str, most: int) -> Connected:
    import ray
    import ray.data

    ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_consecutive_actor_init_deaths = TRIES - 1
    nodes = ray.nodes()
    machines = [node["Resources"] for node in nodes if node["Alive"]]
    return share_out(machines, most)


def share_out(machines: list[dict[str, float]], most: int) -> Connected:
    """How the resources of ``machines`` are shared by at most ``most`` encoders (0: any).

    Raises ValueError where there is nothing to compute on.
    """
    of_gpus = [int(machine.get("GPU", 0)) for machine in machines]
    of_cores = [int(machine.get("CPU", 0)) for machine in machines]
    on_gpu = any(of_gpus)
    cores = min([_CORES, *filter(None, of_cores)])
    encoders = [count // cores for count in of_cores] if not on_gpu else of_gpus
    if not any(encoders):
        raise ValueError("it has neither CPUs nor GPUs")
    count = min(sum(encoders), most or sum(encoders))
    return Connected(count, min(count, sum(map(bool, encoders))), cores, on_gpu)


def _not_usable(address: str, error: BaseException) -> str:
    import ray

    return (
        f"the Ray cluster at {address} cannot be used ({reason_of(error)}); this machine must "
        f"belong to it ('ray start --address=HOST:PORT'; 'ray start --head' begins one), with "
        f"Ray {ray.__version__} and Python {sys.version.split()[0]} as here"
    )


def _run(
    batches: list[Batch], where: Connected, open_encoder: OpenEncoder, fingerprint: str
) -> Iterator[Embedded | Failed]:
    import pyarrow
    import ray.data

    resources: dict[str, Any] = {"num_gpus": 1} if where.on_gpu else {"num_cpus": where.cores}
    # A table each, so that Ray gives out one batch at a time.
    tables = [pyarrow.table({"batch": [pickle.dumps(batch)]}) for batch in batches]
    dataset = ray.data.from_arrow(tables).map_batches(
        _EncoderOnRay,
        fn_constructor_args=(open_encoder, fingerprint),
        batch_size=1,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=where.encoders),
        # A machine may go and come at any time; a text that ends encoders must not.
        max_restarts=-1,
        max_task_retries=TRIES - 1,
        **resources,
    )
    found: Iterable[Any] = dataset.iter_batches(
        batch_size=None, batch_format="pyarrow", prefetch_batches=0
    )
    for rows in found:
        for done in rows["done"].to_pylist():
            yield pickle.loads(done)


class _EncoderOnRay:
    """An encoder in a process of the cluster.

    It raises nothing: Ray would wrap it, and try again what fails again.
    """

    def __init__(self, open_encoder: OpenEncoder, fingerprint: str) -> None:
        try:
            self._encoder = open_same(open_encoder, fingerprint)
            self._failed = None
        except Exception as error:
            self._failed = Failed(reason_of(error))

    def __call__(self, rows: Any) -> Any:
        import pyarrow

        batches = [pickle.loads(packed) for packed in rows["batch"].to_pylist()]
        done = [self._failed or embedded(self._encoder, batch) for batch in batches]
        return pyarrow.table({"done": [pickle.dumps(one) for one in done]})
