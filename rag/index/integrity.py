"""Whether a generation still holds what its manifest says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from rag.files import file_hashes
from rag.index.generations import Manifest, damaged
from rag.index.half_floats import Halves
from rag.index.open_segment import Segment
from rag.index.row_files import part_of

# Rows whose lengths are looked at together: 75 MB of floats where there are 384 numbers.
_AT_ONCE = 50_000
_CLOSE = 1e-3


class Integrity:
    """Checks one generation. What is wrong is told a line each."""

    def __init__(self, folder: Path, manifest: Manifest, segments: Sequence[Segment]) -> None:
        self._folder = folder
        self._manifest = manifest
        self._segments = segments

    def require_counts(self) -> None:
        """Compare the counts of what is there; raises IndexDamagedError."""
        for what in ("articles", "passages", "sentences"):
            found = sum(getattr(one, what) for one in self._segments)
            expected = getattr(self._manifest, what)
            if found != expected:
                raise damaged(self._folder, f"its segments have {found} {what}, not {expected}")

    def size_on_disk(self) -> int:
        """Bytes of the generation's files and of those of its segments."""
        folders = {self._folder, *(one.folder for one in self._segments)}
        return sum(path.stat().st_size for folder in folders for path in folder.iterdir())

    def check_files(self) -> Iterator[str]:
        """What is wrong with the files. Reads all of them."""
        yield from _check(self._folder, self._folder.parent, self._manifest.files)
        yield from self.check_segments(self._segments)

    def check_segments(self, segments: Iterable[Segment]) -> Iterator[str]:
        """What is wrong with the files of some segments. Reads all of these."""
        for segment in segments:
            yield from _check(segment.folder, self._folder.parent, segment.manifest.files)

    def check_vectors(self) -> Iterator[str]:
        """Which vectors are not of unit length. Reads all of them, some at a time."""
        for segment in self._segments:
            of_passages, of_sentences = segment.first_passage, segment.first_sentence
            yield from _of_other_length("passage", segment.rows.passages, of_passages)
            yield from _of_other_length("sentence", segment.rows.sentences, of_sentences)

    def check_engine(self) -> Iterator[str]:
        """What the engine holds otherwise than the segments."""
        for segment in self._segments:
            if segment.manifest.passages:
                yield from segment.engine.problems()


def _check(folder: Path, index: Path, files: Mapping[str, str]) -> Iterator[str]:
    for name, found in file_hashes(folder, files).items():
        place, expected = (folder / name).relative_to(index).as_posix(), files[name]
        if isinstance(found, OSError):
            yield f"{place} cannot be read ({found.strerror})"
        elif found != expected:
            yield f"{place} has sha256 {found[:12]}…, the manifest says {expected[:12]}…"


def _of_other_length(name: str, vectors: Halves, number: int) -> Iterator[str]:
    for first in range(0, len(vectors), _AT_ONCE):
        part = part_of(vectors, first, min(_AT_ONCE, len(vectors) - first))
        lengths = np.linalg.norm(part.astype(np.float32), axis=1)
        for row in np.flatnonzero(~(np.abs(lengths - 1) < _CLOSE)):
            shown = number + first + row
            yield f"{name} {shown}: its vector has length {lengths[row]:.4f}, expected 1"
