"""Answers, hits and articles as JSON values, for programs."""

from __future__ import annotations

from typing import Any

from rag.answering.answer_texts import abstention_message
from rag.answering.json_references import article_reference
from rag.answering.quote_modality import modality_to_json
from rag.answering.quote_moments import moments_to_json
from rag.answering.quote_place import place_to_json
from rag.answering.quote_speakers import speakers_to_json
from rag.answering.timeline import differing_figures, timeline
from rag.types import AlsoIn, Answer, Article, Citation, Hit, Overview


def answer_to_json(answer: Answer, overview: Overview) -> dict[str, Any]:
    """An answer as JSON values; dates as ISO 8601, spans as [start, end]."""
    abstention = answer.abstention
    return {
        "question": answer.question,
        "understood": answer.understood,
        "is_shortened": answer.is_shortened,
        "as_of": answer.as_of and answer.as_of.isoformat(),
        "wish": answer.wish.value,
        "answered": answer.answered,
        "quotes": [_quote_to_json(one) for one in answer.citations],
        "timeline": [
            {"citation": one.number, "date": one.article.date and one.article.date.isoformat()}
            for one in timeline(answer)
        ],
        "differing_figures": [
            {
                "citation": one.citation.number,
                "date": one.day.isoformat(),
                "text": one.text,
                "start": one.start,
                "end": one.end,
            }
            for one in differing_figures(answer)
        ],
        "abstention": abstention
        and {
            "reason": abstention.reason.value,
            "detail": abstention.detail,
            "message": abstention_message(abstention, overview, answer.language),
            "missing_words": list(abstention.missing_words),
            "missing_dates": list(abstention.missing_dates),
            "meant": dict(abstention.meant),
            "nearest": [_quote_to_json(one) for one in abstention.nearest],
        },
        "confidence": answer.confidence,
        "timings_ms": {
            "embed": answer.timings.embed,
            "retrieve": answer.timings.retrieve,
            "read": answer.timings.read,
            "total": answer.timings.total,
        },
    }


def hit_to_json(hit: Hit, article: Article) -> dict[str, Any]:
    """A passage that was found, with its words, as JSON values."""
    passage = hit.passage
    return {
        "text": article.text[passage.start : passage.end],
        "article_id": article.id,
        "path": article.path,
        "title": article.title,
        "date": article.date and article.date.isoformat(),
        "start": passage.start,
        "end": passage.end,
        **place_to_json(article, passage.start, passage.end),
        "score": hit.score,
        "cosine": hit.cosine,
        "lexical": hit.lexical,
    }


def article_to_json(article: Article) -> dict[str, Any]:
    """A whole article as JSON values."""
    return {
        "article_id": article.id,
        "path": article.path,
        "title": article.title,
        "date": article.date and article.date.isoformat(),
        "language": article.language,
        "source": article.source,
        "author": article.author,
        "url": article.url,
        "text": article.text,
    }


def _quote_to_json(citation: Citation) -> dict[str, Any]:
    quote, article = citation.quote, citation.article
    context = quote.context
    return {
        "text": quote.text,
        "article_id": quote.article_id,
        "path": article.path,
        "title": article.title,
        "date": article.date and article.date.isoformat(),
        "start": quote.start,
        "end": quote.end,
        **place_to_json(article, quote.start, quote.end),
        "moments": moments_to_json(citation),
        "modality": modality_to_json(citation),
        "said_by": speakers_to_json(citation),
        "passage_start": quote.passage_start,
        "passage_end": quote.passage_end,
        "score": quote.score,
        "highlights": [list(span) for span in quote.highlights],
        "context": context
        and {"text": context.text, "start": context.start, "end": context.end},
        "answer": quote.answer and list(quote.answer),
        "also_in": [_reprint_to_json(other) for other in citation.also_in],
        "outlets": citation.outlets,
    }


def _reprint_to_json(other: AlsoIn) -> dict[str, Any]:
    return {**article_reference(other.article), "start": other.start, "end": other.end}
