"""The shape of the page's words: a dataclass for each part of the page.

Fields with ``{name}`` are filled with ``str.format``.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.ui.texts.counted import Counted
from rag.ui.texts.news_shape import DigestPageTexts, FollowTexts
from rag.ui.texts.readings import ReadingTexts
from rag.ui.texts.report_shape import EvaluationTexts, StatisticsTexts


@dataclass(frozen=True, slots=True)
class MastheadTexts:
    """The top of the page."""

    tagline: str
    what_it_is: str
    articles: Counted
    dated: str
    dated_range: str
    built: str
    other_language: str


@dataclass(frozen=True, slots=True)
class AskingTexts:
    """The question box, and what is said while an answer is awaited."""

    conversation: str
    invitation: str
    ask: str
    placeholder: str
    searching: str
    loading_model: str
    too_long: str
    busy: str
    not_sent: str


@dataclass(frozen=True, slots=True)
class FailureTexts:
    """What failed; what an error says itself stands below."""

    index: str
    model: str
    engine: str
    conversations: str
    other: str
    unexpected: str


@dataclass(frozen=True, slots=True)
class AnswerTexts:
    """What stands around the quotes of an answer, beside ``rag/answering/answer_texts.py``."""

    message_of_reader: str
    message_of_page: str
    fold: str
    sure: str
    to_check: str
    sure_means: str
    to_check_means: str
    ask_literally: str
    asked_of: str
    widen: str
    open_quote: str
    sources: str
    quotes: Counted
    nearest: str
    how_found: str
    considered: Counted
    column_article: str
    column_score: str
    column_meaning: str
    column_words: str
    confidence: str
    times: str
    verbatim: str
    go_on: str


@dataclass(frozen=True, slots=True)
class CopyTexts:
    """What leaves the page: copies of answers, links to them, files of a conversation."""

    answer: str
    link: str
    answer_copied: str
    link_copied: str
    failed: str
    characters: str
    export: str
    as_markdown: str
    as_html: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class ConversationTexts:
    """The conversations that are kept."""

    title: str
    new: str
    none: str
    questions: Counted
    delete: str
    delete_one: str
    deleted: str
    restore: str
    clear: str
    clear_question: str
    cancel: str
    not_kept: str
    turn_unreadable: str
    unreachable: str


@dataclass(frozen=True, slots=True)
class VerdictTexts:
    """What a reader says of a quote."""

    asked: str
    on_quote: str
    good: str
    does_not_answer: str
    wrong: str
    kept: str
    taken_back: str
    not_kept: str
    nowhere: str


@dataclass(frozen=True, slots=True)
class SourceTexts:
    """The article beside the chat."""

    title: str
    close: str
    previous: str
    next: str
    position: str
    original: str
    file: str
    changed_on: str
    keys: str
    ask_only: str
    missing: str
    unreachable: str


@dataclass(frozen=True, slots=True)
class FilterTexts:
    """The filters of a question, and why one cannot be."""

    title: str
    since: str
    until: str
    as_of: str
    sources: str
    apply: str
    remove: str
    in_force: str
    since_day: str
    until_day: str
    as_of_day: str
    only_article: str
    no_date: str
    wrong_order: str
    no_source: str
    no_article: str


@dataclass(frozen=True, slots=True)
class ArticleTexts:
    """The list of articles."""

    title: str
    search: str
    none: str
    place: str
    previous_page: str
    next_page: str
    column_title: str
    column_date: str
    column_source: str
    column_length: str
    column_remove: str
    remove: str
    removed: str
    restored: str
    undo: str
    read_only: str


@dataclass(frozen=True, slots=True)
class BringingTexts:
    """Files that are brought to the articles, and what became of each."""

    bring: str
    hint: str
    drop_here: str
    sending: str
    sending_failed: str
    sending_busy: str
    brought: str
    replaced: str
    kept_both: str
    already_there: str
    clashes: str
    replace: str
    keep_both: str
    refused: str


@dataclass(frozen=True, slots=True)
class UpdatingTexts:
    """The index being brought up to date."""

    waiting: str
    waiting_added: str
    waiting_changed: str
    waiting_removed: str
    update: str
    done: str
    failed: str
    watched: str
    watch_failing: str
    step_articles: str
    step_texts: str
    step_other: str
    time_left: str


@dataclass(frozen=True, slots=True)
class Texts:
    """All words of the page in one language."""

    masthead: MastheadTexts
    asking: AskingTexts
    failures: FailureTexts
    answer: AnswerTexts
    copies: CopyTexts
    conversations: ConversationTexts
    verdicts: VerdictTexts
    following: FollowTexts
    digest: DigestPageTexts
    source: SourceTexts
    reading: ReadingTexts
    filters: FilterTexts
    articles: ArticleTexts
    bringing: BringingTexts
    updating: UpdatingTexts
    evaluation: EvaluationTexts
    statistics: StatisticsTexts
