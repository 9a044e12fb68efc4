"""The title of a page's article, without the name of the site or what stands over it."""

from __future__ import annotations

import re
import unicodedata
import urllib.parse
from collections.abc import Collection, Iterator, Sequence

# Signs between the parts of a page's title: with spaces around, or a stroke.
_BETWEEN = re.compile(r"\s+(?:[-–—·•]|::)\s+|\s*\|\s*")
_KICKER = re.compile(r"\s*[:.]\s+")
_LONGEST_NAME = 5


def site_names(names: Sequence[str | None], url: str | None) -> frozenset[str]:
    """What a page's outlet may be called, folded: what it says, and its host."""
    try:
        host = (urllib.parse.urlsplit(url).hostname or "") if url else ""
    except ValueError:
        host = ""
    labels = host.removeprefix("www.").split(".")
    hosts = [
        host,
        host.removeprefix("www."),
        *(label for label in labels[:-1] if len(label) > 2),
    ]
    found = {_folded(name) for name in (*names, *hosts) if name}
    return frozenset(name for name in found if len(name) > 1)


def article_title(
    declared: Sequence[str | None], heading: str | None, sites: Collection[str]
) -> str | None:
    """The first of ``declared`` titles, else ``heading``, that is one; None where none is.

    ``declared`` come before what the page shows, ``sites`` are folded names of its outlet,
    which are never a title, nor are they left at a title's end.
    """
    shown = _one_line(heading)
    for written in (*declared, shown):
        title = _one_line(written)
        if not title:
            continue
        title = _cut(title, shown, sites)
        if title and _folded(title) not in sites:
            return title
    return None


def is_site(text: str, sites: Collection[str]) -> bool:
    """Whether a heading is the outlet's name."""
    return _folded(text) in sites


def _cut(title: str, shown: str, sites: Collection[str]) -> str:
    places = [(found.start(), found.end()) for found in _BETWEEN.finditer(title)]
    if shown and _folded(shown) not in sites:
        kickers = [(found.start(), found.end()) for found in _KICKER.finditer(title)]
        for start, end in places + kickers:
            if _folded(title[:start]) == _folded(shown):
                return title[:start].strip()
            if _folded(title[end:]) == _folded(shown):
                return title[end:].strip()
        # « Le pont | « On ne fermera pas » | Le Courrier »
        for part in _BETWEEN.split(title):
            if _folded(part) == _folded(shown):
                return part.strip()
    for start, end in places:
        if _is_name(title[end:], sites):
            title = title[:start]
            break
    while places and places[0][1] < len(title) and _is_name(title[: places[0][0]], sites):
        title = title[places[0][1] :]
        places = [(found.start(), found.end()) for found in _BETWEEN.finditer(title)]
    return title.strip()


def _is_name(words: str, sites: Collection[str]) -> bool:
    """Whether a part of a title is the outlet, or the outlet with its section."""
    folded = _folded(words)
    if not folded or folded in sites:
        return True
    if len(words.split()) > _LONGEST_NAME + 3:
        return False
    parts = [_folded(part) for part in _parts(words)]
    if any(part in sites for part in parts):
        return True
    if len(words.split()) > _LONGEST_NAME:
        return False
    # « RTS Info » of rts, « Le Monde » of lemonde.fr, « CBC News » of cbc.
    words_folded = {_folded(word) for word in words.split()}
    return any(
        len(site) > 2
        and (site in words_folded or (len(site) > 4 and site in folded) or folded in site)
        and 0.6 * len(site) <= len(folded) <= 2 * len(site) + 6
        for site in sites
    )


def _parts(words: str) -> Iterator[str]:
    yield from _BETWEEN.split(words)


def _one_line(words: str | None) -> str:
    return " ".join((words or "").split())


def _folded(words: str) -> str:
    decomposed = unicodedata.normalize("NFKD", words).casefold()
    return "".join(sign for sign in decomposed if sign.isalnum())
