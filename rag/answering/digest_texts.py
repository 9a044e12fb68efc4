"""A digest in words: what stands around its quotes, as Markdown and as JSON values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.answering.digest import Digest, DigestStory
from rag.answering.json_references import article_reference
from rag.language.typography import format_date, quoted
from rag.types import Article

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&])")


@dataclass(frozen=True, slots=True)
class DigestTexts:
    """The words of a digest in one language; ``{count}`` and the like are filled."""

    title: str
    since: str
    between: str
    nothing: str
    article_one: str
    article_many: str
    story_one: str
    story_many: str
    sources: str
    also_in: str
    left_out: str
    note: str


DIGEST_TEXTS: Mapping[str, DigestTexts] = {
    "fr": DigestTexts(
        title="Quoi de neuf\u202f?",
        since="Depuis le {since}",
        between="Du {since} au {until}",
        nothing="Aucun article de ces jours-là.",
        article_one="1 article",
        article_many="{count} articles",
        story_one="1 récit",
        story_many="{count} récits",
        sources="{count} sources",
        also_in="Aussi dans\u00a0: ",
        left_out="plus anciens, non montrés\u00a0: {count}",
        note="Chaque récit est résumé par ses propres phrases, mot pour mot.",
    ),
    "en": DigestTexts(
        title="What is new?",
        since="Since {since}",
        between="From {since} to {until}",
        nothing="No article of these days.",
        article_one="1 article",
        article_many="{count} articles",
        story_one="1 story",
        story_many="{count} stories",
        sources="{count} sources",
        also_in="Also in: ",
        left_out="{count} older not shown",
        note="Each story is summarised by its own sentences, word for word.",
    ),
}


def period(digest: Digest, language: str) -> str:
    """Of which days it is."""
    texts, since = DIGEST_TEXTS[language], format_date(digest.since, language)
    if digest.until is None:
        return texts.since.format(since=since)
    return texts.between.format(since=since, until=format_date(digest.until, language))


def counts(digest: Digest, language: str) -> str:
    """How many articles and stories there are, and how many are not shown."""
    texts, stories = DIGEST_TEXTS[language], len(digest.stories) + digest.left_out
    if not digest.articles:
        return texts.nothing
    articles = texts.article_one if digest.articles == 1 else texts.article_many
    told = texts.story_one if stories == 1 else texts.story_many
    parts = [articles.format(count=digest.articles), told.format(count=stories)]
    if digest.left_out:
        parts.append(texts.left_out.format(count=digest.left_out))
    return " · ".join(parts)


def facts(story: DigestStory, language: str) -> str:
    """The day of a story, its outlet, and how many outlets print it where several do."""
    parts = [format_date(story.last, language), story.article.outlet]
    if story.outlets > 1:
        parts.append(DIGEST_TEXTS[language].sources.format(count=story.outlets))
    return " · ".join(part for part in parts if part)


def naming(article: Article, language: str) -> str:
    """An article's title with its outlet and day."""
    date = format_date(article.date, language) if article.date else ""
    about = ", ".join(part for part in (article.outlet, date) if part)
    return f"{quoted(article.title, language)} ({about})" if about else article.title


def digest_to_markdown(digest: Digest, language: str) -> str:
    """The digest in Markdown; what articles say is escaped and else as it is written."""
    texts = DIGEST_TEXTS[language]
    lines = [
        f"# {texts.title}",
        "",
        f"{period(digest, language)} — {counts(digest, language)}",
    ]
    for story in digest.stories:
        lines += [
            "",
            f"## {_escaped(story.article.title)}",
            "",
            _escaped(facts(story, language)),
        ]
        for quote in story.quotes:
            lines += ["", f"> {_escaped(quoted(quote.text, story.article.language))}"]
        place = story.article.url or story.article.path
        lines += ["", f"`{place}`" if "`" not in place else _escaped(place)]
        if story.others:
            named = "; ".join(naming(one, language) for one in story.others)
            lines += ["", f"{texts.also_in}{_escaped(named)}"]
    lines += ["", "---", "", texts.note]
    return "\n".join(lines) + "\n"


def digest_to_json(digest: Digest) -> dict[str, Any]:
    """The digest as JSON values; dates as ISO 8601, spans of the article's text."""
    return {
        "since": digest.since.isoformat(),
        "until": digest.until and digest.until.isoformat(),
        "articles": digest.articles,
        "left_out": digest.left_out,
        "stories": [
            {
                **_article_to_json(story.article),
                "last": story.last.isoformat(),
                "outlets": story.outlets,
                "quotes": [
                    {"text": one.text, "start": one.start, "end": one.end}
                    for one in story.quotes
                ],
                "also_in": [_article_to_json(one) for one in story.others],
            }
            for story in digest.stories
        ],
    }


def _article_to_json(article: Article) -> dict[str, Any]:
    return {**article_reference(article), "url": article.url}


def _escaped(text: str) -> str:
    """``text`` on one line, where Markdown finds nothing of its own."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split("\n")))
