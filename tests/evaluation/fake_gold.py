"""Gold questions, and what answers them without a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from rag.config import load_settings
from rag.evaluation import Report, describe, evaluate, read_gold
from rag.types import Passage
from tests.browser.fake_assistant import AUSTRALIA, BRIDGE, WIKA, FakeAssistant

GOLD = (
    {"id": "a", "question": WIKA, "lang": "fr", "answerable": True, "answers": ["Kasper"]},
    {"id": "b", "question": BRIDGE, "lang": "en", "answerable": True, "answers": ["en mai"]},
    {"id": "c", "question": AUSTRALIA, "lang": "fr", "answerable": False, "answers": []},
    {
        "id": "d",
        "question": "Où est <b>le pont</b> ?",
        "lang": "fr",
        "answerable": True,
        "answers": ["Orge"],
    },
)

# Rough intervals do where none is looked at.
FEW_RESAMPLES = 20


def write_gold(folder: Path, name: str = "exemple.jsonl") -> Path:
    """Write the questions above as a gold file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("\n".join(map(json.dumps, GOLD)), "utf-8")
    return file


def ask_fake(
    gold: Path, on_started: Callable[[int], None], on_asked: Callable[[], None]
) -> Report:
    """The report on a gold file, of the fake assistant."""
    questions = read_gold(gold)
    on_started(len(questions))
    assistant = FakeAssistant()
    about = describe(load_settings(), assistant.overview(), gold=[gold])
    passages: list[Passage] = []
    return evaluate(
        assistant, questions, passages, about, on_asked=on_asked, resamples=FEW_RESAMPLES
    )
