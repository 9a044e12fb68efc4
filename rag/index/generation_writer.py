"""Writing a generation: the segments that stay, what of them is gone, and a new one."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from rag.files import flush, flush_folder, written_hashes
from rag.index.engine import EngineWriter
from rag.index.former_texts import write_versions
from rag.index.generations import MANIFEST, Manifest, NamedSegment
from rag.index.index_reader import Index
from rag.index.left_out import LEFT_OUT, LeftOut, write_left_out
from rag.index.merge_plan import Size
from rag.index.open_segment import Segment
from rag.index.reprint_tables import write_reprints
from rag.index.segment_writer import NewSegment
from rag.index.segments import (
    GONE,
    Rows,
    SegmentManifest,
    segment_folder,
    write_description,
    write_gone,
)
from rag.progress import Progress
from rag.types import Article, Passage, Sentence


class _Staying:
    """A segment of the generation before, and what of it is gone now."""

    def __init__(self, segment: Segment, named: NamedSegment) -> None:
        self.segment = segment
        self.named = named
        self.gone = set(segment.gone.tolist())
        self.articles = segment.articles
        self.passages = segment.passages
        self.sentences = segment.sentences

    def remove(self, path: str) -> bool:
        """Take out the article read from ``path``, if it is here."""
        for row, passages, sentences in self.segment.catalogue.rows(
            "SELECT row, passages, sentences FROM articles JOIN places ON article = row"
            " WHERE path = ?",
            path,
        ):
            if row not in self.gone:
                self.gone.add(row)
                self.articles -= 1
                self.passages -= passages
                self.sentences -= sentences
                return True
        return False


class NewGeneration:
    """A generation that is being written; nobody sees it before the switch.

    It begins with the segments of ``base``, the generation that serves, if there is one.
    What is added goes to a segment of its own. So its cost is that of what is new, and a few
    numbers a segment. Whatever goes wrong, what was written is deleted.
    """

    def __init__(
        self, index: Path, name: str, base: Index | None, engine: EngineWriter
    ) -> None:
        self.folder = index / name
        self._engine = engine
        named = zip(base.segments, base.manifest.segments, strict=True) if base else ()
        self._staying = [_Staying(*one) for one in named]
        self._removed: set[str] = set()
        self._left_out: list[LeftOut] = []
        self._segment: NewSegment | None = None
        self._added = 0
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cleanup.__exit__(kind, error, trace)
        if error is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def segment(self) -> NewSegment | None:
        """What is added, None where nothing is."""
        return self._segment

    @property
    def passages(self) -> int:
        """How many passages it has."""
        new = self._segment.passages if self._segment else 0
        return new + sum(one.passages for one in self._staying)

    @property
    def sizes(self) -> list[Size]:
        """How large the segments are that it is made of."""
        held = [(one.segment.manifest.passages, one) for one in self._staying if one.articles]
        sizes = [Size(passages, one.passages) for passages, one in held]
        new = [self._segment.passages] if self._segment else []
        return [*sizes, *(Size(count, count) for count in new)]

    def remove(self, path: str) -> None:
        """Take out the article read from ``path``, if it is there."""
        if any(one.remove(path) for one in self._staying):
            self._removed.add(path)

    def add(
        self, article: Article, sentences: tuple[Sentence, ...], passages: tuple[Passage, ...]
    ) -> None:
        """Add an article; ``passages`` are runs of ``sentences``."""
        if self._segment is None:
            folder = segment_folder(self.folder.parent, self.folder.name)
            new = NewSegment(folder, self._engine)
            self._segment = self._cleanup.enter_context(new)
        self._segment.add(article, sentences, passages)
        self._added += 1

    def leave_out(self, left_out: Iterable[LeftOut]) -> None:
        """Keep which files were left out, and why."""
        self._left_out = list(left_out)

    def finish(
        self, manifest: Manifest, previous: Index | None, progress: Progress
    ) -> Manifest:
        """Write what is left, the manifest last, and return it as it was completed.

        What is known of reprints and former texts is taken over from ``previous``, the
        generation that serves, also where none of its segments stays. The new segment is
        flushed.
        """
        staying = [one for one in self._staying if one.articles]
        segments = [one.named for one in staying]
        if self._segment is not None:
            new = self._finish_segment(self._segment, staying, manifest, previous, progress)
            segments.append(new)
        kept = [np.array(sorted(one.gone), np.uint32) for one in staying]
        nothing = [np.empty(0, np.uint32)] * (len(segments) - len(kept))
        sentences = self._segment.sentences if self._segment else 0
        complete = manifest.model_copy(
            update={
                "articles": self._added + sum(one.articles for one in staying),
                "passages": self.passages,
                "sentences": sentences + sum(one.sentences for one in staying),
                "segments": tuple(segments),
            }
        )
        return write_generation(self.folder, complete, [*kept, *nothing], self._left_out)

    def _finish_segment(
        self,
        segment: NewSegment,
        staying: Sequence[_Staying],
        manifest: Manifest,
        previous: Index | None,
        progress: Progress,
    ) -> NamedSegment:
        known = previous.segments if previous else ()
        beside = [one.segment for one in staying]
        signatures = write_reprints(segment.database, known, beside)
        if previous is not None:
            removed: Collection[str] = self._removed
            if not self._staying:
                removed = previous.articles.file_hashes().keys()
            write_versions(segment.database, previous.articles, removed, manifest.built_at)
        written = segment.finish(manifest.dimension, signatures, progress)
        return write_segment(segment.folder, written)


def write_segment(folder: Path, manifest: SegmentManifest) -> NamedSegment:
    """Describe a complete segment, and have it on the disk. Raises OSError."""
    sha256 = write_description(folder, manifest)
    flush_folder(folder)
    flush(folder.parent)
    return NamedSegment(name=folder.name, sha256=sha256)


def write_generation(
    folder: Path, manifest: Manifest, gone: list[Rows], left_out: Iterable[LeftOut]
) -> Manifest:
    """Write the files of a generation, the manifest last, and return it. Raises OSError."""
    folder.mkdir(parents=True)
    write_gone(folder, gone)
    write_left_out(folder, left_out)
    hashes = written_hashes(folder, (GONE, LEFT_OUT))
    complete = manifest.model_copy(update={"files": hashes})
    content = complete.model_dump_json(indent=2)
    (folder / MANIFEST).write_text(content + "\n", encoding="utf-8")
    return complete
