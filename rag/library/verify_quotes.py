"""Old citations against the index of today: still there, moved, changed or gone."""

from __future__ import annotations

import datetime
import difflib
import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.config import Settings
from rag.files import file_hash
from rag.index import Index
from rag.ingest import holders
from rag.library.exported_quotes import CitedWords
from rag.types import Article

# A sentence is what became of another when they share that much of their words
# (2 × common / all, difflib's ratio).
_ALIKE = 0.6
# Words that are shown on both sides of a change.
_AROUND = 4


class State(enum.StrEnum):
    """What became of cited words."""

    STILL_THERE = "still_there"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Now:
    """Where the words, or what became of them, stand in the index."""

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """A citation and what became of it.

    ``difference`` shows changed words as ``[-before-] {+now+}``. ``changed_on`` is when a
    build replaced the text that the words stood in, where the catalogue still knows it.
    """

    cited: CitedWords
    state: State
    now: Now | None = None
    difference: str = ""
    changed_on: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckedQuotes:
    """Every citation, and the cited files that changed since the index was built."""

    quotes: tuple[CheckedQuote, ...]
    outdated: tuple[str, ...]

    @property
    def fine(self) -> bool:
        """Whether all are still there, in an index that is up to date."""
        still_there = all(one.state is State.STILL_THERE for one in self.quotes)
        return still_there and not self.outdated

    def counts(self) -> dict[State, int]:
        """How many quotes are in each state."""
        return {state: sum(one.state is state for one in self.quotes) for state in State}


def check_quotes(
    cited: Sequence[CitedWords], index: Index, settings: Settings
) -> CheckedQuotes:
    """What became of ``cited``. White space does not count: Markdown may fold it."""
    paths = dict.fromkeys(one.path for one in cited)
    outdated = tuple(path for path in paths if _is_outdated(path, index, settings))
    return CheckedQuotes(tuple(_check(one, index) for one in cited), outdated)


def _is_outdated(path: str, index: Index, settings: Settings) -> bool:
    article = index.articles.by_path(path)
    if article is None:
        return False
    try:
        ways = (settings.articles / one for one in holders(path))
        file = next((one for one in ways if one.is_file()), None)
        return file is not None and file_hash(file) != article.file_hash
    except OSError:
        return False


def _check(cited: CitedWords, index: Index) -> CheckedQuote:
    article = index.articles.by_path(cited.path)
    if article is None:
        return _check_elsewhere(cited, index)
    if article.text[cited.start : cited.end].split() == cited.text.split():
        now = Now(article.path, cited.start, cited.end, article.text[cited.start : cited.end])
        return CheckedQuote(cited, State.STILL_THERE, now)
    now_at = _place(cited, article)
    if now_at is not None:
        return CheckedQuote(cited, State.MOVED, now_at, changed_on=_changed(article, index))
    nearest = _nearest_sentence(cited, article, index)
    if nearest is not None:
        return CheckedQuote(
            cited,
            State.CHANGED,
            nearest,
            difference(cited.text.split(), nearest.text.split()),
            _replaced(cited, article, index),
        )
    elsewhere = _check_elsewhere(cited, index)
    if elsewhere.state is State.MOVED:
        return elsewhere
    return CheckedQuote(cited, State.GONE, changed_on=_replaced(cited, article, index))


def _check_elsewhere(cited: CitedWords, index: Index) -> CheckedQuote:
    """Whether another article holds the words, as after a renaming."""
    for article in index.articles.holding(cited.text):
        now = _place(cited, article)
        if now is not None:
            return CheckedQuote(cited, State.MOVED, now)
    return CheckedQuote(cited, State.GONE)


def _place(cited: CitedWords, article: Article) -> Now | None:
    """Where ``article`` holds the words, nearest to where they were."""
    places = [(found.start(), found.end()) for found in _occurrences(cited, article.text)]
    if not places:
        return None
    start, end = min(places, key=lambda place: abs(place[0] - cited.start))
    return Now(article.path, start, end, article.text[start:end])


def _occurrences(cited: CitedWords, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"\s+".join(map(re.escape, cited.text.split())), text)


def _nearest_sentence(cited: CitedWords, article: Article, index: Index) -> Now | None:
    """The sentence that has most words of the citation, when it has enough."""
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(cited.text.split())
    best, nearest = _ALIKE, None
    for sentence in index.passages.sentences(article.id):
        text = article.text[sentence.start : sentence.end]
        matcher.set_seq1(text.split())
        if matcher.quick_ratio() >= best and (ratio := matcher.ratio()) >= best:
            best, nearest = ratio, Now(article.path, sentence.start, sentence.end, text)
    return nearest


def difference(before: Sequence[str], now: Sequence[str]) -> str:
    """Words of both, what changed marked, long runs of what did not left out."""
    shown: list[str] = []
    matcher = difflib.SequenceMatcher(a=before, b=now, autojunk=False)
    for change, start, end, new_start, new_end in matcher.get_opcodes():
        if change == "equal":
            shown += _abridged(before[start:end], start == 0, end == len(before))
            continue
        if end > start:
            shown.append(f"[-{' '.join(before[start:end])}-]")
        if new_end > new_start:
            shown.append(f"{{+{' '.join(now[new_start:new_end])}+}}")
    return " ".join(shown)


def _abridged(words: Sequence[str], is_first: bool, is_last: bool) -> list[str]:
    head = [] if is_first else list(words[:_AROUND])
    tail = [] if is_last else list(words[-_AROUND:])
    if len(words) <= len(head) + len(tail):
        return list(words)
    return [*head, "…", *tail]


def _changed(article: Article, index: Index) -> datetime.datetime | None:
    """When the text of ``article`` last changed."""
    versions = index.articles.versions(article.id)
    return versions[-1].replaced_at if versions else None


def _replaced(cited: CitedWords, article: Article, index: Index) -> datetime.datetime | None:
    """When the last text that held the words was replaced."""
    for version in reversed(index.articles.versions(article.id)):
        if any(_occurrences(cited, version.text)):
            return version.replaced_at
    return None
