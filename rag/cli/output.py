"""What the commands print: for readers, and as JSON for programs."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.answering.answer_texts import (
    ANSWER_TEXTS,
    abstention_message,
    also_in_line,
    as_of_line,
    caption,
    understood_line,
)
from rag.answering.marked_lines import marked_lines
from rag.answering.quote_place import place_line
from rag.answering.timeline import differing_figures, timeline, words_of
from rag.cli.saying import one_line
from rag.language.typography import FRENCH, format_date, quoted
from rag.types import Answer, BrokenFile, Overview

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.library.build_summary import BuildSummary
    from rag.library.rollback import RolledBack
    from rag.library.statistics import Statistics
    from rag.library.verify_index import Verification
    from rag.library.verify_quotes import CheckedQuote, CheckedQuotes, State

# The terminal shows the last months; --json and --html have them all.
SHOWN_MONTHS = 12


def summary_to_json(summary: BuildSummary) -> dict[str, Any]:
    """A build's summary as JSON values."""
    return {
        "added": summary.added,
        "changed": summary.changed,
        "removed": summary.removed,
        "unchanged": summary.unchanged,
        "broken": _broken_to_json(summary.broken),
        "articles": summary.articles,
        "passages": summary.passages,
        "passages_embedded": summary.passages_embedded,
        "passages_reused": summary.passages_reused,
        "texts_embedded": summary.texts_embedded,
        "generation": summary.generation,
        "written": summary.written,
        "seconds": round(summary.seconds, 3),
    }


def _broken_to_json(broken: Sequence[BrokenFile]) -> list[dict[str, Any]]:
    """Which files were left out, and why: in words, and by code and fields."""
    return [{"path": file.path, **file.problem.to_json()} for file in broken]


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


def print_built(summary: BuildSummary, as_json: bool) -> None:
    """Print what a build of a watched folder did: a line, and one a file left out."""
    if as_json:
        print(json.dumps(summary_to_json(summary), ensure_ascii=False), flush=True)
        return
    print(
        f"{datetime.datetime.now():%H:%M:%S}  {summary.added} added, {summary.changed} "
        f"changed, {summary.removed} removed, {len(summary.broken)} broken; "
        f"{summary.passages_embedded} passages embedded, in {summary.seconds:.1f} s",
        flush=True,
    )
    for file in summary.broken:
        print(f"  left out: {file.path}: {file.reason}", flush=True)


def print_followed(followed: Mapping[str, int] | None) -> None:
    """Print what new articles said to followed questions, where any did."""
    if followed and followed["quotes"]:
        quotes = (
            "1 new quote" if followed["quotes"] == 1 else f"{followed['quotes']} new quotes"
        )
        print(f"followed questions: {quotes}; read with: rag follow check")


def rollback_to_json(done: RolledBack) -> dict[str, Any]:
    """What going back did, as JSON values."""
    return {
        "serving": done.serving.generation,
        "left": done.left.generation,
        "built_at": done.serving.built_at.isoformat(),
        "model": done.serving.model,
        "articles": done.serving.articles,
        "passages": done.serving.passages,
    }


def print_rollback(done: RolledBack, settings: Settings) -> None:
    """Print what going back did, and what will undo it."""
    serving, left = done.serving, done.left
    print(
        f"index {settings.index}: back to {serving.generation}, built "
        f"{serving.built_at.astimezone():%Y-%m-%d %H:%M} with {serving.model}: "
        f"{serving.articles} articles, {serving.passages} passages"
    )
    print(
        f"left: {left.generation}, {left.articles} articles, {left.passages} passages; "
        f"rag build brings the index up to date with {settings.articles} again"
    )


def print_answer(answer: Answer, overview: Overview) -> None:
    """Print an answer as a reader wants it: quotes first, each with its source."""
    texts = ANSWER_TEXTS[answer.language]
    understood = understood_line(answer, answer.language)
    if understood is not None:
        print(one_line(understood))
    as_of = as_of_line(answer, answer.language)
    if as_of is not None:
        print(as_of)
    if answer.abstention is not None:
        print(texts.refusal)
        print(abstention_message(answer.abstention, overview, answer.language))
        if answer.abstention.nearest:
            print(f"\n{texts.nearest}")
    carried = caption(answer, answer.language)
    if carried is not None:
        print(carried)
    for citation in answer.shown():
        quote, article = citation.quote, citation.article
        if quote.context is not None:
            print(f"\n{texts.context} {quoted(quote.context.text, article.language)}", end="")
        print(f"\n{quoted(quote.text, article.language)} [{citation.number}]")
        date = format_date(article.date, answer.language) if article.date else texts.undated
        where = place_line(citation, answer.language)
        about = " · ".join(filter(None, (article.title, date, article.path, where)))
        print(f"    {one_line(about)}")
        for line in marked_lines(citation, answer.language):
            print(f"    {line}")
        if citation.also_in:
            print(f"    {also_in_line(citation, answer.language)}")
    _print_timeline(answer)


def _print_timeline(answer: Answer) -> None:
    """Print how it went on, where quotes of several days answer."""
    texts = ANSWER_TEXTS[answer.language]
    differing = [
        f"{one.text} ({format_date(one.day, answer.language)}) [{one.citation.number}]"
        for one in differing_figures(answer)
    ]
    if differing:
        print("\n" + one_line(f"{texts.differing} {', '.join(differing)}"))
    moments = timeline(answer)
    if moments:
        print(f"\n{texts.timeline}")
    for one in moments:
        date = format_date(one.article.date, answer.language) if one.article.date else ""
        words = quoted(words_of(one), one.article.language)
        print(one_line(f"    {date}: {words} [{one.number}]"))


def statistics_to_json(found: Statistics, settings: Settings) -> dict[str, Any]:
    """What an index holds as JSON values."""
    from rag.models.span_reader import reader_for

    overview = found.overview
    return {
        "generation": overview.generation,
        "built_at": overview.built_at.isoformat(),
        "model": overview.model,
        "trained_reader": reader_for(settings, overview.model),
        "engine": overview.engine,
        "collection": overview.collection or None,
        "articles": overview.articles,
        "passages": overview.passages,
        "sentences": overview.sentences,
        "first_date": overview.first_date and overview.first_date.isoformat(),
        "last_date": overview.last_date and overview.last_date.isoformat(),
        "months": dict(found.months),
        "undated": found.undated,
        "dates_from": {why.value: count for why, count in found.dates_from},
        "languages": dict(overview.languages),
        "sources": dict(overview.sources),
        "lengths": dict(found.lengths),
        "median_words": found.words,
        "stories": found.stories,
        "reprinted": found.reprinted,
        "largest_stories": [
            [{"path": one.path, "title": one.title} for one in story.articles]
            for story in found.largest
        ],
        "corrected": found.corrected,
        "left_out_words": {kind.value: count for kind, count in found.left_out_words},
        "broken": _broken_to_json(overview.broken),
        "bytes": found.size,
    }


def print_statistics(found: Statistics, settings: Settings) -> None:
    """Print what an index holds."""
    overview = found.overview
    dates = f"{overview.first_date or '–'} to {overview.last_date or '–'}"
    rows = {
        "index": f"{settings.index}, generation {overview.generation}",
        "built": f"{overview.built_at:%Y-%m-%d %H:%M} UTC",
        "model": overview.model,
        "reading": _reading(overview.model, settings),
        "engine": " ".join(filter(None, (overview.engine, overview.collection))),
        "articles": str(overview.articles),
        "passages": str(overview.passages),
        "sentences": str(overview.sentences),
        "dates": f"{dates}, {found.undated} undated",
        "dates from": _counted(found.dates_from),
        "months": _counted(found.months[-SHOWN_MONTHS:]),
        "languages": _counted(overview.languages),
        "sources": _counted(overview.sources),
        "words": f"{_counted(found.lengths)}; median {found.words}",
        "reprints": f"{found.reprinted} articles of {found.stories} stories",
        "corrected": str(found.corrected),
        "on disk": f"{found.size / 1e6:.1f} MB",
        "words left out": _counted(found.left_out_words),
        "left out": str(len(overview.broken)),
    }
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False)
    for name, value in rows.items():
        table.add_row(Text(name), Text(value))
    Console().print(table)
    for file in overview.broken:
        print(f"left out: {file.path}: {file.reason}")


def _reading(model: str, settings: Settings) -> str:
    """How questions over an index of ``model`` are read, and why not otherwise."""
    from rag.models.bundled_e5 import PUBLIC_NAME
    from rag.models.span_reader import reader_for

    if reader_for(settings, model):
        return f"by the trained reader, {settings.reader_passages} passages a question"
    if settings.reader == "off":
        why = "the trained reader is switched off"
    elif model != PUBLIC_NAME:
        why = (
            f"the trained reader and confidence go with {PUBLIC_NAME} only, so nothing but "
            "missing names, years and details is refused"
        )
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


def checked_quotes_to_json(found: CheckedQuotes) -> dict[str, Any]:
    """What became of citations, as JSON values."""
    return {
        "fine": found.fine,
        "counts": {state.value: count for state, count in found.counts().items()},
        "outdated": list(found.outdated),
        "quotes": [_checked_quote_to_json(one) for one in found.quotes],
    }


def _checked_quote_to_json(one: CheckedQuote) -> dict[str, Any]:
    now = one.now
    return {
        "state": one.state.value,
        **dataclasses.asdict(one.cited),
        "now": now and dataclasses.asdict(now),
        "difference": one.difference or None,
        "changed_on": one.changed_on and one.changed_on.isoformat(),
    }


def print_checked_quotes(found: CheckedQuotes) -> None:
    """Print what became of every citation, then how many there are of each kind."""
    from rag.library.verify_quotes import State

    for one in found.quotes:
        print(one_line(_checked_line(one)))
        if one.state in (State.CHANGED, State.GONE):
            print(one_line(f"    {one.difference or quoted(one.cited.text, FRENCH)}"))
    for path in found.outdated:
        print(one_line(f"{path}: changed since it was indexed; run: rag build"))
    counts = ", ".join(f"{count} {_spoken(state)}" for state, count in found.counts().items())
    print(f"{len(found.quotes)} quotes: {counts}")


def _checked_line(one: CheckedQuote) -> str:
    """What became of a citation, and where it was and is."""
    from rag.library.verify_quotes import State

    cited, now = one.cited, one.now
    on = f" on {one.changed_on:%Y-%m-%d}" if one.changed_on else ""
    line = f"[{cited.number}] {_spoken(one.state)}{on}: {cited.path}, "
    line += f"characters {cited.start} to {cited.end}"
    if now is None or one.state is State.STILL_THERE:
        return line
    where = "" if now.path == cited.path else f"{now.path}, characters "
    return f"{line}; now {where}{now.start} to {now.end}"


def _spoken(state: State) -> str:
    return state.value.replace("_", " ")
