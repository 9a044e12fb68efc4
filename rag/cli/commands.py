"""The commands: ``rag build``, ``ask``, ``evaluate``, ``verify``, ``stats``, ``serve``.

Exit codes: 0 fine, 1 a check failed, 2 wrong use or unreadable input. What goes wrong
is one line on stderr.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from rag import __version__
from rag.answering.answer_json import answer_to_json
from rag.cli.advice import complete_advice
from rag.cli.articles import articles_app
from rag.cli.options import ArticlesOption, IndexOption, JsonFlag, ModelOption
from rag.cli.output import (
    checked_quotes_to_json,
    feedback_to_json,
    print_answer,
    print_built,
    print_checked_quotes,
    print_feedback,
    print_json,
    print_rollback,
    print_statistics,
    print_summary,
    print_verification,
    rollback_to_json,
    statistics_to_json,
    summary_to_json,
    verification_to_json,
)
from rag.cli.progress_bars import progress_bars
from rag.config import Settings, load_settings
from rag.errors import RagError, SettingsError

if TYPE_CHECKING:
    from rag.answering.conversation_store import Keeping
    from rag.models.encoder import Encoder

CHECK_FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130

logger = logging.getLogger(__name__)

app = typer.Typer(
    name="rag",
    help="Ask a folder of articles a question; read their own sentences, cited.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

feedback_app = typer.Typer(
    help="What readers said of quotes: list it, or draft gold questions of it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(feedback_app, name="feedback")
app.add_typer(articles_app, name="articles")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; nothing is raised for a user to read."""
    logging.basicConfig(format="rag: %(message)s", level=logging.WARNING)
    given = sys.argv[1:] if arguments is None else arguments
    # A pipe or an old terminal may not know every character of an article.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = app(args=arguments, standalone_mode=False)
    except RagError as error:
        return _fail(complete_advice(str(error), given), error.exit_code)
    except typer.TyperException as error:
        # No command at all shows the help, which is its message.
        return _fail(error.format_message() or "see: rag --help", WRONG_USE)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output, such as head, had enough.
        sys.stderr.close()
        return 0
    # Typer makes a code of Ctrl-C by itself.
    if code == INTERRUPTED:
        return _fail("interrupted; what was embedded is kept for the next run", INTERRUPTED)
    return code if isinstance(code, int) else 0


def _fail(message: str, code: int) -> int:
    print(f"rag: {' '.join(message.split())}", file=sys.stderr)
    return code


def _announce(message: str) -> None:
    print(f"rag: {message}", file=sys.stderr)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Hold the options of no command."""


@app.command()
def build(
    articles: ArticlesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and build at every change; Ctrl-C ends.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the index before the last build.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option("--workers", help="Processes that embed.  [default: none but this]"),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            "--ray", help="Ray cluster that embeds: HOST:PORT, or auto.", metavar="ADDRESS"
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Bring the index up to date with the articles; only what is new is embedded."""
    from rag.library.build import build_folder
    from rag.models.encoder import open_encoder

    if watch and rollback:
        raise SettingsError("--watch and --rollback do opposite things; give one of them")
    settings = load_settings(
        articles=articles, index=index, model=model, workers=workers, ray=ray
    )
    if rollback:
        _roll_back(settings, as_json)
        return
    encoder = open_encoder(settings, _announce)
    if watch:
        _watch(settings, encoder, as_json)
        return
    with progress_bars() as progress:
        summary = build_folder(settings, encoder, progress, _announce)
    if as_json:
        print_json(summary_to_json(summary))
    else:
        print_summary(summary, settings)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    top: Annotated[int, typer.Option("--top", min=1, max=20, help="Most quotes.")] = 3,
    since: Annotated[
        str | None, typer.Option("--since", help="Articles from that day on.", metavar="DATE")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Articles up to that day.", metavar="DATE")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", help="Only that source; may be repeated.", metavar="NAME"),
    ] = None,
    articles: ArticlesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask the articles; get their sentences, or why they do not say."""
    from rag.answering.assistant import Assistant
    from rag.types import Filters

    filters = Filters(
        since=_date("--since", since),
        until=_date("--until", until),
        sources=frozenset(source or ()),
    )
    settings = load_settings(articles=articles, index=index, model=model)
    assistant = Assistant.open(settings, _announce)
    with assistant.snapshot() as snapshot:
        answer, overview = snapshot.ask(question, filters=filters, top=top), snapshot.overview()
    if as_json:
        print_json(answer_to_json(answer, overview))
    else:
        print_answer(answer, overview)


@app.command()
def evaluate(
    gold: Annotated[
        Path | None,
        typer.Option("--gold", help="Gold questions, one JSON object a line.", metavar="FILE"),
    ] = None,
    squad: Annotated[
        list[Path] | None,
        typer.Option(
            "--squad", help="SQuAD file: asked over its own paragraphs.", metavar="FILE"
        ),
    ] = None,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(
            "--corpus", help="SQuAD file of further paragraphs to --squad.", metavar="FILE"
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write the whole report there.", metavar="OUT"),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", help="A report to compare with.", metavar="OLD.json"),
    ] = None,
    articles: ArticlesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Put gold questions to the articles and report how good the answers are."""
    from rag.evaluation import compare_outcomes, load_outcomes, print_comparison, print_report
    from rag.evaluation.running import evaluate_gold, evaluate_squad, write_report

    if (gold is None) == (not squad):
        raise SettingsError("give either --gold FILE or --squad FILE (with --corpus, if any)")
    if corpus and not squad:
        raise SettingsError("--corpus adds paragraphs to --squad FILE, which is not given")
    settings = load_settings(articles=articles, index=index, model=model)
    old = load_outcomes(compare) if compare else None
    with progress_bars() as progress:
        report = (
            evaluate_gold(settings, gold, progress, _announce)
            if gold is not None
            else evaluate_squad(settings, squad or [], corpus or [], progress, _announce)
        )
    console = Console()
    print_report(report, console)
    if json_file is not None:
        write_report(report, json_file)
    if old is not None:
        print_comparison(compare_outcomes(old, report.outcomes), console)
    if not report.passed:
        raise typer.Exit(CHECK_FAILED)


@app.command()
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
    from rag.index import Index
    from rag.library.verify_index import verify as verify_index
    from rag.models.encoder import open_encoder

    settings = load_settings(articles=articles, index=index, model=model)
    if quotes is not None:
        _verify_quotes(quotes, settings, as_json)
        return
    encoder = open_encoder(settings, _announce)
    with progress_bars() as progress:
        opened = Index.open_current(settings.index, encoder.fingerprint, uri=settings.uri)
        found = verify_index(opened, settings, encoder, progress)
    given = _naming(articles=articles, index=index, model=model)
    problems = (complete_advice(problem, given) for problem in found.problems)
    found = dataclasses.replace(found, problems=tuple(problems))
    if as_json:
        print_json(verification_to_json(found))
    else:
        print_verification(found)
    if not found.fine:
        raise typer.Exit(CHECK_FAILED)


@app.command()
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


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="First port to try.")
    ] = 7860,
    open_browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Neither bring nor remove articles there.")
    ] = False,
    watch: Annotated[
        bool | None,
        typer.Option(
            "--watch/--no-watch",
            help="Index by itself what changes in the folder.  [default: --watch]",
            show_default=False,
        ),
    ] = None,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Offer MCP tools to programs, at /mcp.")
    ] = False,
    ask_password: Annotated[
        bool,
        typer.Option("--ask-password", help="Ask for a password that readers must give."),
    ] = False,
    articles: ArticlesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Open the chat at a local address, which is printed."""
    from rag.ui import serve as serve_page

    settings = load_settings(
        articles=articles,
        index=index,
        model=model,
        read_only=read_only or None,
        watch=watch,
    )
    password = _new_password() if ask_password else None
    serve_page(settings, host, port, open_browser, mcp, password)


def _new_password() -> str:
    """A password typed twice, unseen: on the command line, others could read it."""
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


@feedback_app.command("list")
def list_feedback(index: IndexOption = None, as_json: JsonFlag = False) -> None:
    """List what readers said of quotes, by answer."""
    given = _keeping(load_settings(index=index)).feedback()
    if as_json:
        print_json([feedback_to_json(one) for one in given])
    else:
        print_feedback(given)


@feedback_app.command("export")
def export_feedback(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write to that new file, not here.", metavar="FILE"),
    ] = None,
    index: IndexOption = None,
) -> None:
    """Draft gold questions, in the format of evaluate --gold; check them before use."""
    from rag.evaluation import draft_questions, drafts_text, write_drafts

    drafts = draft_questions(_keeping(load_settings(index=index)).feedback())
    if out is None:
        print(drafts_text(drafts), end="")
    elif drafts.questions:
        write_drafts(drafts, out)
    left_out = (
        f"; {drafts.unclear} left out, as no quote is good and not every one was judged"
        if drafts.unclear
        else ""
    )
    _announce(f"{len(drafts.questions)} draft questions to check{left_out}")


def _keeping(settings: Settings) -> Keeping:
    from rag.answering.conversation_store import open_keeping

    keeping = open_keeping(settings)
    if keeping is None:
        raise SettingsError(
            "'conversations' is 'off', so no feedback is kept; set it to a file or 'default'"
        )
    return keeping


def _write_page(page: str, file: Path) -> None:
    try:
        # What a file name holds may be no text.
        file.write_bytes(page.encode("utf-8", "replace"))
    except OSError as error:
        raise SettingsError(
            f"--html is {file}, which cannot be written ({error.strerror}); name another file"
        ) from error


def _verify_quotes(file: Path, settings: Settings, as_json: bool) -> None:
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


def _roll_back(settings: Settings, as_json: bool) -> None:
    from rag.library.rollback import roll_back

    done = roll_back(settings.index, _announce, settings.uri)
    if as_json:
        print_json(rollback_to_json(done))
    else:
        print_rollback(done, settings)


def _watch(settings: Settings, encoder: Encoder, as_json: bool) -> None:
    """Build at every change until Ctrl-C, which is how it is meant to end."""
    from rag.library.build import build_folder
    from rag.library.updater import Updater

    _announce(f"watching {settings.articles}; Ctrl-C ends")
    try:
        with progress_bars() as progress:
            updater = Updater(
                settings,
                functools.partial(build_folder, settings, encoder),
                on_built=lambda summary: print_built(summary, as_json),
                announce=_announce,
                warn=_announce,
                progress=progress,
                may_be_emptied=True,
            )
            updater.watch()
            try:
                updater.run()
            finally:
                updater.stop()
    except KeyboardInterrupt:
        _announce("no longer watching; what was embedded is kept for the next run")


def _naming(**named: object) -> list[str]:
    """The options that name something as they are given on a command line."""
    return [f"--{name}={value}" for name, value in named.items() if value is not None]


def _date(option: str, written: str | None) -> datetime.date | None:
    if written is None:
        return None
    try:
        return datetime.date.fromisoformat(written)
    except ValueError as error:
        raise SettingsError(
            f"{option} is '{written}'; expected a day such as 2025-08-15"
        ) from error


def run() -> None:
    """Leave with the exit code of `main`.

    A second Ctrl-C must not interrupt how the first one ends things, which may take the
    seconds of a batch that is being embedded: Python would abort with the model's threads
    running. A third one ends the process as it is.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _Interrupts())
    raise SystemExit(main())


class _Interrupts:
    """Counts Ctrl-C: the first interrupts, the second waits, the third ends at once."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, *_: object) -> None:
        self._count += 1
        if self._count == 1:
            raise KeyboardInterrupt
        if self._count > 2:
            os._exit(INTERRUPTED)
