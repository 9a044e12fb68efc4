"""The commands of ``rag follow``: questions that are asked of every new article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.options import (
    IndexOption,
    JsonFlag,
    ModelOption,
    SinceOption,
    SourceOption,
    UntilOption,
)
from rag.cli.saying import announce, one_line, print_json, read_day
from rag.errors import SettingsError
from rag.language.typography import format_date, quoted

if TYPE_CHECKING:
    from rag.answering.followed import FollowedQuestion, News
    from rag.answering.following import Following
    from rag.config import Settings

follow_app = typer.Typer(
    help="Follow questions: after each build they are asked of the new articles.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@follow_app.command("add")
def add(
    question: Annotated[str, typer.Argument(help="What you want to hear more of.")],
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    index: IndexOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Follow a question: what the articles of today say to it is no news."""
    from rag.answering.following import THIS_MACHINE
    from rag.config import load_settings
    from rag.index import Index
    from rag.types import Filters

    if not any(character.isalnum() for character in question):
        raise SettingsError("the question is empty; write one that new articles may answer")
    since_day, until_day = read_day("--since", since), read_day("--until", until, is_last=True)
    filters = Filters(since_day, until_day, frozenset(source or ()))
    settings = load_settings(index=index)
    following = _following(settings)
    opened = Index.open_current(settings.index)
    generation, hashes = opened.manifest.generation, opened.articles.hashes_by_id
    followed = following.follow(THIS_MACHINE, question, filters, generation, hashes)
    if as_json:
        print_json(followed_to_json(followed))
    else:
        print(f"{followed.number}  {one_line(followed.question)}")
        announce("new articles are asked after each rag build; see: rag follow check")


@follow_app.command("list")
def list_followed(index: IndexOption = None, as_json: JsonFlag = False) -> None:
    """List the followed questions, with how many quotes of each wait to be seen."""
    from rag.answering.following import THIS_MACHINE
    from rag.config import load_settings

    following = _following(load_settings(index=index))
    questions = following.questions(THIS_MACHINE)
    if as_json:
        print_json([followed_to_json(one) for one in questions])
        return
    if not questions:
        print("no question is followed; begin with: rag follow add QUESTION")
    for one in questions:
        waiting = f"  ({_count(one.waiting)} to see)" if one.waiting else ""
        print(f"{one.number}  {one_line(one.question)}{_narrowed(one)}{waiting}")


@follow_app.command("remove")
def remove(
    number: Annotated[int, typer.Argument(help="Its number in rag follow list.")],
    index: IndexOption = None,
    as_json: JsonFlag = False,
) -> None:
    """No longer follow a question; adding it again soon goes on where it was."""
    from rag.answering.following import THIS_MACHINE
    from rag.config import load_settings

    removed = _following(load_settings(index=index)).remove(THIS_MACHINE, number)
    if removed is None:
        raise SettingsError(f"no question {number} is followed; see: rag follow list")
    if as_json:
        print_json(followed_to_json(removed))
    else:
        print(f"no longer followed: {one_line(removed.question)}")


@follow_app.command("check")
def check(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave them waiting, as if nobody had seen them.")
    ] = False,
    index: IndexOption = None,
    model: ModelOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Print the new quotes that nobody has seen, and note them as seen."""
    from rag.answering.following import THIS_MACHINE
    from rag.config import load_settings

    settings = load_settings(index=index, model=model)
    following = _following(settings)
    ask_followed(settings)
    questions = {one.number: one for one in following.questions(THIS_MACHINE)}
    waiting = [one for one in following.news(THIS_MACHINE) if not one.is_seen]
    if as_json:
        print_json([news_to_json(one, questions[one.question]) for one in waiting])
    else:
        _print_news(waiting, questions)
    if waiting and not keep:
        following.see(THIS_MACHINE, waiting[0].number)


def ask_followed(settings: Settings) -> dict[str, int] | None:
    """Ask followed questions of what is new, if any are; the model is loaded for these only.

    Returns how many were asked, and how many quotes are told, None where nothing was to do.
    """
    from rag.answering.following import open_following
    from rag.index.generations import current_name

    following = open_following(settings)
    if following is None or not following.is_behind(current_name(settings.index) or ""):
        return None
    from rag.answering.assistant import Assistant
    from rag.answering.news import check_followed
    from rag.cli.progress_bars import progress_bars

    with Assistant.open(settings, announce).snapshot() as snapshot, progress_bars() as progress:
        done = check_followed(following, snapshot, progress)
    return {"asked": done.questions, "quotes": done.quotes}


def followed_to_json(one: FollowedQuestion) -> dict[str, Any]:
    """A followed question as JSON values."""
    filters = one.filters
    return {
        "number": one.number,
        "question": one.question,
        "since": filters.since and filters.since.isoformat(),
        "until": filters.until and filters.until.isoformat(),
        "sources": sorted(filters.sources),
        "followed_at": one.followed_at.isoformat(),
        "waiting": one.waiting,
    }


def news_to_json(one: News, question: FollowedQuestion) -> dict[str, Any]:
    """What is new to a followed question as JSON values."""
    from rag.answering.answer_json import answer_to_json

    answer = one.turn and answer_to_json(one.turn.answer, one.turn.overview)
    return {
        "number": question.number,
        "question": question.question,
        "found_at": one.found_at.isoformat(),
        "quotes": answer["quotes"] if answer else [],
    }


def _print_news(waiting: Sequence[News], questions: dict[int, FollowedQuestion]) -> None:
    from rag.answering.answer_texts import ANSWER_TEXTS

    if not waiting:
        print("nothing new" if questions else "no question is followed; see: rag follow add")
    for one in reversed(waiting):
        print(f"\n{one_line(questions[one.question].question)}")
        if one.turn is None:
            print("    these quotes cannot be read by this version of the program")
            continue
        answer = one.turn.answer
        for citation in answer.citations:
            article, quote = citation.article, citation.quote
            undated = ANSWER_TEXTS[answer.language].undated
            date = format_date(article.date, answer.language) if article.date else undated
            print(f"{one_line(quoted(quote.text, article.language))} [{citation.number}]")
            print(f"    {one_line(f'{article.title} · {date} · {article.path}')}")


def _following(settings: Settings) -> Following:
    from rag.answering.following import open_following

    following = open_following(settings)
    if following is None:
        raise SettingsError(
            "'conversations' is 'off', so nothing can be followed; set it to a file or "
            "'default'"
        )
    return following


def _narrowed(one: FollowedQuestion) -> str:
    filters = one.filters
    parts = [
        *([f"since {filters.since}"] if filters.since else []),
        *([f"until {filters.until}"] if filters.until else []),
        *sorted(filters.sources),
    ]
    return f"  [{one_line(', '.join(parts))}]" if parts else ""


def _count(quotes: int) -> str:
    return "1 quote" if quotes == 1 else f"{quotes} quotes"
