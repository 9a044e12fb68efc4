"""How it went on: quotes by their days, the newest state first, and where figures differ."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from rag.language.analysis import terms
from rag.language.figures import Figure, figures_in
from rag.language.questions import understand
from rag.types import Answer, Citation, Detail, Wish

# The log-odds of such a quote against no sentence answering; a lower one often answers
# another question, and would tell of a change where there is none.
_ANSWERS = 1.0
# So many of a question's words stand in a quote that is about the same, or in its title.
_ABOUT_THE_SAME = 0.6
_COUNTED = (Detail.NUMBER, Detail.PRICE, Detail.AGE, Detail.DURATION)


def words_of(one: Citation) -> str:
    """The words of a quote that answer, as its article has them; all where none are marked."""
    if one.quote.answer is None:
        return one.quote.text
    start, end = one.quote.answer
    return one.article.text[start:end]


@dataclass(frozen=True, slots=True)
class DatedFigure:
    """A figure that a citation gives, at characters of its article's text, and its day."""

    citation: Citation
    start: int
    end: int
    day: datetime.date

    @property
    def text(self) -> str:
        """The figure with what it counts, as the article writes it."""
        return self.citation.article.text[self.start : self.end]


def newest_first(answer: Answer) -> Answer:
    """``answer`` with the newest quotes first, numbered so; those without a day come last."""
    ordered = sorted(
        answer.citations, key=lambda one: one.article.date or datetime.date.min, reverse=True
    )
    numbered = tuple(
        dataclasses.replace(one, number=number) for number, one in enumerate(ordered, 1)
    )
    return dataclasses.replace(answer, citations=numbered)


def timeline(answer: Answer) -> tuple[Citation, ...]:
    """The quotes that answer, by day, newest first; none where they are of one day.

    Only of an answer: a survey or a list is of several things. Of an article the best quote.
    """
    if answer.wish is not Wish.ANSWER or not answer.answered:
        return ()
    best: dict[datetime.date, Citation] = {}
    for one in answer.citations:
        if one.article.date is not None and one.quote.score >= _ANSWERS:
            best.setdefault(one.article.date, one)
    if len(best) < 2:
        return ()
    return tuple(best[day] for day in sorted(best, reverse=True))


def differing_figures(answer: Answer) -> tuple[DatedFigure, ...]:
    """What quotes of different days count differently, oldest first; none where they agree.

    They must answer a question that asks for a figure, be about the same by its words, mark
    the figure as what answers, and count the same thing. It tells nothing of who is right.
    """
    asked = understand(answer.understood or answer.question)
    if asked.detail not in _COUNTED:
        return ()
    found: dict[str, list[tuple[Figure, Citation]]] = {}
    for one in timeline(answer):
        figure = _marked_figure(one, asked.terms)
        if _is_about(asked.terms, one) and figure is not None:
            found.setdefault(figure.unit, []).append((figure, one))
    for same in found.values():
        if len({figure.value for figure, _ in same}) > 1:
            dated = (
                DatedFigure(one, figure.start, figure.end, one.article.date)
                for figure, one in same
                if one.article.date
            )
            return tuple(sorted(dated, key=lambda one: one.day))
    return ()


def _is_about(asked: Sequence[str], one: Citation) -> bool:
    held = {*terms(one.quote.text), *terms(one.article.title)}
    return sum(term in held for term in asked) >= _ABOUT_THE_SAME * len(asked)


def _marked_figure(one: Citation, asked: Sequence[str]) -> Figure | None:
    """The only figure in the words that answer, at the article's characters.

    Of several the one that counts what the question names.
    """
    if one.quote.answer is None:
        return None
    start, end = one.quote.answer
    marked = [
        dataclasses.replace(
            figure, start=one.quote.start + figure.start, end=one.quote.start + figure.end
        )
        for figure in figures_in(one.quote.text)
    ]
    inside = [figure for figure in marked if figure.start < end and start < figure.end]
    named = [figure for figure in inside if figure.unit in asked]
    return next((some[0] for some in (inside, named) if len(some) == 1), None)
