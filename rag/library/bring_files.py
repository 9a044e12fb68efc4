"""Files into the folder of articles, and out of it: checked, atomic, undone on demand.

Nothing is overwritten or deleted here: what is replaced or removed goes to a hidden
folder beside the articles, which is never read and can be deleted at any time.
"""

from __future__ import annotations

import datetime
import enum
import filecmp
import itertools
import logging
import os
import re
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.config import Settings
from rag.errors import ArticleError, Code, Problem
from rag.files import flush
from rag.ingest import FORMATS, holders
from rag.ingest.folder import folder_sources, reading_options
from rag.types import Article

logger = logging.getLogger(__name__)

TRASH = ".trash"
_INCOMING = ".incoming-"
# File systems take 255; a number may be added.
_LONGEST_NAME_BYTES = 240
_TOKEN = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}", re.ASCII)


class Clash(enum.StrEnum):
    """What to do when another file of that name is there."""

    ASK = "ask"
    REPLACE = "replace"
    KEEP_BOTH = "keep_both"


class Outcome(enum.StrEnum):
    """What became of a file that was brought."""

    BROUGHT = "brought"
    REPLACED = "replaced"
    KEPT_BOTH = "kept_both"
    ALREADY_THERE = "already_there"
    CLASHES = "clashes"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a file, under which ``name`` it is, and the ``problem`` of a refusal."""

    name: str
    outcome: Outcome
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A file that was put aside: the ``path`` it had, and the ``token`` that undoes it."""

    token: str
    path: str


def bring(settings: Settings, name: str, content: bytes, clash: Clash = Clash.ASK) -> Brought:
    """Store ``content`` as the file ``name`` if an article can be read from it.

    It goes into the folder of articles of ``settings``, under their limits.

    A file of the same name and content is left as it is; one of another content is kept
    unless ``clash`` says otherwise, and goes to the trash when it is replaced. A refusal
    has the problem that a build would name. Not safe from several threads.
    """
    folder = settings.articles
    try:
        name = checked_name(name)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_INCOMING, dir=folder) as incoming:
            file = Path(incoming, name)
            file.write_bytes(content)
            flush(file)
            _check(Path(incoming), settings)
            return _store(file, folder, clash)
    except ArticleError as error:
        return Brought(name, Outcome.REFUSED, error.problem)
    except OSError as error:
        problem = Problem.of(Code.NOT_STORED, detail=error.strerror or str(error))
        return Brought(name, Outcome.REFUSED, problem)


def checked_name(name: str) -> str:
    """``name`` in NFC if a file of the folder may be called so; else ArticleError."""
    name = unicodedata.normalize("NFC", name)
    if not name.strip(" ."):
        raise ArticleError(Problem.of(Code.NAME_MISSING))
    if "/" in name or "\\" in name:
        raise ArticleError(Problem.of(Code.NAME_IS_PATH))
    if name.startswith("."):
        raise ArticleError(Problem.of(Code.NAME_HIDDEN))
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise ArticleError(Problem.of(Code.NAME_NOT_SHOWN))
    if len(name.encode()) > _LONGEST_NAME_BYTES:
        raise ArticleError(Problem.of(Code.NAME_TOO_LONG, most=_LONGEST_NAME_BYTES))
    return name


def remove(folder: Path, path: str) -> Removal:
    """Put the file of ``path``, relative to ``folder``, into the trash.

    Raises ArticleError when there is no such file, when the article is only a part of
    one, or when it cannot be moved.
    """
    file = _inside(folder, path)
    if not file.is_file():
        held_by = _container(folder, path)
        if held_by is not None:
            raise ArticleError(Problem.of(Code.IS_PART, file=held_by))
        raise ArticleError(Problem.of(Code.NOT_IN_FOLDER))
    token = _new_token()
    place = folder / TRASH / token / path
    try:
        place.parent.mkdir(parents=True)
        shutil.move(file, place)
    except OSError as error:
        detail = error.strerror or str(error)
        raise ArticleError(Problem.of(Code.NOT_MOVED_TO_TRASH, detail=detail)) from error
    return Removal(token, path)


def restore(folder: Path, token: str) -> str:
    """Put what ``token`` names back to its place, and return its path.

    Raises ArticleError when it is not in the trash, when another file has taken its
    place, or when it cannot be moved.
    """
    trashed = folder / TRASH / token
    files = _files_in(trashed) if _TOKEN.fullmatch(token) else []
    if len(files) != 1:
        raise ArticleError(Problem.of(Code.NOT_IN_TRASH))
    path = files[0].relative_to(trashed)
    target = folder / path
    if os.path.lexists(target):
        raise ArticleError(Problem.of(Code.PLACE_TAKEN))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(files[0], target)
    except OSError as error:
        detail = error.strerror or str(error)
        raise ArticleError(Problem.of(Code.NOT_MOVED_BACK, detail=detail)) from error
    shutil.rmtree(trashed, ignore_errors=True)
    return path.as_posix()


def _check(incoming: Path, settings: Settings) -> None:
    """Raise ArticleError unless an article can be read from what is in ``incoming``."""
    sources, broken = folder_sources(incoming, reading_options(settings))
    if not sources:
        unknown = Problem.of(Code.NO_FORMAT, formats=", ".join(FORMATS))
        raise ArticleError(broken[0].problem if broken else unknown)
    refusals: list[ArticleError] = []
    for source in sources:
        try:
            for found in source.read():
                if isinstance(found, Article):
                    return
                refusals.append(ArticleError(found.problem))
        except ArticleError as error:
            refusals.append(error)
        except Exception as error:
            # Whatever a library makes of a file, the page must hear of it.
            logger.exception("%s could not be read", source.path)
            problem = Problem.of(Code.READER_FAILED, kind=type(error).__name__)
            refusals.append(ArticleError(problem))
    raise refusals[0]


def _store(file: Path, folder: Path, clash: Clash) -> Brought:
    target = folder / file.name
    if _moved_as_new(file, target):
        return Brought(target.name, Outcome.BROUGHT)
    if _is_same(file, target):
        return Brought(target.name, Outcome.ALREADY_THERE)
    match clash:
        case Clash.ASK:
            return Brought(target.name, Outcome.CLASHES)
        case Clash.REPLACE:
            _replace(file, target, folder)
            return Brought(target.name, Outcome.REPLACED)
    for candidate in _numbered(target):
        if _moved_as_new(file, candidate):
            return Brought(candidate.name, Outcome.KEPT_BOTH)
        if _is_same(file, candidate):
            return Brought(candidate.name, Outcome.ALREADY_THERE)
    raise AssertionError("there is always another number")


def _moved_as_new(file: Path, target: Path) -> bool:
    """Whether ``target`` was free and is ``file`` now."""
    try:
        # Unlike a rename, a link never takes the place of another file.
        os.link(file, target)
    except FileExistsError:
        return False
    except OSError:
        # Not every file system knows links.
        if os.path.lexists(target):
            return False
        file.rename(target)
    flush(target.parent)
    return True


def _is_same(file: Path, target: Path) -> bool:
    # A pipe that is opened never ends.
    return target.is_file() and filecmp.cmp(file, target, shallow=False)


def _replace(file: Path, target: Path, folder: Path) -> None:
    if not target.is_file():
        raise ArticleError(Problem.of(Code.NAME_TAKEN))
    kept = folder / TRASH / _new_token() / target.name
    kept.parent.mkdir(parents=True)
    shutil.copy2(target, kept)
    flush(kept)
    file.replace(target)
    flush(folder)


def _numbered(target: Path) -> Iterator[Path]:
    """``a (2).txt``, ``a (3).txt`` and so on for ``a.txt``."""
    for number in itertools.count(2):
        yield target.with_name(f"{target.stem} ({number}){target.suffix}")


def _inside(folder: Path, path: str) -> Path:
    """The file of ``path`` in ``folder``; ArticleError for what leads out of it."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise ArticleError(Problem.of(Code.NOT_IN_FOLDER))
    return folder / path


def _container(folder: Path, path: str) -> str | None:
    """The file that holds the article of ``path`` among others, if there is one."""
    return next((one for one in holders(path) if (folder / one).is_file()), None)


def _files_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_symlink() or not one.is_dir()]


def _new_token() -> str:
    now = datetime.datetime.now(datetime.UTC)
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
