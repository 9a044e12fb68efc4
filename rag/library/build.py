"""Articles to an index: plan what changed, embed only that, switch at the end."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.errors import ArticleError, IndexDamagedError, IndexMissingError, IndexWriteError
from rag.files import content_name
from rag.index import Draft, Index, Journal, Manifest
from rag.index.build_lock import alone
from rag.index.choose_engine import engine_writer
from rag.index.generations import FORMAT, current_name, new_name, prune, switch
from rag.ingest.chunking import chunk_article
from rag.ingest.folder import Source, folder_sources, paths_by_source, reading_options
from rag.language.sentences import split_sentences
from rag.library.fill_vectors import Filled, fill
from rag.models.encoder import Encoder
from rag.models.workers import Workers, choose_workers
from rag.progress import Progress, Silent
from rag.types import Article, BrokenFile

logger = logging.getLogger(__name__)

# Raised whenever reading, splitting or analysing a file gives something else than before.
RULES = 4


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build did. Counts of articles, of passages, and seconds.

    ``written`` is False when nothing had changed and no generation was made.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    broken: tuple[BrokenFile, ...]
    articles: int
    passages: int
    passages_embedded: int
    passages_reused: int
    texts_embedded: int
    generation: str
    written: bool
    seconds: float


def build_folder(
    settings: Settings,
    encoder: Encoder,
    progress: Progress | None = None,
    announce: Callable[[str], None] = logger.info,
    workers: Workers | None = None,
) -> BuildSummary:
    """Bring the index of ``settings`` up to date with its folder of articles."""
    sources, broken = folder_sources(settings.articles, reading_options(settings))
    return build(sources, settings, encoder, progress, announce, broken, workers)


def build(
    sources: Sequence[Source],
    settings: Settings,
    encoder: Encoder,
    progress: Progress | None = None,
    announce: Callable[[str], None] = logger.info,
    unreadable: Sequence[BrokenFile] = (),
    workers: Workers | None = None,
) -> BuildSummary:
    """Bring the index of ``settings`` up to date with ``sources``.

    Only texts whose vectors are neither in the current generation nor in the journal of
    an interrupted build are embedded. While another build runs this one waits, and says
    so. Articles and vectors stream: only keys and row numbers are held for all of them.
    ``workers`` embed, by default those that ``settings`` ask for. Raises IndexWriteError
    when the folder cannot be written, WorkersError when the workers cannot embed.
    """
    started = time.perf_counter()
    with alone(settings.index, announce):
        previous = _previous(settings.index, announce)
        if previous is not None and previous.manifest.fingerprint != encoder.fingerprint:
            announce(
                f"The index was made with {previous.manifest.model} or other prompts; with "
                f"{encoder.name} all of it is embedded anew "
                f"({previous.manifest.passages} passages until now)"
            )
        try:
            workers = workers or choose_workers(settings, encoder, announce)
            builder = _Builder(settings, encoder, progress or Silent(), previous, workers)
            return builder.run(sources, unreadable, started)
        except (OSError, sqlite3.Error) as error:
            raise IndexWriteError(
                f"the index in {settings.index} cannot be written ({error}); make room or "
                "give write permission, then build again; what was embedded is kept"
            ) from error
        finally:
            if previous is not None:
                previous.close()


def _previous(index: Path, announce: Callable[[str], None]) -> Index | None:
    """The generation that serves, for what can be taken over from it.

    Reads its files whole: what is damaged must not be handed on.
    """
    try:
        opened = Index.open_current(index, to_take_over=True)
        problem = next(opened.check_files(), None)
        if problem is not None:
            opened.close()
            raise IndexDamagedError(problem)
        return opened
    except IndexMissingError:
        return None
    except IndexDamagedError as error:
        announce(f"The old index cannot be used, everything is made anew: {error}")
        return None


@dataclass(frozen=True, slots=True)
class _Plan:
    articles: int
    broken: list[tuple[BrokenFile, str | None]]
    added: int
    changed: int
    removed: int
    unchanged: int
    # An archive that was packed again holds the same articles in another file.
    rehashed: bool

    @property
    def is_idle(self) -> bool:
        return not (self.added or self.changed or self.removed or self.rehashed)


class _Builder:
    """One build: what every step of it needs."""

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder,
        progress: Progress,
        previous: Index | None,
        workers: Workers,
    ) -> None:
        self.settings = settings
        self.encoder = encoder
        self.progress = progress
        self.previous = previous
        self.engine = engine_writer(settings.index, settings.uri)
        self.workers = workers
        self.generation = new_name(datetime.datetime.now(datetime.UTC))
        self._cleanup = contextlib.ExitStack()
        self._draft: Draft | None = None

    def run(
        self, sources: Sequence[Source], unreadable: Sequence[BrokenFile], started: float
    ) -> BuildSummary:
        with self._cleanup:
            return self._run(sources, unreadable, started)

    def _run(
        self, sources: Sequence[Source], unreadable: Sequence[BrokenFile], started: float
    ) -> BuildSummary:
        plan = self._plan(sources, unreadable)
        previous = self.previous
        same_broken = previous is not None and list(previous.broken()) == plan.broken
        idle = self._same_settings() and plan.is_idle and same_broken
        if previous is not None and idle and self.engine.holds(previous.manifest):
            generation, written = previous.manifest.generation, False
            passages, filled = previous.manifest.passages, Filled(0, 0, 0)
        else:
            generation, written = self.generation, True
            passages, filled = self._apply(plan)
        return BuildSummary(
            added=plan.added,
            changed=plan.changed,
            removed=plan.removed,
            unchanged=plan.unchanged,
            broken=tuple(file for file, _ in plan.broken),
            articles=plan.articles,
            passages=passages,
            passages_embedded=filled.passages,
            passages_reused=passages - filled.passages,
            texts_embedded=filled.texts,
            generation=generation,
            written=written,
            seconds=time.perf_counter() - started,
        )

    def _same_settings(self) -> bool:
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
        )

    def _reads_otherwise(self) -> bool:
        """Whether files may be read to something else than the current generation holds."""
        if self.previous is None:
            return False
        manifest = self.previous.manifest
        return manifest.rules != RULES or manifest.reading != self._reading()

    def _reading(self) -> str:
        return content_name([repr(reading_options(self.settings))])

    @property
    def draft(self) -> Draft:
        """The new generation, begun when there is something to write in it."""
        if self._draft is None:
            index = self.settings.index
            self.engine.prepare()
            # What a kill left there takes room.
            keep = {current_name(index) or ""}
            if self.previous is not None:
                manifest = self.previous.manifest
                keep = {manifest.generation, manifest.before or ""}
                prune(index, keep)
            self.engine.prune(keep)
            base = self.previous if self._same_settings() else None
            draft = Draft(index / self.generation, base, self.engine)
            self._draft = self._cleanup.enter_context(draft)
        return self._draft

    def _plan(self, sources: Sequence[Source], unreadable: Sequence[BrokenFile]) -> _Plan:
        """Read what is new into the draft, take out what is gone."""
        known = self.previous.file_hashes() if self.previous else {}
        unchanged_files = _Unchanged.of(self.previous, sources, self._reads_otherwise())
        keep_runs = self._same_settings()
        taken: set[str] = set()
        broken: list[tuple[BrokenFile, str | None]] = [(file, None) for file in unreadable]
        changed = unchanged = 0
        rehashed = False
        self.progress.start("articles", len(sources))
        for source in sources:
            self.progress.advance(1)
            kept = unchanged_files.paths(source)
            for path in kept:
                unchanged += 1
                if not keep_runs:
                    self._add(self._stored(path))
            taken.update(kept)
            if kept:
                broken.extend(unchanged_files.broken(source))
                continue
            for found in _read(source):
                if isinstance(found, BrokenFile):
                    broken.append((found, source.file_hash))
                    continue
                if found.path in taken:
                    reason = "another article has this name; rename one of the two"
                    broken.append((BrokenFile(found.path, reason), source.file_hash))
                    continue
                taken.add(found.path)
                stored = self._stored(found.path) if found.path in known else None
                if stored is None or not _is_same(stored, found):
                    changed += stored is not None
                    self.draft.remove(found.path)
                    self._add(found)
                    continue
                unchanged += 1
                rehashed |= stored.file_hash != found.file_hash
                if not keep_runs:
                    self._add(found)
                elif stored.file_hash != found.file_hash:
                    self.draft.rehash(found.path, found.file_hash)
        added = len(taken) - changed - unchanged
        gone = known.keys() - taken
        for path in gone:
            self.draft.remove(path)
        return _Plan(
            len(taken), _by_path(broken), added, changed, len(gone), unchanged, rehashed
        )

    def _stored(self, path: str) -> Article:
        """An article as the current generation has it."""
        article = self.previous.article_by_path(path) if self.previous else None
        if article is None:
            raise AssertionError(f"{path} was planned as known but is not catalogued")
        return article

    def _add(self, article: Article) -> None:
        """Split an article and put it into the draft."""
        passages = chunk_article(
            article,
            self.encoder.count_tokens,
            self.settings.passage_tokens,
            self.settings.overlap_sentences,
        )
        sentences = split_sentences(article.text, article.language)
        self.draft.add(article, sentences, passages)

    def _apply(self, plan: _Plan) -> tuple[int, Filled]:
        """Embed what is new, complete the generation and have it serve.

        Returns how many passages it holds and what was embedded.
        """
        index = self.settings.index
        draft = self.draft
        draft.note_broken(plan.broken)
        draft.place()
        with Journal(index) as journal:
            filled = fill(
                draft, self.previous, self.encoder, journal, self.progress, self.workers
            )
            before = current_name(index)
            known = self.previous.folder if self.previous else None
            manifest = self._manifest(plan, draft, filled, before)
            manifest = draft.finish(manifest, known, self.progress)
            switch(index, self.generation)
            keep = {self.generation, before or self.generation}
            self.engine.serve(manifest)
            prune(index, keep)
            self.engine.prune(keep)
        return draft.passages, filled

    def _manifest(
        self, plan: _Plan, draft: Draft, filled: Filled, before: str | None
    ) -> Manifest:
        return Manifest(
            generation=self.generation,
            before=before,
            built_at=datetime.datetime.now(datetime.UTC),
            model=self.encoder.name,
            fingerprint=self.encoder.fingerprint,
            dimension=filled.dimension,
            passage_tokens=self.settings.passage_tokens,
            overlap_sentences=self.settings.overlap_sentences,
            rules=RULES,
            reading=self._reading(),
            articles=plan.articles,
            passages=draft.passages,
            sentences=draft.sentences,
            files={},
        )


@dataclass(frozen=True, slots=True)
class _Unchanged:
    """What the current generation holds of files that need not be read again."""

    hashes: Mapping[str, str]
    articles: Mapping[str, list[str]]
    noted: Mapping[str, tuple[BrokenFile, str | None]]
    members: Mapping[str, list[str]]

    @classmethod
    def of(
        cls, previous: Index | None, sources: Sequence[Source], read_all: bool
    ) -> _Unchanged:
        if previous is None or read_all:
            return cls({}, {}, {}, {})
        hashes = previous.file_hashes()
        noted = {file.path: (file, found) for file, found in previous.broken()}
        return cls(
            hashes, paths_by_source(hashes, sources), noted, paths_by_source(noted, sources)
        )

    def paths(self, source: Source) -> list[str]:
        """The articles of ``source``, when it is as it was; else none.

        What is wrong with a file itself may be gone though the file is as it was, so it
        is read again: a date that has come, a limit that was raised.
        """
        paths = self.articles.get(source.path, [])
        same = all(self.hashes[path] == source.file_hash for path in paths)
        return paths if same and source.path not in self.noted else []

    def broken(self, source: Source) -> list[tuple[BrokenFile, str | None]]:
        """The members of ``source`` that could not be read."""
        return [self.noted[path] for path in self.members.get(source.path, ())]


def _read(source: Source) -> Iterator[Article | BrokenFile]:
    """What is in ``source``; one file must not end the build, whatever is in it."""
    try:
        yield from source.read()
    except ArticleError as error:
        yield BrokenFile(source.path, str(error))
    except Exception as error:
        logger.exception("%s could not be read", source.path)
        reason = f"cannot be read ({type(error).__name__}); save it in another way"
        yield BrokenFile(source.path, reason)


def _is_same(stored: Article, found: Article) -> bool:
    """Whether an article is what it was, in whatever file."""
    return dataclasses.replace(stored, file_hash=found.file_hash) == found


def _by_path(
    broken: Iterable[tuple[BrokenFile, str | None]],
) -> list[tuple[BrokenFile, str | None]]:
    """Sorted, and of two lines about one place the first."""
    first: dict[str, tuple[BrokenFile, str | None]] = {}
    for pair in broken:
        first.setdefault(pair[0].path, pair)
    return [first[path] for path in sorted(first)]
