"""A build with workers whose own process is killed after some batches: run by a test."""

from __future__ import annotations

import functools
import os
import signal
import sys
from pathlib import Path

from rag.library.build import build_folder
from rag.library.fill_vectors import Steps
from rag.models.workers import Workers
from rag.models.workers.processes import Processes
from rag.models.workers.ray_cluster import RayCluster
from tests.fakes import NotingEncoder, settings_for

STEPS = Steps(texts=4)


class KillsAfter:
    """Progress that kills this process once so many batches are done."""

    def __init__(self, batches: int) -> None:
        self._batches = batches
        self._embedding = False

    def start(self, what: str, total: int) -> None:
        self._embedding = what.startswith("passages")

    def advance(self, count: int) -> None:
        self._batches -= self._embedding
        if not self._batches:
            os.kill(os.getpid(), signal.SIGKILL)


def workers_for(place: Path, ray: str) -> Workers:
    """Two noting workers: processes, or actors of the cluster at ``ray``."""
    again = functools.partial(NotingEncoder, place / "notes")
    if ray:
        return RayCluster(ray, again, "counting@1", 2)
    return Processes(2, again, "counting@1")


def main(place: Path, batches: int, ray: str) -> None:
    """Build in ``place`` and be killed after ``batches``."""
    encoder, workers = NotingEncoder(place / "notes"), workers_for(place, ray)
    build_folder(
        settings_for(place), encoder, KillsAfter(batches), workers=workers, steps=STEPS
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
