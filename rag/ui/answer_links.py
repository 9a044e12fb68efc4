"""What a reader can do with an answer: copy it, link to it, ask it otherwise.

Gradio's chat leaves hash links to the page, whose scripts do what they name.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.language.typography import quoted
from rag.types import Answer, Filters
from rag.ui.filters import TitleOf, filter_labels, no_titles
from rag.ui.html import escape
from rag.ui.question_query import link_query, question_query, standalone_question
from rag.ui.texts import TEXTS


def render_asked(
    answer: Answer, filters: Filters, language: str, title_of: TitleOf = no_titles
) -> str:
    """Say what was asked, where it is not what the question says by itself."""
    texts = TEXTS[language]
    parts: list[str] = []
    if answer.understood is not None:
        understood = texts.answer.understood.format(
            question=quoted(answer.understood, language)
        )
        literally = _action("ask", question_query(answer.question), texts.answer.ask_literally)
        parts.append(
            f'<p class="asked"><span class="understood">{escape(understood)}</span> '
            f"{literally}</p>"
        )
    if filters:
        labels = filter_labels(filters, language, title_of)
        named = texts.answer.asked_of.format(filters=" · ".join(labels))
        parts.append(f'<p class="asked"><span class="asked-of">{escape(named)}</span></p>')
    return "".join(parts)


def render_actions(answer: Answer, filters: Filters, language: str) -> str:
    """Return the links under ``answer``."""
    texts = TEXTS[language]
    parts: list[str] = []
    if filters and not answer.answered:
        parts.append(
            _action("widen", question_query(standalone_question(answer)), texts.answer.widen)
        )
    parts.append(_action("copy", "", texts.copies.answer))
    parts.append(_action("link", link_query(answer, filters), texts.copies.link))
    return f'<p class="actions">{" ".join(parts)}</p>'


def render_follow_ups(questions: Sequence[str], language: str) -> str:
    """Return a link for each of ``questions`` that asks it, nothing without one."""
    if not questions:
        return ""
    texts = TEXTS[language]
    links = " ".join(_action("ask", question_query(one), one) for one in questions)
    return (
        f'<section class="follow-ups"><p class="label">{escape(texts.answer.go_on)}</p>'
        f"<p>{links}</p></section>"
    )


def _action(name: str, query: str, label: str) -> str:
    return (
        f'<a class="action {name}" role="button" href="{escape(f"#{name}?{query}")}">'
        f"{escape(label)}</a>"
    )
