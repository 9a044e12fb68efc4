"""The page around the chat: language, style sheet, masthead and source panel.

Gradio's own page is a fixed English template. What a reader should see at once, and
in the right language, is put into it before it is sent.
"""

from __future__ import annotations

from markupsafe import Markup

from rag.answering.answer_texts import ANSWER_TEXTS
from rag.errors import SENTENCES, Code, RagError
from rag.types import Overview
from rag.ui.article_list import render_articles_panel
from rag.ui.choose_language import LANGUAGE_COOKIE
from rag.ui.html import render
from rag.ui.masthead import NO_WAYS, Ways, render_masthead
from rag.ui.texts import TEXTS

# Seen from a page: a prefix of all addresses is nothing to it.
STATIC_PATH = "page"

# Each is one part of the page; where two say something of one element, the later wins.
_STYLES = (
    "page",
    "chat",
    "answer",
    "source",
    "tools",
    "upkeep",
    "articles",
    "conversations",
    "paper",
)
_SCRIPTS = ("page", "turns", "not_asked")
_MODULES = (
    "asking",
    "export_menu",
    "conversations",
    "feedback",
    "following",
    "articles",
    "bringing",
)


def dress_page(
    page: str,
    searched: Overview | RagError,
    language: str,
    largest_file: int | None = None,
    ways: Ways = NO_WAYS,
) -> str:
    """Put ours around the chat of Gradio's ``page``.

    ``searched`` is what the index holds, or why it cannot tell. ``largest_file`` is how
    many bytes a file that is brought may have, None where none may be; ``ways`` are where
    other pages are.
    Raises ValueError when ``page`` is not the template that Gradio is known to send.
    """
    articles = render_articles_panel(language, can_change=largest_file is not None)
    source = render("source_place", texts=TEXTS[language].source)
    places = {
        'lang="en"': f'lang="{language}"',
        "<head>": f"<head>{_head(language, largest_file)}",
        "<gradio-app": f"{render_masthead(searched, language, ways)}<gradio-app",
        "</gradio-app>": f"</gradio-app>{articles}{source}",
    }
    for place, ours in places.items():
        if place not in page:
            raise ValueError(f"Gradio's page has no '{place}'; is this a new version of it?")
        page = page.replace(place, ours, 1)
    return page


def _head(language: str, largest_file: int | None) -> Markup:
    texts = TEXTS[language]
    known = {
        "language": language,
        "cookie": LANGUAGE_COOKIE,
        "unreachable": texts.source.unreachable,
        "position": texts.source.position,
        "reader": texts.answer.message_of_reader,
        "answer": texts.answer.message_of_page,
        "fold": texts.answer.fold,
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
    return render(
        "page_head",
        known=known,
        static=STATIC_PATH,
        styles=_STYLES,
        scripts=_SCRIPTS,
        modules=_MODULES,
    )
