"""Large files of text to characters, a piece at a time, in whatever they are encoded."""

from __future__ import annotations

import codecs
import contextlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.encoding import (
    count_utf_8,
    encoding_of,
    is_mostly_utf_8,
)

_PIECE = 1_000_000
_UTF_8 = ("utf-8", "utf-8-sig")


@contextlib.contextmanager
def text_of(stream: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The characters of ``stream``, line ends as written, from its start.

    Stray bytes stand as Python's ``surrogateescape`` keeps them: ``mended`` mends them.
    Raises ArticleError when it is not in ``encoding``, that of ``encoding_of_stream``.
    """
    stream.seek(0)
    errors = "surrogateescape" if encoding in _UTF_8 else "replace"
    text = io.TextIOWrapper(stream, encoding, errors=errors, newline="")
    try:
        yield text
    except UnicodeError as error:
        raise ArticleError(Problem.of(Code.ENCODING_UNKNOWN)) from error
    finally:
        # The stream belongs to who opened it, and may be closed by now.
        with contextlib.suppress(ValueError):
            text.detach()


def encoding_of_stream(stream: BinaryIO) -> str:
    """UTF-8 when all of it is, or mostly, else what a piece looks like.

    It is read through, but never held whole. Raises ArticleError when it is binary.
    """
    stream.seek(0)
    piece = stream.read(_PIECE)
    found = encoding_of(piece) if not _may_be_utf_8(piece) else ""
    if found.startswith(("utf-16", "utf-32")):
        return found
    has_mark = piece.startswith(codecs.BOM_UTF8)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = stray = 0
    strayed: bytes | None = None
    while piece:
        more, strays = count_utf_8(decoder.decode(piece))
        good, stray = good + more, stray + strays
        if strays and strayed is None:
            strayed = piece
        piece = stream.read(_PIECE)
    if strayed is not None and not (good and is_mostly_utf_8(good, stray)):
        return encoding_of(strayed)
    return "utf-8-sig" if has_mark else "utf-8"


def _may_be_utf_8(piece: bytes) -> bool:
    """Whether ``piece`` has neither a mark of UTF-16 nor the zeros that it is full of."""
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return b"\0" not in piece and not piece.startswith(marks)
