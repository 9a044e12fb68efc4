"""The files of a folder as sources of articles: found, hashed, not read yet."""

from __future__ import annotations

import stat
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.errors import ArticleError, Code, Problem
from rag.files import file_hash
from rag.ingest import ReadingOptions, find_article_files, holders, read_articles
from rag.ingest.formats.member import Tell, unheard
from rag.types import Article, BrokenFile


@dataclass(frozen=True, slots=True)
class Source:
    """A file that should hold articles, not read yet.

    ``read`` gives them one at a time, with a BrokenFile for each that cannot be read;
    all of them carry ``file_hash``. Their paths are the file's, or go on from it with a
    ``/`` or a ``#``. One that ``is_held`` is not to be read now, as it is being written, is
    gone for a moment or cannot be read: what is known of it stays. ``read`` gives nothing.
    """

    path: str
    file_hash: str
    read: Callable[[], Iterable[Article | BrokenFile]]
    is_held: bool = False


def reading_options(settings: Settings) -> ReadingOptions:
    """What of ``settings`` bears on the reading of files."""
    names = settings.field_names.items()
    return ReadingOptions(
        file_bytes=settings.max_file_bytes,
        container_bytes=settings.max_container_bytes,
        members=settings.max_container_members,
        zip_ratio=settings.max_zip_ratio,
        zip_depth=settings.max_zip_depth,
        field_names=tuple((field, tuple(own)) for field, own in sorted(names)),
        timezone=settings.timezone,
        ocr=settings.ocr,
    )


def folder_sources(
    folder: Path,
    options: ReadingOptions,
    moving: Collection[str] = (),
    tell: Tell = unheard,
    index: Path | None = None,
) -> tuple[list[Source], list[BrokenFile]]:
    """The article files under ``folder``, and those that cannot even be opened.

    Those whose paths are ``moving``, whether they are there or not, are held; so is what goes
    while it is looked at. Raises ArticleError when there is no such folder. Every file is
    read once for its hash: the cost grows with the folder. ``tell`` hears, later, how far a
    file is that takes long to read. The files of ``index``, if it lies in there, are none.
    """
    if not _is_folder(folder):
        raise ArticleError(Problem.of(Code.NO_FOLDER, folder=str(folder)))
    sources: list[Source] = []
    broken: list[BrokenFile] = []

    def note_folder(error: OSError) -> None:
        path = shown_path(Path(error.filename), folder)
        broken.append(BrokenFile(path, Problem.of(Code.NOT_LISTED, detail=_said(error))))

    held = set(moving)
    for file in find_article_files(folder, note_folder, index):
        path = shown_path(file, folder)
        if path in held:
            continue
        try:
            mark = _mark(file)
            # A pipe that is opened never ends.
            if not stat.S_ISREG(file.stat().st_mode):
                broken.append(BrokenFile(path, Problem.of(Code.NOT_REGULAR)))
                continue
            found = file_hash(file)
        except FileNotFoundError as error:
            if not file.is_symlink():
                held.add(path)
                continue
            broken.append(BrokenFile(path, Problem.of(Code.NOT_READ, detail=_said(error))))
            continue
        except OSError as error:
            broken.append(BrokenFile(path, Problem.of(Code.NOT_READ, detail=_said(error))))
            continue

        def told(said: str, path: str = path) -> None:
            tell(f"{path}: {said}")

        sources.append(Source(path, found, _reader(file, folder, options, found, mark, told)))
    sources.extend(Source(path, "", lambda: (), is_held=True) for path in held)
    return sorted(sources, key=lambda source: source.path.split("/")), broken


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError as error:
        detail = _said(error)
        raise ArticleError(
            Problem.of(Code.FOLDER_NOT_READ, folder=str(folder), detail=detail)
        ) from error


def _mark(file: Path) -> tuple[int, int, int]:
    """What changes when a file does while it is hashed and read."""
    status = file.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _said(error: OSError) -> str:
    return error.strerror or str(error)


def shown_path(file: Path, folder: Path) -> str:
    """A path below ``folder`` that can be stored and printed."""
    # A name in another encoding holds lone surrogates, which nothing can store.
    return file.relative_to(folder).as_posix().encode("utf-8", "backslashreplace").decode()


def _reader(
    file: Path,
    folder: Path,
    options: ReadingOptions,
    found: str,
    mark: tuple[int, int, int],
    tell: Tell,
) -> Callable[[], Iterable[Article | BrokenFile]]:
    def read() -> Iterable[Article | BrokenFile]:
        try:
            is_same = _mark(file) == mark
        except OSError as error:
            problem = Problem.of(Code.NOT_READ, detail=_said(error))
            raise ArticleError(problem) from error
        if not is_same:
            # Its hash would be another's.
            raise ArticleError(Problem.of(Code.CHANGED_MEANWHILE))
        return read_articles(file, folder, options, found, tell)

    return read


def article_sources(articles: Iterable[Article]) -> list[Source]:
    """Articles that are in memory already, as sources."""
    return [Source(a.path, a.file_hash, lambda a=a: (a,)) for a in articles]  # type: ignore[misc]


def paths_by_source(paths: Iterable[str], sources: Iterable[Source]) -> dict[str, list[str]]:
    """Which of ``paths``, of articles or of broken members, belong to each source."""
    files = {source.path for source in sources}
    found: dict[str, list[str]] = {}
    for path in paths:
        file = file_of(path, files)
        if file is not None:
            found.setdefault(file, []).append(path)
    return found


def file_of(path: str, files: Collection[str]) -> str | None:
    """Which of ``files`` holds the article of ``path``: a file may hold several."""
    return next((one for one in holders(path) if one in files), None)


def lies_in(path: str, place: str) -> bool:
    """Whether the article of ``path`` is in ``place``, a file or a folder of the folder."""
    return place in (".", path) or any(holder == place for holder in holders(path))
