"""Texts through a model with every core at work: a batch a core, and none waits.

One batch on all cores leaves them waiting for each other at every layer's small steps;
as many batches as cores, each on one, do not.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Result = TypeVar("Result")


def batches_by_length(lengths: Sequence[int], room: int) -> list[list[int]]:
    """The numbers of things of these ``lengths`` in batches of like length, longest first.

    A batch holds as many as fit into ``room`` once all are as long as its longest, and
    one at least. Long ones come first so that all cores end at about the same time.
    """
    batches: list[list[int]] = []
    places = 0
    for number in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        if not places:
            batches.append([])
            places = max(1, room // max(1, lengths[number]))
        batches[-1].append(number)
        places -= 1
    return batches


class CoreThreads:
    """Threads that compute on one core each."""

    def __init__(
        self, count: int | None = None, begin: Callable[[], object] | None = None
    ) -> None:
        """Start ``count``, one for each core this program may use; ``begin`` runs in each."""
        count = count or cores()
        self._pool = ThreadPoolExecutor(count, "embedding")
        begun = threading.Barrier(count + 1)

        def start() -> None:
            try:
                if begin is not None:
                    begin()
            finally:
                begun.wait()

        for _ in range(count):
            self._pool.submit(start)
        begun.wait()

    def map(
        self, work: Callable[[list[str]], Vectors], texts: Sequence[str], characters: int
    ) -> Vectors:
        """What ``work`` makes of each text, a row each: it is given batches of them.

        ``characters`` is how much a batch holds. What ``work`` raises is raised.
        """
        batches = batches_by_length([len(text) for text in texts], characters)
        done = self._pool.map(lambda batch: work([texts[number] for number in batch]), batches)
        # Collected first: the length of a row is known then.
        rows = np.concatenate(list(done))
        vectors = np.empty_like(rows)
        vectors[np.concatenate([np.array(batch) for batch in batches])] = rows
        return vectors

    def each(
        self, work: Callable[[list[int]], list[Result]], batches: Sequence[list[int]]
    ) -> dict[int, Result]:
        """What ``work`` makes of each batch of numbers, by number. What it raises is raised."""
        done = self._pool.map(work, batches)
        return {
            number: result
            for batch, results in zip(batches, done, strict=True)
            for number, result in zip(batch, results, strict=True)
        }


def cores() -> int:
    """The cores that this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def torch_threads() -> CoreThreads:
    """As many as PyTorch has cores for one batch. Nothing else may begin to use it then."""
    import torch

    count = torch.get_num_threads()

    def begin() -> None:
        torch.set_num_threads(1)
        # A thread takes over the count that was set last when it is first asked for.
        torch.get_num_threads()

    threads = CoreThreads(count, begin)
    torch.set_num_threads(count)
    return threads
