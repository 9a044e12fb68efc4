"""The commands that look at an index: ``rag verify`` and ``rag stats``."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.cli.advice import complete_advice
from rag.cli.options import ArticlesOption, IndexOption, JsonFlag, ModelOption
from rag.cli.saying import CHECK_FAILED, announce, naming, print_json
from rag.errors import SettingsError

if TYPE_CHECKING:
    from rag.config import Settings


def verify(
    quotes: Annotated[
        Path | None,
        typer.Option(
            "--quotes",
            help="Check the citations of an exported conversation, or of ask --json, instead.",
            metavar="FILE",
        ),
    ] = None,
    articles: ArticlesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Check the index against the articles: hashes, offsets and vectors."""
    from rag.cli.output import print_verification, verification_to_json
    from rag.cli.progress_bars import progress_bars
    from rag.config import load_settings
    from rag.index import Index
    from rag.library.verify_index import verify as verify_index
    from rag.models.encoder import open_encoder
    from rag.models.parts_encoder import fingerprints

    settings = load_settings(articles=articles, index=index, model=model)
    if quotes is not None:
        _verify_quotes(quotes, settings, as_json)
        return
    encoder = open_encoder(settings, announce)
    with progress_bars() as progress:
        opened = Index.open_current(settings.index, fingerprints(encoder), uri=settings.uri)
        found = verify_index(opened, settings, encoder, progress)
    given = naming(articles=articles, index=index, model=model)
    problems = (complete_advice(problem, given) for problem in found.problems)
    found = dataclasses.replace(found, problems=tuple(problems))
    if as_json:
        print_json(verification_to_json(found))
    else:
        print_verification(found)
    if not found.fine:
        raise typer.Exit(CHECK_FAILED)


def stats(
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write a page with plots there.", metavar="FILE"),
    ] = None,
    language: Annotated[
        Literal["fr", "en"], typer.Option("--language", help="Language of that page.")
    ] = "fr",
    articles: ArticlesOption = None,
    index: IndexOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell what the index holds."""
    from rag.cli.output import print_statistics, statistics_to_json
    from rag.config import load_settings
    from rag.index import Index
    from rag.library.statistics import collect

    settings = load_settings(articles=articles, index=index)
    found = collect(Index.open_current(settings.index))
    if html is not None:
        from rag.ui.statistics_page import render_statistics

        _write_page(render_statistics(found, language), html)
    if as_json:
        print_json(statistics_to_json(found, settings))
    else:
        print_statistics(found, settings)


def _verify_quotes(file: Path, settings: Settings, as_json: bool) -> None:
    from rag.cli.output import checked_quotes_to_json, print_checked_quotes
    from rag.index import Index
    from rag.library.exported_quotes import read_quotes
    from rag.library.verify_quotes import check_quotes

    cited = read_quotes(file)
    found = check_quotes(cited, Index.open_current(settings.index), settings)
    if as_json:
        print_json(checked_quotes_to_json(found))
    else:
        print_checked_quotes(found)
    if not found.fine:
        raise typer.Exit(CHECK_FAILED)


def _write_page(page: str, file: Path) -> None:
    try:
        # What a file name holds may be no text.
        file.write_bytes(page.encode("utf-8", "replace"))
    except OSError as error:
        raise SettingsError(
            f"--html is {file}, which cannot be written ({error.strerror}); name another file"
        ) from error
