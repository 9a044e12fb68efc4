"""JSON as programs write it to JSON as parsers take it, a piece at a time.

Python and pandas write NaN and Infinity, some programs line ends within strings, others
Windows' encoding or UTF-16 (RFC 8259 knows none of these).
"""

from __future__ import annotations

import io
import re

from rag.ingest.formats.encoding import mended

_PIECE = 65_536
_TOKEN = re.compile(r'\\.|"|NaN|-?Infinity|[\x00-\x1f]', re.S)
_UNUSUAL = re.compile(r"[\\\x00-\x1f]|NaN|Infinity")
_LONGEST_TOKEN = len("-Infinity")


class StrictJson:
    """What ``text`` holds as strict JSON in UTF-8, for a parser to read.

    ``stray`` counts the bytes that had to be mended until now, ``line`` is that of the last.
    """

    def __init__(self, text: io.TextIOBase) -> None:
        self.stray = self.line = 0
        self._lines = 0
        self._text = text
        self._ready = b""
        self._waiting = ""
        self._is_in_string = False
        self._is_at_end = False

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, b"" at the end; a negative size is not for this."""
        if not size:
            return b""
        while not self._ready and not self._is_at_end:
            self._ready = self._next_piece().encode("utf-8", "replace")
        given, self._ready = self._ready[:size], self._ready[size:]
        return given

    def _next_piece(self) -> str:
        read = self._text.read(_PIECE)
        self._is_at_end = not read
        decoded = mended(read)
        if decoded.stray:
            self.stray += decoded.stray
            self.line = self._lines + decoded.line
        self._lines += read.count("\n")
        piece = self._waiting + decoded.text
        # A token that begins beyond may not be whole yet.
        safe = len(piece) if self._is_at_end else len(piece) - _LONGEST_TOKEN
        if safe > 0 and not _UNUSUAL.search(piece):
            if piece.count('"', 0, safe) % 2:
                self._is_in_string = not self._is_in_string
            self._waiting = piece[safe:]
            return piece[:safe]
        parts: list[str] = []
        done = 0
        for found in _TOKEN.finditer(piece):
            if found.start() >= safe:
                break
            parts += (piece[done : found.start()], self._strict(found[0]))
            done = found.end()
        cut = max(done, safe, 0)
        parts.append(piece[done:cut])
        self._waiting = piece[cut:]
        return "".join(parts)

    def _strict(self, token: str) -> str:
        if token == '"':
            self._is_in_string = not self._is_in_string
        elif self._is_in_string and token < " ":
            return f"\\u{ord(token):04x}"
        elif not self._is_in_string and token.endswith(("NaN", "Infinity")):
            return "null"
        return token
