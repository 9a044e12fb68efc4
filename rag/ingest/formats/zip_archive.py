"""Zip archives: their members one at a time, none of them trusted."""

from __future__ import annotations

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

from rag.errors import ArticleError
from rag.ingest.formats.limits import ReadingOptions
from rag.ingest.formats.member import Member, Opened

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
            raise ArticleError("holds no article in a format that is read; unpack and convert")
        check_limits(opened, [info.file_size for info, _ in wanted])
        seen: set[str] = set()
        for info, name in wanted:
            try:
                if name in seen:
                    raise ArticleError("is in the archive twice; rename one of the two")
                seen.add(name)
                _check_member(info, name, opened.options)
                limit = opened.options.file_bytes
                is_container = PurePosixPath(name).suffix.lower() in containers
                if info.file_size > limit and not is_container:
                    raise ArticleError(
                        f"has {info.file_size} bytes, at most {limit} are read; split it, or "
                        "raise the setting max_file_bytes"
                    )
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
    inner = Opened(file_name, stream, opened.options, opened.budget, opened.depth + 1)
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
        raise ArticleError(
            f"unpacks to {sum(sizes)} bytes, which is too much; split it, or raise the "
            "settings max_file_bytes and max_container_bytes"
        )


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
        raise ArticleError("is damaged or no zip file; pack it again") from error


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
        raise ArticleError(
            f"lies in more than {options.zip_depth} archives; unpack it, or raise the setting "
            "max_zip_depth"
        )
    budget.members += len(sizes)
    if budget.members > options.members:
        raise LimitReachedError(
            f"holds {budget.members} files, at most {options.members} are read; split it, or "
            "raise the setting max_container_members"
        )
    budget.unpacked += sum(sizes)
    if budget.unpacked > options.container_bytes:
        raise LimitReachedError(
            f"unpacks to {budget.unpacked} bytes, at most {options.container_bytes} are read; "
            "split it, or raise the setting max_container_bytes"
        )


def _check_member(info: zipfile.ZipInfo, name: str, options: ReadingOptions) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]:
        raise ArticleError("points outside the archive; pack it again without such names")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArticleError("is a link; pack the file itself")
    if info.flag_bits & _ENCRYPTED:
        raise ArticleError("is encrypted; unpack it and put its files here")
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > _RATIO_COUNTS_FROM and ratio > options.zip_ratio:
        raise ArticleError(
            f"unpacks to {ratio:.0f} times its size, at most {options.zip_ratio} times is "
            "read; unpack it, or raise the setting max_zip_ratio"
        )


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    """A member's bytes, able to seek, as what lies in the archive is not."""
    target = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115, closed by who reads it
    try:
        with archive.open(info) as packed:
            shutil.copyfileobj(packed, target)
    except (*DAMAGED, NotImplementedError, RuntimeError) as error:
        target.close()
        raise ArticleError(
            f"cannot be unpacked ({type(error).__name__}); pack the archive again"
        ) from error
    target.seek(0)
    return cast(BinaryIO, target)
