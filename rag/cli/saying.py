"""What every command says on stderr, and how it leaves."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Callable

from rag.errors import SettingsError

CHECK_FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130
# Before a library starts its threads: those that wait for others would spin, and take the
# cores from every other program.
PASSIVE_WAITING = ("OMP_WAIT_POLICY", "PASSIVE")


def announce(message: str) -> None:
    """Tell a user what goes on, apart from what a command prints."""
    print(f"rag: {message}", file=sys.stderr)


def naming(**named: object) -> list[str]:
    """The options that name something as they are given on a command line."""
    return [f"--{name}={value}" for name, value in named.items() if value is not None]


class Interrupts:
    """Counts Ctrl-C: the first interrupts, the second waits, the third ends at once."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, *_: object) -> None:
        self._count += 1
        if self._count == 1:
            raise KeyboardInterrupt
        if self._count > 2:
            os._exit(INTERRUPTED)


def print_json(content: object) -> None:
    """Print ``content`` as an indented JSON object."""
    print(json.dumps(content, ensure_ascii=False, indent=2))


def one_line(text: str) -> str:
    """``text`` without line ends and what else a terminal could take for an order."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def read_day(
    option: str,
    written: str | None,
    *,
    is_last: bool = False,
    today: Callable[[], datetime.date] = datetime.date.today,
) -> datetime.date | None:
    """The day that ``option`` gives, None for none; raises SettingsError.

    Of words for several days (« la semaine dernière ») it is the first, or the last.
    """
    if written is None:
        return None
    try:
        return datetime.date.fromisoformat(written)
    except ValueError as error:
        from rag.language.moments import days_said

        said = days_said(written, today())
        if said is not None:
            return said.last if is_last else said.first
        raise SettingsError(
            f"{option} is '{written}'; expected a day such as 2025-08-15 or 'last week'"
        ) from error
