"""The message that shows an answer: its quotes, their sources, how they were found.

Gradio's chat reads Markdown and then sanitises the HTML; ``rag/ui/html.py`` writes what
means nothing to either.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rag.answering.answer_texts import (
    ANSWER_TEXTS,
    NAMED_REPRINTS,
    abstention_message,
    also_in_line,
    around_reprints,
    caption,
    reprint_source,
    reprint_title,
)
from rag.answering.conversations import Verdict
from rag.answering.quote_modality import modality_line
from rag.answering.quote_moments import moments_line
from rag.answering.quote_place import place_line
from rag.answering.quote_speakers import speakers_line
from rag.answering.timeline import DatedFigure, differing_figures, timeline, words_of
from rag.errors import IndexDamagedError
from rag.language.typography import format_date
from rag.types import Answer, Article, Citation, Context, Filters, Overview, Quote, Wish
from rag.ui.answer_links import render_actions, render_asked, render_follow_ups
from rag.ui.article_facts import safe_url, source_address, source_line, source_reference
from rag.ui.html import render
from rag.ui.nested_quotes import Piece, nest
from rag.ui.texts import FRENCH, TEXTS
from rag.ui.verdicts import render_verdicts

SHOWN_HITS = 5
# Of 220 questions to unseen press articles, the first quote was right in 33 of 38 answers
# from here on, and in fewer than half of those below.
_SURE = 0.8


def render_answer(
    answer: Answer,
    overview: Overview,
    titles: Mapping[str, str],
    language: str,
    filters: Filters = Filters(),
    verdicts: Mapping[int, Verdict] | None = None,
    follow_ups: Sequence[str] = (),
) -> Markup:
    """Return the message that shows ``answer``, which was asked for with ``filters``.

    ``titles`` gives, by article id, those of the first ``SHOWN_HITS`` hits and of the
    articles that ``filters`` name; ``verdicts``, by number, what the reader said of quotes,
    or None when the reader is not to be asked; ``follow_ups`` are questions to go on with.
    Raises IndexDamagedError when a quote is not in its article.
    """
    abstention = answer.abstention
    shown, reason = answer.citations, None
    if abstention is not None:
        shown, reason = abstention.nearest, abstention_message(abstention, overview, language)
    return render(
        "answer",
        texts=TEXTS[language].answer,
        words=ANSWER_TEXTS[language],
        asked=render_asked(answer, filters, language, titles.get),
        caption=caption(answer, language),
        reason=reason,
        is_sure=_is_sure(answer),
        figures=[_figure(citation, language, verdicts) for citation in shown],
        timeline=[_moment(one, language) for one in timeline(answer)],
        differing=[_differing(one, language) for one in differing_figures(answer)],
        cards=_cards(answer.citations, language),
        actions=render_actions(answer, filters, language),
        follow_ups=render_follow_ups(follow_ups, language),
        considered=_considered(answer, titles, language) if answer.hits else None,
    )


def checked_words(article: Article, span: Quote | Context) -> str:
    """Return the words of ``span``, read again from ``article``.

    Raises IndexDamagedError when they are not the ones that the span carries.
    """
    words = article.text[span.start : span.end]
    if words != span.text:
        raise IndexDamagedError(
            f"a quote of '{article.path}' is not what stands at its characters "
            f"{span.start} to {span.end}; run 'rag verify', then 'rag build'"
        )
    return words


@dataclass(frozen=True, slots=True)
class _Chip:
    """A quote's number, which opens its article at ``target``."""

    number: int
    target: str
    spoken: str


@dataclass(frozen=True, slots=True)
class _Reprint:
    target: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class _Reprints:
    """The reprints that say a quote too, and the words around and between them."""

    before: str
    between: str
    after: str
    named: tuple[_Reprint, ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    """A quote as the template shows it; ``pieces`` are its words, marked or not.

    ``file``, ``address`` and ``elsewhere`` are for copies and exports.
    """

    chip: _Chip
    language: str
    context: tuple[Piece, ...] | None
    pieces: tuple[Piece, ...]
    title: str
    about: str
    said_by: str
    sure: str
    when: str
    file: str
    address: str | None
    elsewhere: str
    reprints: _Reprints | None
    verdicts: Markup


@dataclass(frozen=True, slots=True)
class _Moment:
    """What an article said on a day: a quote's words, or a figure in them."""

    date: str
    language: str
    pieces: tuple[Piece, ...]
    chip: _Chip


@dataclass(frozen=True, slots=True)
class _Card:
    """An article with all its quotes."""

    title: str
    about: str
    quotes: str
    chips: tuple[_Chip, ...]
    reprints: _Reprints | None


@dataclass(frozen=True, slots=True)
class _Near:
    """A passage that was considered, which opens its article at ``target``."""

    target: str
    title: str
    scores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Considered:
    """How an answer was found."""

    considered: str
    columns: tuple[str, ...]
    rows: tuple[_Near, ...]
    notes: str


def _is_sure(answer: Answer) -> bool | None:
    """Whether an answer is sure, None where that is no question."""
    if not answer.answered or answer.wish is not Wish.ANSWER:
        return None
    return answer.confidence >= _SURE


def _figure(
    citation: Citation, language: str, verdicts: Mapping[int, Verdict] | None
) -> _Figure:
    article, quote = citation.article, citation.quote
    where = place_line(citation, language)
    judging = Markup()
    if verdicts is not None:
        judging = render_verdicts(citation.number, verdicts.get(citation.number), language)
    return _Figure(
        chip=_chip(citation, language),
        language=article.language,
        context=_context(article, quote),
        pieces=nest(_marked_words(article, quote)),
        title=article.title,
        about=" · ".join(filter(None, (source_line(article, language), where))),
        said_by=speakers_line(citation, language),
        sure=modality_line(citation, language),
        when=moments_line(citation, language),
        file=article.path,
        address=safe_url(article.url),
        elsewhere=also_in_line(citation, language) if citation.also_in else "",
        reprints=_reprints([citation], language),
        verdicts=judging,
    )


def _context(article: Article, quote: Quote) -> tuple[Piece, ...] | None:
    if quote.context is None:
        return None
    return nest([(checked_words(article, quote.context), False)])


def _marked_words(article: Article, quote: Quote) -> Iterable[tuple[str, bool]]:
    words, at = checked_words(article, quote), quote.start
    for start, end in sorted(quote.highlights):
        start, end = max(start, at), min(end, quote.end)
        if start < end:
            yield words[at - quote.start : start - quote.start], False
            yield words[start - quote.start : end - quote.start], True
            at = end
    yield words[at - quote.start :], False


def _moment(citation: Citation, language: str) -> _Moment:
    checked_words(citation.article, citation.quote)
    date = citation.article.date
    return _Moment(
        format_date(date, language) if date else "",
        citation.article.language,
        nest([(words_of(citation), False)]),
        _chip(citation, language),
    )


def _differing(figure: DatedFigure, language: str) -> _Moment:
    checked_words(figure.citation.article, figure.citation.quote)
    return _Moment(
        format_date(figure.day, language),
        figure.citation.article.language,
        (Piece(figure.text),),
        _chip(figure.citation, language),
    )


def _chip(citation: Citation, language: str) -> _Chip:
    spoken = TEXTS[language].answer.open_quote.format(number=citation.number)
    return _Chip(citation.number, source_reference(citation.quote), spoken)


def _cards(citations: Sequence[Citation], language: str) -> list[_Card]:
    by_article: dict[str, list[Citation]] = {}
    for citation in citations:
        by_article.setdefault(citation.article.id, []).append(citation)
    return [_card(group, language) for group in by_article.values()]


def _card(citations: Sequence[Citation], language: str) -> _Card:
    article = citations[0].article
    return _Card(
        title=article.title,
        about=source_line(article, language),
        quotes=TEXTS[language].answer.quotes(len(citations)),
        chips=tuple(_chip(citation, language) for citation in citations),
        reprints=_reprints(citations, language),
    )


def _reprints(citations: Sequence[Citation], language: str) -> _Reprints | None:
    """The reprints that say one of ``citations``, all of one article, too."""
    reprints = {other.article.id: other for one in citations for other in one.also_in}
    if not reprints:
        return None
    said = dataclasses.replace(citations[0], also_in=tuple(reprints.values()))
    before, after = around_reprints(said, language)
    named = tuple(
        _Reprint(
            source_address(other.article.id, other.start, other.end),
            reprint_title(other.article, language),
            reprint_source(other.article, language),
        )
        for other in said.also_in[:NAMED_REPRINTS]
    )
    return _Reprints(before, ANSWER_TEXTS[language].between, after, named)


def _considered(answer: Answer, titles: Mapping[str, str], language: str) -> _Considered:
    texts, timings = TEXTS[language].answer, answer.timings
    times = texts.times.format(
        embed=round(timings.embed),
        retrieve=round(timings.retrieve),
        read=round(timings.read),
        total=round(timings.total),
    )
    confidence = texts.confidence.format(percent=round(100 * answer.confidence))
    rows = tuple(
        _Near(
            source_address(hit.passage.article_id, hit.passage.start, hit.passage.end),
            titles.get(hit.passage.article_id, hit.passage.article_id),
            tuple(_decimal(value, language) for value in (hit.score, hit.cosine, hit.lexical)),
        )
        for hit in answer.hits[:SHOWN_HITS]
    )
    return _Considered(
        considered=texts.considered(len(answer.hits)),
        columns=(
            texts.column_article,
            texts.column_score,
            texts.column_meaning,
            texts.column_words,
        ),
        rows=rows,
        notes=" ".join((confidence, times, texts.verbatim)),
    )


def _decimal(value: float, language: str) -> str:
    written = f"{value:.2f}"
    return written.replace(".", ",") if language == FRENCH else written
