"""Conversations that were kept: shown again, listed, and gone on with."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl

from rag.answering.conversation_store import Conversation, Keeping, KeptTurn, Turn, Verdict
from rag.errors import KeepingError, RagError
from rag.language.typography import format_date
from rag.ui.answer_message import render_answer, render_error, render_notice, render_question
from rag.ui.html import escape
from rag.ui.texts import TEXTS

CONVERSATION_PATTERN = r"^[0-9a-f]{32}$"
_LONGEST_SHOWN = 120

logger = logging.getLogger(__name__)


def read_conversation(query: str) -> str | None:
    """Return the id of the conversation that ``query`` names, None for none.

    The page makes ids; what is not written like one names none.
    """
    name = dict(parse_qsl(query)).get("conversation", "")
    return name if re.fullmatch(CONVERSATION_PATTERN, name) else None


def keep_and_render(
    turn: Turn,
    keeping: Keeping | None,
    reader: str | None,
    conversation: str | None,
    language: str,
    follow_ups: Sequence[str] = (),
) -> str:
    """Return the message that shows ``turn``, after keeping it where there is a place.

    ``follow_ups`` are questions to go on with; they are not kept.
    What cannot be kept is shown all the same, and says so. Raises IndexDamagedError when
    a quote is not in its article; then nothing is kept.
    """
    if keeping is None or reader is None or conversation is None:
        return _render(turn, None, language, follow_ups)
    message = _render(turn, {}, language, follow_ups)
    try:
        number = keeping.keep(reader, conversation, turn)
    except KeepingError as error:
        logger.warning("%s", error)
        shown = _render(turn, None, language, follow_ups)
        return shown + render_notice(TEXTS[language].conversations.not_kept)
    return _marked(message, conversation, number)


def render_turns(
    turns: Iterable[KeptTurn], conversation: str, language: str
) -> list[tuple[str, str]]:
    """Return each turn's two messages, the question and the answer as they were."""
    return [
        (render_question(kept.question), _render_kept(kept, conversation, language))
        for kept in turns
    ]


def render_conversations(
    conversations: Iterable[Conversation], language: str, deleted: str | None = None
) -> str:
    """Return the panel that opens conversations, deletes one and brings it back, or all.

    ``deleted`` is the id of the conversation that was deleted just now.
    """
    texts = TEXTS[language].conversations
    undo = ""
    if deleted is not None:
        undo = (
            f'<p class="deleted"><span role="status">{escape(texts.deleted)}'
            f'</span> <button type="button" data-restore="{escape(deleted)}">'
            f"{escape(texts.restore)}</button></p>"
        )
    items = "".join(_item(one, language) for one in conversations)
    listed = (
        f"<ul>{items}</ul>{_clearing(language)}"
        if items
        else f'<p class="none">{escape(texts.none)}</p>'
    )
    return f'<button type="button" data-new>{escape(texts.new)}</button>{undo}{listed}'


def _render(
    turn: Turn,
    verdicts: Mapping[int, Verdict] | None,
    language: str,
    follow_ups: Sequence[str] = (),
) -> str:
    return render_answer(
        turn.answer,
        turn.overview,
        turn.titles,
        language,
        turn.filters,
        verdicts,
        follow_ups,
    )


def _render_kept(kept: KeptTurn, conversation: str, language: str) -> str:
    if kept.turn is None:
        return render_notice(TEXTS[language].conversations.turn_unreadable)
    try:
        message = _render(kept.turn, kept.verdicts, language)
    except RagError as error:
        return render_error(error, language)
    return _marked(message, conversation, kept.number)


def _marked(message: str, conversation: str, number: int) -> str:
    """``message`` in an element that tells the page's scripts which turn it is."""
    return f'<div class="kept" id="kept-{escape(conversation)}-{number}">{message}</div>'


def _item(conversation: Conversation, language: str) -> str:
    texts = TEXTS[language].conversations
    question = conversation.first_question
    if len(question) > _LONGEST_SHOWN:
        question = question[:_LONGEST_SHOWN] + "…"
    day = format_date(conversation.last_asked_at.astimezone().date(), language)
    facts = f"{day} · {texts.questions(conversation.questions)}"
    delete = texts.delete_one.format(question=question)
    return (
        f'<li><button type="button" data-open="{escape(conversation.id)}">'
        f'<span class="first">{escape(question)}</span>'
        f'<span class="meta">{escape(facts)}</span></button>'
        f'<button type="button" data-delete="{escape(conversation.id)}" '
        f'aria-label="{escape(delete)}" title="{escape(texts.delete)}">×</button></li>'
    )


def _clearing(language: str) -> str:
    texts = TEXTS[language].conversations
    return (
        f'<button type="button" data-clear>{escape(texts.clear)}</button>'
        f'<div class="confirm" role="alertdialog" aria-labelledby="clear-question" hidden>'
        f'<p id="clear-question">{escape(texts.clear_question)}</p>'
        f'<button type="button" data-clear-now>{escape(texts.clear)}</button> '
        f'<button type="button" data-clear-not>{escape(texts.cancel)}</button></div>'
    )
