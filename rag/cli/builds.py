"""What ``rag build`` does besides a build: watch the folder, go back."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from rag.cli.follow import ask_followed
from rag.cli.output import print_built, print_followed, print_rollback, rollback_to_json
from rag.cli.progress_bars import progress_bars
from rag.cli.saying import announce, print_json
from rag.config import Settings
from rag.errors import RagError

if TYPE_CHECKING:
    from rag.library.build_summary import BuildSummary
    from rag.models.encoder import Encoder


def build_at_changes(settings: Settings, encoder: Encoder, as_json: bool) -> None:
    """Build at every change until Ctrl-C, which is how it is meant to end."""
    from rag.library.build import build_folder
    from rag.library.updater import Updater

    announce(f"watching {settings.articles}; Ctrl-C ends")
    try:
        with progress_bars() as progress:
            updater = Updater(
                settings,
                functools.partial(build_folder, settings, encoder),
                on_built=lambda summary: _tell_built(settings, summary, as_json),
                announce=announce,
                warn=announce,
                progress=progress,
                may_be_emptied=True,
            )
            updater.watch()
            try:
                updater.run()
            finally:
                updater.stop()
    except KeyboardInterrupt:
        announce("no longer watching; what was embedded is kept for the next run")


def ask_after_build(settings: Settings) -> dict[str, int] | None:
    """Ask followed questions of what was built; the build is done, whatever fails here."""
    try:
        return ask_followed(settings)
    except RagError as error:
        announce(f"followed questions wait for the next build: {error}")
        return None


def _tell_built(settings: Settings, summary: BuildSummary, as_json: bool) -> None:
    print_built(summary, as_json)
    followed = ask_after_build(settings)
    if not as_json:
        print_followed(followed)


def go_back(settings: Settings, as_json: bool) -> None:
    """Have the index before the last build serve again."""
    from rag.library.rollback import roll_back

    done = roll_back(settings.index, announce, settings.uri)
    if as_json:
        print_json(rollback_to_json(done))
    else:
        print_rollback(done, settings)
