"""What a reader says of a quote: three buttons beside it.

Gradio's chat leaves hash links to the page, whose scripts do what they name.
"""

from __future__ import annotations

from rag.answering.conversation_store import Verdict
from rag.ui.html import escape
from rag.ui.texts import TEXTS, Texts


def render_verdicts(number: int, given: Verdict | None, language: str) -> str:
    """Return the buttons of the quote with that number; the one ``given`` is pressed."""
    texts = TEXTS[language]
    about = (
        f'<span class="spoken">{escape(texts.verdicts.on_quote.format(number=number))} </span>'
    )
    buttons = "".join(
        f'<a class="action verdict{" pressed" if verdict is given else ""}" role="button" '
        f'href="{escape(f"#verdict?citation={number}&as={verdict}")}">'
        f"{about}{escape(_label(verdict, texts))}</a>"
        for verdict in Verdict
    )
    return f'<p class="verdicts"><span>{escape(texts.verdicts.asked)}</span>{buttons}</p>'


def _label(verdict: Verdict, texts: Texts) -> str:
    match verdict:
        case Verdict.GOOD:
            return texts.verdicts.good
        case Verdict.DOES_NOT_ANSWER:
            return texts.verdicts.does_not_answer
        case Verdict.WRONG:
            return texts.verdicts.wrong
