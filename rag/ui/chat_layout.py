"""What the chat is made of, in Gradio, whose import takes seconds: import it late."""

from __future__ import annotations

from dataclasses import dataclass

from rag.ui.gradio_quickly import gr
from rag.ui.question_query import LONGEST_QUESTION
from rag.ui.texts import TEXTS


@dataclass(frozen=True, slots=True)
class ChatParts:
    """What the chat is made of; what is not seen is pressed and filled by scripts."""

    conversation: gr.Chatbot
    toolbar: gr.HTML
    question: gr.Textbox
    query: gr.Textbox
    again: gr.Button
    opener: gr.Button


def translated_labels() -> gr.I18n:
    """Return the labels that Gradio shows itself, in each language."""
    return gr.I18n(
        **{
            language: {
                "conversation": texts.asking.conversation,
                "ask": texts.asking.ask,
                "ask_placeholder": texts.asking.placeholder,
            }
            for language, texts in TEXTS.items()
        }
    )


def lay_out_chat(labels: gr.I18n) -> ChatParts:
    """Make the parts, in the order they stand on the page; call it within a page."""
    conversation = gr.Chatbot(
        label=labels("conversation"),
        show_label=False,
        container=False,
        elem_id="conversation",
        scale=1,
        autoscroll=False,
        buttons=[],
        feedback_options=None,
        latex_delimiters=[],
        allow_tags=False,
        group_consecutive_messages=False,
        layout="panel",
    )
    with gr.Column(elem_id="asking", scale=0):
        toolbar = gr.HTML(elem_id="tools", js_on_load=None)
        question = gr.Textbox(
            label=labels("ask"),
            placeholder=labels("ask_placeholder"),
            show_label=False,
            container=False,
            elem_id="question",
            lines=1,
            max_lines=4,
            max_length=LONGEST_QUESTION,
            autofocus=True,
            submit_btn=True,
        )
    return ChatParts(
        conversation,
        toolbar,
        question,
        query=gr.Textbox(visible=False),
        again=gr.Button(elem_id="ask-again", visible="hidden"),
        opener=gr.Button(elem_id="open-conversation", visible="hidden"),
    )
