"""The commands of ``rag feedback``: what readers said of quotes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.options import IndexOption, JsonFlag
from rag.cli.saying import announce, one_line, print_json
from rag.errors import SettingsError
from rag.language.typography import quoted

if TYPE_CHECKING:
    from rag.answering.conversation_store import Keeping
    from rag.answering.conversations import Feedback
    from rag.config import Settings

feedback_app = typer.Typer(
    help="What readers said of quotes: list it, or draft gold questions of it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@feedback_app.command("list")
def list_feedback(index: IndexOption = None, as_json: JsonFlag = False) -> None:
    """List what readers said of quotes, by answer."""
    from rag.config import load_settings

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
    from rag.config import load_settings
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
    announce(f"{len(drafts.questions)} draft questions to check{left_out}")


def _keeping(settings: Settings) -> Keeping:
    from rag.answering.conversation_store import open_keeping

    keeping = open_keeping(settings)
    if keeping is None:
        raise SettingsError(
            "'conversations' is 'off', so no feedback is kept; set it to a file or 'default'"
        )
    return keeping


def feedback_to_json(given: Feedback) -> dict[str, Any]:
    """What a reader said of a quote, as JSON values; ``answer`` tells quotes shown together."""
    return {
        "answer": given.turn,
        "citation": given.citation,
        "verdict": given.verdict.value,
        "question": given.question,
        "language": given.language,
        "path": given.path,
        "start": given.start,
        "end": given.end,
        "text": given.text,
        "marked": given.marked,
        "quotes": given.quotes,
        "generation": given.generation,
        "given_at": given.given_at.isoformat(),
    }


def print_feedback(feedback: Sequence[Feedback]) -> None:
    """Print what readers said of quotes, under the question of each answer."""
    if not feedback:
        print("nobody has said anything of a quote yet")
    answer = None
    for given in feedback:
        if given.turn != answer:
            answer = given.turn
            print(one_line(given.question))
        place = f"{given.path}, characters {given.start} to {given.end}"
        words = quoted(one_line(given.text), given.language)
        print(f"  {given.verdict.value.replace('_', ' ')}: {words} [{given.citation}]")
        print(f"    {given.given_at:%Y-%m-%d %H:%M} UTC · {one_line(place)}")
