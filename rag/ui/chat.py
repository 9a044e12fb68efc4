"""The chat itself, in Gradio, whose import takes seconds: import this module late."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers

from rag.answering.conversations import Turn, now
from rag.errors import RagError
from rag.ui.answer_message import SHOWN_HITS
from rag.ui.api import Api, Function, RequestRefusedError, description
from rag.ui.article_list import title_finder
from rag.ui.browser_identity import read_reader
from rag.ui.chat_layout import ChatParts, lay_out_chat, translated_labels
from rag.ui.conversations import keep_and_render, read_conversation, render_turns
from rag.ui.filters import FilterError, source_names
from rag.ui.gradio_quickly import api, gr
from rag.ui.guarded_blocks import GuardedBlocks
from rag.ui.html import render
from rag.ui.limits import Limits
from rag.ui.messages import render_error, render_notice, render_question
from rag.ui.middleware import request_language
from rag.ui.question_query import (
    LONGEST_QUESTION,
    asked_questions,
    read_question,
    read_surroundings,
)
from rag.ui.questions_asked import UNWATCHED, Questions
from rag.ui.texts import TEXTS
from rag.ui.toolbar import render_toolbar

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant
    from rag.answering.conversation_store import Keeping
    from rag.answering.snapshot import Snapshot
    from rag.types import Answer, Filters

_CACHE_SECONDS = 3600
# What a question is asked with is in the page, where asking.js reads it.
_ASK = "(question, _, conversation) => [question, guillemets.surroundings(), conversation]"
_ASK_EXAMPLE = "(_, conversation) => [guillemets.surroundings(), conversation]"
_ASK_AGAIN = "(_, conversation) => [guillemets.asked(), conversation]"
_OPEN = "() => [guillemets.opening()]"

logger = logging.getLogger(__name__)

Message = dict[str, Any]
Messages = list[Message]


def build_page(
    assistant: Assistant,
    model_is_ready: Callable[[], bool],
    limits: Limits,
    keeping: Keeping | None = None,
    questions: Questions = UNWATCHED,
) -> gr.Blocks:
    """Build the chat over ``assistant``, with its queue, not yet served.

    ``model_is_ready`` tells whether a question will be answered without first
    waiting for the model. Conversations are kept in ``keeping``, if any, and ``questions``
    are told of each.
    """
    labels = translated_labels()
    page = GuardedBlocks(
        title="Guillemets",
        analytics_enabled=False,
        fill_height=True,
        delete_cache=(_CACHE_SECONDS, _CACHE_SECONDS),
    )
    with page:
        parts = lay_out_chat(labels)
        _connect(page, parts, _Chat(assistant, model_is_ready, keeping, questions), limits)
        for function in Api(assistant, questions).functions():
            api(
                _for_programs(function),
                api_name=function.__name__,
                api_description=description(function),
                concurrency_id="questions",
                concurrency_limit=limits.questions,
            )
    page.i18n_instance = labels
    page.queue(max_size=limits.waiting, default_concurrency_limit=limits.questions)
    return page


def _connect(page: gr.Blocks, parts: ChatParts, chat: _Chat, limits: Limits) -> None:
    """Let ``chat`` answer what happens to ``parts``."""
    conversation, query = parts.conversation, parts.query
    answering: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_id": "questions",
        "concurrency_limit": limits.questions,
    }
    parts.question.submit(
        chat.ask,
        [parts.question, query, conversation],
        [parts.question, conversation],
        js=_ASK,
        # "ask" is the name that programs use.
        api_name="ask_here",
        # A question sent while another is answered waits for it; Gradio would drop it.
        trigger_mode="always_last",
        **answering,
    )
    conversation.example_select(
        chat.ask_example, [query, conversation], [conversation], js=_ASK_EXAMPLE, **answering
    )
    parts.again.click(
        chat.ask_again, [query, conversation], [conversation], js=_ASK_AGAIN, **answering
    )
    # Not queued: Gradio may lose an event that is queued while another one ends.
    at_once: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "queue": False,
    }
    gr.on([page.load, conversation.clear], chat.greet, None, [conversation], **at_once)
    page.load(chat.offer_tools, None, [parts.toolbar], **at_once)
    parts.opener.click(chat.open, [query], [conversation], js=_OPEN, **at_once)


def _for_programs(function: Function) -> Function:
    """``function`` with errors that Gradio hands on."""

    @functools.wraps(function)
    def handed_on(*values: Any) -> dict[str, Any]:
        try:
            return function(*values)
        except RequestRefusedError as error:
            raise gr.Error(str(error), print_exception=False) from error

    # Gradio reads the type of what is returned from here, as a type and not as a string.
    signature = inspect.signature(function, eval_str=True)
    handed_on.__signature__ = signature  # type: ignore[attr-defined]
    return handed_on


class _Chat:
    """The functions behind the page's events."""

    def __init__(
        self,
        assistant: Assistant,
        model_is_ready: Callable[[], bool],
        keeping: Keeping | None,
        questions: Questions,
    ) -> None:
        self._assistant = assistant
        self._model_is_ready = model_is_ready
        self._keeping = keeping
        self._questions = questions

    def greet(self, request: gr.Request) -> gr.Chatbot:
        """Return the empty conversation, with questions that the articles can answer."""
        return gr.Chatbot(**self._greeting(_language(request)))

    def offer_tools(self, request: gr.Request) -> str:
        """Return what stands above the question box."""
        language = _language(request)
        try:
            overview = self._assistant.overview()
            return str(render_toolbar(overview, language, keeps=self._keeping is not None))
        except RagError:
            # The top of the page says so.
            return ""

    def open(self, query: str, request: gr.Request) -> gr.Chatbot:
        """Return the conversation that ``query`` names, an empty one where it names none.

        It must be one that the reader led.
        """
        language, reader = _language(request), _reader(request)
        named = read_conversation(str(query))
        if named is None or reader is None or self._keeping is None:
            return gr.Chatbot([], **self._greeting(language))
        try:
            turns = self._keeping.turns(reader, named)
        except RagError as error:
            return _conversation([_message("assistant", render_error(error, language))])
        messages: Messages = []
        for asked, answered in render_turns(turns, named, language):
            messages += [_message("user", asked), _message("assistant", answered)]
        return _conversation(messages)

    def ask(
        self, question: str, query: str, conversation: Messages, request: gr.Request
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the conversation with the question and a notice, then with the answer.

        The question box is emptied at once, and then left to what is written in it
        meanwhile. ``query`` is what ``read_surroundings`` reads.
        """
        box: Any = ""
        for shown in self._answered(question, query, conversation, request):
            yield box, shown
            box = gr.skip()

    def ask_example(
        self,
        query: str,
        conversation: Messages,
        chosen: gr.SelectData,
        request: gr.Request,
    ) -> Iterator[Any]:
        """Ask the example that was clicked."""
        yield from self._answered(chosen.value["text"], query, conversation, request)

    def ask_again(
        self, query: str, conversation: Messages, request: gr.Request
    ) -> Iterator[Any]:
        """Ask the question that ``query`` holds, and leave the question box alone."""
        question = read_question(str(query))
        yield from self._answered(question, query, conversation, request)

    def _greeting(self, language: str) -> dict[str, Any]:
        try:
            with self._assistant.snapshot() as snapshot:
                examples = snapshot.examples(language)
        except RagError as error:
            return {"placeholder": str(render_error(error, language))}
        invitation = TEXTS[language].asking.invitation if examples else ""
        return {
            "placeholder": str(render("invitation", invitation=invitation)),
            "examples": [{"text": example} for example in examples],
        }

    def _answered(
        self, question: str, query: str, conversation: Messages, request: gr.Request
    ) -> Iterator[Any]:
        language = _language(request)
        question = str(question or "").strip()
        if not question:
            yield gr.skip()
            return
        texts = TEXTS[language]
        notice = (
            texts.asking.searching if self._model_is_ready() else texts.asking.loading_model
        )
        asked = [*conversation, _message("user", render_question(question))]
        yield [*asked, _message("assistant", render_notice(notice))]
        reply = self._reply(
            question, str(query or ""), asked_questions(asked), language, _reader(request)
        )
        yield [*asked, _message("assistant", reply)]

    def _reply(
        self, question: str, query: str, asked: list[str], language: str, reader: str | None
    ) -> str:
        if len(question) > LONGEST_QUESTION:
            return render_notice(
                TEXTS[language].asking.too_long.format(
                    found=len(question), allowed=LONGEST_QUESTION
                )
            )
        try:
            with (
                self._questions.asked(question, "page") as watched,
                self._assistant.snapshot() as snapshot,
            ):
                overview, title_of = snapshot.overview(), title_finder(snapshot)
                around = read_surroundings(query, source_names(overview), language, title_of)
                filters = around.filters
                answer = snapshot.ask(question, filters=filters, previous=around.previous)
                watched.answer = answer
                titles = _titles(snapshot, answer, filters)
                then = dataclasses.replace(filters, as_of=answer.as_of)
                follow_ups = snapshot.follow_ups(answer, language, filters=then, asked=asked)
            turn = Turn(answer, overview, now(), titles, filters)
            kept_in = read_conversation(query)
            return keep_and_render(turn, self._keeping, reader, kept_in, language, follow_ups)
        except FilterError as error:
            return render_notice(str(error))
        except RagError as error:
            return render_error(error, language)
        except Exception as error:
            logger.exception("a question could not be answered")
            return render_error(error, language)


def _titles(snapshot: Snapshot, answer: Answer, filters: Filters) -> dict[str, str]:
    considered = {hit.passage.article_id for hit in answer.hits[:SHOWN_HITS]}
    considered |= filters.articles
    return {found: snapshot.article(found).title for found in considered}


def _message(role: str, content: str) -> Message:
    # Gradio is given plain text: it does with it what would be escaped again.
    return {"role": role, "content": str(content)}


def _conversation(messages: Messages) -> gr.Chatbot:
    shown: list[Any] = [*messages]
    return gr.Chatbot(shown)


def _language(request: gr.Request) -> str:
    return request_language(Headers(dict(request.headers)))


def _reader(request: gr.Request) -> str | None:
    return read_reader(Headers(dict(request.headers)))
