"""The commands ``rag articles``: what a file is read to, without an index."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.options import ArticlesOption, JsonFlag
from rag.cli.saying import announce, one_line, print_json
from rag.errors import SettingsError
from rag.types import BrokenFile
from rag.types.provenance import Place, PlaceKind

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.ingest.show_file import ShownArticle

articles_app = typer.Typer(
    help="Look at the articles of a file as they would be indexed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_WIDEST_LEFT_OUT = 200


@articles_app.callback()
def _top() -> None:
    """Keep ``show`` a command of its own, though it is the only one."""


@articles_app.command("show")
def show(
    file: Annotated[
        Path, typer.Argument(help="A file in a format that is read.", metavar="FILE")
    ],
    articles: ArticlesOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Read a file now, and print its articles, why their dates, and what was left out."""
    from rag.config import load_settings
    from rag.ingest.show_file import show_file

    settings = load_settings(articles=articles)
    if not file.is_file():
        raise SettingsError(f"there is no file {file}; name one to be read")
    found = show_file(file, _folder(file, settings), settings, announce)
    if as_json:
        print_json([_to_json(one) for one in found])
        return
    for one in found:
        _print(one)


def _folder(file: Path, settings: Settings) -> Path:
    """What the paths of the articles are told from: their folder, if the file is in it."""
    folder = settings.articles.absolute()
    return folder if file.absolute().is_relative_to(folder) else file.absolute().parent


def _to_json(shown: ShownArticle) -> dict[str, Any]:
    article = shown.article
    return {
        "path": shown.path,
        "title": article and article.title,
        "date": article and article.date and article.date.isoformat(),
        "date_from": article and article.date_from and article.date_from.value,
        "source": article and article.source,
        "author": article and article.author,
        "language": article and article.language,
        "url": article and article.url,
        "text": article.text if article else "",
        "places": [_place_to_json(one) for one in article.places] if article else [],
        "left_out": [{"kind": one.kind.value, "text": one.text} for one in article.left_out]
        if article
        else [],
        "problems": _problems_to_json(shown.problems),
    }


def _place_to_json(place: Place) -> dict[str, Any]:
    more = {
        "page": place.page,
        "row": place.row,
        "time": place.time,
        "speaker": place.speaker,
    }
    return {
        "start": place.start,
        "end": place.end,
        "kind": place.kind.value,
        **{name: value for name, value in more.items() if value is not None},
    }


def _problems_to_json(problems: Sequence[BrokenFile]) -> list[dict[str, Any]]:
    return [{"path": one.path, **one.problem.to_json()} for one in problems]


def _print(shown: ShownArticle) -> None:
    article = shown.article
    print(one_line(shown.path))
    if article is not None:
        why = f"{article.date} ({article.date_from})" if article.date else "none"
        rows = {
            "title": article.title,
            "date": why,
            "source": article.source,
            "author": article.author,
            "language": article.language,
            "url": article.url,
        }
        for name, value in rows.items():
            if value:
                print(f"  {name}: {one_line(value)}")
        kinds = [one.kind for one in article.places if one.kind is not PlaceKind.PARAGRAPH]
        counted = ", ".join(f"{kind} {kinds.count(kind)}" for kind in dict.fromkeys(kinds))
        if counted:
            print(f"  parts: {counted}")
        print(f"\n{_printable(article.text)}\n")
        for one in article.left_out:
            words = one_line(one.text)
            if len(words) > _WIDEST_LEFT_OUT:
                words = words[: _WIDEST_LEFT_OUT - 1] + "…"
            print(f"  left out, {one.kind} of {one.words} words: {words}")
    for problem in shown.problems:
        print(f"  problem: {one_line(problem.path)}: {problem.reason}")
    sys.stdout.flush()


def _printable(text: str) -> str:
    return "\n".join(one_line(line) for line in text.split("\n"))
