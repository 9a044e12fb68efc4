"""Which language a reader gets: the one chosen on the page, else the browser's."""

from __future__ import annotations

from rag.ui.texts import FRENCH, TEXTS

LANGUAGE_COOKIE = "guillemets_language"


def choose_language(chosen: str | None, accept_language: str | None) -> str:
    """Return ``chosen`` if the page speaks that language, else the browser's.

    ``accept_language`` is the request header of that name (RFC 9110, section
    12.5.4). French, when neither names a language that the page speaks.
    """
    if chosen is not None and chosen in TEXTS:
        return chosen
    for language in _preferred(accept_language or ""):
        if language in TEXTS:
            return language
    return FRENCH


def _preferred(accept_language: str) -> list[str]:
    weighted: list[tuple[float, str]] = []
    for item in accept_language.split(","):
        tag, _, parameter = item.partition(";")
        name, _, value = parameter.strip().partition("=")
        weight = 1.0
        if name == "q":
            try:
                weight = float(value)
            except ValueError:
                continue
        if weight > 0:
            weighted.append((weight, tag.strip().lower().partition("-")[0]))
    weighted.sort(key=lambda pair: -pair[0])
    return [language for _, language in weighted]
