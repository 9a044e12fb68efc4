"""What a reader says of a quote: three buttons beside it.

Gradio's chat leaves hash links to the page, whose scripts do what they name.
"""

from __future__ import annotations

from markupsafe import Markup

from rag.answering.conversations import Verdict
from rag.ui.html import render
from rag.ui.texts import TEXTS


def render_verdicts(number: int, given: Verdict | None, language: str) -> Markup:
    """Return the buttons of the quote with that number; the one ``given`` is pressed."""
    texts = TEXTS[language].verdicts
    labels = {
        Verdict.GOOD: texts.good,
        Verdict.DOES_NOT_ANSWER: texts.does_not_answer,
        Verdict.WRONG: texts.wrong,
    }
    return render(
        "verdicts",
        texts=texts,
        number=number,
        given=given,
        on_quote=texts.on_quote.format(number=number),
        verdicts=[(verdict, labels[verdict]) for verdict in Verdict],
    )
