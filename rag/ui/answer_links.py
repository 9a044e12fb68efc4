"""What a reader can do with an answer: copy it, link to it, ask it otherwise.

Gradio's chat leaves hash links to the page, whose scripts do what they name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from markupsafe import Markup

from rag.answering.answer_texts import as_of_line, understood_line
from rag.types import Answer, Filters
from rag.ui.filters import TitleOf, filter_labels, no_titles
from rag.ui.html import render
from rag.ui.question_query import link_query, question_query, standalone_question
from rag.ui.texts import TEXTS


def render_asked(
    answer: Answer, filters: Filters, language: str, title_of: TitleOf = no_titles
) -> Markup:
    """Say what was asked, where it is not what the question says by itself."""
    texts = TEXTS[language].answer
    understood, asked_of = understood_line(answer, language), None
    is_whole = answer.is_shortened or answer.as_of != filters.as_of
    if filters:
        labels = filter_labels(filters, language, title_of)
        asked_of = texts.asked_of.format(filters=" · ".join(labels))
    return render(
        "asked",
        texts=texts,
        understood=understood,
        # As it stands, a long question would be shortened again, and a day taken off again.
        literal_query=None if is_whole else question_query(answer.question),
        asked_of=asked_of,
        as_of=as_of_line(answer, language) if answer.as_of != filters.as_of else None,
    )


def render_actions(answer: Answer, filters: Filters, language: str) -> Markup:
    """Return the links under ``answer``."""
    texts = TEXTS[language]
    # As of a day nothing is ever new.
    followed = link_query(
        dataclasses.replace(answer, as_of=None), dataclasses.replace(filters, as_of=None)
    )
    links = [
        ("copy", "", texts.copies.answer),
        ("link", link_query(answer, filters), texts.copies.link),
        ("follow", followed, texts.following.follow),
    ]
    if filters and not answer.answered:
        query = question_query(standalone_question(answer))
        links.insert(0, ("widen", query, texts.answer.widen))
    return render("actions", links=links)


def render_follow_ups(questions: Sequence[str], language: str) -> Markup:
    """Return a link for each of ``questions`` that asks it, nothing without one."""
    return render(
        "follow_ups",
        texts=TEXTS[language].answer,
        questions=[(question, question_query(question)) for question in questions],
    )
