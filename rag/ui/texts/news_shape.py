"""The shape of the words about followed questions and of what is new."""

from __future__ import annotations

from dataclasses import dataclass

from rag.ui.texts.counted import Counted


@dataclass(frozen=True, slots=True)
class DigestPageTexts:
    """The page of what is new, beside ``rag/answering/digest_texts.py``."""

    title: str
    since: str
    until: str
    show: str
    in_article: str
    original: str
    wrong_days: str


@dataclass(frozen=True, slots=True)
class FollowTexts:
    """Questions that are followed, their page and their feed."""

    title: str
    lead: str
    follow: str
    followed: str
    waiting: Counted
    none: str
    nothing_yet: str
    new: str
    found_on: str
    remove: str
    remove_one: str
    removed: str
    restore: str
    ask: str
    in_article: str
    original: str
    feed: str
    feed_lead: str
    renew_feed: str
    unreadable: str
    not_kept: str
