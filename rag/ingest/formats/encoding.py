"""Bytes of a file to its text."""

from __future__ import annotations

import codecs
import re
import string

from rag.errors import ArticleError
from rag.problems import Code, Problem

# What French text files come in when they are not Unicode. Left to all encodings it
# knows, charset-normalizer takes short French texts for Central European ones.
_LEGACY = ["cp1252", "iso8859_15", "mac_roman", "cp850"]
# What French texts are written with. A file that is all of this in cp1252 is in cp1252:
# charset-normalizer would take "Été à Nice" for Mac Roman.
_FRENCH_TEXT = frozenset(
    string.printable
    + "àâäçéèêëîïôöùûüÿœæñáíóúßÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆÑÁÍÓÚ«»‹›“”„‘’–—…•·€£°²³½§©®™×\u00a0"
)
# Pages that declare the first mean the second, https://encoding.spec.whatwg.org/#names-and-labels
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252"}
_WESTERN = "cp1252"
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DECLARED = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.I)
_DECLARED_WITHIN = 4096


def decode(content: bytes) -> str:
    """The text of ``content``: Unicode, else what it most looks like.

    Raises ArticleError when it is binary or in no encoding that fits.
    """
    encoding = encoding_of(content)
    try:
        return _text(content.decode(encoding))
    except UnicodeDecodeError as error:
        problem = Problem.of(Code.ENCODING_ENDS, encoding=encoding, place=error.start)
        raise ArticleError(problem) from error


def encoding_of(content: bytes) -> str:
    """The encoding of ``content``; ArticleError when it is binary or none fits."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _guess(content, error.start)
    return "utf-8"


def decode_html(content: bytes) -> str:
    """The text of a page: as UTF-8, as it declares itself, else as `decode` guesses."""
    declared = _DECLARED.search(content[:_DECLARED_WITHIN])
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if declared:
            try:
                name = codecs.lookup(declared[1].decode("ascii")).name
                return _text(content.decode(_MEANT.get(name, name)))
            except (LookupError, UnicodeError):
                pass
    return decode(content)


def _text(decoded: str) -> str:
    if "\0" in decoded:
        raise ArticleError(Problem.of(Code.BINARY))
    return decoded


def _guess(content: bytes, first_wrong: int) -> str:
    from charset_normalizer import from_bytes, is_binary

    western = content.decode(_WESTERN, errors="replace")
    if _FRENCH_TEXT.issuperset(western):
        return _WESTERN
    if b"\0" in content or is_binary(content):
        raise ArticleError(Problem.of(Code.BINARY))
    best = from_bytes(content, cp_isolation=_LEGACY).best()
    if best is None:
        raise ArticleError(Problem.of(Code.NOT_UTF_8, place=first_wrong))
    return best.encoding
