"""Web pages: the article whole, and what stands around it told by its kind."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import re
import urllib.parse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.html_metadata import Declared, page_metadata
from rag.ingest.formats.html_titles import article_title, is_site, site_names
from rag.ingest.formats.marked_text import MarkedText
from rag.ingest.formats.markup import is_markup, paragraphs
from rag.ingest.formats.member import Draft, Member
from rag.ingest.formats.member_keys import Keys
from rag.ingest.formats.page_article import Part, article_parts, take_lines
from rag.ingest.formats.page_blocks import Block, page_blocks, parse_page
from rag.ingest.formats.page_date import page_date
from rag.ingest.formats.page_regions import is_prose
from rag.ingest.formats.page_tree import folded
from rag.ingest.formats.press_pages import exported_articles
from rag.types.provenance import LeftOutKind, PlaceKind

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# So much of what a page declares as its article's body has to be in what it shows.
_SHOWN = 0.6
_SEVERAL = 2
_SHORTEST_OF_SEVERAL = 150
# One name, or two that are joined; what follows is a day or a place.
_NAME = r"[A-ZÀ-Ý][\w.'’-]*(?:\s(?:(?:de|du|van|von|le|la|d['’])\s?)?[A-ZÀ-Ý][\w.'’-]*){1,3}"
_BYLINE = re.compile(
    rf"(?:Par|By|Propos recueillis par)\s:?\s?({_NAME}(?:(?:,| et| and)\s{_NAME})*)"
    r"(?=$|\s*[(,|·•–—-]|\s(?:Publié|Mis|Posted|Published|Updated|Le \d))"
)
# Among so many first paragraphs a standfirst is looked for.
_MAY_BE_STANDFIRST = 4
# A page of so many links without a paragraph is a list of them.
_MANY_LINKS = 5


def read_html(page: str) -> Iterator[Member]:
    """The article of a page, or those of an export of several.

    Raises ArticleError when the page holds none.
    """
    root = parse_page(page)
    if root is None:
        raise ArticleError(Problem.of(Code.PAGE_WITHOUT_ARTICLE))
    exported = exported_articles(root)
    if exported:
        yield from exported
        return
    articles = _titled_articles(root)
    about = page_metadata(root)
    if len(articles) < _SEVERAL:
        yield Member(_read_page(root, next(root.iter("body"), root), about))
    else:
        yield from _read_several(root, articles, about)


def _read_several(
    root: HtmlElement, articles: Sequence[HtmlElement], about: Declared
) -> Iterator[Member]:
    """The articles of one page; what it declares is said of the one whose title it names.

    What stands around all of them is told with the first.
    """
    titles = {folded(title) for title in about.titles}
    of_another = dataclasses.replace(about, body="", titles=(), url=None, author=None)
    inside = {element for article in articles for element in article.iter()}
    around = MarkedText()
    for block in page_blocks(next(root.iter("body"), root)):
        if block.element not in inside:
            kind = LeftOutKind.NAVIGATION if block.link_share > 0.5 else LeftOutKind.OTHER
            around.leave_out(block.left_out or kind, block.text)
    keys = Keys()
    for number, article in enumerate(articles):
        heading = folded(next(article.iter("h1")).text_content())
        is_named = heading in titles or (number == 0 and not titles)
        own = about
        if not is_named:
            dated = page_date(article, {}, {}, about.language, None)
            day, why = (dated.day, dated.why) if dated else (None, None)
            own = dataclasses.replace(of_another, date=day, date_from=why)
        draft = _read_page(root, article, own)
        if number == 0:
            draft = dataclasses.replace(draft, left_out=draft.left_out + around.left_out)
        key = keys.of(article.get("id"), None, draft.title, draft.text)
        yield Member(draft, key=key)


def _titled_articles(root: HtmlElement) -> list[HtmlElement]:
    """The articles that a page prints one after the other, each with a title of its own."""
    found = []
    for one in root.iter("article"):
        within = any(outer.tag in ("article", "aside", "nav") for outer in one.iterancestors())
        # A title that is a link leads to the article, which is elsewhere.
        titles = [title for title in one.iter("h1") if title.find(".//a") is None]
        if within or len(titles) != 1:
            continue
        words = sum(len(" ".join(p.text_content().split())) for p in one.iter("p"))
        if words >= _SHORTEST_OF_SEVERAL:
            found.append(one)
    return found


def _read_page(root: HtmlElement, body: HtmlElement, about: Declared) -> Draft:
    """The article in ``body`` of a page with its title, date, author, address and site."""
    french = not (about.language or "fr").lower().startswith("en")
    blocks = page_blocks(body, ("«\u00a0", "\u00a0»") if french else ("“", "”"))
    if not any(is_prose(block.text) for block in blocks if block.left_out is None):
        _show_hidden(blocks)
    sites = site_names(about.sites, about.url)
    heading = _heading(body, sites)
    shown = " ".join(heading.text_content().split()) if heading is not None else None
    title = root.findtext(".//title") if about.titles or body.tag == "body" else None
    known = paragraphs(about.body) if is_markup(about.body) else about.body
    parts, in_doubt = article_parts(body, blocks, heading, folded(known))
    if in_doubt and any(is_prose(part.block.text) for part in parts if part.left_out):
        take_lines(parts, _other_lines(root))
    _name_described(parts, about.descriptions)
    marked = _marked(parts, known)
    if not any(map(str.isalnum, marked.text)):
        raise ArticleError(Problem.of(Code.PAGE_WITHOUT_ARTICLE))
    _refuse_links(parts, blocks, known)
    return Draft(
        marked.text,
        title=article_title(about.titles, shown, sites)
        or article_title((title,), shown, sites),
        date=about.date,
        date_from=about.date_from,
        source=about.source or _host(about.url),
        url=about.url,
        author=about.author or _author(parts),
        language=about.language,
        places=marked.places,
        left_out=marked.left_out,
    )


def _name_described(parts: Sequence[Part], descriptions: Sequence[str]) -> None:
    """Tell a standfirst by what the page says of itself elsewhere, where nothing else did.

    It stands apart from the paragraphs, in an element of its own: of many pages the
    description is but the beginning of the first one.
    """
    shown = [part for part in parts if part.left_out is None]
    if any(part.kind is PlaceKind.STANDFIRST for part in shown):
        return
    said = {folded(one) for one in descriptions} - {""}
    prose = [part for part in shown if part.kind is PlaceKind.PARAGRAPH][:_MAY_BE_STANDFIRST]
    for part, following in itertools.pairwise(prose):
        here, there = part.block.element, following.block.element
        if folded(part.block.text) in said and here.getparent() is not there.getparent():
            part.kind = PlaceKind.STANDFIRST
            return


def _author(parts: Sequence[Part]) -> str | None:
    """Who a line above the text says wrote it: « Par Claire Dubois »."""
    for part in parts:
        if part.left_out is None and is_prose(part.block.text):
            break
        found = _BYLINE.match(part.block.text)
        if found and part.left_out in (None, LeftOutKind.HEADER):
            return found[1]
    return None


def _show_hidden(blocks: Sequence[Block]) -> None:
    """Take what a page hides until its scripts have run, where it shows nothing."""
    for block in blocks:
        if block.left_out is LeftOutKind.HIDDEN:
            block.left_out = None


def _heading(body: HtmlElement, sites: frozenset[str]) -> HtmlElement | None:
    """The element of the title that a page shows: an h1 that is not the site's name."""
    found = [
        one
        for one in body.iter("h1")
        if (words := " ".join(one.text_content().split())) and not is_site(words, sites)
    ]
    for one in found:
        around = {ancestor.tag for ancestor in one.iterancestors()}
        if around & {"article", "main"} and "nav" not in around:
            return one
    return found[0] if found else None


def _marked(parts: Sequence[Part], known: str) -> MarkedText:
    """The article's text; what the page declares and does not show stands at its end."""
    marked = MarkedText()
    taken = []
    for part in parts:
        block = part.block
        if part.left_out is not None:
            marked.leave_out(part.left_out, block.text)
        else:
            marked.add(block.text, part.kind, row=block.row)
            taken.append(block.text)
    if known:
        missing = _not_shown(known, taken)
        for paragraph in missing:
            marked.add(paragraph)
    return marked


def _not_shown(known: str, taken: Sequence[str]) -> list[str]:
    """The paragraphs of a declared body, where the page shows too little of it."""
    declared = [one.strip() for one in known.split("\n") if one.strip()]
    shown = folded(" ".join(taken))
    lines = [folded(line) for line in declared]
    total = sum(map(len, lines))
    if sum(len(line) for line in lines if line in shown) >= _SHOWN * total:
        return []
    if len(shown) >= _SHOWN * total and len(declared) == 1:
        return []
    return [one for one, line in zip(declared, lines, strict=True) if line not in shown]


def _refuse_links(parts: Sequence[Part], blocks: Sequence[Block], known: str) -> None:
    """Raise ArticleError for a page of headlines that lead to articles, and holds none."""
    taken = [part.block for part in parts if part.left_out is None]
    if known or any(is_prose(one.text) and one.link_share < 0.5 for one in taken):
        return
    linked = sum(one.link_share > 0.5 and len(one.text.split()) > 2 for one in blocks)
    if linked >= _MANY_LINKS:
        raise ArticleError(Problem.of(Code.PAGE_OF_LINKS, count=linked))


def _other_lines(root: HtmlElement) -> frozenset[str]:
    """The paragraphs that trafilatura takes for the article's, folded."""
    import trafilatura

    # It complains in the log of every odd page.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = trafilatura.extract(root, include_comments=False, favor_recall=True) or ""
    return frozenset(folded(line) for line in found.split("\n") if line.strip())


def _host(url: str | None) -> str | None:
    try:
        host = urllib.parse.urlsplit(url).hostname if url else None
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
