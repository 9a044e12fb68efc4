"""Answers to HTML. Pure functions: everything that came from outside is escaped.

What they return is shown by Gradio's chat, which reads Markdown and then sanitises
the HTML. It is one line of HTML in which no character of a foreign text can mean
anything to either.
"""

from __future__ import annotations

import dataclasses
import urllib.parse
from collections.abc import Iterable, Mapping, Sequence

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
from rag.answering.conversation_store import Verdict
from rag.errors import (
    EngineError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexWriteError,
    KeepingError,
    ModelError,
    RagError,
)
from rag.language.typography import format_date
from rag.types import AlsoIn, Answer, Article, Citation, Context, Filters, Hit, Overview, Quote
from rag.ui.answer_links import render_actions, render_asked, render_follow_ups
from rag.ui.html import escape
from rag.ui.texts import FRENCH, TEXTS, Texts
from rag.ui.update_status import render_upkeep
from rag.ui.verdicts import render_verdicts

SHOWN_HITS = 5
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"


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


def render_answer(
    answer: Answer,
    overview: Overview,
    titles: Mapping[str, str],
    language: str,
    filters: Filters = Filters(),
    verdicts: Mapping[int, Verdict] | None = None,
    follow_ups: Sequence[str] = (),
) -> str:
    """Return the message that shows ``answer``, which was asked for with ``filters``.

    ``titles`` gives, by article id, those of the first ``SHOWN_HITS`` hits and of the
    articles that ``filters`` name; ``verdicts``, by number, what the reader said of quotes,
    or None when the reader is not to be asked; ``follow_ups`` are questions to go on with.
    Raises IndexDamagedError when a quote is not in its article.
    """
    texts = TEXTS[language]
    parts = [render_asked(answer, filters, language, titles.get)]
    carried = caption(answer, language)
    if carried is not None:
        parts.append(f'<p class="caption">{escape(carried)}</p>')
    if answer.abstention is None:
        parts.extend(_figure(citation, language, verdicts) for citation in answer.citations)
        parts.append(_cards(answer.citations, language))
    else:
        reason = abstention_message(answer.abstention, overview, language)
        parts.append(f'<p class="refusal">{escape(ANSWER_TEXTS[language].refusal)}</p>')
        parts.append(f'<p class="reason">{escape(reason)}</p>')
        if answer.abstention.nearest:
            parts.append('<section class="nearest">')
            parts.append(f'<p class="label">{escape(texts.answer.nearest)}</p>')
            parts.extend(
                _figure(near, language, verdicts, _also_in([near], language))
                for near in answer.abstention.nearest
            )
            parts.append("</section>")
    parts.append(render_actions(answer, filters, language))
    parts.append(render_follow_ups(follow_ups, language))
    if answer.hits:
        parts.append(_how_found(answer, titles, language))
    return _message("answer", *parts)


def render_question(question: str) -> str:
    """Return the message that shows a reader's question, as it was typed."""
    return _message("question", f"<p>{escape(question)}</p>")


def render_notice(text: str) -> str:
    """Return a message for while the reader waits."""
    return _message("notice", f'<p role="status">{escape(text)}</p>')


def render_error(error: Exception, language: str) -> str:
    """Say what failed, and what the error says when it is one of ours."""
    alert = f'<p role="alert">{escape(_what_failed(error, TEXTS[language]))}</p>'
    if not isinstance(error, RagError):
        return _message("failure", alert)
    detail = f'<p class="detail" lang="en">{escape(str(error))}</p>'
    return _message("failure", alert, detail)


def render_masthead(
    searched: Overview | RagError, language: str, evaluation: str | None = None
) -> str:
    """Return the top of the page: what this is, what it is not, what it searches.

    ``searched`` is the error where the index cannot tell; ``evaluation`` is where the
    page of evaluation is.
    """
    texts = TEXTS[language]
    other = next(name for name in TEXTS if name != language)
    if isinstance(searched, RagError):
        facts = render_error(searched, language)
    else:
        facts = f'<p class="facts">{escape(index_facts(searched, language))}</p>'
    way = ""
    if evaluation is not None:
        way = f'<a class="way" href="{evaluation}">{escape(texts.evaluation.title)}</a>'
    return (
        f'<header class="masthead"><div class="name"><h1>Guillemets</h1>'
        f'<nav>{way}<a class="language" href="?lang={other}" lang="{other}">'
        f"{escape(texts.masthead.other_language)}</a></nav></div>"
        f'<p class="tagline">{escape(texts.masthead.tagline)} '
        f'<span class="what">{escape(texts.masthead.what_it_is)}</span></p>'
        f"{facts}{render_upkeep(language)}</header>"
    )


def source_line(article: Article, language: str) -> str:
    """Date and outlet of an article, in words (not escaped)."""
    date = article.date
    return " · ".join(
        part
        for part in (
            format_date(date, language) if date else ANSWER_TEXTS[language].undated,
            outlet(article),
        )
        if part
    )


def outlet(article: Article) -> str:
    """Who published the article: its source, or the host of its address, or nothing."""
    return article.outlet


def safe_url(url: str | None) -> str | None:
    """``url`` when it is an http or https address that a page may link to, else None."""
    if url is None:
        return None
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def source_reference(quote: Quote) -> str:
    """Return a chip's target: which words of which article it opens (not escaped)."""
    return source_address(quote.article_id, quote.start, quote.end)


def source_address(article_id: str, start: int, end: int) -> str:
    """Return what opens an article at some characters (not escaped)."""
    query = {"article": article_id, "quote": f"{start}-{end}"}
    return "#source?" + urllib.parse.urlencode(query)


def _message(kind: str, *parts: str) -> str:
    return f'<div class="guillemets {kind}">{"".join(parts)}</div>'


def _what_failed(error: Exception, texts: Texts) -> str:
    match error:
        case (
            IndexWriteError() | IndexDamagedError() | IndexMismatchError() | IndexMissingError()
        ):
            return texts.failures.index
        case KeepingError():
            return texts.failures.conversations
        case EngineError():
            return texts.failures.engine
        case ModelError():
            return texts.failures.model
        case RagError():
            return texts.failures.other
    return texts.failures.unexpected


def index_facts(overview: Overview, language: str) -> str:
    """How many articles there are, from when to when, and of when the index is."""
    texts = TEXTS[language]
    built = texts.masthead.built.format(date=format_date(overview.built_at.date(), language))
    articles = texts.masthead.articles(overview.articles)
    return f"{articles}{_dates(overview, texts, language)} · {built}"


def _dates(overview: Overview, texts: Texts, language: str) -> str:
    if overview.first_date is None or overview.last_date is None:
        return ""
    first = format_date(overview.first_date, language)
    last = format_date(overview.last_date, language)
    if first == last:
        return " " + texts.masthead.dated.format(date=first)
    return " " + texts.masthead.dated_range.format(first=first, last=last)


def _figure(
    citation: Citation,
    language: str,
    verdicts: Mapping[int, Verdict] | None = None,
    below: str = "",
) -> str:
    texts, article, quote = TEXTS[language], citation.article, citation.quote
    spoken = f'lang="{escape(article.language)}"'
    judging = context = ""
    if verdicts is not None:
        judging = render_verdicts(citation.number, verdicts.get(citation.number), language)
    if quote.context is not None:
        words = escape(checked_words(article, quote.context))
        context = (
            f'<p class="context">{escape(ANSWER_TEXTS[language].context)} '
            f"«{NARROW_SPACE}<span {spoken}>{words}</span>{NARROW_SPACE}»</p>"
        )
    return (
        f'<figure class="citation">{context}'
        f"<blockquote>«{NARROW_SPACE}"
        f'<span class="words" {spoken}>{_marked_words(article, quote)}</span>'
        f"{NARROW_SPACE}» {_chip(citation, texts)}</blockquote>"
        f'<figcaption><span class="title">{escape(article.title)}</span>'
        f"{escape(' · ' + source_line(article, language))}</figcaption>"
        f"{below}{_origin(citation, language)}{judging}</figure>"
    )


def _origin(citation: Citation, language: str) -> str:
    """Where a quote is from, for copies and exports; the page shows it elsewhere or not."""
    address = safe_url(citation.article.url)
    also = also_in_line(citation, language) if citation.also_in else ""
    return (
        f'<span class="origin"><span class="file">{escape(citation.article.path)}</span>'
        + (f'<span class="address">{escape(address)}</span>' if address else "")
        + (f'<span class="elsewhere">{escape(also)}</span>' if also else "")
        + "</span>"
    )


def _marked_words(article: Article, quote: Quote) -> str:
    words, shown, at = checked_words(article, quote), [], quote.start
    for start, end in sorted(quote.highlights):
        start, end = max(start, at), min(end, quote.end)
        if start < end:
            shown.append(escape(words[at - quote.start : start - quote.start]))
            marked = escape(words[start - quote.start : end - quote.start])
            shown.append(f"<mark>{marked}</mark>")
            at = end
    shown.append(escape(words[at - quote.start :]))
    return "".join(shown)


def _chip(citation: Citation, texts: Texts) -> str:
    spoken = texts.answer.open_quote.format(number=citation.number)
    return (
        f'<a class="chip" href="{escape(source_reference(citation.quote))}">'
        f'<span class="unspoken">{citation.number}</span>'
        f'<span class="spoken">{escape(spoken)}</span></a>'
    )


def _cards(citations: Sequence[Citation], language: str) -> str:
    texts = TEXTS[language]
    by_article: dict[str, list[Citation]] = {}
    for citation in citations:
        by_article.setdefault(citation.article.id, []).append(citation)
    cards = "".join(_card(group, language) for group in by_article.values())
    return (
        f'<section class="sources"><p class="label">{escape(texts.answer.sources)}</p>'
        f'<ul class="cards">{cards}</ul></section>'
    )


def _card(citations: Sequence[Citation], language: str) -> str:
    texts, article = TEXTS[language], citations[0].article
    chips = "".join(_chip(citation, texts) for citation in citations)
    return (
        f'<li class="card"><span class="title">{escape(article.title)}</span>'
        f'<span class="meta">{escape(source_line(article, language))}</span>'
        f'<span class="meta">{escape(texts.answer.quotes(len(citations)))} {chips}</span>'
        f"{_also_in(citations, language)}</li>"
    )


def _also_in(citations: Sequence[Citation], language: str) -> str:
    """The reprints that say one of ``citations``, all of one article, too."""
    reprints = {other.article.id: other for one in citations for other in one.also_in}
    if not reprints:
        return ""
    said = dataclasses.replace(citations[0], also_in=tuple(reprints.values()))
    before, after = around_reprints(said, language)
    named = escape(ANSWER_TEXTS[language].between).join(
        _reprint(other, language) for other in said.also_in[:NAMED_REPRINTS]
    )
    return f'<span class="also-in">{escape(before)}{named}{escape(after)}</span>'


def _reprint(other: AlsoIn, language: str) -> str:
    article = other.article
    target = escape(source_address(article.id, other.start, other.end))
    return (
        f'<a class="reprint" href="{target}">{escape(reprint_title(article, language))}</a>'
        f"{escape(reprint_source(article, language))}"
    )


def _how_found(answer: Answer, titles: Mapping[str, str], language: str) -> str:
    texts, timings = TEXTS[language], answer.timings
    times = texts.answer.times.format(
        embed=round(timings.embed),
        retrieve=round(timings.retrieve),
        read=round(timings.read),
        total=round(timings.total),
    )
    confidence = texts.answer.confidence.format(percent=round(100 * answer.confidence))
    notes = " ".join((confidence, times, texts.answer.verbatim))
    return (
        f'<details class="found"><summary>{escape(texts.answer.how_found)}</summary>'
        f"<p>{escape(texts.answer.considered(len(answer.hits)))}</p>"
        f"{_hits_table(answer.hits[:SHOWN_HITS], titles, language)}"
        f"<p>{escape(notes)}</p></details>"
    )


def _hits_table(hits: Iterable[Hit], titles: Mapping[str, str], language: str) -> str:
    texts = TEXTS[language]
    columns = (
        texts.answer.column_article,
        texts.answer.column_score,
        texts.answer.column_meaning,
        texts.answer.column_words,
    )
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    rows = "".join(
        f"<tr><td>{escape(titles.get(hit.passage.article_id, hit.passage.article_id))}</td>"
        + "".join(
            f"<td>{escape(_decimal(value, language))}</td>"
            for value in (hit.score, hit.cosine, hit.lexical)
        )
        + "</tr>"
        for hit in hits
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _decimal(value: float, language: str) -> str:
    written = f"{value:.2f}"
    return written.replace(".", ",") if language == FRENCH else written
