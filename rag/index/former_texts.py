"""The catalogue's table of corrections: the texts that articles had before."""

from __future__ import annotations

import datetime
import hashlib
import sqlite3
from collections.abc import Collection, Iterable

from rag.index.articles import Articles
from rag.index.catalogue import select_article
from rag.language.analysis import terms
from rag.types import Article, Version

# Of an article that changes daily, so many former texts are kept.
KEPT_VERSIONS = 5
# A corrected text keeps most of its words; two of one column share the usual ones.
_ALIKE = 0.4


def write_versions(
    database: sqlite3.Connection,
    previous: Articles,
    removed: Collection[str],
    replaced_at: datetime.datetime,
) -> None:
    """Keep what the articles in ``database`` said in ``previous``, the generation before.

    ``removed`` are the paths that no longer lead to what they did there. An article continues
    the one at its path, unless both have addresses that differ or one file holds both and
    they are not alike, else one that is no longer there and has its address or its text. The
    last KEPT_VERSIONS texts are kept; another reading of an unchanged file makes none.
    """
    continued: set[str] = set()
    elsewhere: list[int] = []

    def keep(article: Article, old: Article) -> None:
        history = list(previous.versions(old.id))
        if article.file_hash != old.file_hash and old.text != article.text:
            history.append(Version(old.text, replaced_at))
        _insert(database, article.id, history[-KEPT_VERSIONS:])

    for (row,) in database.execute("SELECT row FROM articles ORDER BY path").fetchall():
        article = _article(database, row)
        before = previous.by_path(article.path)
        if before is None or _is_another(article, before):
            elsewhere.append(row)
        else:
            continued.add(article.path)
            keep(article, before)
    gone = _Gone(previous, [path for path in removed if path not in continued])
    for row in elsewhere:
        article = _article(database, row)
        old = gone.continued_by(article)
        if old is not None:
            keep(article, old)


def _article(database: sqlite3.Connection, row: int) -> Article:
    found = select_article(database, "row", row)
    assert found is not None
    return found


def _is_another(article: Article, old: Article) -> bool:
    """Whether an article only has the path of ``old``, and is not that one corrected.

    In a file of several articles a path may be no more than a title, « Météo ».
    """
    if article.url and old.url:
        return article.url != old.url
    # An id tells the text too.
    if "#" not in article.path or article.id == old.id:
        return False
    if article.date and old.date and article.date != old.date:
        return True
    return not _are_alike(article.text, old.text)


def _are_alike(text: str, former: str) -> bool:
    """Whether of the words of the shorter text enough are in the longer one."""
    words, others = set(terms(text)), set(terms(former))
    fewer = min(len(words), len(others))
    return not fewer or len(words & others) >= _ALIKE * fewer


class _Gone:
    """Articles that are no longer at their path, to be found elsewhere; read when needed."""

    def __init__(self, previous: Articles, paths: Iterable[str]) -> None:
        self._previous = previous
        self._by_url: dict[str, str] = {}
        self._by_text: dict[bytes, str] = {}
        for path in paths:
            article = previous.by_path(path)
            if article is not None:
                if article.url:
                    self._by_url[article.url] = path
                self._by_text[_digest(article.text)] = path

    def continued_by(self, article: Article) -> Article | None:
        """The one that ``article`` continues at another path."""
        path = self._by_url.get(article.url) if article.url else None
        path = path or self._by_text.get(_digest(article.text))
        return self._previous.by_path(path) if path is not None else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _insert(database: sqlite3.Connection, article_id: str, history: list[Version]) -> None:
    database.executemany(
        "INSERT INTO versions VALUES (?, ?, ?, ?)",
        [
            (article_id, number, version.text, version.replaced_at.isoformat())
            for number, version in enumerate(history)
        ],
    )
