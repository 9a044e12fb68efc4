"""The seam: batches of texts in, their vectors out, whoever does the work."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError, RagError
from rag.models.encoder import Encoder
from rag.models.parts_encoder import embed, made_alike
from rag.models.text_parts import Text

Vectors = npt.NDArray[np.float32]
# A batch's number, counted from 0 in the order of the batches, and its vectors.
Done = Generator[tuple[int, Vectors], None, None]
# Opens the encoder anew in another process, to which it is pickled.
OpenEncoder = Callable[[], Encoder]

# How often a batch is given to a worker before the build gives up.
TRIES = 3
_SHOWN = 60


class Workers(Protocol):
    """Who embeds the texts of a build."""

    def embed(self, batches: Iterable[Sequence[Text]]) -> Done:
        """The vectors of each batch, in the order in which they are done.

        Batches are taken as they are needed, and nothing is started before the first.
        Closing what is returned ends the work at once. Raises WorkersError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that are embedded together."""

    number: int
    texts: Sequence[Text]

    def __str__(self) -> str:
        head = self.texts[0]
        first = " ".join((head if isinstance(head, str) else head.text).split())
        shown = first if len(first) <= _SHOWN else first[: _SHOWN - 1] + "…"
        texts = "1 text" if len(self.texts) == 1 else f"{len(self.texts)} texts"
        return f"batch {self.number + 1} ({texts}, the first begins '{shown}')"


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a worker made of a batch: float32, a row a text and a part of one."""

    number: int
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a worker cannot go on."""

    reason: str


class Rate:
    """How many texts were embedded, and how many a second since it was made."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._texts = 0

    def count(self, texts: int) -> None:
        """Count texts that are done."""
        self._texts += texts

    def __bool__(self) -> bool:
        return self._texts > 0

    def __str__(self) -> str:
        spent = max(self._clock() - self._began, 1e-9)
        return f"{self._texts} texts in {spent:.1f} s, {self._texts / spent:.1f} a second"


def open_same(open_encoder: OpenEncoder, fingerprint: str) -> Encoder:
    """The encoder, opened where the work is done.

    Raises ModelError when it is not the one of ``fingerprint``: vectors of two models
    must never be mixed.
    """
    opened = open_encoder()
    encoder = made_alike(opened, fingerprint)
    if encoder is None:
        raise ModelError(
            f"the model on {platform.node()} is {opened.fingerprint}, the build's is "
            f"{fingerprint}; bring the same model and the same version of guillemets there"
        )
    return encoder


def embedded(encoder: Encoder, batch: Batch) -> Embedded | Failed:
    """A batch's vectors, or why there are none: an error would not come across whole."""
    try:
        return Embedded(batch.number, embed(encoder, batch.texts))
    except RagError as error:
        return Failed(reason_of(error))
    except Exception as error:
        return Failed(
            f"{batch} could not be embedded on {platform.node()} ({reason_of(error)}); if "
            "memory is short, take fewer with --workers or a smaller batch_size"
        )


def reason_of(error: BaseException) -> str:
    """An error in one line: ours as it is, any other with its kind."""
    if isinstance(error, RagError):
        return str(error)
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
