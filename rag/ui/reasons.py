"""The reasons of refusals in the reader's language, as far as they are known here."""

from __future__ import annotations

import re

from rag.ui.texts import ENGLISH, TEXTS

# What the English reasons begin with, and the text of the page that says the same.
_KNOWN = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"is empty;", "reason_empty"),
        (r"holds no words;", "reason_no_words"),
        (r"is binary,", "reason_binary"),
        (r"has (?P<size>\d+) bytes, at most (?P<most>\d+) are read", "reason_too_large"),
        (r"is in no format that is read; there are (?P<formats>.*)", "reason_format"),
        (r"has no name|has a path|is hidden by|has a name (?:that|of)", "reason_name"),
        (r"is a part of (?P<file>.*) and cannot be removed alone", "reason_part"),
        (r"is no longer in the folder", "reason_gone"),
        (r"is no longer in the trash", "reason_not_in_trash"),
        (r"cannot come back", "reason_place_taken"),
    )
)


def reason_in(reason: str, language: str) -> tuple[str, str]:
    """Return ``reason``, as an error says it, in ``language``, and the language it is in.

    A reason that is not known here stays English (not escaped).
    """
    for pattern, text in _KNOWN:
        found = pattern.match(reason)
        if found:
            template: str = getattr(TEXTS[language], text)
            return template.format(**found.groupdict()), language
    return reason, ENGLISH
