"""How an article was read: why it has its date, what its parts are, what was left out.

Standard library only, as ``types`` is. Offsets count characters of ``Article.text``.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self


class DateFrom(enum.StrEnum):
    """Why an article has its date."""

    # Declared as the day of publication: a page's or a feed's metadata, a field, an export.
    PUBLISHED = "published"
    # Declared as the day of an update or of a revision, where no publication is.
    UPDATED = "updated"
    # Written among the words: « Publié le 5 septembre 2025 ».
    TEXT = "text"
    # The mark ``date 2025-08-15`` before a text.
    TEXT_MARK = "text_mark"
    MAIL_HEADER = "mail_header"
    PDF_METADATA = "pdf_metadata"
    # Of Word, OpenDocument and RTF files: the day the file was made.
    DOCUMENT_METADATA = "document_metadata"
    FILE_NAME = "file_name"
    # A day in the address of a page: /2025/08/15/.
    ADDRESS = "address"


class LeftOutKind(enum.StrEnum):
    """Why words of a file are not words of its article."""

    NAVIGATION = "navigation"
    NOTICE = "notice"
    CAPTION = "caption"
    FOOTER = "footer"
    ADVERTISEMENT = "advertisement"
    NOTE = "note"
    HEADER = "header"
    DELETED = "deleted"
    HIDDEN = "hidden"
    SCRIPT = "script"
    # What a mail repeats of the one that it answers.
    QUOTED = "quoted"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Words of a file that are not words of its article, made by ``LeftOut.of``.

    An index keeps how many ``words`` there are of each kind: of an article that comes from
    one there is one LeftOut a kind, whose ``text`` is "".
    """

    kind: LeftOutKind
    text: str
    words: int

    @classmethod
    def of(cls, kind: LeftOutKind, text: str) -> LeftOut:
        """The ``text`` of a file that was left out."""
        return cls(kind, text, len(text.split()))


def left_out_words(left_out: Iterable[LeftOut]) -> dict[LeftOutKind, int]:
    """How many words of each kind were left out, in the order of the kinds."""
    counts = dict.fromkeys(LeftOutKind, 0)
    for one in left_out:
        counts[one.kind] += one.words
    return {kind: count for kind, count in counts.items() if count}


class PlaceKind(enum.StrEnum):
    """What a part of an article is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    STANDFIRST = "standfirst"
    QUESTION = "question"
    CAPTION = "caption"
    # A row of a table, its cells apart.
    TABLE = "table"
    LIST = "list"
    BOX = "box"
    NOTE = "note"
    # Words of the article set apart once more.
    PULL_QUOTE = "pull_quote"
    # What somebody says in a transcript.
    SPEECH = "speech"
    # Words that were recognised in a picture with little confidence; they lie within
    # another place.
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its file, and as what, ``text[start:end]`` of an article stands.

    ``page`` is counted from 1, or what is printed on it ("A4"); ``row`` of a table is
    counted from 1; ``time`` is that of a recording, ``"00:12:31"``, when ``speaker`` says it.
    """

    start: int
    end: int
    kind: PlaceKind
    page: int | str | None = None
    row: int | None = None
    time: str | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class QuotePlace:
    """Where in its file some words of an article stand, as far as that is known.

    ``part`` is what they begin in, ``page`` where they begin and ``last_page`` where they end,
    which are as in Place, like ``row`` and ``time``. ``speaker`` says all of them.
    ``doubtful`` are the spans among them that were recognised with little confidence.
    """

    part: PlaceKind = PlaceKind.PARAGRAPH
    page: int | str | None = None
    last_page: int | str | None = None
    row: int | None = None
    time: str | None = None
    speaker: str | None = None
    doubtful: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, places: Sequence[Place], start: int, end: int) -> Self:
        """Of ``text[start:end]``, where ``places`` are those that share characters with it."""
        spans = tuple(
            (max(one.start, start), min(one.end, end))
            for one in places
            if one.kind is PlaceKind.DOUBTFUL
        )
        parts = [one for one in places if one.kind is not PlaceKind.DOUBTFUL]
        if not parts:
            return cls(doubtful=spans)
        first, speakers = parts[0], {one.speaker for one in parts}
        pages = [one.page for one in parts if one.page is not None]
        return cls(
            first.kind,
            pages[0] if pages else None,
            pages[-1] if pages else None,
            first.row,
            first.time,
            first.speaker if len(speakers) == 1 else None,
            spans,
        )
