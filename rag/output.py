"""What the commands print: for readers, and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.building import BuildSummary
from rag.bundled_model import PUBLIC_NAME
from rag.config import Settings
from rag.texts import (
    ANSWER_TEXTS,
    abstention_message,
    also_in_line,
    format_date,
    quoted,
)
from rag.trained_reader import reader_for
from rag.types import AlsoIn, Answer, Citation, Overview
from rag.verifying import Verification


def print_json(content: object) -> None:
    """Print ``content`` as an indented JSON object."""
    print(json.dumps(content, ensure_ascii=False, indent=2))


def summary_to_json(summary: BuildSummary) -> dict[str, Any]:
    """A build's summary as JSON values."""
    return {
        "added": summary.added,
        "changed": summary.changed,
        "removed": summary.removed,
        "unchanged": summary.unchanged,
        "broken": [{"path": file.path, "reason": file.reason} for file in summary.broken],
        "articles": summary.articles,
        "passages": summary.passages,
        "passages_embedded": summary.passages_embedded,
        "passages_reused": summary.passages_reused,
        "texts_embedded": summary.texts_embedded,
        "generation": summary.generation,
        "written": summary.written,
        "seconds": round(summary.seconds, 3),
    }


def print_summary(summary: BuildSummary, settings: Settings) -> None:
    """Print what a build did."""
    print(
        f"articles: {summary.added} added, {summary.changed} changed, "
        f"{summary.removed} removed, {summary.unchanged} unchanged, "
        f"{len(summary.broken)} broken"
    )
    print(
        f"passages: {summary.passages_embedded} embedded, {summary.passages_reused} reused "
        f"({summary.texts_embedded} texts embedded with their sentences)"
    )
    for file in summary.broken:
        print(f"  left out: {file.path}: {file.reason}")
    state = "written" if summary.written else "already up to date"
    print(f"index {settings.index}: {state}, in {summary.seconds:.1f} s")
    if not summary.articles:
        print(f"there is no article yet; put some into {settings.articles}")


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
    article = other.article
    return {
        "article_id": article.id,
        "path": article.path,
        "title": article.title,
        "date": article.date and article.date.isoformat(),
        "outlet": article.outlet or None,
        "start": other.start,
        "end": other.end,
    }


def answer_to_json(answer: Answer, overview: Overview) -> dict[str, Any]:
    """An answer as JSON values; dates as ISO 8601, spans as [start, end]."""
    abstention = answer.abstention
    return {
        "question": answer.question,
        "answered": answer.answered,
        "quotes": [_quote_to_json(one) for one in answer.citations],
        "abstention": abstention
        and {
            "reason": abstention.reason.value,
            "detail": abstention.detail,
            "message": abstention_message(abstention, overview, answer.language),
            "missing_words": list(abstention.missing_words),
            "missing_dates": list(abstention.missing_dates),
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


def print_answer(answer: Answer, overview: Overview) -> None:
    """Print an answer as a reader wants it: quotes first, each with its source."""
    texts = ANSWER_TEXTS[answer.language]
    if answer.abstention is not None:
        print(texts.refusal)
        print(abstention_message(answer.abstention, overview, answer.language))
        if answer.abstention.nearest:
            print(f"\n{texts.nearest}")
    for citation in answer.shown():
        quote, article = citation.quote, citation.article
        if quote.context is not None:
            print(f"\n{texts.context} {quoted(quote.context.text, article.language)}", end="")
        print(f"\n{quoted(quote.text, article.language)} [{citation.number}]")
        date = format_date(article.date, answer.language) if article.date else texts.undated
        print(f"    {article.title} · {date} · {article.path}")
        if citation.also_in:
            print(f"    {also_in_line(citation, answer.language)}")


def overview_to_json(overview: Overview, size: int, settings: Settings) -> dict[str, Any]:
    """What an index holds as JSON values; ``size`` is in bytes."""
    return {
        "generation": overview.generation,
        "built_at": overview.built_at.isoformat(),
        "model": overview.model,
        "trained_reader": reader_for(settings, overview.model),
        "articles": overview.articles,
        "passages": overview.passages,
        "sentences": overview.sentences,
        "first_date": overview.first_date and overview.first_date.isoformat(),
        "last_date": overview.last_date and overview.last_date.isoformat(),
        "languages": dict(overview.languages),
        "sources": dict(overview.sources),
        "broken": [{"path": file.path, "reason": file.reason} for file in overview.broken],
        "bytes": size,
    }


def print_overview(overview: Overview, size: int, settings: Settings) -> None:
    """Print what an index holds; ``size`` is in bytes."""
    dates = f"{overview.first_date or '–'} to {overview.last_date or '–'}"
    rows = {
        "index": f"{settings.index}, generation {overview.generation}",
        "built": f"{overview.built_at:%Y-%m-%d %H:%M} UTC",
        "model": overview.model,
        "reading": _reading(overview.model, settings),
        "articles": str(overview.articles),
        "passages": str(overview.passages),
        "sentences": str(overview.sentences),
        "dates": dates,
        "languages": _counted(overview.languages),
        "sources": _counted(overview.sources),
        "on disk": f"{size / 1e6:.1f} MB",
        "left out": str(len(overview.broken)),
    }
    table = Table(show_header=False)
    for name, value in rows.items():
        table.add_row(Text(name), Text(value))
    Console().print(table)
    for file in overview.broken:
        print(f"left out: {file.path}: {file.reason}")


def _reading(model: str, settings: Settings) -> str:
    """How questions over an index of ``model`` are read, and why not otherwise."""
    if reader_for(settings, model):
        return f"by the trained reader, {settings.reader_passages} passages a question"
    if settings.reader == "off":
        why = "the trained reader is switched off"
    elif model != PUBLIC_NAME:
        why = f"the trained reader goes with {PUBLIC_NAME} only"
    else:
        why = "the trained reader's weights are not installed"
    return f"by meaning and words; {why}"


def _counted(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts) or "–"


def verification_to_json(found: Verification) -> dict[str, Any]:
    """What was checked, as JSON values."""
    return {
        "fine": found.fine,
        "checked": dict(found.checked),
        "problems": list(found.problems),
    }


def print_verification(found: Verification) -> None:
    """Print what is wrong and what was checked."""
    for problem in found.problems:
        print(problem)
    checked = ", ".join(f"{count} {what}" for what, count in found.checked)
    print(f"{'fine' if found.fine else f'{len(found.problems)} problems'}: {checked}")
