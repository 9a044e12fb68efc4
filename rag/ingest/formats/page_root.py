"""Which element of a page holds its article."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.ingest.formats.page_regions import is_prose, named
from rag.ingest.formats.page_tree import PageTree, around

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Of the page's prose: so much of it makes an element the article's.
_MOST_OF_IT = 0.5
_WITH_HEADING = 0.25
_NEARLY_ALL = 0.85
_LINKED = 0.6
# Prose that is known to be the article's weighs so many times as much.
_KNOWN = 10
_BODY_CLASS = re.compile(
    r"(?:^|[\s_-])(?:article-?(?:body|content|text|main)|(?:entry|post|story|content)-?"
    r"(?:body|content|text)|body-?(?:content|text)|texte-?article|corps-?article"
    r"|articlebody)(?=$|[\s_-])"
)
_Weights = dict["HtmlElement", int]


def article_element(tree: PageTree) -> tuple[HtmlElement, bool]:
    """The element that holds the article, and whether the page says so itself.

    The elements that say that they are an article go first, the one with the title before
    the one with the most prose; then the innermost that holds nearly all of the prose.
    """
    weights = _weights(tree, only_prose=True)
    if not weights.get(tree.body):
        weights = _weights(tree, only_prose=False)
    total = weights.get(tree.body, 0)
    if not total:
        return tree.body, False
    chosen = _named_article(tree, weights, total)
    if chosen is not None:
        return _with_siblings(tree, weights, chosen), True
    mains = [one for one in weights if one.tag == "main" or one.get("role") == "main"]
    main = max(mains, key=lambda one: weights[one], default=None)
    if main is not None and weights[main] >= _MOST_OF_IT * total:
        return _descend(weights, main), True
    return _descend(weights, tree.body), False


def _weights(tree: PageTree, *, only_prose: bool) -> _Weights:
    """How many characters of what may be the article stand in each element."""
    weights: _Weights = {}
    for block in tree.blocks:
        if block.left_out or block.link_share > _LINKED:
            continue
        if only_prose and not is_prose(block.text):
            continue
        known = tree.is_known(block)
        if tree.outermost_region(block.element) is not None and not known:
            continue
        weight = len(block.text) * (_KNOWN if known else 1)
        for element in around(block.element):
            weights[element] = weights.get(element, 0) + weight
    return weights


def _named_article(tree: PageTree, weights: _Weights, total: int) -> HtmlElement | None:
    articles = [one for one in weights if _names_article(one)]
    with_heading = [one for one in articles if one in tree.heading_around]
    for among, share in ((with_heading, _WITH_HEADING), (articles, _MOST_OF_IT)):
        best = max(among, key=lambda one: weights[one], default=None)
        if best is not None and weights[best] >= share * total:
            outer = [one for one in around(best) if one.tag == "article"]
            return outer[-1] if outer else best
    return None


def _with_siblings(tree: PageTree, weights: _Weights, article: HtmlElement) -> HtmlElement:
    """What holds the parts of a live page, each of which is an article element."""
    if article.tag != "article" or article in tree.heading_around:
        return article
    others = [
        one
        for one in weights
        if one.tag == "article"
        and one.get("class") == article.get("class")
        and next(one.iter("h1"), None) is None
    ]
    if len(others) < 2:
        return article
    shared = set(around(others[0]))
    for one in others[1:]:
        shared &= set(around(one))
    return next(one for one in around(article) if one in shared)


def _descend(weights: _Weights, element: HtmlElement) -> HtmlElement:
    while True:
        heaviest = max(element, key=lambda one: weights.get(one, 0), default=None)
        if heaviest is None or heaviest.tag in ("p", "table"):
            return element
        if weights.get(heaviest, 0) < _NEARLY_ALL * weights[element]:
            return element
        element = heaviest


def _names_article(element: HtmlElement) -> bool:
    if element.tag == "article" or element.get("role") == "article":
        return True
    if "articlebody" in element.get("itemprop", "").lower():
        return True
    name = named(element) if element.tag in ("div", "section") else ""
    return bool(name) and _BODY_CLASS.search(name) is not None
