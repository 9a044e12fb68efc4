"""The page around the chat: language, style sheet, masthead and source panel.

Gradio's own page is a fixed English template. What a reader should see at once, and
in the right language, is put into it before it is sent.
"""

from __future__ import annotations

import json

from rag.answering.answer_texts import ANSWER_TEXTS
from rag.errors import RagError
from rag.problems import SENTENCES, Code
from rag.types import Overview
from rag.ui.answer_message import render_masthead
from rag.ui.article_list import render_articles_panel
from rag.ui.choose_language import LANGUAGE_COOKIE
from rag.ui.html import escape
from rag.ui.texts import TEXTS

STATIC_PATH = "/guillemets"

# Gradio's own words follow navigator.language and know no other switch.
_LANGUAGE_SCRIPT = """
Object.defineProperty(navigator, "language", { get: () => guillemets.language });
Object.defineProperty(navigator, "languages", { get: () => [guillemets.language] });
"""


def dress_page(
    page: str,
    searched: Overview | RagError,
    language: str,
    largest_file: int | None = None,
    evaluation: str | None = None,
) -> str:
    """Put ours around the chat of Gradio's ``page``.

    ``searched`` is what the index holds, or why it cannot tell. ``largest_file`` is how
    many bytes a file that is brought may have, None where none may be; ``evaluation`` is
    where the page of evaluation is, None without one.
    Raises ValueError when ``page`` is not the template that Gradio is known to send.
    """
    articles = render_articles_panel(language, can_change=largest_file is not None)
    places = {
        'lang="en"': f'lang="{language}"',
        "<head>": f"<head>{_head(language, largest_file)}",
        "<gradio-app": f"{render_masthead(searched, language, evaluation)}<gradio-app",
        "</gradio-app>": f"</gradio-app>{articles}{_panel(language)}",
    }
    for place, ours in places.items():
        if place not in page:
            raise ValueError(f"Gradio's page has no '{place}'; is this a new version of it?")
        page = page.replace(place, ours, 1)
    return page


def _head(language: str, largest_file: int | None) -> str:
    texts = TEXTS[language]
    known = {
        "language": language,
        "cookie": LANGUAGE_COOKIE,
        "unreachable": texts.source.unreachable,
        "position": texts.source.position,
        "reader": texts.answer.message_of_reader,
        "answer": texts.answer.message_of_page,
        "failed": texts.failures.other,
        "busy": texts.asking.busy,
        "notSent": texts.asking.not_sent,
        "copied": texts.copies.answer_copied,
        "linkCopied": texts.copies.link_copied,
        "copyFailed": texts.copies.failed,
        "nearest": texts.answer.nearest,
        "context": ANSWER_TEXTS[language].context,
        "characters": texts.copies.characters,
        "listUnreachable": texts.conversations.unreachable,
        "verdictKept": texts.verdicts.kept,
        "verdictTakenBack": texts.verdicts.taken_back,
        "exportTitle": texts.copies.title,
        "exportNote": texts.copies.note,
        "largestFile": largest_file,
        "arriving": {
            "sending": texts.bringing.sending,
            "refused": texts.bringing.refused,
            "tooLarge": SENTENCES[language][Code.TOO_LARGE],
            "failed": texts.bringing.sending_failed,
            "readOnly": texts.articles.read_only,
            "replace": texts.bringing.replace,
            "keepBoth": texts.bringing.keep_both,
            "undo": texts.articles.undo,
        },
    }
    return (
        f"<script>const guillemets = {json.dumps(known)};{_LANGUAGE_SCRIPT}</script>"
        f'<meta name="color-scheme" content="light dark">'
        f'<link rel="icon" type="image/svg+xml" href="{STATIC_PATH}/icon.svg">'
        f'<link rel="stylesheet" href="{STATIC_PATH}/page.css">'
        f'<link rel="stylesheet" href="{STATIC_PATH}/tools.css">'
        f'<link rel="stylesheet" href="{STATIC_PATH}/articles.css">'
        f'<link rel="stylesheet" href="{STATIC_PATH}/keeping.css">'
        f'<script src="{STATIC_PATH}/page.js" defer></script>'
        f'<script src="{STATIC_PATH}/refusing.js" defer></script>'
        f'<script src="{STATIC_PATH}/asking.js" type="module"></script>'
        f'<script src="{STATIC_PATH}/keeping.js" type="module"></script>'
        f'<script src="{STATIC_PATH}/conversations.js" type="module"></script>'
        f'<script src="{STATIC_PATH}/feedback.js" type="module"></script>'
        f'<script src="{STATIC_PATH}/articles.js" type="module"></script>'
        f'<script src="{STATIC_PATH}/bringing.js" type="module"></script>'
    )


def _panel(language: str) -> str:
    texts = TEXTS[language]

    def button(name: str, label: str, sign: str) -> str:
        return (
            f'<button type="button" data-action="{name}" title="{escape(label)}" '
            f'aria-label="{escape(label)}">{sign}</button>'
        )

    return (
        f'<aside id="source-panel" aria-label="{escape(texts.source.title)}" hidden>'
        f"<nav>{button('previous', texts.source.previous, '‹')}"
        f'<span id="source-position" aria-live="polite"></span>'
        f"{button('next', texts.source.next, '›')}"
        f"{button('close', texts.source.close, '×')}</nav>"
        f'<div id="source-content" tabindex="0"></div>'
        f'<p class="keys">{escape(texts.source.keys)}</p></aside>'
        f'<div id="hover-card" role="tooltip" hidden></div>'
        f'<div id="told" role="status"></div>'
    )
