"""Small files that showed something wrong once, a folder a case: read as a build reads them."""

from __future__ import annotations

from pathlib import Path

from rag.config import Settings
from rag.errors import ArticleError
from rag.files import file_hash
from rag.ingest import read_articles
from rag.ingest.folder import reading_options
from rag.types import Article, BrokenFile
from tests.ingest.reading_files import write_file

CASES = Path(__file__).parent / "cases"


def read_file(file: Path) -> tuple[list[Article], list[BrokenFile]]:
    """The articles of ``file`` and what is said of it, paths told from its folder."""
    articles: list[Article] = []
    said: list[BrokenFile] = []
    try:
        options = reading_options(Settings())
        for found in read_articles(file, file.parent, options, file_hash(file)):
            if isinstance(found, Article):
                articles.append(found)
            else:
                said.append(found)
    except ArticleError as error:
        said.append(BrokenFile(file.name, error.problem))
    return articles, said


def read_case(case: str, file: str) -> tuple[list[Article], list[BrokenFile]]:
    """What the file of a case is read to."""
    return read_file(CASES / case / file)


def read_one(case: str, file: str) -> Article:
    """The article of a case whose file holds one, and of which nothing is to be said."""
    articles, said = read_case(case, file)
    assert [one.reason for one in said] == []
    (article,) = articles
    return article


def check_places(article: Article) -> None:
    """Check that the places of ``article`` are within its text, in order, and hold words."""
    for place in article.places:
        assert 0 <= place.start < place.end <= len(article.text)
        words = article.text[place.start : place.end]
        assert words == words.strip()
    starts = [place.start for place in article.places]
    assert starts == sorted(starts)


def one_in(folder: Path, name: str, content: bytes | str) -> Article:
    articles, said = read_file(write_file(folder, name, content))
    assert [one.reason for one in said] == []
    (article,) = articles
    return article


def texts_in(found: tuple[list[Article], list[BrokenFile]]) -> list[str]:
    return [article.text for article in found[0]]
