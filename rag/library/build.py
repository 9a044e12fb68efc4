"""Articles to an index: write what the plan changes, embed only that, switch at the end."""

from __future__ import annotations

import contextlib
import datetime
import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Sequence

from rag.config import Settings
from rag.errors import Code, IndexWriteError, Problem
from rag.files import content_name
from rag.index import Index, Journal, Manifest, NewGeneration, NewSegment
from rag.index.build_lock import alone
from rag.index.choose_engine import engine_writer
from rag.index.generations import FORMAT, current_name, new_name, prune, switch
from rag.index.merge_plan import segments_to_merge
from rag.ingest import unread_endings
from rag.ingest.chunking import chunk_article
from rag.ingest.folder import Source, folder_sources, reading_options
from rag.language.sentences import split_sentences
from rag.library.build_summary import BuildSummary
from rag.library.fill_vectors import Filled, Steps, fill
from rag.library.merge_index import merge_segments
from rag.library.plan_build import (
    Add,
    BuildPlan,
    Drop,
    Keep,
    KeepRead,
    Known,
    Replace,
    Tally,
    changes,
    plan_build,
)
from rag.library.previous_index import open_previous
from rag.models.encoder import Encoder
from rag.models.parts_encoder import made_alike
from rag.models.workers import Workers, choose_workers
from rag.progress import Progress, Silent
from rag.types import Article, BrokenFile

logger = logging.getLogger(__name__)

# Raised whenever reading, splitting or analysing a file gives something else than before.
RULES = 7
STEPS = Steps()


def build_folder(
    settings: Settings,
    encoder: Encoder,
    progress: Progress | None = None,
    announce: Callable[[str], None] = logger.info,
    workers: Workers | None = None,
    moving: Collection[str] = (),
    steps: Steps = STEPS,
    *,
    check: bool = False,
) -> BuildSummary:
    """Bring the index of ``settings`` up to date with its folder of articles.

    What is known of the files of the paths ``moving`` stays as it is, whatever they hold.
    The rest is as ``build`` says.
    """
    sources, broken = folder_sources(
        settings.articles, reading_options(settings), moving, announce, settings.index
    )
    unread = unread_endings(settings.articles, settings.index)
    broken += [unread] if unread else []
    return build(
        sources, settings, encoder, progress, announce, broken, workers, steps, check=check
    )


def build(
    sources: Sequence[Source],
    settings: Settings,
    encoder: Encoder,
    progress: Progress | None = None,
    announce: Callable[[str], None] = logger.info,
    unreadable: Sequence[BrokenFile] = (),
    workers: Workers | None = None,
    steps: Steps = STEPS,
    *,
    check: bool = False,
) -> BuildSummary:
    """Bring the index of ``settings`` up to date with ``sources``.

    What is new costs, and nothing that is there is read or copied, unless segments are merged
    when all is done, or all of the index is to be hashed first, to ``check`` that it is whole.
    Only texts whose vectors are neither in the current generation nor in the journal of
    an interrupted build are embedded. While another build runs this one waits, and says
    so. Articles and vectors stream: only keys and row numbers are held for all of them.
    ``workers`` embed, by default those that ``settings`` ask for. Raises IndexWriteError
    when the folder cannot be written, WorkersError when the workers cannot embed.
    """
    started = time.perf_counter()
    with alone(settings.index, announce):
        previous = open_previous(settings.index, announce, check=check)
        alike = previous and made_alike(encoder, previous.manifest.fingerprint)
        encoder = alike or encoder
        if previous is not None and alike is None:
            announce(
                f"The index was made with {previous.manifest.model} or other prompts; with "
                f"{encoder.name} all of it is embedded anew "
                f"({previous.manifest.passages} passages until now)"
            )
        try:
            workers = workers or choose_workers(settings, encoder, announce)
            progress = progress or Silent()
            builder = _Builder(settings, encoder, progress, previous, workers, steps)
            return builder.run(sources, unreadable, started)
        except (OSError, sqlite3.Error) as error:
            folder, detail = str(settings.index), str(error)
            problem = Problem.of(Code.INDEX_NOT_WRITTEN, folder=folder, detail=detail)
            raise IndexWriteError(problem) from error
        finally:
            if previous is not None:
                previous.close()


class _Builder:
    """One build: what every step of it needs."""

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder,
        progress: Progress,
        previous: Index | None,
        workers: Workers,
        steps: Steps,
    ) -> None:
        self.settings = settings
        self.encoder = encoder
        self.progress = progress
        self.previous = previous
        self.engine = engine_writer(settings.index, settings.uri)
        # What stays as it is and is only added to.
        self.base = previous if self._may_stay() else None
        self.workers = workers
        self.steps = steps
        self.generation = new_name(datetime.datetime.now(datetime.UTC))
        self._cleanup = contextlib.ExitStack()
        self._draft: NewGeneration | None = None

    def run(
        self, sources: Sequence[Source], unreadable: Sequence[BrokenFile], started: float
    ) -> BuildSummary:
        with self._cleanup:
            return self._run(sources, unreadable, started)

    def _run(
        self, sources: Sequence[Source], unreadable: Sequence[BrokenFile], started: float
    ) -> BuildSummary:
        previous = self.previous
        known = (
            Known(previous.articles.file_hashes(), previous.articles.broken())
            if previous
            else Known({}, ())
        )
        plan = plan_build(sources, unreadable, known, read_all=self._reads_otherwise())
        tally = self._apply(plan)
        left_out = tally.left_out()
        if self.base and tally.is_idle and _told(left_out) == _told(known.left_out):
            generation, written = self.base.manifest.generation, False
            passages, filled = self.base.manifest.passages, Filled(0, 0, 0)
        else:
            written = True
            generation, passages, filled = self._complete(tally)
        return BuildSummary(
            added=tally.added,
            changed=tally.changed,
            removed=tally.removed,
            unchanged=tally.unchanged,
            broken=tuple(file for file, _ in left_out),
            articles=tally.articles,
            passages=passages,
            passages_embedded=filled.passages,
            passages_reused=passages - filled.passages,
            texts_embedded=filled.texts,
            generation=generation,
            written=written,
            seconds=time.perf_counter() - started,
        )

    def _may_stay(self) -> bool:
        """Whether what is there is what these settings would make of it."""
        if self.previous is None:
            return False
        manifest, settings = self.previous.manifest, self.settings
        return (
            manifest.format == FORMAT
            and manifest.fingerprint == self.encoder.fingerprint
            and manifest.engine is self.engine.name
            and manifest.passage_tokens == settings.passage_tokens
            and manifest.overlap_sentences == settings.overlap_sentences
            and not self._reads_otherwise()
            and self.engine.holds([one.manifest for one in self.previous.segments])
        )

    def _reads_otherwise(self) -> bool:
        """Whether files may be read to something else than the current generation holds."""
        if self.previous is None:
            return False
        manifest = self.previous.manifest
        return manifest.rules != RULES or manifest.reading != self._reading()

    def _reading(self) -> str:
        return content_name([repr(reading_options(self.settings))])

    def _begin(self) -> NewGeneration:
        """The new generation, begun when there is first something to write in it.

        Opens the engine and makes room: what a kill left there is deleted.
        """
        if self._draft is None:
            index = self.settings.index
            self.engine.prepare()
            keep = {current_name(index) or ""}
            if self.previous is not None:
                manifest = self.previous.manifest
                keep = {manifest.generation, manifest.before or ""}
            self.engine.prune(prune(index, keep))
            draft = NewGeneration(index, self.generation, self.base, self.engine)
            self._draft = self._cleanup.enter_context(draft)
        return self._draft

    def _apply(self, plan: BuildPlan) -> Tally:
        """Write what ``plan`` changes; where nothing does, nothing is begun."""
        keep_runs = self.base is not None
        tally = Tally()
        for change in changes(plan, self._stored, self.progress):
            tally.count(change)
            match change:
                case Keep(path) if not keep_runs:
                    self._add(self._stored(path))
                case KeepRead(article) if not keep_runs:
                    self._add(article)
                case KeepRead(article, is_rehashed=True):
                    # Its words are where they were, but in another file.
                    self._begin().remove(article.path)
                    self._add(article)
                case Add(article):
                    self._add(article)
                case Replace(article):
                    self._begin().remove(article.path)
                    self._add(article)
                case Drop(path):
                    self._begin().remove(path)
        return tally

    def _stored(self, path: str) -> Article:
        """An article as the current generation has it."""
        article = self.previous.articles.by_path(path) if self.previous else None
        if article is None:
            raise AssertionError(f"{path} was planned as known but is not catalogued")
        return article

    def _add(self, article: Article) -> None:
        """Split an article and put it into the new generation."""
        passages = chunk_article(
            article,
            self.encoder.count_tokens,
            self.settings.passage_tokens,
            self.settings.overlap_sentences,
        )
        sentences = split_sentences(article.text, article.language)
        self._begin().add(article, sentences, passages)

    def _complete(self, tally: Tally) -> tuple[str, int, Filled]:
        """Embed what is new, complete the generation, have it serve, and merge what is due.

        Returns what serves then, how many passages it has and what was embedded.
        """
        index = self.settings.index
        draft = self._begin()
        draft.leave_out(tally.left_out())
        with Journal(index) as journal:
            filled = self._fill(draft.segment, journal)
            before = current_name(index)
            manifest = self._manifest(filled.dimension, before)
            manifest = draft.finish(manifest, self.previous, self.progress)
            switch(index, self.generation)
            self.engine.prune(prune(index, {self.generation, before or self.generation}))
        serving = self.generation
        if segments_to_merge(draft.sizes):
            serving = merge_segments(self.settings, serving, self.progress)
        return serving, manifest.passages, filled

    def _fill(self, segment: NewSegment | None, journal: Journal) -> Filled:
        """Write the vectors of what is new, if anything is."""
        if segment is None:
            # The encoder would load its model to tell.
            known = self.base.manifest.dimension if self.base else self.encoder.dimension
            return Filled(0, 0, known)
        segment.place()
        return fill(
            segment,
            self.previous,
            self.encoder,
            journal,
            self.progress,
            self.workers,
            self.steps,
        )

    def _manifest(self, dimension: int, before: str | None) -> Manifest:
        """What is known of the new generation before it is counted."""
        return Manifest(
            generation=self.generation,
            before=before,
            built_at=datetime.datetime.now(datetime.UTC),
            model=self.encoder.name,
            fingerprint=self.encoder.fingerprint,
            dimension=dimension,
            passage_tokens=self.settings.passage_tokens,
            overlap_sentences=self.settings.overlap_sentences,
            rules=RULES,
            reading=self._reading(),
            articles=0,
            passages=0,
            sentences=0,
            engine=self.engine.name,
            files={},
        )


def _told(
    left_out: Iterable[tuple[BrokenFile, str | None]],
) -> list[tuple[str, str, str | None]]:
    """What is said of files: indexes from before there were codes hold no more."""
    return [(file.path, file.reason, found) for file, found in left_out]
