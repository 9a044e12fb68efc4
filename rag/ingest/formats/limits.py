"""How far the reading of files goes, what fields are called, and where it is what day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """Limits of what is read, and names of fields beside those that are recognised.

    ``file_bytes`` bounds what is one article, ``container_bytes`` a file of several,
    unpacked; ``members`` how many an archive or a list may hold; ``zip_ratio`` how many
    bytes may come of a packed one; ``zip_depth`` how deep archives may lie in archives.
    ``field_names`` are pairs such as ("text", ("corps",)). ``timezone`` is where articles are
    published, "auto" for where their language is at home. ``ocr`` "auto" has words in
    pictures recognised by the command ``tesseract``, where it is found, for so many seconds
    a page and a file; "off" leaves them.
    """

    file_bytes: int = 20_000_000
    container_bytes: int = 500_000_000
    members: int = 100_000
    zip_ratio: int = 200
    zip_depth: int = 3
    field_names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    timezone: str = "auto"
    ocr: str = "auto"
    tesseract: str = "tesseract"
    ocr_page_seconds: float = 90.0
    ocr_file_seconds: float = 1_800.0
