"""``rag digest``: what is new, to be read, mailed or printed."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from rag.cli.options import IndexOption, SourceOption, UntilOption
from rag.cli.saying import print_json, read_day
from rag.errors import SettingsError


def digest(
    since: Annotated[
        str | None,
        typer.Option(
            "--since", help="Articles from that day on.  [default: a week]", metavar="DATE"
        ),
    ] = None,
    until: UntilOption = None,
    source: SourceOption = None,
    most: Annotated[int, typer.Option("--top", min=1, help="Most stories.")] = 100,
    written: Annotated[
        Literal["md", "html", "json"], typer.Option("--format", help="How it is written.")
    ] = "md",
    language: Annotated[
        Literal["fr", "en"], typer.Option("--language", help="Language of what is around.")
    ] = "fr",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write to that file.", metavar="FILE")
    ] = None,
    index: IndexOption = None,
) -> None:
    """Tell what is new since a day: each story once, in its own sentences."""
    from rag.answering.digest import default_since, make_digest
    from rag.answering.digest_texts import digest_to_json, digest_to_markdown
    from rag.config import load_settings
    from rag.index import Index
    from rag.types import Filters

    first, last = read_day("--since", since), read_day("--until", until, is_last=True)
    if first and last and last < first:
        raise SettingsError(f"--until {last} is before --since {first}; exchange them")
    settings = load_settings(index=index)
    opened = Index.open_current(settings.index, uri=settings.uri)
    newest = opened.articles.overview().last_date
    first = first or default_since(last or datetime.date.today(), newest)
    found = make_digest(opened, Filters(first, last, frozenset(source or ())), most)
    if written == "json" and out is None:
        print_json(digest_to_json(found))
        return
    if written == "json":
        import json

        content = json.dumps(digest_to_json(found), ensure_ascii=False, indent=2) + "\n"
    elif written == "html":
        from rag.ui.digest_page import render_digest

        content = f"{render_digest(found, language)}\n"
    else:
        content = digest_to_markdown(found, language)
    if out is None:
        print(content, end="")
    else:
        _write(content, out)


def _write(content: str, file: Path) -> None:
    try:
        # What a file's name holds may be no text.
        file.write_bytes(content.encode("utf-8", "replace"))
    except OSError as error:
        raise SettingsError(
            f"--out is {file}, which cannot be written ({error.strerror}); name another file"
        ) from error
