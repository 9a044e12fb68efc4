"""The words about followed questions and of what is new, in English."""

from __future__ import annotations

from rag.ui.texts.counted import Counted
from rag.ui.texts.news_shape import DigestPageTexts, FollowTexts

ENGLISH_FOLLOWING = FollowTexts(
    title="Followed questions",
    lead="Each time the index is updated, these questions are asked of the new or changed "
    "articles alone. What answers waits here to be seen.",
    follow="Follow",
    followed="Followed: it will be asked of every new article.",
    waiting=Counted("nothing new", "1 new quote", "{count} new quotes"),
    none="No question is followed. Ask one, then choose “Follow” under its answer.",
    nothing_yet="Nothing new since {date}.",
    new="new",
    found_on="found on {date}",
    remove="Stop following",
    remove_one="Stop following: {question}",
    removed="“{question}” is no longer followed.",
    restore="Undo",
    ask="Ask all articles",
    in_article="Read in the article",
    original="Read the original",
    feed="Atom feed",
    feed_lead="At this address a feed reader hears of what is new. It is secret: whoever knows "
    "it can read your questions.",
    renew_feed="Change the address",
    unreadable="These quotes can no longer be read by this version of the program.",
    not_kept="The question could not be followed. "
    "The details are in the terminal where the page was started.",
)

ENGLISH_DIGEST = DigestPageTexts(
    title="What is new?",
    since="Since",
    until="until",
    show="Show",
    in_article="read",
    original="Read the original",
    wrong_days="These dates cannot be: write them like 2024-03-01, the first before the last.",
)
