"""Web pages: the article without the page around it, by trafilatura."""

from __future__ import annotations

import logging
import urllib.parse

from rag.articles.draft import Draft, parse_date
from rag.errors import ArticleError


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
        # Without it a date of the page's footer would do for the article's.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(found, Document) or not found.text:
        raise ArticleError("is a page without an article in it; check that it was saved whole")
    # Its paragraphs are lines; a blank line keeps sentences from running together.
    text = "\n\n".join(line.strip() for line in found.text.split("\n") if line.strip())
    return Draft(
        text,
        title=found.title,
        date=parse_date(found.date),
        source=found.sitename or _host(found.url),
        url=found.url,
        author=found.author,
        language=found.language,
    )


def _host(url: str | None) -> str | None:
    host = urllib.parse.urlsplit(url).hostname if url else None
    return host.removeprefix("www.") if host else None
