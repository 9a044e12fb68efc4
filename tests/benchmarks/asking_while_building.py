"""Four threads ask while the index is rebuilt.

``python -m tests.benchmarks.asking_while_building``.

By default for a minute; the seconds may be given.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.library.build import build_folder
from rag.library.fill_vectors import Steps
from rag.types import Answer
from tests.fakes import CountingEncoder, settings_for, write_article

ASKING = 4
# Many entries in the journal.
STEPS = Steps(texts=4)
PLACES = ("Nantes", "Brest", "Lyon", "Lille", "Dijon")


@dataclass
class Asked:
    """What came of it: the edition of every answer, the last one built, what went wrong."""

    editions: list[int] = field(default_factory=list)
    built: int = 0
    failures: list[BaseException] = field(default_factory=list)


def ask_while_building(folder: Path, builds: Iterator[int]) -> Asked:
    """Build an edition for each of ``builds`` (1, 2, …) while ASKING threads ask."""
    chosen = settings_for(folder)
    _build(chosen, 0)
    assistant = Assistant(chosen, CountingEncoder())
    asked = Asked()
    finished = threading.Event()

    def ask(place: str) -> None:
        try:
            _ask(assistant, place, finished, asked)
        except BaseException as error:
            asked.failures.append(error)

    threads = [threading.Thread(target=ask, args=(place,)) for place in PLACES[:ASKING]]
    for thread in threads:
        thread.start()
    try:
        for edition in builds:
            _build(chosen, edition)
            asked.built = edition
    finally:
        finished.set()
        for thread in threads:
            thread.join(60)
    return asked


def _text(place: str, edition: int) -> str:
    """An article whose every sentence tells its edition."""
    return " ".join(
        f"À {place}, la mairie a compté {number} écoles dans l’édition {edition}."
        for number in range(2, 8)
    )


def _build(chosen: Settings, edition: int) -> None:
    # Every edition has other articles, so that no row stays where it was.
    for place in (*PLACES, *(f"Ville {number}" for number in range(edition % 3))):
        write_article(chosen.articles, f"{place}.txt", _text(place, edition))
    for number in range(edition % 3, 3):
        (chosen.articles / f"Ville {number}.txt").unlink(missing_ok=True)
    build_folder(chosen, CountingEncoder(), steps=STEPS)


def _ask(assistant: Assistant, place: str, finished: threading.Event, asked: Asked) -> None:
    last = 0
    for number in itertools.count(2):
        # At least one question after the last build, which must be of it.
        ending = finished.is_set()
        question = f"Combien d’écoles la mairie de {place} a-t-elle comptées {number} ?"
        answer = assistant.ask(question)
        assert answer.hits
        editions = _check(answer)
        assert len(editions) == 1, "quotes of two generations"
        (edition,) = editions
        assert edition >= last, "an older generation after a newer one"
        last = edition
        asked.editions.append(edition)
        if ending:
            assert edition == asked.built
            return


def _check(answer: Answer) -> set[int]:
    """The editions that an answer's quotes and articles are of."""
    editions = set()
    for citation in answer.shown():
        quote, article = citation.quote, citation.article
        assert article.text[quote.start : quote.end] == quote.text
        edition = int(article.text.rsplit(" ", 1)[1].rstrip("."))
        assert article.text == _text(article.path.removesuffix(".txt"), edition)
        editions.add(edition)
    return editions


def _until(end: float) -> Iterator[int]:
    return itertools.takewhile(lambda _: time.monotonic() < end, itertools.count(1))


def main() -> None:
    """Ask for so many seconds, and print what came of it; 1 when a question failed."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory() as folder:
        asked = ask_while_building(Path(folder), _until(time.monotonic() + seconds))
    print(
        f"{len(asked.editions)} questions of {ASKING} threads during {asked.built} rebuilds "
        f"in {seconds:.0f} s; answered from {len(set(asked.editions))} generations; "
        f"{len(asked.failures)} failed"
    )
    for failure in asked.failures:
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
    raise SystemExit(bool(asked.failures))


if __name__ == "__main__":
    main()
