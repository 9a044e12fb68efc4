"""The reasons of refusals in the reader's language."""

from __future__ import annotations

import re

from rag.ui.page_texts import ENGLISH, TEXTS
from rag.ui.reason_texts import DETAILS, REASONS

# What the English reasons begin with, and the text of the page that says the same.
_KNOWN = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"is empty;", "reason_empty"),
        (r"holds no words;", "reason_no_words"),
        (r"is binary,", "reason_binary"),
        (
            r"has (?P<size>\d+) bytes, at most (?P<most>\d+) are read(?!.*max_container)",
            "reason_too_large",
        ),
        (r"is in no format that is read; there are (?P<formats>.*)", "reason_format"),
        (r"has no name|has a path|is hidden by|has a name (?:that|of)", "reason_name"),
        (r"is a part of (?P<file>.*) and cannot be removed alone", "reason_part"),
        (r"is no longer in the folder", "reason_gone"),
        (r"is no longer in the trash", "reason_not_in_trash"),
        (r"cannot come back", "reason_place_taken"),
    )
)
_TRANSLATED = {
    language: tuple((re.compile(pattern, re.S), said) for pattern, said in reasons)
    for language, reasons in REASONS.items()
}


def reason_in(reason: str, language: str) -> tuple[str, str]:
    """Return ``reason``, as an error says it, in ``language``, and the language it is in.

    A reason that is not known here stays English (not escaped).
    """
    for pattern, said in _TRANSLATED.get(language, ()):
        found = pattern.fullmatch(reason)
        if found:
            return said.format(**_in(language, found.groupdict())), language
    for pattern, text in _KNOWN:
        found = pattern.match(reason)
        if found:
            template: str = getattr(TEXTS[language], text)
            return template.format(**found.groupdict()), language
    return reason, ENGLISH


def _in(language: str, fields: dict[str, str]) -> dict[str, str]:
    detail = fields.get("detail", "")
    return fields | {"detail": DETAILS[language].get(detail, detail)}
