"""Pictures of articles: the words that are recognised in them."""

from __future__ import annotations

from collections.abc import Iterator

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.member import Draft, Member, Opened
from rag.ingest.formats.ocr import Recogniser
from rag.ingest.formats.pdf_article import add_paragraph, leave_out_running, title_of
from rag.ingest.formats.pdf_paragraphs import paragraphs
from rag.ingest.formats.pdf_running import part_running_lines
from rag.types.provenance import LeftOutKind

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
# PNG, JPEG, TIFF of either order of bytes.
_BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")


def read_picture(opened: Opened) -> Iterator[Member]:
    """The article of a picture; a TIFF file may hold several pages.

    Raises ArticleError when it is no picture, holds no words or when nothing can be
    recognised.
    """
    content = opened.content()
    if not content.startswith(_BEGINNINGS):
        raise ArticleError(Problem.of(Code.PICTURE_DAMAGED))
    recogniser = Recogniser(opened.options)
    why_not = recogniser.why_not()
    if why_not is not None:
        raise ArticleError(Problem.of(why_not))
    pages = recogniser.recognise(content)
    marked = MarkedText()
    parted = part_running_lines([page.lines for page in pages])
    for page, one in zip(pages, parted, strict=True):
        leave_out_running(marked, one)
        for text in page.nothing:
            marked.leave_out(LeftOutKind.OTHER, text)
    made = paragraphs([one.kept for one in parted], range(1, len(pages) + 1))
    for paragraph in made:
        add_paragraph(marked, paragraph)
    if not marked.text:
        raise ArticleError(Problem.of(Code.PICTURE_WITHOUT_WORDS))
    title = title_of(made)
    yield Member(Draft(marked.text, title, places=marked.places, left_out=marked.left_out))
