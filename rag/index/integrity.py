"""Whether a generation still holds what its manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rag.files import file_hashes
from rag.index.catalogue import CATALOGUE, Catalogue
from rag.index.engine import Engine
from rag.index.generations import Manifest, damaged
from rag.index.half_floats import Halves
from rag.index.row_files import part_of
from rag.index.stored_rows import StoredRows

# Rows whose lengths are looked at together: 75 MB of floats where there are 384 numbers.
_AT_ONCE = 50_000
_CLOSE = 1e-3


class Integrity:
    """Checks one generation. What is wrong is told a line each."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        catalogue: Catalogue,
        rows: StoredRows,
        engine: Engine,
    ) -> None:
        self._folder = folder
        self._manifest = manifest
        self._catalogue = catalogue
        self._rows = rows
        self._engine = engine

    def require_counts(self) -> None:
        """Compare the counts; that also finds a catalogue that was cut off.

        Raises IndexDamagedError.
        """
        passages, sentences = self._catalogue.rows(
            "SELECT total(passages), total(sentences) FROM places"
        )[0]
        for table, found, expected in (
            ("sentences", sentences, self._manifest.sentences),
            ("passages", passages, self._manifest.passages),
        ):
            if found != expected:
                raise damaged(
                    self._folder, f"{CATALOGUE} has {found:.0f} {table}, expected {expected}"
                )

    def size_on_disk(self) -> int:
        """Bytes of the generation's files."""
        return sum(path.stat().st_size for path in self._folder.iterdir())

    def check_files(self) -> Iterator[str]:
        """What is wrong with the generation's files. Reads all of them."""
        for name, found in file_hashes(self._folder, self._manifest.files).items():
            expected = self._manifest.files[name]
            if isinstance(found, OSError):
                yield f"{name} cannot be read ({found.strerror})"
            elif found != expected:
                yield f"{name} has sha256 {found[:12]}…, the manifest says {expected[:12]}…"

    def check_vectors(self) -> Iterator[str]:
        """Which vectors are not of unit length. Reads all of them, some at a time."""
        yield from _of_other_length("passage", self._rows.passages)
        yield from _of_other_length("sentence", self._rows.sentences)

    def check_engine(self) -> Iterator[str]:
        """What the engine holds otherwise than the generation."""
        yield from self._engine.problems()


def _of_other_length(name: str, vectors: Halves) -> Iterator[str]:
    for first in range(0, len(vectors), _AT_ONCE):
        part = part_of(vectors, first, min(_AT_ONCE, len(vectors) - first))
        lengths = np.linalg.norm(part.astype(np.float32), axis=1)
        for row in np.flatnonzero(~(np.abs(lengths - 1) < _CLOSE)):
            yield f"{name} {first + row}: its vector has length {lengths[row]:.4f}, expected 1"
