"""Every word of the page, in French and in English: a file a language, in one shape.

What an answer says about itself is in ``rag/answering/answer_texts.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

from rag.ui.texts.counted import Counted
from rag.ui.texts.english import ENGLISH_TEXTS
from rag.ui.texts.french import FRENCH_TEXTS
from rag.ui.texts.shape import Texts

FRENCH = "fr"
ENGLISH = "en"
TEXTS: Mapping[str, Texts] = {FRENCH: FRENCH_TEXTS, ENGLISH: ENGLISH_TEXTS}


def other_language(language: str) -> str:
    """The language that a reader of ``language`` can change to."""
    return next(name for name in TEXTS if name != language)


__all__ = ["ENGLISH", "FRENCH", "TEXTS", "Counted", "Texts", "other_language"]
