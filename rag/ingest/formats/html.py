"""Web pages: the article without the page around it, by trafilatura."""

from __future__ import annotations

import dataclasses
import logging
import urllib.parse

from rag.errors import ArticleError
from rag.ingest.formats.html_metadata import page_metadata
from rag.ingest.formats.markup import is_markup, paragraphs
from rag.ingest.formats.member import Draft
from rag.problems import Code, Problem


def read_html(page: str) -> Draft:
    """The main text of a page with its title, date, author, address and site.

    Raises ArticleError when the page holds no article.
    """
    import trafilatura
    from trafilatura.settings import Document

    # It complains in the log of every odd page; what matters is raised below.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = trafilatura.bare_extraction(
        page,
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        favor_precision=True,
    )
    about = page_metadata(page)
    if not isinstance(found, Document) or not found.text:
        if not about.text:
            raise ArticleError(Problem.of(Code.PAGE_WITHOUT_ARTICLE))
        # Pages that a script fills in have the words there and nowhere else.
        text = paragraphs(about.text) if is_markup(about.text) else about.text
        return dataclasses.replace(about, text=text, source=about.source or _host(about.url))
    # Its paragraphs are lines; a blank line keeps sentences from running together.
    text = "\n\n".join(line.strip() for line in found.text.split("\n") if line.strip())
    url = found.url or about.url
    return Draft(
        text,
        title=found.title or about.title,
        date=about.date,
        date_from=about.date_from,
        source=about.source or found.sitename or _host(url),
        url=url,
        author=about.author or (found.author and found.author.replace("; ", ", ")),
        language=about.language or found.language,
    )


def _host(url: str | None) -> str | None:
    host = urllib.parse.urlsplit(url).hostname if url else None
    return host.removeprefix("www.") if host else None
