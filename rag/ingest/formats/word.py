"""Word files, by python-docx."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.errors import ArticleError
from rag.ingest.formats.member import Draft, Opened
from rag.ingest.formats.zip_archive import check_office_zip
from rag.problems import Code, Problem

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

# How a file begins that is no zip: Word's old format, or one behind a password.
_OLE = b"\xd0\xcf\x11\xe0"
_TITLE_STYLES = ("title", "titre", "heading 1", "titre 1")


def read_docx(opened: Opened) -> Draft:
    """The paragraphs and tables of a .docx file, without its headers and footers.

    Raises ArticleError when it is damaged, in another format or behind a password.
    """
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree

    content = opened.content()
    if content.startswith(_OLE):
        raise ArticleError(Problem.of(Code.WORD_ENCRYPTED))
    try:
        check_office_zip(content, opened.options)
        document = docx.Document(io.BytesIO(content))
        about = document.core_properties
        return Draft(
            "\n\n".join(_blocks(document)),
            title=" ".join(about.title.split()) or _title(document),
            author=" ".join(about.author.split()) or None,
            language=about.language or _language(document),
            made=_made(about.created),
        )
    except (zipfile.BadZipFile, OpcError, etree.LxmlError, KeyError, ValueError) as error:
        raise ArticleError(Problem.of(Code.WORD_DAMAGED)) from error


def _blocks(document: Document) -> Iterator[str]:
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                # A merged cell is told once for every column that it covers.
                cells = {id(cell._tc): cell.text.strip() for cell in row.cells}
                words = " · ".join(filter(None, cells.values()))
                if words:
                    yield words
        elif block.text.strip():
            yield block.text.strip()


def _title(document: Document) -> str | None:
    for paragraph in document.paragraphs:
        if _style(paragraph) in _TITLE_STYLES and paragraph.text.strip():
            return " ".join(paragraph.text.split())
    return None


def _style(paragraph: Paragraph) -> str:
    style = paragraph.style
    return (style.name or "").lower() if style is not None else ""


def _language(document: Document) -> str | None:
    """The language that the default style is set in."""
    from docx.oxml.ns import qn

    for element in document.styles.element.iter(qn("w:lang")):
        language = element.get(qn("w:val"))
        if language:
            return str(language)
    return None


def _made(created: datetime.datetime | None) -> datetime.date | None:
    # 2013-12-23 is the day of the template of python-docx, which dates nothing.
    if created is None or created.date() == datetime.date(2013, 12, 23):
        return None
    return created.date()
