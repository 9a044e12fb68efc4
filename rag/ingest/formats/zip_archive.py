"""Zip archives: their members one at a time, none of them trusted."""

from __future__ import annotations

import dataclasses
import io
import lzma
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.limits import ReadingOptions
from rag.ingest.formats.member import Member, Opened, too_large

DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)
_UTF_8_NAME = 0x800
_ENCRYPTED = 0x1
# What a small file is packed to tells nothing about harm.
_RATIO_COUNTS_FROM = 1_000_000
# More than this of a member waits on the disk instead of in memory.
_IN_MEMORY = 8_000_000

ReadMember = Callable[[Opened], Iterator[Member]]


class LimitReachedError(ArticleError):
    """A limit of the whole archive: what lies further in it is not read either."""


def read_zip(
    opened: Opened, suffixes: Collection[str], containers: Collection[str], read: ReadMember
) -> Iterator[Member]:
    """The articles in a zip archive; a member that cannot be read says why.

    Hidden members and those whose suffix is not in ``suffixes`` are passed over. Those in
    ``containers`` hold several articles. Raises ArticleError when the archive is damaged
    or goes beyond the limits.
    """
    with _opened(opened.stream) as archive:
        wanted = [
            (info, name)
            for info, name in ((info, member_name(info)) for info in archive.infolist())
            if not info.is_dir() and _is_wanted(name, suffixes)
        ]
        if not wanted:
            raise ArticleError(Problem.of(Code.ARCHIVE_WITHOUT_ARTICLE))
        check_limits(opened, [info.file_size for info, _ in wanted])
        seen: set[str] = set()
        for info, name in wanted:
            try:
                if name in seen:
                    raise ArticleError(Problem.of(Code.MEMBER_TWICE))
                seen.add(name)
                _check_member(info, name, opened.options)
                limit = opened.options.file_bytes
                is_container = PurePosixPath(name).suffix.lower() in containers
                if info.file_size > limit and not is_container:
                    raise too_large(info.file_size, limit, "max_file_bytes")
                with _unpacked(archive, info) as stream:
                    yield from read_within(opened, name, stream, read)
            except LimitReachedError:
                raise
            except ArticleError as error:
                yield Member(error, name)


def read_within(
    opened: Opened, name: str, stream: BinaryIO, read: ReadMember
) -> Iterator[Member]:
    """The articles in a file called ``name`` in ``opened``, with the way to them."""
    file_name = PurePosixPath(name).name
    inner = dataclasses.replace(opened, name=file_name, stream=stream, depth=opened.depth + 1)
    for member in read(inner):
        file = f"{name}/{member.file}" if member.file else name
        yield Member(member.draft, file, member.key)


def check_office_zip(content: bytes, options: ReadingOptions) -> None:
    """Raise ArticleError when a .docx file would unpack to more than may be read.

    zipfile reads no more of a member than its declared size.
    """
    with _opened(io.BytesIO(content)) as archive:
        sizes = [info.file_size for info in archive.infolist()]
        parts = [
            info.file_size for info in archive.infolist() if info.filename.endswith(".xml")
        ]
    if max(parts, default=0) > options.file_bytes or sum(sizes) > options.container_bytes:
        raise ArticleError(Problem.of(Code.WORD_UNPACKS_TOO_LARGE, size=sum(sizes)))


def printable(name: str) -> str:
    """A name without what cannot be printed on a line, which has no place in one."""
    return "".join(sign if sign.isprintable() else "�" for sign in name)


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name; without a flag for UTF-8 it is that or what DOS wrote."""
    name = info.filename
    if not info.flag_bits & _UTF_8_NAME:
        # zipfile takes such names for cp437, which loses nothing.
        written = name.encode("cp437", "replace")
        try:
            name = written.decode("utf-8")
        except UnicodeDecodeError:
            name = written.decode("cp850")
    return printable(name)


def _opened(stream: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except (*DAMAGED, NotImplementedError, ValueError) as error:
        raise ArticleError(Problem.of(Code.ARCHIVE_DAMAGED)) from error


def _is_wanted(name: str, suffixes: Collection[str]) -> bool:
    path = PurePosixPath(name)
    # Where the names of a file's first folder say that a Mac put its own things there.
    if "__MACOSX" in path.parts or any(
        part.startswith(".") and part != ".." for part in path.parts
    ):
        return False
    return path.suffix.lower() in suffixes


def check_limits(opened: Opened, sizes: Sequence[int]) -> None:
    """Count files of ``sizes`` bytes that lie in ``opened`` against its limits.

    Raises ArticleError when they lie too deep, LimitReachedError when they are too many
    or too large.
    """
    options, budget = opened.options, opened.budget
    if opened.depth >= options.zip_depth:
        raise ArticleError(Problem.of(Code.ARCHIVES_TOO_DEEP, most=options.zip_depth))
    budget.members += len(sizes)
    count, most = budget.members, options.members
    if count > most:
        raise LimitReachedError(Problem.of(Code.TOO_MANY_FILES, count=count, most=most))
    budget.unpacked += sum(sizes)
    size, most = budget.unpacked, options.container_bytes
    if size > most:
        raise LimitReachedError(
            Problem.of(Code.ARCHIVE_UNPACKS_TOO_LARGE, size=size, most=most)
        )


def _check_member(info: zipfile.ZipInfo, name: str, options: ReadingOptions) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]:
        raise ArticleError(Problem.of(Code.MEMBER_LEADS_OUTSIDE))
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArticleError(Problem.of(Code.MEMBER_IS_LINK))
    if info.flag_bits & _ENCRYPTED:
        raise ArticleError(Problem.of(Code.MEMBER_ENCRYPTED))
    ratio, most = info.file_size / max(info.compress_size, 1), options.zip_ratio
    if info.file_size > _RATIO_COUNTS_FROM and ratio > most:
        raise ArticleError(
            Problem.of(Code.MEMBER_UNPACKS_TOO_FAR, times=round(ratio), most=most)
        )


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    """A member's bytes, able to seek, as what lies in the archive is not."""
    target = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115, closed by who reads it
    try:
        with archive.open(info) as packed:
            shutil.copyfileobj(packed, target)
    except (*DAMAGED, NotImplementedError, RuntimeError) as error:
        target.close()
        problem = Problem.of(Code.MEMBER_NOT_UNPACKED, kind=type(error).__name__)
        raise ArticleError(problem) from error
    target.seek(0)
    return cast(BinaryIO, target)
