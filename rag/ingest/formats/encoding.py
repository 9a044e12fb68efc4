"""Bytes of a file to its text; a stray byte is mended or marked, and counted.

Most files are in UTF-8 or in what Windows writes. A file that is in UTF-8 but for some bytes
was put together from several, or lost a byte on its way: each of those bytes is read as
Windows would have written it, or stands as \N{REPLACEMENT CHARACTER}.
"""

from __future__ import annotations

import codecs
import re
import string
from dataclasses import dataclass

from rag.errors import ArticleError, Code, Problem

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


# Bytes that were no UTF-8, as Python's ``surrogateescape`` keeps them.
_STRAY = re.compile("[\udc80-\udcff]+")
_XML_DECLARATION = re.compile(rb"\A\s*<\?xml\b[^>]{0,200}?\?>")
_XML_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})["']""")
# How much of a file is looked at for UTF-16, and how much of that is 0 in every other place.
_LOOKED_AT = 2000
_MOSTLY = 0.7
# Among so many characters one may be a NUL that something left there.
_FEWEST_FOR_A_NUL = 500


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, how many of its bytes had to be mended, and the line of the first, from 1."""

    text: str
    stray: int = 0
    line: int = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is to be said of it."""
        if not self.stray:
            return ()
        return (Problem.of(Code.STRAY_BYTES, count=self.stray, line=self.line),)


def decode(content: bytes) -> str:
    """The text of ``content``: Unicode, else what it most looks like.

    Raises ArticleError when it is binary or in no encoding that fits.
    """
    return decode_mending(content).text


def decode_mending(content: bytes) -> Decoded:
    """The text of ``content`` as ``decode`` gives it, and what was mended."""
    encoding = encoding_of(content)
    if encoding in ("utf-8", "utf-8-sig"):
        return _without_nul(mended(content.decode(encoding, "surrogateescape")))
    try:
        return _without_nul(Decoded(content.decode(encoding)))
    except UnicodeDecodeError as error:
        problem = Problem.of(Code.ENCODING_ENDS, encoding=encoding, place=error.start)
        raise ArticleError(problem) from error


def mended(text: str) -> Decoded:
    """``text`` in which stray bytes stand as Python's ``surrogateescape`` keeps them, mended.

    Such a byte is what it is in Windows-1252, which few bytes are not.
    """
    first = None if _is_clean(text) else _STRAY.search(text)
    if first is None:
        return Decoded(text)
    count = sum(len(found[0]) for found in _STRAY.finditer(text))
    line = text.count("\n", 0, first.start()) + 1
    return Decoded(_STRAY.sub(_mended, text), count, line)


def _is_clean(text: str) -> bool:
    """Whether ``text`` holds no lone surrogate; many times faster than to search for one."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _mended(found: re.Match[str]) -> str:
    return found[0].encode("utf-8", "surrogateescape").decode(_WESTERN, "replace")


def encoding_of(content: bytes) -> str:
    """The encoding of ``content``; ArticleError when it is binary or none fits.

    What is in UTF-8 but for some bytes is in "utf-8" nevertheless.
    """
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding
    for first, encoding in enumerate(("utf-16-be", "utf-16-le")):
        # Every other byte of Western text in UTF-16 is 0, mark or no mark.
        nul, least = content[first:_LOOKED_AT:2], min(len(content), _LOOKED_AT) // 2
        if nul.count(0) > _MOSTLY * least > 1:
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _guess(content, error.start)
    return "utf-8"


def is_mostly_utf_8(good: int, stray: int) -> bool:
    """Whether ``good`` characters of several bytes and ``stray`` bytes come of UTF-8.

    In other encodings bytes hardly ever stand so that they could be UTF-8.
    """
    return good >= stray


def count_utf_8(text: str) -> tuple[int, int]:
    """How many characters of ``text`` took several bytes, and how many stray bytes it has.

    ``text`` is UTF-8 decoded with ``surrogateescape``.
    """
    strays = () if _is_clean(text) else _STRAY.finditer(text)
    stray = sum(len(found[0]) for found in strays)
    return len(text) - stray - len(text.encode("ascii", "ignore")), stray


def decode_html(content: bytes) -> str:
    """The text of a page: as UTF-8, as it declares itself, else as `decode` guesses."""
    declared = _DECLARED.search(content[:_DECLARED_WITHIN])
    return decode_declared(content, declared[1].decode("ascii") if declared else None).text


def decode_xml(content: bytes) -> str:
    """The text of XML without its declaration, which tells how it was encoded.

    As UTF-8, which is what XML is in that declares nothing, as it declares itself or in a
    ``<meta>`` of XHTML, else as `decode` guesses.
    """
    declaration = _XML_DECLARATION.match(content[:_DECLARED_WITHIN])
    named = _XML_ENCODING.search(declaration[0]) if declaration else None
    named = named or _DECLARED.search(content[:_DECLARED_WITHIN])
    text = decode_declared(content, named[1].decode("ascii") if named else None).text
    return re.sub(r"\A\s*<\?xml\b[^>]{0,200}?\?>\s*", "", text)


def decode_declared(content: bytes, declared: str | None) -> Decoded:
    """The text of what says itself that it is in the encoding called ``declared``.

    What is UTF-8 is that, whatever it declares.
    """
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if declared:
            try:
                name = codecs.lookup(declared).name
                return _without_nul(Decoded(content.decode(_MEANT.get(name, name))))
            except (LookupError, UnicodeError):
                pass
    return decode_mending(content)


def _without_nul(decoded: Decoded) -> Decoded:
    """``decoded`` without a NUL that strayed into it; what holds more is no text."""
    text = decoded.text
    count = text.count("\0")
    if not count:
        return decoded
    if count * _FEWEST_FOR_A_NUL > len(text):
        raise ArticleError(Problem.of(Code.BINARY))
    line = text.count("\n", 0, text.index("\0")) + 1
    line = min(line, decoded.line) if decoded.stray else line
    return Decoded(text.replace("\0", ""), decoded.stray + count, line)


def _guess(content: bytes, first_wrong: int) -> str:
    from charset_normalizer import from_bytes, is_binary

    western = content.decode(_WESTERN, errors="replace")
    if _FRENCH_TEXT.issuperset(western):
        return _WESTERN
    good, stray = count_utf_8(content.decode("utf-8", "surrogateescape"))
    if good and is_mostly_utf_8(good, stray):
        return "utf-8"
    if b"\0" in content or is_binary(content):
        raise ArticleError(Problem.of(Code.BINARY))
    best = from_bytes(content, cp_isolation=_LEGACY).best()
    if best is None:
        raise ArticleError(Problem.of(Code.NOT_UTF_8, place=first_wrong))
    return best.encoding
