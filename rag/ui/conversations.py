"""Conversations that were kept: shown again, listed, and gone on with."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from markupsafe import Markup

from rag.answering.conversation_store import Keeping
from rag.answering.conversations import ConversationLine, KeptTurn, Turn, Verdict
from rag.errors import KeepingError, RagError
from rag.language.typography import format_date
from rag.ui.answer_message import render_answer
from rag.ui.html import render
from rag.ui.messages import render_error, render_notice, render_question
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
) -> Markup:
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
) -> list[tuple[Markup, Markup]]:
    """Return each turn's two messages, the question and the answer as they were."""
    return [
        (render_question(kept.question), _render_kept(kept, conversation, language))
        for kept in turns
    ]


def render_conversations(
    conversations: Iterable[ConversationLine], language: str, deleted: str | None = None
) -> Markup:
    """Return the panel that opens conversations, deletes one and brings it back, or all.

    ``deleted`` is the id of the conversation that was deleted just now.
    """
    return render(
        "conversations",
        texts=TEXTS[language].conversations,
        conversations=[_item(one, language) for one in conversations],
        deleted=deleted,
    )


@dataclass(frozen=True, slots=True)
class _Item:
    """A conversation in the list, in words."""

    id: str
    question: str
    facts: str


def _render(
    turn: Turn,
    verdicts: Mapping[int, Verdict] | None,
    language: str,
    follow_ups: Sequence[str] = (),
) -> Markup:
    return render_answer(
        turn.answer,
        turn.overview,
        turn.titles,
        language,
        turn.filters,
        verdicts,
        follow_ups,
    )


def _render_kept(kept: KeptTurn, conversation: str, language: str) -> Markup:
    if kept.turn is None:
        return render_notice(TEXTS[language].conversations.turn_unreadable)
    try:
        message = _render(kept.turn, kept.verdicts, language)
    except RagError as error:
        return render_error(error, language)
    return _marked(message, conversation, kept.number)


def _marked(message: Markup, conversation: str, number: int) -> Markup:
    """``message`` in an element that tells the page's scripts which turn it is."""
    return render("kept_turn", message=message, conversation=conversation, number=number)


def _item(conversation: ConversationLine, language: str) -> _Item:
    question = conversation.first_question
    if len(question) > _LONGEST_SHOWN:
        question = question[:_LONGEST_SHOWN] + "…"
    day = format_date(conversation.last_asked_at.astimezone().date(), language)
    count = TEXTS[language].conversations.questions(conversation.questions)
    return _Item(conversation.id, question, f"{day} · {count}")
