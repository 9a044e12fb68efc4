"""RTF to tokens: groups, control words and letters, in the encodings that it names.

The Rich Text Format (RTF) Specification, version 1.9.1, is at
https://interoperability.blob.core.windows.net/files/Archive_References/%5bMSFT-RTF%5d.pdf
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

# The second letter of a control symbol may be a line end, which is a paragraph's.
_TOKEN = re.compile(
    rb"\\(?:([a-zA-Z]{1,32})(-?\d{1,10})? ?|'([0-9a-fA-F]{2})|([^a-zA-Z']))|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n]+)|\\"
)
_CHARSETS = {
    77: "mac_roman",
    78: "shift_jis",
    80: "euc_jis_2004",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gbk",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
WESTERN = "cp1252"


@dataclass(frozen=True, slots=True)
class Open:
    """A group begins."""


@dataclass(frozen=True, slots=True)
class Close:
    """A group ends."""


@dataclass(frozen=True, slots=True)
class Word:
    """A control word, ``\\b0`` as ("b", 0), or a control symbol, ``\\~`` as ("~", None)."""

    name: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Letters:
    """Bytes of text, in the encoding of the font."""

    content: bytes


Token = Open | Close | Word | Letters


def tokens(content: bytes) -> Iterator[Token]:
    """The tokens of an RTF file; binary data (``\\bin``) is passed over."""
    place = 0
    while place < len(content):
        found = _TOKEN.match(content, place)
        # Every byte begins one.
        assert found is not None
        place = found.end()
        word, number, in_hex, symbol, brace, letters = found.groups()
        if word:
            value = int(number) if number else None
            if word == b"bin":
                place += max(value or 0, 0)
            else:
                yield Word(word.decode("ascii"), value)
        elif in_hex:
            yield Letters(bytes((int(in_hex, 16),)))
        elif symbol:
            yield Word(symbol.decode("latin-1"))
        elif brace:
            yield Open() if brace == b"{" else Close()
        elif letters:
            yield Letters(letters)


def encoding_of_charset(number: int) -> str | None:
    """The encoding of a font's character set (``\\fcharset``), None for the file's own."""
    return _CHARSETS.get(number)


def encoding_of_page(number: int | None) -> str:
    """The encoding of a code page (``\\ansicpg``)."""
    try:
        return codecs.lookup(f"cp{number}" if number != 65001 else "utf-8").name
    except LookupError:
        return WESTERN
