"""The commands: ``rag build``, ``ask``, ``evaluate``, ``verify``, ``stats``, ``serve``.

Exit codes: 0 fine, 1 a check failed, 2 wrong use or unreadable input. What goes wrong
is one line on stderr.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from rag import __version__
from rag.cli.advice import complete_advice
from rag.cli.articles import articles_app
from rag.cli.checks import stats, verify
from rag.cli.digest import digest
from rag.cli.feedback import feedback_app
from rag.cli.follow import follow_app
from rag.cli.options import (
    ArticlesOption,
    IndexOption,
    JsonFlag,
    ModelOption,
    SinceOption,
    SourceOption,
    UntilOption,
)
from rag.cli.saying import (
    CHECK_FAILED,
    INTERRUPTED,
    PASSIVE_WAITING,
    WRONG_USE,
    Interrupts,
    announce,
    print_json,
    read_day,
)
from rag.cli.serving import serve
from rag.errors import RagError, SettingsError

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

app.add_typer(feedback_app, name="feedback")
app.add_typer(follow_app, name="follow")
app.add_typer(articles_app, name="articles")
app.command()(verify)
app.command()(stats)
app.command()(digest)
app.command()(serve)


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
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Read the index whole first; what is damaged is made anew."
        ),
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
    from rag.cli.builds import ask_after_build, build_at_changes, go_back
    from rag.cli.output import print_followed, print_summary, summary_to_json
    from rag.cli.progress_bars import progress_bars
    from rag.config import load_settings
    from rag.library.build import build_folder
    from rag.models.encoder import open_encoder

    if watch and rollback:
        raise SettingsError("--watch and --rollback do opposite things; give one of them")
    if check and (watch or rollback):
        raise SettingsError("--check is for one build; give it without --watch and --rollback")
    settings = load_settings(
        articles=articles, index=index, model=model, workers=workers, ray=ray
    )
    if rollback:
        go_back(settings, as_json)
        return
    encoder = open_encoder(settings, announce)
    if watch:
        build_at_changes(settings, encoder, as_json)
        return
    with progress_bars() as progress:
        summary = build_folder(settings, encoder, progress, announce, check=check)
    followed = ask_after_build(settings)
    if as_json:
        print_json(summary_to_json(summary) | ({"followed": followed} if followed else {}))
    else:
        print_summary(summary, settings)
        print_followed(followed)


@app.command()
def ask(
    question: Annotated[
        str | None, typer.Argument(help="What you want to know.", show_default=False)
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, max=20, help="Most quotes.")] = 3,
    since: SinceOption = None,
    until: UntilOption = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="As on that day: only what was published by then.", metavar="DATE"
        ),
    ] = None,
    source: SourceOption = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            help="Ask the questions of that file: one a line, or a CSV column 'question'.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where their answers go: .csv, .xlsx or .jsonl."),
    ] = None,
    articles: ArticlesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask the articles; get their sentences, or why they do not say."""
    from rag.answering.answer_json import answer_to_json
    from rag.answering.assistant import Assistant
    from rag.cli.output import print_answer
    from rag.config import load_settings
    from rag.types import Filters

    filters = Filters(
        since=read_day("--since", since),
        until=read_day("--until", until, is_last=True),
        sources=frozenset(source or ()),
        as_of=read_day("--as-of", as_of, is_last=True),
    )
    settings = load_settings(articles=articles, index=index, model=model)
    if file is not None and out is not None and question is None and not as_json:
        from rag.cli.many_questions import ask_many

        ask_many(settings, file, out, filters, top)
        return
    if question is None or file is not None or out is not None:
        raise SettingsError("give a question, or --file QUESTIONS with --out ANSWERS")
    assistant = Assistant.open(settings, announce)
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
    from rich.console import Console

    from rag.cli.progress_bars import progress_bars
    from rag.config import load_settings
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
            evaluate_gold(settings, gold, progress, announce)
            if gold is not None
            else evaluate_squad(settings, squad or [], corpus or [], progress, announce)
        )
    # Written first: whoever reads the lines, such as head, may have enough of them.
    if json_file is not None:
        write_report(report, json_file)
    console = Console()
    print_report(report, console)
    if old is not None:
        print_comparison(compare_outcomes(old, report.outcomes), console)
    if not report.passed:
        raise typer.Exit(CHECK_FAILED)


def run() -> None:
    """Leave with the exit code of `main`.

    A second Ctrl-C must not interrupt how the first one ends things, which may take the
    seconds of a batch that is being embedded: Python would abort with the model's threads
    running. A third one ends the process as it is.
    """
    os.environ.setdefault(*PASSIVE_WAITING)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, Interrupts())
    raise SystemExit(main())
