"""Paragraphs of pages put into an article, each with its page; what is not, left out."""

from __future__ import annotations

from collections.abc import Sequence

from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.pdf_paragraphs import Paragraph
from rag.ingest.formats.pdf_running import Parted
from rag.ingest.formats.plain import title_in
from rag.types.provenance import LeftOutKind, Place, PlaceKind

_TELLING = frozenset((PlaceKind.PARAGRAPH, PlaceKind.HEADING, PlaceKind.STANDFIRST))


def leave_out_running(marked: MarkedText, page: Parted) -> None:
    """Note what runs over the pages as left out."""
    for line in page.headers:
        marked.leave_out(LeftOutKind.HEADER, line.text)
    for line in page.footers:
        marked.leave_out(LeftOutKind.FOOTER, line.text)


def title_of(made: Sequence[Paragraph]) -> str | None:
    """A title among ``made``, or its first words; a row of a table is none."""
    texts = [one.text for one in made if one.kind in _TELLING]
    return title_in("\n\n".join(texts), "fr") or None


def add_paragraph(marked: MarkedText, one: Paragraph, page: int | str | None = None) -> None:
    """Add a paragraph with its page, ``page`` where that is what is printed on it."""
    pages: list[tuple[int, int | str]] = [(0, page)] if page is not None else [*one.pages]
    if len(pages) == 1:
        place = marked.add(one.text, one.kind, page=pages[0][1], row=one.row)
    else:
        place = marked.add(one.text)
    if place is None:
        return
    if len(pages) > 1:
        ends = [*(start for start, _ in pages[1:]), len(one.text)]
        for (start, number), end in zip(pages, ends, strict=True):
            part = one.text[start:end]
            begin = place.start + start + len(part) - len(part.lstrip())
            stop = place.start + start + len(part.rstrip())
            if begin < stop <= place.end:
                marked.mark(Place(begin, stop, one.kind, number, one.row))
    for start, end in one.doubtful:
        on_page = next((page for at, page in reversed(pages) if at <= start), None)
        if place.start + end <= place.end and one.text[start:end].strip():
            where = place.start + start, place.start + end
            marked.mark(Place(*where, PlaceKind.DOUBTFUL, on_page))
