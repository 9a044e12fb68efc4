"""One file read by itself: its articles as they would be indexed, and what is wrong with it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.errors import ArticleError, Code, Problem
from rag.files import file_hash
from rag.ingest.find_files import is_article_file
from rag.ingest.folder import reading_options
from rag.ingest.formats.member import Tell, unheard
from rag.ingest.read_files import FORMATS, read_articles
from rag.types import Article, BrokenFile

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """An article and what is to be said of it; of a file without any, what is wrong with it.

    ``path`` is the article's, or the file's where there is no ``article``.
    """

    path: str
    article: Article | None
    problems: tuple[BrokenFile, ...]


def show_file(
    file: Path, folder: Path, settings: Settings, tell: Tell = unheard
) -> list[ShownArticle]:
    """The articles of ``file``, whose paths are told from ``folder``, in its order.

    What is wrong with a member that is no article is told with the first one. Whatever is
    wrong is a problem; nothing is raised for it. ``tell`` hears how far what takes long is.
    """
    articles: list[Article] = []
    problems: list[BrokenFile] = []
    path = _shown_path(file, folder)
    try:
        if not is_article_file(file):
            raise ArticleError(Problem.of(Code.NO_FORMAT, formats=", ".join(sorted(FORMATS))))
        options = reading_options(settings)
        here, folder = file.absolute(), folder.absolute()
        for found in read_articles(here, folder, options, file_hash(file), tell):
            if isinstance(found, Article):
                articles.append(found)
            else:
                problems.append(found)
    except ArticleError as error:
        problems.append(BrokenFile(path, error.problem))
    except OSError as error:
        detail = error.strerror or str(error)
        problems.append(BrokenFile(path, Problem.of(Code.NOT_READ, detail=detail)))
    except Exception as error:
        logger.info("%s could not be read", path, exc_info=True)
        problem = Problem.of(Code.READER_FAILED, kind=type(error).__name__)
        problems.append(BrokenFile(path, problem))
    if not articles:
        return [ShownArticle(path, None, tuple(problems))]
    paths = {article.path for article in articles}
    return [
        ShownArticle(
            article.path,
            article,
            tuple(
                one
                for one in problems
                if one.path == article.path or (number == 0 and one.path not in paths)
            ),
        )
        for number, article in enumerate(articles)
    ]


def _shown_path(file: Path, folder: Path) -> str:
    """The file's path below ``folder``, which can be printed."""
    path = file.absolute().relative_to(folder.absolute()).as_posix()
    return path.encode("utf-8", "backslashreplace").decode()


def read_again(article: Article, settings: Settings) -> Article | None:
    """``article`` with all that its file says now; None where that is gone or says otherwise.

    Reads the file up to the article, an article at a time.
    """
    folder = settings.articles.absolute()
    file = _file_of(article.path, folder)
    if file is None:
        return None
    try:
        found = read_articles(file, folder, reading_options(settings), article.file_hash)
        same = (one for one in found if isinstance(one, Article) and one.path == article.path)
        now = next(same, None)
    except (ArticleError, OSError) as error:
        logger.info("%s: %s", article.path, error)
        return None
    except Exception:
        logger.info("%s could not be read again", article.path, exc_info=True)
        return None
    return now if now is not None and now.text == article.text else None


def _file_of(path: str, folder: Path) -> Path | None:
    """The file below ``folder`` that holds the article of ``path``; None where it is gone.

    Behind the file's own path there may be that of a member, and what names the article.
    """
    ends = [at for at, sign in enumerate(path) if sign in "/#"]
    for end in (*ends, len(path)):
        file = folder / path[:end]
        try:
            if path[:end] and file.is_file() and is_article_file(file):
                is_within = file.resolve().is_relative_to(folder.resolve())
                return file if is_within else None
        except (OSError, ValueError):
            continue
    return None
