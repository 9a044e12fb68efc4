"""What to run next, with the folders that were named: advice must not build other ones."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

# The options that say what is built, where and with what.
_NAMING = ("--articles", "--index", "--model")
_ADVISED = re.compile(r"\brag build\b((?: --[a-z]+(?: (?!--)[^\s;,'»”]+)?)*)")


def complete_advice(message: str, arguments: Sequence[str]) -> str:
    """``message`` with the commands in it naming what ``arguments`` named.

    What the environment and the settings file say holds for those commands too.
    """
    given = _given(arguments)

    def completed(found: re.Match[str]) -> str:
        missing = [
            f"{name} {shlex.quote(value)}"
            for name, value in given.items()
            if f"{name} " not in f"{found[1]} "
        ]
        return " ".join([found[0], *missing])

    return _ADVISED.sub(completed, message) if given else message


def _given(arguments: Sequence[str]) -> dict[str, str]:
    """The values that a command line gives to the options that name something."""
    found: dict[str, str] = {}
    for place, argument in enumerate(arguments):
        name, sign, value = argument.partition("=")
        if argument == "--":
            break
        if name in _NAMING and sign:
            found[name] = value
        elif argument in _NAMING and place + 1 < len(arguments):
            found[argument] = arguments[place + 1]
    return found
