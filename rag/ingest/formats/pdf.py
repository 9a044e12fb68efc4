"""PDF files: the lines of their pages by PDFium, put together by their places."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.dates import pdf_date
from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.member import Draft, Member, Opened, Tell
from rag.ingest.formats.member_keys import Keys
from rag.ingest.formats.ocr import RESOLUTION, Recognised, Recogniser, as_usual
from rag.ingest.formats.pdf_article import add_paragraph, leave_out_running, title_of
from rag.ingest.formats.pdf_columns import in_reading_order
from rag.ingest.formats.pdf_europresse import Exported, articles_of
from rag.ingest.formats.pdf_initials import with_initials
from rag.ingest.formats.pdf_kinds import usual_size, with_kinds
from rag.ingest.formats.pdf_lines import read_page
from rag.ingest.formats.pdf_paragraphs import paragraphs
from rag.ingest.formats.pdf_running import Parted, part_running_lines
from rag.ingest.formats.pdf_types import Line, Page
from rag.types.provenance import DateFrom, LeftOutKind, PlaceKind

if TYPE_CHECKING:
    import pypdfium2

# PDFium may be used by one thread at a time only.
_ALONE = threading.Lock()
_PASSWORD_ERROR = 4
# What programs put where a title, and where an author, should stand.
_NO_TITLE = re.compile(r"untitled|sans titre|.*\.(?:docx?|odt|indd|qxp?d?|pdf|rtf|pptx?)", re.I)
_NO_AUTHOR = re.compile(
    r"\(?(?:anonymous|unknown|unspecified|anonyme|inconnu)\)?|user|admin", re.I
)
_WRITTEN_BY_WORD = re.compile(r"^Microsoft Word - ")
# How much larger than the text a title is set.
_TITLE_SIZE = 1.25
_LONGEST_TITLE = 200
# A page is no larger a picture than this.
_MOST_PIXELS = 25_000_000


def read_pdf(opened: Opened) -> Iterator[Member]:
    """The article of a PDF file, or the articles of a press database's export.

    Running headers and footers are left out, notes and tables stand after the paragraph
    that they are in, and pages that are pictures are recognised where that is possible.
    Raises ArticleError when it is damaged, asks for a password or holds no words.
    """
    content = opened.content()
    document = _read(content)
    if any(page.is_picture for page in document.pages):
        _recognise(content, document, Recogniser(opened.options), opened.tell)
    if not any(page.lines or page.aside for page in document.pages):
        if document.problems:
            raise ArticleError(document.problems[0])
        raise ArticleError(Problem.of(Code.PDF_WITHOUT_TEXT))
    yield from _members(document)


@dataclass
class _Document:
    """What was read of a PDF file. ``recognised`` are the numbers of pages read by OCR."""

    title: str
    author: str
    made: str
    language: str | None
    pages: list[Page]
    problems: list[Problem] = field(default_factory=list)
    recognised: set[int] = field(default_factory=set)
    nothing: list[str] = field(default_factory=list)


def _open(content: bytes) -> pypdfium2.PdfDocument:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD_ERROR:
            raise ArticleError(Problem.of(Code.PDF_ENCRYPTED)) from error
        raise ArticleError(Problem.of(Code.PDF_DAMAGED)) from error


def _about(document: Any) -> dict[str, str]:
    """What the file says of itself; nothing where its bytes are no text."""
    try:
        about: dict[str, str] = document.get_metadata_dict()
    except UnicodeDecodeError:
        return {}
    return about


def _read(content: bytes) -> _Document:
    import pypdfium2

    with _ALONE:
        document = _open(content)
        try:
            about = _about(document)
            found = _Document(
                about.get("Title", ""),
                about.get("Author", ""),
                about.get("CreationDate", ""),
                _language(document),
                [],
            )
            for number in range(1, len(document) + 1):
                try:
                    page = document[number - 1]
                    found.pages.append(read_page(page, number))
                    page.close()
                except pypdfium2.PdfiumError:
                    found.problems.append(Problem.of(Code.PDF_PAGE_DAMAGED, page=number))
        finally:
            document.close()
    return found


def _recognise(content: bytes, document: _Document, recogniser: Recogniser, tell: Tell) -> None:
    """Put into ``document`` the words of its pages that are pictures, or why there are none."""
    wanted = [page.number for page in document.pages if page.is_picture]
    unread: list[int] = []
    why_not = recogniser.why_not()
    if why_not is not None:
        unread = wanted
    for count, number in enumerate(wanted if why_not is None else (), 1):
        tell(f"recognising the words of page {number}, {count} of {len(wanted)} pictures")
        try:
            found = recogniser.recognise(_rendered(content, number))
        except ArticleError:
            unread.append(number)
            continue
        _put(document, number, found)
    if unread:
        code = {
            None: Code.PDF_PAGES_NOT_RECOGNISED,
            Code.PICTURES_NOT_WANTED: Code.PDF_PAGES_NOT_WANTED,
        }.get(why_not, Code.PDF_PAGES_NEED_TESSERACT)
        total = len(document.pages)
        problem = Problem.of(code, count=len(unread), total=total, which=_ranges(unread))
        document.problems.append(problem)


def _put(document: _Document, number: int, found: Sequence[Recognised]) -> None:
    lines = [line for page in found for line in page.lines]
    document.nothing.extend(text for page in found for text in page.nothing)
    if lines:
        document.recognised.add(number)
        place = next(n for n, page in enumerate(document.pages) if page.number == number)
        document.pages[place] = Page(number, lines, [], [], True)


def _rendered(content: bytes, number: int) -> bytes:
    """A page as a picture, in the PGM format, in grey."""
    with _ALONE:
        document = _open(content)
        try:
            page = document[number - 1]
            width, height = page.get_size()
            most = (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5
            bitmap = page.render(scale=min(RESOLUTION / 72, most), grayscale=True)
            shape = bitmap.to_numpy()
            head = b"P5\n%d %d\n255\n" % (bitmap.width, bitmap.height)
            return bytes(head + shape.reshape(bitmap.height, -1)[:, : bitmap.width].tobytes())
        finally:
            document.close()


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers of pages as a reader writes them: 2-5, 7."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in found)


def _members(document: _Document) -> Iterator[Member]:
    marked = MarkedText()
    lines = _ordered(document, marked)
    made = paragraphs(lines, [page.number for page in document.pages])
    running = [one.text for one in marked.left_out]
    articles = articles_of(made, running)
    if articles:
        yield from _exported(document, articles, marked)
        return
    for one in made:
        add_paragraph(marked, one)
    yield Member(
        Draft(
            marked.text,
            title=_title(document.title) or _largest(lines) or title_of(made),
            author=_author(document.author),
            language=document.language,
            made=pdf_date(document.made),
            made_from=DateFrom.PDF_METADATA,
            places=marked.places,
            left_out=marked.left_out,
            problems=tuple(document.problems),
        )
    )


def _exported(
    document: _Document, articles: Sequence[Exported], beside: MarkedText
) -> Iterator[Member]:
    """The articles of an export; what the file leaves out is told with the first one."""
    keys = Keys()
    for number, article in enumerate(articles):
        marked = MarkedText()
        for one in article.paragraphs:
            add_paragraph(marked, one, article.page)
        for text in article.facts:
            marked.leave_out(LeftOutKind.NOTICE, text)
        for left_out in beside.left_out if number == 0 else ():
            marked.leave_out(left_out.kind, left_out.text)
        draft = Draft(
            marked.text,
            title=article.title,
            author=article.author,
            source=article.source,
            date=article.date,
            date_from=DateFrom.PUBLISHED if article.date else None,
            places=marked.places,
            left_out=marked.left_out,
            problems=tuple(document.problems) if number == 0 else (),
        )
        key = keys.of(article.identifier, None, article.title, marked.text)
        yield Member(draft, key=key if len(articles) > 1 else "")


def _ordered(document: _Document, marked: MarkedText) -> list[list[Line]]:
    """The lines of every page as they are read; what runs over the pages is left out."""
    found: list[list[Line]] = []
    # What is all of a scanned page is no header.
    parted = [
        one if one.kept or not page.is_picture else Parted(list(page.lines), [], [])
        for one, page in zip(
            part_running_lines([page.lines for page in document.pages]),
            document.pages,
            strict=True,
        )
    ]
    usual = usual_size(
        line
        for one, page in zip(parted, document.pages, strict=True)
        for line in one.kept
        if page.number not in document.recognised
    )
    for one, page in zip(parted, document.pages, strict=True):
        leave_out_running(marked, one)
        if page.number in document.recognised:
            lines = as_usual(one.kept, usual)
        else:
            lines = in_reading_order(with_initials(one.kept))
        lines = with_kinds(lines, page.pictures, usual or usual_size(lines))
        lines.extend(
            replace(line, column=len(lines) + line.column, kind=PlaceKind.CAPTION)
            for line in in_reading_order(page.aside)
        )
        found.append(lines)
    for text in document.nothing:
        marked.leave_out(LeftOutKind.OTHER, text)
    return found


def _language(document: pypdfium2.PdfDocument) -> str | None:
    import ctypes

    import pypdfium2.raw

    size = pypdfium2.raw.FPDFCatalog_GetLanguage(document, None, 0)
    if size <= 2:
        return None
    buffer = ctypes.create_string_buffer(size)
    pypdfium2.raw.FPDFCatalog_GetLanguage(
        document, ctypes.cast(buffer, ctypes.POINTER(pypdfium2.raw.FPDF_WCHAR)), size
    )
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0") or None


def _title(written: str) -> str | None:
    title = " ".join(_WRITTEN_BY_WORD.sub("", written).split())
    return None if not title or _NO_TITLE.fullmatch(title) else title


def _author(written: str) -> str | None:
    author = " ".join(written.split())
    return None if not author or _NO_AUTHOR.fullmatch(author) else author


def _largest(pages: Sequence[Sequence[Line]]) -> str | None:
    """The lines of the first page that are set clearly larger than the text."""
    first = [
        line
        for line in next(filter(None, pages), [])
        if line.kind is PlaceKind.PARAGRAPH and any(map(str.isalpha, line.text))
    ]
    if not first:
        return None
    usual = usual_size(line for page in pages for line in page)
    largest = max(line.size for line in first)
    if largest < _TITLE_SIZE * usual:
        return None
    title = " ".join(line.text for line in first if line.size > 0.98 * largest)
    return title if len(title) <= _LONGEST_TITLE and len(title.split()) > 1 else None
