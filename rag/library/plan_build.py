"""What a build is to do, by the files and the index as they are; nothing is written here.

It comes in two steps, so that memory does not grow with the texts and no file is parsed
twice. ``plan_build`` tells by the hashes of the files which of them are kept as they are,
and opens none. What is in the others comes from ``changes``, an article at a time, to
whoever writes it: a plan of all articles would hold their texts, or have to be parsed again.
"""

from __future__ import annotations

import dataclasses
import enum
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.errors import ArticleError, Code, Problem
from rag.ingest.folder import Source, lies_in, paths_by_source
from rag.progress import Progress
from rag.types import Article, BrokenFile

logger = logging.getLogger(__name__)

# What may be wrong with a file or a folder for a moment: a copy that goes on, a lock, a disk
# that is away. The former articles of such a one stay, and it is tried again. What is too
# large, encrypted or of a name that cannot be will not be otherwise in a moment.
_FOR_A_MOMENT = frozenset(
    {
        *(Code.NOT_READ, Code.NOT_LISTED, Code.CHANGED_MEANWHILE, Code.EMPTY, Code.NO_WORDS),
        *(Code.READER_FAILED, Code.BINARY, Code.ENCODING_UNKNOWN, Code.ENCODING_ENDS),
        *(Code.NOT_UTF_8, Code.FRONT_MATTER, Code.PAGE_WITHOUT_ARTICLE, Code.WORD_DAMAGED),
        *(Code.PDF_DAMAGED, Code.PDF_PAGE_DAMAGED, Code.BOOK_DAMAGED, Code.NO_RECORDS),
        *(Code.BOOK_NAMES_NO_CONTENTS, Code.BOOK_PART_DAMAGED, Code.BOOK_PART_MISSING),
        *(Code.BOOK_WITHOUT_WORDS, Code.ARCHIVE_DAMAGED, Code.ARCHIVE_WITHOUT_ARTICLE),
        *(Code.NO_MAIL, Code.NO_FEED, Code.FEED_WITHOUT_ENTRIES, Code.NOT_JSON),
        *(Code.NO_TABLE, Code.NO_COLUMNS, Code.NO_TEXT_COLUMN),
    }
)
# What was left out, with the hash of its file where that could be read.
LeftOut = tuple[BrokenFile, str | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What an index holds: the hash of every article's file, by path, and what it left out."""

    hashes: Mapping[str, str]
    left_out: Sequence[LeftOut]


class Action(enum.Enum):
    """What is done with a file."""

    KEEP = "keep"
    ADD = "add"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file, what is done with it, and which ``articles`` of it the index holds.

    ``left_out`` is what of a file that is kept could not be read.
    """

    source: Source
    action: Action
    articles: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """The files in their order, and the articles to ``drop``, as their files are gone."""

    files: tuple[PlannedFile, ...]
    drop: tuple[str, ...]
    unreadable: tuple[BrokenFile, ...]

    def paths(self, action: Action) -> list[str]:
        """The files with which ``action`` is done."""
        return [file.source.path for file in self.files if file.action is action]


def plan_build(
    sources: Sequence[Source],
    unreadable: Sequence[BrokenFile],
    known: Known,
    *,
    read_all: bool = False,
) -> BuildPlan:
    """Tell what is done with each of ``sources``, by their hashes alone.

    A file is kept when everything that is ``known`` of it is of the same hash. What is
    wrong with a file itself may be gone though the file is as it was (a date that has
    come, a limit that was raised), so such a file is not kept, nor is any with ``read_all``.
    What is known of one that is held, or that cannot be read for a moment, stays.
    """
    articles = paths_by_source(known.hashes, sources)
    noted = {left_out[0].path: left_out for left_out in known.left_out}
    members = paths_by_source(noted, sources)
    files: list[PlannedFile] = []
    for source in sources:
        held = tuple(articles.get(source.path, ()))
        is_same = all(known.hashes[path] == source.file_hash for path in held)
        if source.is_held:
            beside = [source.path] if source.path in noted else []
            told = (noted[path] for path in (*beside, *members.get(source.path, ())))
            left_out = tuple(dict.fromkeys(told))
            files.append(PlannedFile(source, Action.KEEP, held, left_out))
        elif held and is_same and source.path not in noted and not read_all:
            left_out = tuple(noted[path] for path in members.get(source.path, ()))
            files.append(PlannedFile(source, Action.KEEP, held, left_out))
        else:
            files.append(PlannedFile(source, Action.REPLACE if held else Action.ADD, held))
    there = {path for file in files for path in file.articles}
    places = [file.path for file in unreadable if file.problem.code in _FOR_A_MOMENT]
    gone = [path for path in known.hashes if path not in there]
    stay = tuple(path for path in gone if any(lies_in(path, place) for place in places))
    if stay:
        nothing = Source("", "", lambda: (), is_held=True)
        files.append(PlannedFile(nothing, Action.KEEP, stay))
    drop = tuple(path for path in gone if path not in frozenset(stay))
    return BuildPlan(tuple(files), drop, tuple(unreadable))


@dataclass(frozen=True, slots=True)
class Keep:
    """An article of a file that was not read stays as the index has it."""

    path: str


@dataclass(frozen=True, slots=True)
class KeepRead:
    """An article that was read stays; ``is_rehashed`` when its file is another now."""

    article: Article
    is_rehashed: bool


@dataclass(frozen=True, slots=True)
class Add:
    """An article is new."""

    article: Article


@dataclass(frozen=True, slots=True)
class Replace:
    """An article takes the place of the one of the same path."""

    article: Article


@dataclass(frozen=True, slots=True)
class Drop:
    """An article is gone."""

    path: str


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """A file or a member of one cannot be read."""

    left_out: LeftOut


Change = Keep | KeepRead | Add | Replace | Drop | LeaveOut


class Tally:
    """What changes come to, counted while they are written."""

    def __init__(self) -> None:
        self.added = self.changed = self.removed = self.unchanged = 0
        self._rehashed = 0
        self._left_out: dict[str, LeftOut] = {}

    def count(self, change: Change) -> None:
        """Count one."""
        match change:
            case Add():
                self.added += 1
            case Replace():
                self.changed += 1
            case Drop():
                self.removed += 1
            case Keep():
                self.unchanged += 1
            case KeepRead():
                self.unchanged += 1
                self._rehashed += change.is_rehashed
            case LeaveOut((file, _)):
                # Of two lines about one place the first is kept.
                self._left_out.setdefault(file.path, change.left_out)

    def left_out(self) -> list[LeftOut]:
        """What was left out, by path."""
        return [self._left_out[path] for path in sorted(self._left_out)]

    @property
    def articles(self) -> int:
        """How many articles there are then."""
        return self.added + self.changed + self.unchanged

    @property
    def is_idle(self) -> bool:
        """Whether the articles are as they were, each in the file that it was in."""
        # An archive that was packed again holds the same articles in another file.
        return not (self.added or self.changed or self.removed or self._rehashed)


def changes(
    plan: BuildPlan, stored: Callable[[str], Article], progress: Progress
) -> Iterator[Change]:
    """Tell what ``plan`` comes to, an article at a time, reading what is not kept.

    ``stored`` gives an article as the index has it, ``progress`` counts files.
    """
    yield from (LeaveOut((file, None)) for file in plan.unreadable)
    known = {path for file in plan.files for path in file.articles}.union(plan.drop)
    taken: set[str] = set()
    progress.start("articles", len(plan.files))
    for file in plan.files:
        progress.advance(1)
        if file.action is Action.KEEP:
            taken.update(file.articles)
            yield from map(Keep, file.articles)
            yield from map(LeaveOut, file.left_out)
        else:
            yield from _read_changes(file, known, taken, stored)
    yield from (Drop(path) for path in sorted(known - taken))


def _read_changes(
    file: PlannedFile, known: set[str], taken: set[str], stored: Callable[[str], Article]
) -> Iterator[Change]:
    """What a file that is read changes; the paths of its articles are ``taken`` then."""
    source = file.source
    for found in _read(source):
        if isinstance(found, ArticleError):
            broken = BrokenFile(source.path, found.problem)
            yield LeaveOut((broken, source.file_hash))
            if found.problem.code in _FOR_A_MOMENT:
                stay = [path for path in file.articles if path not in taken]
                taken.update(stay)
                yield from map(Keep, stay)
            return
        if isinstance(found, BrokenFile):
            yield LeaveOut((found, source.file_hash))
            continue
        if found.path in taken:
            twice = BrokenFile(found.path, Problem.of(Code.NAME_TWICE))
            yield LeaveOut((twice, source.file_hash))
            continue
        taken.add(found.path)
        before = stored(found.path) if found.path in known else None
        if before is None:
            yield Add(found)
        elif _is_same(before, found):
            yield KeepRead(found, before.file_hash != found.file_hash)
        else:
            yield Replace(found)


def _read(source: Source) -> Iterator[Article | BrokenFile | ArticleError]:
    """What is in ``source``; one file must not end the build, whatever is in it."""
    try:
        yield from source.read()
    except ArticleError as error:
        yield error
    except Exception as error:
        logger.exception("%s could not be read", source.path)
        yield ArticleError(Problem.of(Code.READER_FAILED, kind=type(error).__name__))


def _is_same(stored: Article, found: Article) -> bool:
    """Whether an article says what it did, in whatever file and wherever in it."""
    elsewhere = dataclasses.replace(stored, file_hash=found.file_hash, places=found.places)
    return elsewhere == found
