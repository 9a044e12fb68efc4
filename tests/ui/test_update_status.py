"""What the page says of an update while it runs and when it ended."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from rag.errors import SENTENCES, Code, IndexWriteError, Problem
from rag.library.pending import Waiting
from rag.library.update_state import UpdateState
from rag.types import BrokenFile
from rag.ui.texts import TEXTS
from rag.ui.update_status import upkeep_to_json
from tests.library.updating import SUMMARY

FRENCH, ENGLISH = TEXTS["fr"], TEXTS["en"]
SAID = SENTENCES["fr"]


class Told:
    """A library of which only the state is known."""

    read_only = False

    def __init__(self, state: UpdateState) -> None:
        self.state = lambda: state


def told(state: UpdateState, language: str = "fr") -> dict[str, Any]:
    return upkeep_to_json(Told(state), language)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "seconds", "said"),
    [
        (None, None, FRENCH.updating.step_other),
        ("articles", 5.0, FRENCH.updating.step_articles.format(done=3, total=12)),
        (
            "texts to embed",
            40.2,
            FRENCH.updating.step_texts.format(done=3, total=12)
            + FRENCH.updating.time_left.format(time="40\N{NARROW NO-BREAK SPACE}s"),
        ),
        (
            "texts to embed",
            150.0,
            FRENCH.updating.step_texts.format(done=3, total=12)
            + FRENCH.updating.time_left.format(time="2\N{NARROW NO-BREAK SPACE}min"),
        ),
    ],
)
def test_progress_is_said_in_words(step: str | None, seconds: float | None, said: str) -> None:
    state = UpdateState(True, step, 3, 12, seconds, note="another build is writing")
    found = told(state)
    assert found["said"] == said
    assert found["detail"] == {"words": "another build is writing", "language": "en"}
    assert (found["running"], found["known"], found["result"]) == (True, True, "")


def test_the_end_of_a_rebuild_names_what_was_left_out() -> None:
    broken = (
        BrokenFile("a.txt", Problem.of(Code.EMPTY)),
        *(BrokenFile(f"{number}.txt", Problem.other("was eaten")) for number in range(30)),
    )
    summary = dataclasses.replace(SUMMARY, broken=broken)
    found = told(UpdateState(ended=1, summary=summary))
    assert found["result"] == FRENCH.updating.done.format(added=1, changed=2, removed=3)
    assert len(found["left_out"]) == 20
    assert found["left_out"][0] == {
        "path": "a.txt",
        "words": SAID[Code.EMPTY],
        "language": "fr",
    }
    assert found["left_out"][1] == {"path": "0.txt", "words": "was eaten", "language": "en"}
    assert not found["known"]
    failed = told(UpdateState(ended=1, error=IndexWriteError("no room")), "en")
    assert (failed["result"], failed["detail"]["words"]) == (ENGLISH.updating.failed, "no room")


def test_a_folder_that_is_watched_says_so_and_what_fails() -> None:
    on_its_way = told(UpdateState(watching=True, waiting=Waiting()))
    assert (on_its_way["watched"], on_its_way["failing"]) == (FRENCH.updating.watched, False)
    assert (on_its_way["said"], on_its_way["known"], on_its_way["update"]) == ("", True, False)
    trouble = IndexWriteError("no room")
    state = UpdateState(watching=True, waiting=Waiting(added=1), trouble=trouble)
    failing = told(state)
    waits = FRENCH.updating.waiting.format(parts=f"{FRENCH.updating.waiting_added}1")
    assert (failing["said"], failing["failing"]) == (
        f"{FRENCH.updating.watch_failing} {waits}",
        True,
    )
    assert failing["detail"] == {"words": "no room", "language": "en"}
    assert failing["update"]
    # While it is tried again there is hope.
    assert not told(dataclasses.replace(state, running=True, waiting=None))["failing"]
