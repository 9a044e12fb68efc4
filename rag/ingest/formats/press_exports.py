"""Exports of press databases in any office format, told apart by what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rag.ingest.formats.export_article import ExportedArticle
from rag.ingest.formats.export_factiva import factiva_articles
from rag.ingest.formats.export_lexis import lexis_articles
from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.member import Draft, Member
from rag.ingest.formats.member_keys import Keys
from rag.ingest.formats.office import Block, Document, draft_of
from rag.types.provenance import DateFrom, LeftOutKind


def members_of(document: Document) -> Iterator[Member]:
    """The article of a document, or the articles where it is an export of the press."""
    lines = list(_lines(document.blocks))
    articles = [one for one in lexis_articles(lines) or factiva_articles(lines) if one.body]
    if not articles:
        yield Member(draft_of(document))
        return
    keys = Keys()
    for number, article in enumerate(articles):
        draft = _draft(article, document if number == 0 else None)
        key = keys.of(article.identifier, None, draft.title, draft.text)
        yield Member(draft, key=key if len(articles) > 1 else "")


def _lines(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, a row of a table as the lines of its cells."""
    for block in blocks:
        if block.cells:
            yield from (Block(cell, block.kind, block.row) for cell in block.cells)
        else:
            yield block


def _draft(article: ExportedArticle, document: Document | None) -> Draft:
    """The draft of ``article``; what ``document`` leaves out is told with the first one."""
    marked = MarkedText()
    for block in article.body:
        marked.add(block.text, block.kind, page=article.page, row=block.row)
    for facts in article.facts:
        marked.leave_out(LeftOutKind.NOTICE, facts)
    for kind, text in document.left_out if document else ():
        marked.leave_out(kind, text)
    return Draft(
        marked.text,
        title=article.title or None,
        date=article.date,
        date_from=DateFrom.PUBLISHED if article.date else None,
        source=article.source,
        author=article.author,
        language=article.language,
        places=marked.places,
        left_out=marked.left_out,
    )
